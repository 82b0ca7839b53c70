"""What the tests share is as a test of its own would have made it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.views import VIEWS
from backoffice.web.app import create_app
from tests import shared

sqlite_alone = pytest.mark.databases("sqlite")


@sqlite_alone
def test_an_engine_and_an_application_serve_again(settings: Settings) -> None:
    with shared.opened(settings) as first:
        app = shared.application(settings, first)
        with unit_of_work(first, writes=True) as session:
            session.execute(sa.text("SELECT 1"))
        assert first.commits  # which is no mark on it
    with shared.opened(settings) as second:
        assert second is first
        assert shared.application(settings, second) is app


def leave_a_listener(database: Database) -> None:
    sa.event.listen(database.engine, "before_cursor_execute", lambda *arguments: None)


def leave_it_frozen(database: Database) -> None:
    database.breaker.is_open = True


def leave_it_impatient(database: Database) -> None:
    database.worker_thread_timeout = 0.1


@sqlite_alone
@pytest.mark.parametrize("leave", [leave_a_listener, leave_it_frozen, leave_it_impatient])
def test_an_engine_that_a_test_has_changed_is_not_used_again(
    settings: Settings, leave: Callable[[Database], None]
) -> None:
    with shared.opened(settings) as first:
        leave(first)
    with shared.opened(settings) as second:
        assert second is not first


@sqlite_alone
def test_other_settings_have_an_engine_of_their_own(
    make_settings: Callable[..., Settings],
) -> None:
    with shared.opened(make_settings()) as first:
        pass
    with shared.opened(make_settings(low_stock=0)) as second:
        assert second is not first


@sqlite_alone
def test_views_belong_to_the_shared_application_again(settings: Settings) -> None:
    with shared.opened(settings) as database:
        app = shared.application(settings, database)
        view = app.state.site.record_views[0]
        view.cache.get("learned", lambda: True)
        other = create_app(settings, database)
        assert VIEWS[0].site is other.state.site

        assert shared.application(settings, database) is app
        assert VIEWS[0].site is app.state.site
        assert view.cache.get("learned", lambda: False) is False


def test_connections_to_mariadb_alone_stay_open(settings: Settings) -> None:
    with shared.opened(settings) as database:
        database.probe()
        stay_open = shared.connections(settings.database)
        assert bool(stay_open) is (database.dialect in ("mysql", "mariadb"))


def test_a_connection_that_somebody_holds_is_closed(settings: Settings) -> None:
    with shared.opened(settings) as database, database.engine.connect():
        assert shared.connections(settings.database) == set()
