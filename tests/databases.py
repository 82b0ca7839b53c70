"""A fresh database for each test, on each kind of server; see the fixtures in conftest.py.

One run of pytest has one folder, shared by its worker processes: there lie the PostgreSQL server
that it started, a migrated SQLite file, and notes of the databases that were migrated once and are
copied for each test, or put in order after the one before (see shelf.py). All that it made is gone
when the run ends.
"""

import fcntl
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal, TextIO

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from backoffice.config import Settings
from backoffice.db import normalise_url
from backoffice.db.migrations import upgrade
from tests import postgres_server
from tests.postgres_server import PostgresUnavailable
from tests.shelf import MariaDBShelf, PostgreSQLShelf, Shelf

Kind = Literal["sqlite", "postgresql", "mariadb"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql", "mariadb")

FOLDER_VARIABLE = "BACKOFFICE_TEST_RUN"
"""How pytest's workers learn the folder of the run."""

SIGNING_KEY = "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"
LOOPBACK_MARIADB = "mariadb://root@127.0.0.1:3306/"

_numbers = itertools.count(1)
_held: list[TextIO] = []
"""The lock that tells other runs that this one lives."""


class Unavailable(Exception):
    """No server of this kind; the text says why."""


def begin_run() -> None:
    """Make the run's folder. Called once, by the process that started pytest."""
    for folder in Path(tempfile.gettempdir()).glob("bo-*/alive"):
        _clear_if_abandoned(folder.parent)
    folder = Path(tempfile.mkdtemp(prefix="bo-"))
    folder.chmod(0o755)
    os.environ[FOLDER_VARIABLE] = str(folder)
    alive = (folder / "alive").open("w")
    fcntl.flock(alive, fcntl.LOCK_EX)
    _held.append(alive)


def end_run() -> None:
    """Drop what was made and stop what was started."""
    _clear(_run_folder())
    del os.environ[FOLDER_VARIABLE]
    _held.pop().close()


def _clear_if_abandoned(folder: Path) -> None:
    """Clear up after a run that was killed: its server would stay for good."""
    with suppress(OSError, sa.exc.DBAPIError), (folder / "alive").open("a") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _clear(folder)


def _clear(folder: Path) -> None:
    if (folder / "postgres" / "data" / "postmaster.pid").exists():
        postgres_server.stop(folder / "postgres")
    elif (folder / "postgresql.url").exists():
        url = (folder / "postgresql.url").read_text()
        _drop_all("postgresql", url, _prefix(folder))
    if (folder / "mariadb.template").exists():
        _drop_all("mariadb", server_url("mariadb"), _prefix(folder))
    shutil.rmtree(folder)


def make_settings(url: str, **others: Any) -> Settings:
    """Settings for the database at ``url``; nothing of a developer's .env plays a part."""
    values: dict[str, Any] = {"_env_file": None, "secret_key": SIGNING_KEY, "database_url": url}
    return Settings(**(values | others))


def child_environment(settings: Settings, **others: str) -> dict[str, str]:
    """The environment of a program that is to work with the database of ``settings``."""
    mine = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "SECRET_KEY": settings.signing_key,
    }
    return dict(os.environ) | mine | others


@contextmanager
def empty_database(kind: Kind, folder: Path) -> Iterator[str]:
    """The URL of a database without tables; ``folder`` is where a SQLite file goes."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'empty.sqlite3'}"
        return
    name = _new_name()
    with administration(kind) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield _url_of(kind, name)
    finally:
        _drop(kind, name)


@contextmanager
def migrated_database(
    kind: Kind, folder: Path, spared: Callable[[str], set[int]] = lambda url: set()
) -> Iterator[str]:
    """The URL of a database that the migrations have just made; ``folder`` as above.

    ``spared``: says of a URL which connections to its server may stay open.
    """
    template = _template(kind)
    if kind == "sqlite":
        file = folder / "backoffice.sqlite3"
        for old in folder.glob(f"{file.name}*"):  # with its log
            old.unlink()
        shutil.copyfile(template, file)
        yield f"sqlite:///{file}"
        return
    shelf = shelf_of(kind)
    name = shelf.take()
    if name is None:
        name = _new_name()
        with administration(kind) as connection:
            if kind == "postgresql":
                connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
            else:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
                _copy_tables(connection, template, name)
        shelf.learn(name)
    url = _url_of(kind, name)
    try:
        yield url
    finally:
        if not shelf.put_back(name, spared(url)):
            _drop(kind, name)


@cache
def server_url(kind: Kind) -> str:
    """The URL of the server's administrator; started first where it is ours.

    Raises:
        Unavailable: there is none.
    """
    if kind == "mariadb":
        return _mariadb_url()
    if kind == "sqlite":
        return "sqlite://"
    with _only_one("postgresql") as folder:
        note, failure = folder / "postgresql.url", folder / "postgresql.failed"
        if failure.exists():
            raise Unavailable(failure.read_text())
        if not note.exists():
            url = os.environ.get("TEST_POSTGRES_URL")
            if not url:
                place = folder / "postgres"
                place.mkdir()
                try:
                    url = postgres_server.start(place)
                except PostgresUnavailable as error:
                    failure.write_text(str(error))
                    raise Unavailable(str(error)) from error
            note.write_text(url)
        return note.read_text()


def _mariadb_url() -> str:
    given = os.environ.get("TEST_MYSQL_URL")
    url = given or LOOPBACK_MARIADB
    engine = sa.create_engine(normalise_url(url), connect_args={"connect_timeout": 2})
    try:
        with engine.connect():
            return url
    except sa.exc.OperationalError as error:
        if given:
            raise
        raise Unavailable("TEST_MYSQL_URL is not set, and 127.0.0.1:3306 has no MariaDB") from error
    finally:
        engine.dispose()


def _run_folder() -> Path:
    return Path(os.environ[FOLDER_VARIABLE])


@contextmanager
def _only_one(what: str) -> Iterator[Path]:
    """One worker at a time; yields the folder of the run."""
    folder = _run_folder()
    with (folder / f"{what}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield folder


@cache
def _template(kind: Kind) -> str:
    """The database (SQLite: the file) that the migrations made once in this run."""
    server_url(kind)
    with _only_one(kind) as folder:
        note = folder / f"{kind}.template"
        if not note.exists():
            if kind == "sqlite":
                name = str(folder / "template.sqlite3")
                url = f"sqlite:///{name}"
            else:
                name = f"{_prefix(folder)}template"
                url = _url_of(kind, name)
                with administration(kind) as connection:
                    connection.exec_driver_sql(f"CREATE DATABASE {name}")
            upgrade(make_settings(url))
            note.write_text(name)
        return note.read_text()


@cache
def shelf_of(kind: Kind) -> Shelf:
    """Where this process puts its databases of that kind for the next test; none is SQLite's."""

    def connect(name: str) -> AbstractContextManager[Connection]:
        return administration(kind, _url_of(kind, name))

    return (PostgreSQLShelf if kind == "postgresql" else MariaDBShelf)(_template(kind), connect)


def _prefix(folder: Path) -> str:
    """What the names of a run's databases begin with."""
    return f"bo_test_{folder.name.removeprefix('bo-').encode().hex()}_"


def _new_name() -> str:
    return f"{_prefix(_run_folder())}{os.getpid()}_{next(_numbers)}_{secrets.token_hex(2)}"


def _url_of(kind: Kind, name: str) -> str:
    url: URL = sa.make_url(server_url(kind)).set(database=name)
    return url.render_as_string(hide_password=False)


@contextmanager
def administration(kind: Kind, url: str | None = None) -> Iterator[Connection]:
    """A connection to the server as a whole, on which each statement commits by itself."""
    with _administrator(url or server_url(kind)).connect() as connection:
        yield connection


@cache
def _administrator(url: str) -> sa.Engine:
    """Kept, for a new engine asks its server a few things first; its connections are not."""
    address = normalise_url(url)
    # PyMySQL reads all of the system's certificates for each connection, even over loopback.
    options = {"ssl_disabled": True} if address.get_backend_name() in ("mysql", "mariadb") else {}
    return sa.create_engine(
        address, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args=options
    )


def _copy_tables(connection: Connection, source: str, target: str) -> None:
    """MariaDB has no templates: create tables and triggers as it describes them, copy the rows."""
    connection.exec_driver_sql("SET foreign_key_checks = 0")
    tables = connection.exec_driver_sql(f"SHOW TABLES FROM {source}").scalars().all()
    for table in tables:
        created = connection.exec_driver_sql(f"SHOW CREATE TABLE {source}.{table}").one()[1]
        connection.exec_driver_sql(f"USE {target}")
        connection.exec_driver_sql(created)
        connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {source}.{table}")
    for trigger in connection.exec_driver_sql(f"SHOW TRIGGERS FROM {source}").scalars().all():
        created = connection.exec_driver_sql(f"SHOW CREATE TRIGGER {source}.{trigger}").one()[2]
        # A driver takes a percent sign for the place of a value.
        connection.exec_driver_sql(created.replace("%", "%%"))


def _drop(kind: Kind, name: str, url: str | None = None) -> None:
    force = " WITH (FORCE)" if kind == "postgresql" else ""
    with administration(kind, url) as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}{force}")


def _drop_all(kind: Kind, url: str, prefix: str) -> None:
    listing = "SELECT datname FROM pg_database" if kind == "postgresql" else "SHOW DATABASES"
    with administration(kind, url) as connection:
        names = connection.exec_driver_sql(listing).scalars().all()
    for name in names:
        if name.startswith(prefix):
            _drop(kind, name, url)
