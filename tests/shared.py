"""What the tests of one process share: an engine and an application for each kind of database, and
one event loop.

To open an engine, to build the application and to compile its statements anew takes more than most
tests do. Rows are fresh for each test (see databases.py); what is kept here is as it was made, and
what a test has changed in it otherwise is not given to another one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice.admin.lists.fetch import Sizes
from backoffice.admin.routes import BackOffice
from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.views import VIEWS
from backoffice.web.app import create_app

_EVENTS = (
    "before_cursor_execute", "after_cursor_execute", "before_execute", "after_execute", "begin",
    "commit", "rollback", "handle_error", "engine_connect", "set_connection_execution_options",
    "connect", "first_connect", "checkout", "checkin", "reset", "close", "invalidate",
)  # fmt: skip
"""Where a test may have left a listener."""

_OF_THE_LAST_SITE = (
    "site", "_admin_ref", "session_maker", "is_async", "ajax_lookup_url", "templates",
)  # fmt: skip
"""What the making of a site writes to the classes of its views."""


class Shared:
    """An engine on one database, and the application on it, with its settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = open_database(settings)
        self._app: Starlette | None = None
        self._as_made = _state_of(self.database)

    @property
    def is_as_made(self) -> bool:
        """Whether no test has left a mark on the engine."""
        return _state_of(self.database) == self._as_made

    def app(self) -> Starlette:
        """The application, which has not seen a request as far as anybody can tell."""
        if self._app is None:
            self._app = create_app(self.settings, self.database)
            self._site: BackOffice = self._app.state.site
            self._site_as_made = vars(self._site).copy()
            self._classes = {view: _site_of(view) for view in VIEWS}
        vars(self._site).clear()
        vars(self._site).update(self._site_as_made)
        self._site.sizes = Sizes()  # what it has learned of the tables before
        for view, values in self._classes.items():
            for name, value in values.items():
                setattr(view, name, value)
        return self._app


_shared: dict[str, Shared] = {}
"""By the URL of the database."""


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The engine on that database; without an open connection, before as afterwards."""
    url = settings.database
    shared = _shared.get(url)
    if shared is None or shared.settings != settings or not shared.is_as_made:
        shared = Shared(settings)
        if url in _shared:
            _shared.pop(url).database.dispose()
        _shared[url] = shared
    try:
        yield shared.database
    finally:
        shared.database.engine.dispose()


def application(settings: Settings, database: Database) -> Starlette:
    """The application of these settings on a database; the shared one where it is the same."""
    shared = _shared.get(settings.database)
    if shared and shared.database is database and shared.settings == settings:
        return shared.app()
    return create_app(settings, database)


def forget(url: str) -> None:
    """The database at ``url`` is no more."""
    if url in _shared:
        _shared.pop(url).database.dispose()


@contextmanager
def one_loop() -> Iterator[None]:
    """One event loop for all requests, where a client would start a thread for each of them."""
    with start_blocking_portal() as portal:
        TestClient.portal = portal
        try:
            yield
        finally:
            TestClient.portal = None
            for url in list(_shared):
                forget(url)


def _site_of(view: Any) -> dict[str, Any]:
    return {name: vars(view)[name] for name in _OF_THE_LAST_SITE if name in vars(view)}


def _state_of(database: Database) -> list[Any]:
    listeners = []
    for dispatch in (database.engine.dispatch, database.engine.pool.dispatch):
        listeners += [[id(one) for one in getattr(dispatch, name, ())] for name in _EVENTS]
    own = [vars(one) for one in (database, database.breaker, database.standstill)]
    values = [{name: id(value) for name, value in one.items()} for one in own]
    return [*listeners, *values]
