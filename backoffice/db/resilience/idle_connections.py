"""A ping for pooled connections that were idle, before they are used again."""

import time

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from backoffice.db.resilience.deadlines import waiting_for

IDLE_SECONDS = 5.0
"""A connection is trusted this long. Firewalls and servers cut those that are idle for minutes."""

_RETURNED = "backoffice_returned_at"


def ping_idle_connections(engine: Engine, seconds: float) -> None:
    """Ping a pooled connection that nobody used for ``IDLE_SECONDS``; replace it if it is dead.

    ``seconds``: the longest a ping may take, such as the connect timeout. A shorter deadline of
    the connection itself also applies.

    SQLAlchemy's ``pool_pre_ping`` pings at every checkout, and a page checks out twice: up to six
    round trips, a tenth of a page's time. Here a connection that died within ``IDLE_SECONDS`` fails
    one statement, after which the whole pool is replaced, as after a failed ping.
    """

    @event.listens_for(engine, "checkin")
    def _remember_return(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_RETURNED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        returned: float | None = record.info.get(_RETURNED)
        if returned is None or time.monotonic() - returned < IDLE_SECONDS:
            return
        dialect = engine.dialect
        try:
            with waiting_for(connection, seconds):
                alive = dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            if not dialect.is_disconnect(error, connection, None):
                raise
            raise InvalidatePoolError from error
        if not alive:
            # The pool catches it, drops all connections of that age, and connects again.
            raise InvalidatePoolError
