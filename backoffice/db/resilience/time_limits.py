"""Time limits for statements: the database stops one that takes too long."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.db.resilience import deadlines
from backoffice.db.types import MYSQL

SQLITE_STEPS = 10_000
"""Steps of SQLite's virtual machine between two checks of the clock: under a millisecond."""

USUAL_LIMIT = "usual_limit"
"""Key of a MariaDB or MySQL connection's ``info``: the limit that it was opened with."""

_POSTGRESQL_SETTINGS = (
    "statement_timeout",
    "max_parallel_workers_per_gather",
    "enable_seqscan",
    "enable_bitmapscan",
)
_POSTGRESQL = sa.select(
    *(sa.func.set_config(name, sa.bindparam(name), True) for name in _POSTGRESQL_SETTINGS)
)

WORK_MEM = 64 * 2**20
"""Bytes of ``work_mem`` for a search: enough to note each row that a search index finds in a table
of a million pages.

With PostgreSQL's usual 4 MB it notes only the pages, from some 100,000 on, and compares all of
their rows: half a million for a thousand that match."""

# A server that gives more already keeps that.
_SEARCH_MEMORY = (
    "set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')), "
    f"{WORK_MEM}) / 1024 || 'kB', true)"
)

_MYSQL_TIMEOUTS = (1969, 3024, 1317)  # MariaDB's, MySQL's, a query killed for it


@contextmanager
def time_limit(
    session: Session,
    seconds: float,
    *,
    parallel: bool = False,
    by_index: bool = False,
    in_order: bool = False,
    searches: bool = False,
    along: Sequence[sa.ColumnElement[Any]] = (),
) -> Iterator[tuple[Any, ...] | None]:
    """Within it, the database stops a statement of ``session`` that takes longer.

    The statement fails with a DBAPIError for which ``timed_out`` is true. PostgreSQL aborts the
    whole transaction: roll back before you go on, and enter another limit.

    The other arguments are for PostgreSQL, where the limit is set with the first statement, in the
    same round trip, or by a statement of its own if that selects ``along`` or nothing guards the
    connection.
    ``parallel``: allow parallel workers, which take longer to start than a page takes.
    ``by_index``: do not read tables sequentially. The planner may otherwise look for the first
    10,000 matches of a word that it takes for common by reading the table, and read all of it where
    it was wrong. ``in_order``: read an index in its order, and do not look for all that others find
    first. ``searches``: have ``WORK_MEM`` at least. ``along``: expressions to select with that
    statement; ``with`` gives their values, None on the other databases.
    """
    connection = session.connection()
    name = connection.dialect.name
    if name == "postgresql":
        settings = {
            "statement_timeout": f"{int(seconds * 1000)}ms",
            "max_parallel_workers_per_gather": "2" if parallel else "0",
            "enable_seqscan": "off" if by_index else "on",
            "enable_bitmapscan": "off" if in_order else "on",
        }
        results = _set_on_postgresql(connection, settings, searches, along)
        deadlines.wait_in_transaction(connection.connection.driver_connection, seconds)
        yield results
    elif name == "sqlite":
        with _sqlite_limit(connection, seconds):
            yield None
    elif name in MYSQL:
        connection.exec_driver_sql(f"SET {mysql_timeout(_is_mariadb(connection), seconds)}")
        driver = connection.connection.driver_connection
        try:
            with deadlines.waiting_for(driver, seconds + deadlines.GRACE):
                yield None
        finally:
            if not connection.invalidated:
                usual = connection.info[USUAL_LIMIT]
                session.connection().exec_driver_sql(f"SET {usual}")


def _set_on_postgresql(
    connection: sa.Connection,
    settings: dict[str, str],
    searches: bool,
    along: Sequence[sa.ColumnElement[Any]],
) -> tuple[Any, ...]:
    """Set ``settings`` for this transaction; returns the values of ``along``."""
    if not along:
        commands = [f"SET LOCAL {name} = '{value}'" for name, value in settings.items()]
        if searches:
            commands.append(f"SELECT {_SEARCH_MEMORY}")
        if deadlines.sends_first(connection.connection.driver_connection, "; ".join(commands)):
            return ()
    statement = _POSTGRESQL
    if searches:
        statement = statement.add_columns(sa.literal_column(_SEARCH_MEMORY))
    row = connection.execute(statement.add_columns(*along), settings).one()
    return tuple(row)[len(row) - len(along) :]


def lift_limit(connection: sa.Connection) -> None:
    """Lift the limit on PostgreSQL until the transaction ends.

    On the other databases the limit belongs to the connection; long work is sent in small parts.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        deadlines.wait_in_transaction(connection.connection.driver_connection, 0)


def mysql_timeout(is_mariadb: bool, seconds: float) -> str:
    """The assignment, for SET, of MariaDB's or MySQL's statement limit; 0 for no limit."""
    if is_mariadb:
        return f"max_statement_time = {seconds}"
    return f"max_execution_time = {int(seconds * 1000)}"


def timed_out(error: sa.exc.DBAPIError) -> bool:
    """Whether a statement failed because it took too long."""
    original = error.orig
    if getattr(original, "pgcode", None) == "57014":
        return True
    if isinstance(original, sqlite3.OperationalError):
        return str(original) == "interrupted"
    arguments: tuple[object, ...] = getattr(original, "args", ())
    return bool(arguments) and arguments[0] in _MYSQL_TIMEOUTS


def _is_mariadb(connection: sa.Connection) -> bool:
    return bool(getattr(connection.dialect, "is_mariadb", False))


@contextmanager
def _sqlite_limit(connection: sa.Connection, seconds: float) -> Iterator[None]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    deadline = time.monotonic() + seconds

    def too_late() -> int:
        return int(time.monotonic() > deadline)

    driver.set_progress_handler(too_late, SQLITE_STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
