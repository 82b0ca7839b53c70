"""One engine per dialect, with the settings that keep a request from waiting for ever."""

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
from backoffice.db.mysql_tls import take_tls
from backoffice.db.resilience import deadlines
from backoffice.db.resilience.breaker import Breaker
from backoffice.db.resilience.idle_connections import ask_when_idle
from backoffice.db.resilience.pool_events import connect_through
from backoffice.db.resilience.read_only import WRITES, Standstill, tell_refused_changes
from backoffice.db.resilience.time_limits import USUAL_LIMIT, mysql_timeout
from backoffice.db.resilience.unknown_outcome import tell_doubtful_commits
from backoffice.db.sqlite_file import SQLiteFile, is_read_only
from backoffice.db.sqlite_functions import add_functions
from backoffice.db.url import normalise_url

OVERFLOW = 2
"""Connections that a process may open beyond those its pool keeps; sign-ins use them."""


APART_CONNECT_TIMEOUT = 2
APART_STATEMENT_TIMEOUT = 1
"""Seconds, for who only asks whether the database answers: health checks and the breaker."""


class Database:
    """An engine seen two ways: ``reader`` for work that only reads, ``writer`` for the rest.

    Both share one pool. On SQLite only the writer takes the write lock, at the start of its
    transaction, so that readers never queue behind a writer and a writer never fails half-way
    with "database is locked". On PostgreSQL the reader's transactions are READ ONLY.

    ``apart``: the same database by connections of their own, which are not pooled and wait for a
    few seconds at most. ``breaker``: whether the database answers at present. ``patience``: seconds
    that a request waits for a worker thread.
    """

    patience: float = 60.0

    def __init__(self, engine: Engine, apart: "Database | None" = None) -> None:
        self.engine = engine
        self.apart: Database = apart or self
        self.breaker = Breaker(self.apart.probe)
        self.dialect = engine.dialect.name
        self.standstill = Standstill()
        self.writer: Engine = engine.execution_options(**{WRITES: True})
        self.reader: Engine = (
            engine.execution_options(postgresql_readonly=True)
            if self.dialect == "postgresql"
            else engine
        )

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection for one SELECT, on PostgreSQL without a BEGIN and a ROLLBACK around it.

        They would be two of three round trips. More than one statement belongs in a transaction.
        """
        if self.dialect != "postgresql":
            with self.reader.connect() as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            # Left as another transaction had it, psycopg2 would send a SET when it comes back.
            driver.readonly = None
            driver.autocommit = True
            try:
                yield connection
            finally:
                if not driver.closed:
                    driver.autocommit = False

    def probe(self) -> None:
        """Ask for nothing but an answer.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: there is none.
        """
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def dispose(self) -> None:
        """Close the pool's connections."""
        self.breaker.stop()
        self.engine.dispose()


def open_database(settings: Settings | None = None, *, for_migrations: bool = False) -> Database:
    """Make the database that the settings name. Nothing connects until it is used.

    ``for_migrations``: no statement timeout (an index may take an hour) and so no deadline, no
    pooled connections.

    Raises:
        SettingsError: DATABASE_URL is wrong, or names a SQLite file that cannot be read as it is.
    """
    settings = settings or load_settings()
    if for_migrations:
        return Database(_open(settings, for_migrations=True))
    database = Database(_open(settings), _open_apart(settings))
    if database.dialect == "sqlite":  # a file is not frozen
        ask_when_idle(database.engine, settings.database_connect_timeout)
    else:
        connect_through(database.engine, database.breaker, settings.database_connect_timeout)
    if settings.database_statement_timeout:
        # A thread is free again, and a deadline missed, in that time.
        database.patience = settings.database_statement_timeout + deadlines.GRACE
    return database


def _open_apart(settings: Settings) -> Database | None:
    """What is ``apart``; None where all connections are one, in SQLite's memory."""
    connect, statement = settings.database_connect_timeout, settings.database_statement_timeout
    hurried = {
        "database_connect_timeout": min(connect, APART_CONNECT_TIMEOUT),
        "database_statement_timeout": min(
            statement or APART_STATEMENT_TIMEOUT, APART_STATEMENT_TIMEOUT
        ),
    }
    engine = _open(settings.model_copy(update=hurried), pooled=False)
    return None if isinstance(engine.pool, sa.StaticPool) else Database(engine)


def _open(settings: Settings, *, for_migrations: bool = False, pooled: bool = True) -> Engine:
    url = normalise_url(settings.database)
    options: dict[str, Any] = {"hide_parameters": settings.production}
    if for_migrations or not pooled:
        options["poolclass"] = sa.NullPool
    else:
        # Idle connections equal concurrency: closing and opening them costs more than the work.
        options |= {
            "pool_size": settings.database_pool_size,
            "max_overflow": OVERFLOW,
            "pool_timeout": settings.database_connect_timeout,
            "pool_recycle": 1800,
        }
    build = {"postgresql": _postgresql, "sqlite": _sqlite}.get(url.get_backend_name(), _mysql)
    engine = build(url, settings, options, for_migrations)
    tell_refused_changes(engine)
    if engine.dialect.name != "sqlite":
        tell_doubtful_commits(engine)
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
        # For connections without a deadline: a server that is gone is found out within a minute.
        # One that is only frozen still acknowledges, and is waited for.
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    if statement_timeout:
        connect_args["connection_factory"] = deadlines.guarded(statement_timeout)
    engine = sa.create_engine(url, connect_args=connect_args, **options)
    if isinstance(given, str) and "statement_timeout" in given:
        _learn_limit(engine)
    return engine


def _learn_limit(engine: Engine) -> None:
    """Ask each new connection for its statement timeout, where DATABASE_URL has one of its own."""

    @event.listens_for(engine, "connect")
    def _ask(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
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
    # isolation_level None: the driver begins nothing by itself, the event below does.
    connect_args = {"isolation_level": None, "timeout": lock_timeout}
    file = SQLiteFile.of(url)
    if file is not None:
        file.check()
    engine = sa.create_engine(url, connect_args=connect_args, **options)
    if file is not None:
        file.open_as_it_is(engine)

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
    url, tls = take_tls(url)
    seconds = 0 if for_migrations else settings.database_statement_timeout
    connect_args = {
        "connect_timeout": settings.database_connect_timeout,
        # PyMySQL's connect timeout ends with the TCP connection: this one is for what the server
        # says first, and ``_configure`` sets the one for what it says later.
        "read_timeout": settings.database_connect_timeout,
        "write_timeout": deadlines.deadline_of(seconds),
        "charset": "utf8mb4",
    }
    connect_args |= tls
    # READ COMMITTED as on PostgreSQL: InnoDB's default locks gaps that nobody asked for.
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
        # PyMySQL files a failed CHECK and a missing value with lost connections and deadlocks;
        # whoever writes is to find every refused row in one place.
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
