"""What the tests of one process share: an engine and an application for each kind of database, and
one event loop.

Opening an engine, building the application and compiling its statements takes longer than most
tests. Rows are fresh for each test (see databases.py). Everything else here is shared unchanged: if
a test changes it, the next test gets a new one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from anyio.from_thread import start_blocking_portal
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice.admin.view import Registry
from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.queries.statement_cache import StatementCache
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
        self._connections: set[int] = set()
        event.listen(self.database.engine, "connect", self._note)
        self._app: Starlette | None = None
        self._as_made = _state_of(self.database)

    def _note(self, connection: Any, _record: object) -> None:
        if self.database.dialect in ("mysql", "mariadb"):
            self._connections.add(connection.thread_id())

    @property
    def is_as_made(self) -> bool:
        """Whether no test has left a mark on the engine."""
        return _state_of(self.database) == self._as_made

    def app(self) -> Starlette:
        """The application, which has not seen a request as far as anybody can tell."""
        if self._app is None:
            self._app = create_app(self.settings, self.database)
            self._site: Registry = self._app.state.site
            self._site_as_made = vars(self._site).copy()
            self._classes = {view: _site_of(view) for view in VIEWS}
        vars(self._site).clear()
        vars(self._site).update(self._site_as_made)
        self._site.cache = StatementCache()  # what people with certain grants may not see
        for shown in self._site.record_views:  # what it has learned of its table and its fields
            vars(shown).pop("cache", None)
        for view, values in self._classes.items():
            for name, value in values.items():
                setattr(view, name, value)
        return self._app

    def let_go(self) -> set[int]:
        """After a test: what its server calls the connections that stay open for the next one.

        Those to MariaDB do: PyMySQL reads the system's certificates for each. SQLite's next file
        has the same name, a connection to PostgreSQL knows what was prepared on it, and somebody's
        open transaction would be in the way.
        """
        pool: Any = self.database.engine.pool
        if self.database.dialect not in ("mysql", "mariadb") or pool.checkedout():
            self.database.engine.dispose()
            self._connections.clear()
        return self._connections


_shared: dict[str, Shared] = {}
"""By the kind of database."""


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The engine on that database."""
    kind = settings.database.partition(":")[0]
    shared = _shared.get(kind)
    if shared is None or shared.settings != settings or not shared.is_as_made:
        if shared is not None:
            shared.database.dispose()
        shared = _shared[kind] = Shared(settings)
    yield shared.database
    shared.let_go()


def connections(url: str) -> set[int]:
    """What stays open of the connections to ``url``, as its server numbers them."""
    for shared in _shared.values():
        if shared.settings.database == url:
            return shared.let_go()
    return set()


def application(settings: Settings, database: Database) -> Starlette:
    """The application of these settings on a database; the shared one where it is the same."""
    for shared in _shared.values():
        if shared.database is database and shared.settings == settings:
            return shared.app()
    return create_app(settings, database)


@contextmanager
def one_loop() -> Iterator[None]:
    """One event loop for all requests, where a client would start a thread for each of them."""
    with start_blocking_portal() as portal:
        TestClient.portal = portal
        try:
            yield
        finally:
            TestClient.portal = None
            for shared in _shared.values():
                shared.database.dispose()


def _site_of(view: Any) -> dict[str, Any]:
    return {name: vars(view)[name] for name in _OF_THE_LAST_SITE if name in vars(view)}


_COUNTED = "commits"
"""What every test changes: a number that only goes up, and is asked for no more than that."""


def _state_of(database: Database) -> list[Any]:
    listeners = [
        [id(one) for one in getattr(dispatch, name, ())]
        for dispatch in (database.engine.dispatch, database.engine.pool.dispatch)
        for name in _EVENTS
    ]
    own = [vars(one) for one in (database, database.breaker, database.read_only_state)]
    values = [{name: id(one[name]) for name in one if name != _COUNTED} for one in own]
    return [*listeners, *values]
