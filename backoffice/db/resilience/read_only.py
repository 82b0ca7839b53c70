"""A database that can be read but refuses changes: the error it raises, and the memory of it.

Such are a standby after a failover, a server set to read-only, a full disk, and a SQLite file whose
disk became read-only. A writer meets ``ChangesRefused``, whatever error the driver raised.
"""

import logging
import sqlite3
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DBAPIError, InternalError
from sqlalchemy.pool import ConnectionPoolEntry

from backoffice.db.errors import ChangesRefused, refused

LOGGER = logging.getLogger("backoffice.db")

WRITES = "backoffice_writes"
"""Execution option of the connections that write; SQLite begins those with BEGIN IMMEDIATE."""

RETRY = timedelta(minutes=1)
"""How long a change that can wait is put off after a refusal."""


def raise_changes_refused(engine: Engine) -> None:
    """Have ``engine`` raise ``ChangesRefused`` where the database refuses a writer's change.

    A refused change on a reader's connection is a fault of ours, and raises InternalError.
    psycopg2 raises InternalError for both; PyMySQL and sqlite3 raise the OperationalError of a
    database that is away.
    """

    @event.listens_for(engine, "handle_error", retval=True)
    def _translate(context: ExceptionContext) -> BaseException | None:
        error, original = context.sqlalchemy_exception, context.original_exception
        reason = refused(original)
        if not isinstance(error, DBAPIError) or reason is None:
            return None
        target = context.connection or context.engine
        if target is not None and target.get_execution_options().get(WRITES, False):
            return ChangesRefused.of(error, full=reason == "full")
        if reason == "full" or _could_not_be_read(original) or isinstance(error, InternalError):
            return None
        return InternalError(
            error.statement, error.params, original, hide_parameters=error.hide_parameters
        )

    if engine.dialect.name == "postgresql":
        _use_server_default(engine)


def _could_not_be_read(original: BaseException) -> bool:
    """Whether SQLite could not even read a file: it also reports READONLY_… or IOERR_… for that."""
    return (
        isinstance(original, sqlite3.Error) and original.sqlite_errorcode != sqlite3.SQLITE_READONLY
    )


def _use_server_default(engine: Engine) -> None:
    """Let the server say whether a writer's transactions are READ ONLY.

    SQLAlchemy returns a reader's connection to the pool as READ WRITE. A writer that took it next
    would write in spite of ``default_transaction_read_only``; a standby would refuse its BEGIN.
    """

    @event.listens_for(engine, "checkin")
    def _forget(connection: Any, _record: ConnectionPoolEntry) -> None:
        if connection is not None and not connection.closed and connection.readonly is not None:
            connection.readonly = None


class ReadOnlyState:
    """Whether the database refuses changes, as far as this process has met it, and since when.

    Sessions write when they were used last, which is impossible then. So that nobody is signed out
    for it, a session that lived when the state began lives on, and its idle time begins again when
    the state ends. Times are aware.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._tried: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether the last change that was tried was refused."""
        return self._since is not None and self._until is None

    def may_try(self, now: datetime) -> bool:
        """Whether to try a change that can wait: once in ``RETRY`` while the state is active."""
        with self._lock:
            if not self.is_active:
                return True
            if self._tried is not None and self._tried <= now < self._tried + RETRY:
                return False
            self._tried = now
            return True

    def enter(self, now: datetime, idle: timedelta, reason: str) -> None:
        """A change was refused. ``idle``: how long a session lives without use."""
        with self._lock:
            was_active = self.is_active
            if self._since is None or (self._until is not None and now >= self._until + idle):
                self._since = now
            self._until, self._tried = None, now
        if not was_active:
            LOGGER.warning("the database is read-only right now: %s", reason)

    def leave(self, now: datetime) -> None:
        """A change was made."""
        with self._lock:
            if not self.is_active:
                return
            self._until = now
        LOGGER.warning("the database takes changes again")

    def idle_limit(self, now: datetime, idle: timedelta) -> datetime:
        """A session is alive ``now`` if it was used after this time."""
        with self._lock:
            since, until = self._since, self._until
        if since is None or (until is not None and now >= until + idle):
            return now - idle
        return min(since, now) - idle
