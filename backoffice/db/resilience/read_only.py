"""A database that can be read and takes no changes at present: how that is told, and remembered.

A standby after a failover, a server set to read only, a full disk, a SQLite file on a disk that
became read-only. A writer that meets it raises ``ChangesRefused``, whatever class the driver chose.
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
"""How long a change that can wait is not tried again."""


def tell_refused_changes(engine: Engine) -> None:
    """Raise ``ChangesRefused`` for a writer that is refused; a reader that writes is our fault.

    psycopg2 files PostgreSQL's refusal with faults of the database (InternalError), PyMySQL and
    sqlite3 file theirs with databases that are away.
    """

    @event.listens_for(engine, "handle_error", retval=True)
    def _translate(context: ExceptionContext) -> BaseException | None:
        error, original = context.sqlalchemy_exception, context.original_exception
        why = refused(original)
        if not isinstance(error, DBAPIError) or why is None:
            return None
        target = context.connection or context.engine
        if target is not None and target.get_execution_options().get(WRITES, False):
            return ChangesRefused.of(error, full=why == "full")
        if why == "full" or _could_not_be_read(original) or isinstance(error, InternalError):
            return None
        return InternalError(
            error.statement, error.params, original, hide_parameters=error.hide_parameters
        )

    if engine.dialect.name == "postgresql":
        _leave_the_default(engine)


def _could_not_be_read(original: BaseException) -> bool:
    """Whether SQLite could not even read a file: it says READONLY_… or IOERR_… of that too."""
    return (
        isinstance(original, sqlite3.Error) and original.sqlite_errorcode != sqlite3.SQLITE_READONLY
    )


def _leave_the_default(engine: Engine) -> None:
    """Whether a writer's transactions are READ ONLY is the server's to say.

    SQLAlchemy gives a reader's connection back as one for READ WRITE. Taken by a writer next, it
    would write in spite of ``default_transaction_read_only``, and a standby refuses the BEGIN.
    """

    @event.listens_for(engine, "checkin")
    def _forget(connection: Any, _record: ConnectionPoolEntry) -> None:
        if connection is not None and not connection.closed and connection.readonly is not None:
            connection.readonly = None


class Standstill:
    """Since when a database takes no changes, as far as this process has met it.

    Sessions note each use, which is then not possible: so that nobody is signed out for it, a
    session that lived when the standstill began lives on, and its idle time begins anew when the
    standstill is over. Times are aware.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._tried: datetime | None = None

    @property
    def lasts(self) -> bool:
        """Whether the last change that was tried was refused."""
        return self._since is not None and self._until is None

    def may_try(self, now: datetime) -> bool:
        """Whether a change that can wait is to be tried: once in ``RETRY`` during a standstill."""
        with self._lock:
            if not self.lasts:
                return True
            if self._tried is not None and self._tried <= now < self._tried + RETRY:
                return False
            self._tried = now
            return True

    def refused(self, now: datetime, idle: timedelta, reason: str) -> None:
        """A change was refused. ``idle``: how long a session lives without use."""
        with self._lock:
            goes_on = self.lasts
            if self._since is None or (self._until is not None and now >= self._until + idle):
                self._since = now
            self._until, self._tried = None, now
        if not goes_on:
            LOGGER.warning("the database takes no changes at present: %s", reason)

    def taken(self, now: datetime) -> None:
        """A change was made."""
        with self._lock:
            if not self.lasts:
                return
            self._until = now
        LOGGER.warning("the database takes changes again")

    def idle_from(self, now: datetime, idle: timedelta) -> datetime:
        """The moment after which a session must have been used to live ``now``."""
        with self._lock:
            since, until = self._since, self._until
        if since is None or (until is not None and now >= until + idle):
            return now - idle
        return min(since, now) - idle
