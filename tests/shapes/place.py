"""An application that shows the shapes, on a database that holds their tables."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice.admin.view import RecordView, Registry
from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.history import audited
from backoffice.models import Base
from backoffice.views import VIEWS
from backoffice.web.app import create_app
from tests import databases
from tests.cast import ORIGIN, Browser, add_user, text_of
from tests.databases import Kind
from tests.shapes.chinook.models import Chinook
from tests.shapes.models.base import Foreign, PostgreSQLShapes, ServerShapes, Shapes
from tests.shapes.models.places import ELSEWHERE, HEAVY_ROWS
from tests.shapes.reader import Reader
from tests.shapes.views import views_of
from tests.size import thorough

ZONE = "Europe/Berlin"
"""Moments are told in a zone whose clock the databases do not have."""


@dataclass(frozen=True)
class Place:
    """``ada``: a superuser, signed in, who notices what no page may show."""

    kind: Kind
    settings: Settings
    database: Database
    app: Starlette
    ada: Reader

    @property
    def site(self) -> Registry:
        site: Registry = self.app.state.site
        return site

    def view_of(self, model: type[Any]) -> RecordView:
        return self.site.view_of(model)


def bases_of(kind: Kind) -> tuple[Any, ...]:
    """The declarative bases whose tables a kind of database can hold."""
    bases: tuple[Any, ...] = (Shapes, Chinook)
    if kind != "sqlite":
        bases += (ServerShapes,)
    if kind == "postgresql":
        bases += (PostgreSQLShapes,)
    return bases


@contextmanager
def ground(kind: Kind, folder: Path) -> Iterator[Database]:
    """A database with every shape's table; ``folder``: where a SQLite file goes."""
    with databases.migrated_database(kind, folder) as url, other_schema(kind, url):
        database = open_database(settings_of(url))
        try:
            make_tables(kind, database)
            add_user(database, "ada@example.com", superuser=True)
            yield database
        finally:
            database.dispose()


def settings_of(url: str) -> Settings:
    return databases.make_settings(url, time_zone=ZONE)


@contextmanager
def place(
    kind: Kind,
    database: Database,
    views: Sequence[type[RecordView]] | None = None,
    bases: Sequence[Any] | None = None,
) -> Iterator[Place]:
    """An application that shows the shapes on a ``ground``, while the history keeps them.

    ``views``: those to show, and ``bases``: of their models, if not all.
    """
    chosen = views_of(kind) if views is None else views
    kept = bases_of(kind) if bases is None else bases
    with history_of(kept), built(kind, database, chosen) as found:
        yield found


@contextmanager
def history_of(bases: Sequence[Any]) -> Iterator[None]:
    """The history keeps the models of these bases too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audited, "BASES", (Base, *bases), raising=False)
        yield


@contextmanager
def built(kind: Kind, database: Database, views: Sequence[type[RecordView]]) -> Iterator[Place]:
    """An application that shows these on a ``ground``, with ada signed in."""
    url = database.engine.url.render_as_string(hide_password=False)
    settings = settings_of(url)
    app = create_app(settings, database, views=(*VIEWS, *views))
    with pytest.MonkeyPatch.context() as patch:
        if not thorough():
            # A menu of seventy links takes longer to write and to read than the page beside it.
            for view in app.state.site.record_views:
                if type(view) in views:
                    patch.setattr(view, "is_visible", lambda _request: False)
        with ada_at(app) as ada:
            yield Place(kind, settings, database, app, Reader(ada))


class Places:
    """The applications with every shape, one for each kind of database, each built once.

    ``grounds``: gives the database of a kind.
    """

    def __init__(self, grounds: Callable[[Kind], Database]) -> None:
        self._grounds = grounds
        self._made: dict[Kind, Place] = {}
        self._classes: dict[Kind, dict[type[RecordView], dict[str, Any]]] = {}
        self._stack = ExitStack()

    def close(self) -> None:
        self._stack.close()

    @contextmanager
    def place(self, kind: Kind) -> Iterator[Place]:
        """The application of a kind, while the history keeps all shapes."""
        with history_of(bases_of(kind)):
            views = views_of(kind)
            if kind not in self._made:
                made = built(kind, self._grounds(kind), views)
                self._made[kind] = self._stack.enter_context(made)
                self._classes[kind] = {view: _own(view) for view in (*VIEWS, *views)}
            for view, values in self._classes[kind].items():
                now = _own(view)
                for name, value in values.items():
                    if now.get(name) is not value:  # another application has been built since
                        setattr(view, name, value)
            yield self._made[kind]


def _own(view: type[RecordView]) -> dict[str, Any]:
    """What a view's class has of its own; SQLAdmin writes its site there."""
    return {name: value for name, value in vars(view).items() if not name.startswith("__")}


@contextmanager
def ada_at(app: Starlette) -> Iterator[Browser]:
    """Ada, signed in, in a browser that shows a test what went wrong on the server's side."""
    browser = Browser(app)
    browser.client = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    with start_blocking_portal() as portal:
        browser.client.portal = portal  # one thread for all requests
        response = browser.sign_in("ada@example.com")
        assert response.status_code == 303, text_of(response)
        yield browser


@contextmanager
def other_schema(kind: Kind, url: str) -> Iterator[None]:
    """A schema beside the default one. On MariaDB it is a database, which goes afterwards."""
    if kind == "sqlite":
        yield
        return
    with databases.administration(kind, url) as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {ELSEWHERE}")
    try:
        yield
    finally:
        if kind == "mariadb":
            with databases.administration(kind) as connection:
                connection.exec_driver_sql(f"DROP SCHEMA {ELSEWHERE}")


def make_tables(kind: Kind, database: Database) -> None:
    """Every shape's table, and the view."""
    with database.engine.begin() as connection:
        for base in (*bases_of(kind), Foreign):
            base.metadata.create_all(connection)
        connection.execute(sa.text(HEAVY_ROWS))
