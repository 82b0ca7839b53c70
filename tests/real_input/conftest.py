"""The real parts in a database, loaded once for all tests of a module."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.web.app import create_app
from tests import databases
from tests.cast import Browser, add_user, signed_in
from tests.databases import Kind
from tests.real_input.parts import PATH_VARIABLE, Report, load_parts, parts_file, read_parts


@dataclass(frozen=True)
class Stock:
    """A database of real parts, what loading them reported, and the application on it."""

    path: Path
    settings: Settings
    database: Database
    report: Report
    app: Starlette


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stock(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stock]:
    """The real parts, loaded; ada, a superuser, may sign in. One database for the module."""
    path = parts_file()
    if path is None:
        pytest.skip(f"parts.csv is not beside the checkout, and {PATH_VARIABLE} does not name it")
    kind: Kind = request.param
    try:
        databases.server_url(kind)
    except databases.Unavailable as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    with databases.migrated_database(kind, tmp_path_factory.mktemp("parts")) as url:
        settings = databases.make_settings(url)
        database = open_database(settings)
        try:
            report = load_parts(database, read_parts(path))
            add_user(database, "ada@example.com", superuser=True)
            yield Stock(path, settings, database, report, create_app(settings, database))
        finally:
            database.dispose()


@pytest.fixture
def ada_in_stock(stock: Stock) -> Browser:
    """Ada, signed in among the real parts."""
    return signed_in(stock.app, "ada@example.com")
