"""What the pool does when it connects, hands out a connection and loses one."""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

from backoffice.db.resilience.breaker import Breaker
from backoffice.db.resilience.deadlines import DeadlineMissed, was_missed
from backoffice.db.resilience.idle_connections import ping_idle_connections


def use_breaker(engine: Engine, breaker: Breaker, connect_timeout: float) -> None:
    """Have ``engine`` check ``breaker`` first, and open it after a missed deadline.

    ``connect_timeout``: the driver's, in seconds.
    """
    # PostgreSQL's driver counts whole seconds of the clock, so it may be up to one early.
    slow = max(0.5, connect_timeout - 1)

    @event.listens_for(engine, "do_connect")
    def _connect(
        dialect: Dialect, _record: ConnectionPoolEntry, arguments: Any, parameters: Any
    ) -> DBAPIConnection:
        breaker.check_connect()
        began = time.monotonic()
        try:
            return dialect.connect(*arguments, **parameters)
        except dialect.loaded_dbapi.Error:
            # A connect that is refused at once costs nobody time.
            if time.monotonic() - began >= slow:
                breaker.open_for_connects()
            raise

    @event.listens_for(engine, "checkout")
    def _check(_connection: object, _record: object, _proxy: object) -> None:
        breaker.check()

    @event.listens_for(engine, "invalidate")
    def _open(_connection: object, _record: object, error: BaseException | None) -> None:
        if was_missed(error):
            breaker.open()

    @event.listens_for(engine, "handle_error")
    def _disconnect(context: ExceptionContext) -> None:
        # Its connection was shut down, even if the response came at that very time.
        if isinstance(context.original_exception, DeadlineMissed):
            context.is_disconnect = True

    ping_idle_connections(engine, connect_timeout)
