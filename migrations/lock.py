"""One release at a time: a lock held over the whole run, whatever each migration commits.

The lock belongs to a connection of its own that is never inside a transaction. A release that
waited inside ``pg_advisory_lock`` would hold a snapshot that the other one's CREATE INDEX
CONCURRENTLY waits for, while it waits for that one's lock: a deadlock. So the lock is asked for
again and again instead, and nothing is open between the questions.
"""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from backoffice.db import Database
from backoffice.db.errors import refused

log = logging.getLogger("alembic.lock")

ADVISORY_KEY = 0x6261636B6F666663
"""PostgreSQL's key of the lock, one per database: "backoffc" as eight bytes."""

POLL_SECONDS = 0.25

TAKES_NO_CHANGES = "The database is read-only right now"
RELEASE_LATER = "release again when it accepts changes."


class ReleaseInProgress(CommandError):
    """Another release held the lock for longer than MIGRATION_WAIT."""

    def __init__(self, waited: int) -> None:
        super().__init__(
            f"Another release has been migrating this database for {waited} seconds: "
            "let it finish, or raise MIGRATION_WAIT, then release again."
        )


@contextmanager
def one_release(database: Database, *, wait: int) -> Iterator[None]:
    """Hold the lock on ``database``, waiting for up to ``wait`` seconds.

    Raises:
        ReleaseInProgress: somebody else held it all that time.
    """
    hold = {"postgresql": _postgresql, "sqlite": _sqlite}.get(database.dialect, _mysql)
    with hold(database, wait):
        yield


def _wait_for(attempt: Callable[[], bool], wait: int) -> None:
    """Call ``attempt`` until it answers True; with a wait of 0, once."""
    deadline = time.monotonic() + wait
    told = False
    while not attempt():
        if time.monotonic() >= deadline:
            raise ReleaseInProgress(wait)
        if not told:
            log.info("Waiting for another release to finish migrating.")
            told = True
        time.sleep(POLL_SECONDS)


@contextmanager
def _own_connection(database: Database) -> Iterator[Connection]:
    """A connection on which every statement commits at once."""
    with database.engine.connect() as plain:
        yield plain.execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def _released(connection: Connection, statement: sa.Executable) -> Iterator[None]:
    try:
        yield
    finally:
        # The migrations are done or undone by now. A server that went away took the lock with it.
        with suppress(sa.exc.DBAPIError):
            connection.execute(statement)


@contextmanager
def _postgresql(database: Database, wait: int) -> Iterator[None]:
    with _own_connection(database) as connection:
        # Where the server ends idle sessions, a long migration would lose the lock unnoticed.
        connection.exec_driver_sql(
            "SELECT set_config(name, '0', false) FROM pg_settings"
            " WHERE name = 'idle_session_timeout'"
        )
        take = sa.select(sa.func.pg_try_advisory_lock(ADVISORY_KEY))
        _wait_for(lambda: bool(connection.scalar(take)), wait)
        with _released(connection, sa.select(sa.func.pg_advisory_unlock(ADVISORY_KEY))):
            yield


@contextmanager
def _mysql(database: Database, wait: int) -> Iterator[None]:
    with _own_connection(database) as connection:
        connection.exec_driver_sql("SET SESSION wait_timeout = 604800")  # idle, as above
        # Such a lock is the server's, so it carries the database's name; 64 characters at most.
        schema = str(connection.scalar(sa.select(sa.func.database())))
        name = f"backoffice-migrations-{hashlib.sha256(schema.encode()).hexdigest()[:32]}"
        take = sa.select(sa.func.get_lock(name, 0))
        _wait_for(lambda: connection.scalar(take) == 1, wait)
        with _released(connection, sa.select(sa.func.release_lock(name))):
            yield


@contextmanager
def _sqlite(database: Database, wait: int) -> Iterator[None]:
    """Lock a file of its own beside the database, by SQLite's own means.

    The database's own write lock will not do: every migration's commit releases it. The empty
    file stays, since removing it could take it away from a third release.
    """
    with database.engine.connect() as connection:
        files = connection.exec_driver_sql("PRAGMA database_list").all()
    main = next((row[2] for row in files if row[1] == "main"), "")
    if not main:  # in memory: nobody else sees it
        yield
        return
    beside = Path(main).with_name(f"{Path(main).name}-migrating")
    try:
        lock = sqlite3.connect(beside, isolation_level=None, timeout=0)
    except sqlite3.OperationalError as error:
        raise _no_changes(beside, error) from None

    def take() -> bool:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return False
            raise _no_changes(beside, error) from None
        return True

    try:
        _wait_for(take, wait)
        yield
    finally:
        lock.close()


def _no_changes(beside: Path, error: sqlite3.OperationalError) -> Exception:
    """What to raise if the lock cannot be created or taken."""
    if refused(error) is None and error.sqlite_errorcode != sqlite3.SQLITE_CANTOPEN:
        return error
    return CommandError(f"{TAKES_NO_CHANGES} ({beside.name}: {error}): {RELEASE_LATER}")
