"""One engine for each dialect, with settings that keep a request from waiting forever."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from backoffice.config import Settings, load_settings
from backoffice.db.errors import MYSQL_KINDS
from backoffice.db.mysql_tls import extract_tls
from backoffice.db.resilience import deadlines
from backoffice.db.resilience.breaker import Breaker
from backoffice.db.resilience.idle_connections import ping_idle_connections
from backoffice.db.resilience.pool_events import use_breaker
from backoffice.db.resilience.read_only import WRITES, ReadOnlyState, raise_changes_refused
from backoffice.db.resilience.time_limits import USUAL_LIMIT, mysql_timeout
from backoffice.db.resilience.unknown_outcome import raise_outcome_unknown
from backoffice.db.sqlite_file import SQLiteFile, is_read_only
from backoffice.db.sqlite_functions import add_functions
from backoffice.db.url import normalise_url

OVERFLOW = 2
"""Connections that a process may open beyond those that its pool keeps; sign-ins use them."""

HEALTH_CONNECT_TIMEOUT = 2
HEALTH_STATEMENT_TIMEOUT = 1
"""Seconds, for health checks and the breaker's probe."""


class Database:
    """An engine seen two ways: ``reader`` for work that only reads, ``writer`` for the rest.

    Both share one pool. On SQLite only the writer takes the write lock, when its transaction
    begins: readers never queue behind a writer, and a writer never fails half-way with "database
    is locked". On PostgreSQL the reader's transactions are READ ONLY.

    ``for_health``: the same database through connections of their own, which are not pooled and
    wait a few seconds at most. ``breaker``: whether the database answers right now.
    ``read_only_state``: whether it refuses changes. ``commits``: how many units of work that may
    have written this process has committed. ``worker_thread_timeout``: the seconds that a
    request waits for a worker thread.
    """

    worker_thread_timeout: float = 60.0

    def __init__(self, engine: Engine, for_health: "Database | None" = None) -> None:
        self.engine = engine
        self.for_health: Database = for_health or self
        self.breaker = Breaker(self.for_health.probe)
        self.dialect = engine.dialect.name
        self.read_only_state = ReadOnlyState()
        self.commits = 0
        self._numbers = itertools.count(1)
        self.writer: Engine = engine.execution_options(**{WRITES: True})
        self.reader: Engine = (
            engine.execution_options(postgresql_readonly=True)
            if self.dialect == "postgresql"
            else engine
        )

    @contextmanager
    def single_select(self) -> Iterator[Connection]:
        """A connection for one SELECT, on PostgreSQL without BEGIN and ROLLBACK.

        These would be two of three round trips. Use a transaction for more than one statement.
        """
        if self.dialect != "postgresql":
            with self.reader.connect() as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            # With another transaction's setting, psycopg2 would send a SET when it is returned.
            driver.readonly = None
            driver.autocommit = True
            try:
                yield connection
            finally:
                if not driver.closed:
                    driver.autocommit = False

    def note_commit(self) -> None:
        """Count a unit of work that was committed. Threads may do so at the same time."""
        self.commits = next(self._numbers)

    def probe(self) -> None:
        """Check that the database answers.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it does not.
        """
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def dispose(self) -> None:
        """Close the pool's connections."""
        self.breaker.stop()
        self.engine.dispose()


def open_database(settings: Settings | None = None, *, for_migrations: bool = False) -> Database:
    """The database that the settings name. It connects when it is first used.

    ``for_migrations``: without statement timeout (an index may take an hour), deadlines and pool.

    Raises:
        SettingsError: DATABASE_URL is wrong, or names a SQLite file that cannot be read as it is.
    """
    settings = settings or load_settings()
    if for_migrations:
        return Database(_open(settings, for_migrations=True))
    database = Database(_open(settings), _open_for_health(settings))
    if database.dialect == "sqlite":  # a file is not frozen
        ping_idle_connections(database.engine, settings.database_connect_timeout)
    else:
        use_breaker(database.engine, database.breaker, settings.database_connect_timeout)
    if settings.database_statement_timeout:
        # By then a thread is free again, or has missed its deadline.
        database.worker_thread_timeout = settings.database_statement_timeout + deadlines.GRACE
    return database


def _open_for_health(settings: Settings) -> Database | None:
    """``Database.for_health``; None for SQLite in memory, which has one connection."""
    connect, statement = settings.database_connect_timeout, settings.database_statement_timeout
    timeouts = {
        "database_connect_timeout": min(connect, HEALTH_CONNECT_TIMEOUT),
        "database_statement_timeout": min(
            statement or HEALTH_STATEMENT_TIMEOUT, HEALTH_STATEMENT_TIMEOUT
        ),
    }
    engine = _open(settings.model_copy(update=timeouts), pooled=False)
    return None if isinstance(engine.pool, sa.StaticPool) else Database(engine)


def _open(settings: Settings, *, for_migrations: bool = False, pooled: bool = True) -> Engine:
    url = normalise_url(settings.database)
    options: dict[str, Any] = {"hide_parameters": settings.production}
    if for_migrations or not pooled:
        options["poolclass"] = sa.NullPool
    else:
        # As many idle connections as requests at once: reconnecting costs more than the work.
        options |= {
            "pool_size": settings.database_pool_size,
            "max_overflow": OVERFLOW,
            "pool_timeout": settings.database_connect_timeout,
            "pool_recycle": 1800,
        }
    build = {"postgresql": _postgresql, "sqlite": _sqlite}.get(url.get_backend_name(), _mysql)
    engine = build(url, settings, options, for_migrations)
    raise_changes_refused(engine)
    if engine.dialect.name != "sqlite":
        raise_outcome_unknown(engine)
    return engine


def _postgresql(
    url: URL, settings: Settings, options: dict[str, Any], for_migrations: bool
) -> Engine:
    statement_timeout = 0 if for_migrations else settings.database_statement_timeout
    lock_timeout = (
        settings.migration_lock_timeout if for_migrations else settings.database_lock_timeout
    )
    server_settings = [
        f"-c statement_timeout={statement_timeout * 1000}",
        f"-c lock_timeout={lock_timeout * 1000}",
        f"-c idle_in_transaction_session_timeout={0 if for_migrations else 60_000}",
        "-c timezone=UTC",
    ]
    given = url.query.get("options")
    if isinstance(given, str):
        server_settings.append(given)
        url = url.difference_update_query(["options"])
    connect_args: dict[str, Any] = {
        "connect_timeout": settings.database_connect_timeout,
        "options": " ".join(server_settings),
        "application_name": "backoffice",
        # For connections without a deadline: they notice within a minute that a server is gone. A
        # server that is only frozen still acknowledges; they wait for it.
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    if statement_timeout:
        connect_args["connection_factory"] = deadlines.guarded(statement_timeout)
    engine = sa.create_engine(url, connect_args=connect_args, **options)
    if isinstance(given, str) and "statement_timeout" in given:
        _read_limit(engine)
    return engine


def _read_limit(engine: Engine) -> None:
    """Read each new connection's statement timeout, which DATABASE_URL itself sets."""

    @event.listens_for(engine, "connect")
    def _read(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'")
        ((milliseconds,),) = cursor.fetchall()
        cursor.close()
        connection.rollback()
        limit = deadlines.deadline_of(int(milliseconds) / 1000)
        deadlines.wait_from_now_on(connection, limit)


def _sqlite(url: URL, settings: Settings, options: dict[str, Any], for_migrations: bool) -> Engine:
    if url.database in (None, "", ":memory:"):
        options["poolclass"] = sa.StaticPool
        for name in ("pool_size", "max_overflow", "pool_timeout"):
            options.pop(name, None)
    lock_timeout = (
        settings.migration_lock_timeout if for_migrations else settings.database_lock_timeout
    )
    # isolation_level None: the driver does not BEGIN by itself, the event below does.
    connect_args = {"isolation_level": None, "timeout": lock_timeout}
    file = SQLiteFile.of(url)
    if file is not None:
        file.check()
    engine = sa.create_engine(url, connect_args=connect_args, **options)
    if file is not None:
        file.connect_read_only(engine)

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.execute(f"PRAGMA busy_timeout = {lock_timeout * 1000}")
        if not is_read_only(record):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        add_functions(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _mysql(url: URL, settings: Settings, options: dict[str, Any], for_migrations: bool) -> Engine:
    url, tls = extract_tls(url)
    seconds = 0 if for_migrations else settings.database_statement_timeout
    connect_args = {
        "connect_timeout": settings.database_connect_timeout,
        # PyMySQL's connect timeout ends with the TCP connection. This one is for the server's
        # greeting; ``_configure`` sets the one for later reads.
        "read_timeout": settings.database_connect_timeout,
        "write_timeout": deadlines.deadline_of(seconds),
        "charset": "utf8mb4",
    }
    connect_args |= tls
    # READ COMMITTED as on PostgreSQL: InnoDB's default also locks gaps between rows.
    engine = sa.create_engine(
        url, connect_args=connect_args, isolation_level="READ COMMITTED", **options
    )
    lock_seconds = (
        settings.migration_lock_timeout if for_migrations else settings.database_lock_timeout
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT version()")
        (version,) = cursor.fetchone() or ("",)
        timeout = mysql_timeout("mariadb" in str(version).lower(), seconds)
        record.info[USUAL_LIMIT] = timeout
        cursor.execute(
            "SET time_zone = '+00:00', "
            "sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), "
            f"innodb_lock_wait_timeout = {lock_seconds}, lock_wait_timeout = {lock_seconds}, "
            f"{timeout}"
        )
        cursor.close()
        deadlines.wait_from_now_on(connection, deadlines.deadline_of(seconds))

    @event.listens_for(engine, "handle_error", retval=True)
    def _refused_rows(context: ExceptionContext) -> BaseException | None:
        # PyMySQL raises the error of lost connections for a failed CHECK and a missing value. Make
        # every refused row an IntegrityError.
        error = context.sqlalchemy_exception
        arguments = context.original_exception.args
        if isinstance(error, OperationalError) and arguments and arguments[0] in MYSQL_KINDS:
            return IntegrityError(
                error.statement,
                error.params,
                context.original_exception,
                hide_parameters=error.hide_parameters,
            )
        return None

    return engine
