"""Connections that lay idle are asked whether they still live before they are given out."""

import time

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from backoffice.db.resilience.deadlines import waiting_for

IDLE_SECONDS = 5.0
"""For so long a connection is trusted. Firewalls and servers cut what was silent for minutes."""

_RETURNED = "backoffice_returned_at"


def ask_when_idle(engine: Engine, seconds: float) -> None:
    """Ping a pooled connection that nobody used for ``IDLE_SECONDS``; replace it if it is dead.

    ``seconds``: how long it may take to answer, if it need not be quicker anyway: as long as a new
    connection may take to be made.

    SQLAlchemy's ``pool_pre_ping`` does so at every checkout, and a page checks out twice: up to six
    round trips, a tenth of what the page takes. A connection that died within the seconds fails
    once, with the statement that finds out; the whole pool is then made anew, as after a ping.
    """

    @event.listens_for(engine, "checkin")
    def _note(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info[_RETURNED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
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
            # The pool catches it, drops all that is as old, and connects again.
            raise InvalidatePoolError
