"""How a pooled connection is made and given out, and what is found out about the database by it."""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

from backoffice.db.resilience.breaker import Breaker
from backoffice.db.resilience.deadlines import DeadlineMissed, was_missed
from backoffice.db.resilience.idle_connections import ask_when_idle


def connect_through(engine: Engine, breaker: Breaker, connect_timeout: float) -> None:
    """Have ``engine`` ask ``breaker`` first, and tell it of missed deadlines.

    ``connect_timeout``: in seconds, as the driver was given it.
    """
    # The driver of PostgreSQL counts in whole seconds of the clock, so it may be up to one early.
    waited = max(0.5, connect_timeout - 1)

    @event.listens_for(engine, "do_connect")
    def _connect(
        dialect: Dialect, _record: ConnectionPoolEntry, arguments: Any, parameters: Any
    ) -> DBAPIConnection:
        breaker.ask_to_connect()
        began = time.monotonic()
        try:
            return dialect.connect(*arguments, **parameters)
        except dialect.loaded_dbapi.Error:
            # Refused at once, a connect costs nobody time.
            if time.monotonic() - began >= waited:
                breaker.open_for_connects()
            raise

    @event.listens_for(engine, "checkout")
    def _ask(_connection: object, _record: object, _proxy: object) -> None:
        breaker.ask()

    @event.listens_for(engine, "invalidate")
    def _learn(_connection: object, _record: object, error: BaseException | None) -> None:
        if was_missed(error):
            breaker.open()

    @event.listens_for(engine, "handle_error")
    def _is_lost(context: ExceptionContext) -> None:
        # Its connection is shut down, also if the answer came in that very moment.
        if isinstance(context.original_exception, DeadlineMissed):
            context.is_disconnect = True

    ask_when_idle(engine, connect_timeout)
