"""Fixtures that every test may ask for.

A test that asks for ``settings`` or ``database`` runs on each kind of database, with fresh rows
each time; ``@pytest.mark.databases("sqlite", "postgresql")`` names those it is meant for. In the
short form most tests run on one kind, and the kinds take turns (turns.py). Its engine and its
application are those of the test before (shared.py), unless it asks for other settings:
``make_settings(low_stock=0)``.
"""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.resilience import breaker, deadlines
from tests import cheap_passwords, databases, shared, turns
from tests.cast import Browser, add_user, signed_in
from tests.databases import KINDS, Kind
from tests.freezing import Relay
from tests.size import THOROUGH_VARIABLE
from tests.turns import of_another_turn


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough", action="store_true", help="run the long tests whole (tests/size.py)"
    )
    parser.addoption(
        "--sqlite", action="store_true", help="only what needs no database server and no browser"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--thorough"):
        os.environ[THOROUGH_VARIABLE] = "1"
    else:
        os.environ.pop(THOROUGH_VARIABLE, None)
    # What a developer has set for the back office has no say in its tests.
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    Settings.model_config["env_file"] = None
    cheap_passwords.make_passwords_cheap()
    gc.disable()  # while thousands of tests are collected
    if not hasattr(config, "workerinput"):
        databases.begin_run()
        turns.begin_run()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores, for tests that wait: for a lock, a deadline, a frozen server."""
    return (os.cpu_count() or 1) + 1


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        databases.end_run()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--sqlite"):
        config.hook.pytest_deselected(items=list(filter(_needs_more_than_sqlite, items)))
        items[:] = [item for item in items if not _needs_more_than_sqlite(item)]
    if config.getoption("--thorough"):
        return
    if taken_out := {item for item in items if of_another_turn(item)}:
        config.hook.pytest_deselected(items=list(taken_out))
        items[:] = [item for item in items if item not in taken_out]
    left_out = pytest.mark.skip(reason="runs with --thorough")
    for item in items:
        if item.get_closest_marker("thorough"):
            item.add_marker(left_out)


def _needs_more_than_sqlite(item: pytest.Item) -> bool:
    """Whether it drives a browser, or one of its parameters is or holds the name of a server."""
    if item.get_closest_marker("browser"):
        return True
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    parts = [part for value in parameters for part in (value if type(value) is tuple else (value,))]
    return any(isinstance(part, str) and part in KINDS[1:] for part in parts)


def pytest_collection_finish() -> None:
    # Modules and tests stay to the end: the garbage collector need not go through them again.
    # It has less to do, too, where it comes after many new objects, not after seven hundred.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("database_kind", marker.args if marker else KINDS, indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """``"sqlite"``, ``"postgresql"`` or ``"mariadb"``; skips where there is no such server."""
    kind: Kind = request.param
    try:
        databases.server_url(kind)
    except databases.Unavailable as error:
        if os.environ.get("CI") and kind == "postgresql":
            pytest.fail(str(error))
        pytest.skip(str(error))
    return kind


@pytest.fixture(scope="session", autouse=True)
def _one_loop() -> Iterator[None]:
    with shared.one_loop():
        yield


@pytest.fixture
def real_passwords() -> Iterator[None]:
    """Passwords that cost what they cost in earnest."""
    with cheap_passwords.real_passwords():
        yield


@pytest.fixture(scope="session")
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the file of a SQLite database is, of one test after another."""
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture
def database_url(database_kind: Kind, sqlite_folder: Path) -> Iterator[str]:
    """The URL of a database as the migrations make it, without records."""
    with databases.migrated_database(database_kind, sqlite_folder, shared.connections) as url:
        yield url


@pytest.fixture
def make_settings(database_url: str) -> Callable[..., Settings]:
    """Makes settings for that database: ``make_settings(low_stock=0)``, by field name."""

    def make(**values: Any) -> Settings:
        return databases.make_settings(database_url, **values)

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    """Settings for that database, the rest as they are by default."""
    return make_settings()


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """That database, opened."""
    with shared.opened(settings) as database:
        yield database


@pytest.fixture
def relay(database_url: str) -> Iterator[Relay]:
    """A port that leads to that database's server, and can be frozen."""
    relay = Relay(database_url)
    yield relay
    relay.close()


@pytest.fixture
def short(
    make_settings: Callable[..., Settings], relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """That database through the relay, with deadlines of 1.5 s, and of 2 s for a connect."""
    monkeypatch.setattr(deadlines, "GRACE", 0.5)
    monkeypatch.setattr(breaker, "PROBE_EVERY", 0.2)
    database = open_database(
        make_settings(
            database_url=relay.url, database_statement_timeout=1, database_connect_timeout=2
        )
    )
    yield database
    database.dispose()


@pytest.fixture
def empty_settings(database_kind: Kind, tmp_path: Path) -> Iterator[Settings]:
    """Settings for a database without a single table, as before the first release."""
    with databases.empty_database(database_kind, tmp_path) as url:
        yield databases.make_settings(url)


@pytest.fixture
def app(settings: Settings, database: Database) -> Starlette:
    """The whole application on that database."""
    return shared.application(settings, database)


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    """Ada, a superuser, signed in."""
    add_user(database, "ada@example.com", superuser=True)
    return signed_in(app, "ada@example.com")


@pytest.fixture
def ed(app: Starlette, database: Database) -> Browser:
    """Ed, an Editor, signed in."""
    add_user(database, "ed@example.com", role="Editor")
    return signed_in(app, "ed@example.com")


@pytest.fixture
def max_(app: Starlette, database: Database) -> Browser:
    """Max, a Manager, signed in."""
    add_user(database, "max@example.com", role="Manager")
    return signed_in(app, "max@example.com")


@pytest.fixture
def vera(app: Starlette, database: Database) -> Browser:
    """Vera, a Viewer, signed in."""
    add_user(database, "vera@example.com", role="Viewer")
    return signed_in(app, "vera@example.com")


@pytest.fixture
def rolf(app: Starlette, database: Database) -> Browser:
    """Rolf, who has an account and no role, signed in."""
    add_user(database, "rolf@example.com")
    return signed_in(app, "rolf@example.com")


@pytest.fixture
def mallory(app: Starlette) -> Browser:
    """Mallory, whom nobody knows."""
    return Browser(app)
