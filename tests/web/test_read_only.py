"""A database that takes no changes: everything can be seen, and every door says what is wrong."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.view import RecordView
from backoffice.auth import sessions
from backoffice.auth.clock import utc_now
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.resilience.read_only import RETRY, ReadOnlyState
from backoffice.history import unit_of_work
from backoffice.models import Base, SavedView, SignInSession
from tests.cast import PASSWORD, Browser, add_items, links_of, text_of
from tests.read_only import taking_no_changes
from tests.views.samples import create, sample
from tests.web.test_routes import walk
from tests.web.test_typed_again import hidden_fields

pytestmark = pytest.mark.every_database

NO_CHANGES = "The database is read-only right now"
TYPED = {"name": "M4", "description": "Hex", "price": "1", "quantity": "2", "category": "1"}
HARMLESS = {"/admin/theme"}
"""What is posted and stored in a cookie: it works as usual."""

Posts = dict[str, list[tuple[str, dict[str, Any]]]]
"""By route: an address, and what is posted there by somebody who may."""


@pytest.fixture
def shop(ada: Browser, database: Database) -> Browser:
    """Ada, with items, an act that can be undone, and a saved view."""
    add_items(database, 3)
    ada.get("/admin/item/list")
    ada.post("/admin/item/views", {"name": "Cheap", "query": "price=0.."})
    ada.get("/admin/item/edit/1")
    saved = ada.post("/admin/item/edit/1", {**TYPED, "version": "1"})
    assert saved.status_code == 303, text_of(saved)
    ada.get("/admin/")
    return ada


@pytest.fixture
def read_only(shop: Browser, database: Database) -> Iterator[Browser]:
    """That shop on a database which takes no changes since; Ada is still signed in."""
    with taking_no_changes(database):
        yield shop


def contents(database: Database) -> dict[str, Any]:
    """All rows of all tables."""
    with database.reader.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in Base.metadata.sorted_tables
        }


def posts(ada: Browser, database: Database, views: list[RecordView]) -> Posts:
    """Something valid for every route that takes POST."""
    with unit_of_work(database) as session:
        saved = session.scalars(sa.select(SavedView.id)).one()
    undo = next(href for href in links_of(ada.get("/admin/")) if "/changeset/undo/" in href)
    seen = re.search(r'name="seen" value="([^"]*)"', ada.get(undo).text)
    assert seen is not None
    credentials = {"username": "ada@example.com", "password": PASSWORD}
    passwords = {
        "current_password": PASSWORD,
        "password": "another battery staple",
        "password_again": "another battery staple",
    }
    found: Posts = {
        "/admin/login": [("/admin/login", credentials)],
        "/admin/password": [("/admin/password", passwords)],
        "/admin/language": [("/admin/language", {"language": "de"})],
        "/admin/{identity}/arrange": [
            ("/admin/item/arrange", {"density": "cosy"}),
            ("/admin/item/arrange", {"filters": "closed"}),
        ],
        "/admin/{identity}/views": [("/admin/item/views", {"name": "Dear", "query": "price=9.."})],
        "/admin/{identity}/views/{pk}": [
            (f"/admin/item/views/{saved}", {"do": do, "name": "Other"})
            for do in ("change", "delete", "copy", "default")
        ],
        "/admin/changeset/undo/{pk:path}": [(undo, {"seen": seen[1]})],
        "/admin/role/fields/{of}/{pk}": [
            ("/admin/role/fields/item/1", {"limited": "chosen", "field.price": ""})
        ],
        "/admin/{identity}/create": [],
        "/admin/{identity}/edit/{pk:path}": [],
        "/admin/{identity}/delete": [],
    }
    for view in views:
        at = f"/admin/{view.identity}"
        made = sample(ada, view, database, number=7)
        key = create(ada, view, database, number=8)
        name, value = made.changed
        changed = {**made.typed, name: value, "version": "1"}
        found["/admin/{identity}/create"].append((f"{at}/create", made.typed))
        found["/admin/{identity}/edit/{pk:path}"].append((f"{at}/edit/{key}", changed))
        found["/admin/{identity}/delete"].append((f"{at}/delete", {"pks": str(key)}))
    return found


def test_every_door_says_that_nothing_can_be_saved_and_nothing_is(
    shop: Browser, app: Starlette, database: Database
) -> None:
    edited = [
        view
        for view in app.state.site.record_views
        if view.can_create and view.can_edit and view.can_delete
    ]
    known = posts(shop, database, edited)
    routes = {path for method, path in walk(app.routes) if method != "GET"}
    # A new route belongs into posts(), or is HARMLESS. Signing out has a test of its own, and so
    # have custom pages (tests/admin/test_page.py) and actions (tests/admin/acting).
    tested = {"/admin/logout", "/admin/pages/{page}", "/admin/{identity}/action/{name}"}
    assert routes - HARMLESS - tested == set(known)
    before = contents(database)
    with taking_no_changes(database):
        shop.get("/admin/")
        stranger = Browser(app)
        stranger.get("/admin/login")
        for route in sorted(known):
            browser = stranger if route == "/admin/login" else shop
            for address, fields in known[route]:
                for headers in ({}, {"Accept": "application/json"}):
                    answer = browser.post(address, fields, headers=headers)
                    assert answer.status_code == 503, (address, fields, text_of(answer))
                    assert NO_CHANGES in text_of(answer), address
                    assert bool(headers) == (
                        answer.headers["content-type"] == "application/json"
                    ), address
        for address in HARMLESS:
            assert shop.post(address, {"theme": "dark"}).status_code == 303
        assert contents(database) == before


def test_everything_can_be_seen_by_who_is_signed_in(read_only: Browser) -> None:
    for path in (
        "/admin/",
        "/admin/item/list",
        "/admin/item/list?search=Item&sort=-price",
        "/admin/item/counts?search=Item",
        "/admin/item/details/1",
        "/admin/item/history/1",
        "/admin/item/create",
        "/admin/item/edit/1",
        "/admin/item/delete?pks=1",
        "/admin/item/lookup/category?q=Bol",
        "/admin/item/views",
        "/admin/changeset/list",
        "/admin/changeset/details/1",
        "/admin/password",
    ):
        assert read_only.get(path).status_code == 200, path
    # It can serve, so nothing is to take it out of service.
    assert read_only.client.get("/readyz").text == "ok\n"


def test_a_form_says_so_before_anything_is_typed(shop: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        session.execute(sa.update(SignInSession).values(last_seen_at=utc_now() - RETRY * 5))
    with taking_no_changes(database):
        for path in ("/admin/item/create", "/admin/item/edit/1", "/admin/password"):
            assert f"{NO_CHANGES}, so nothing can be saved." in text_of(shop.get(path)), path
        said = text_of(Browser(shop.client.app).get("/admin/login"))
        assert NO_CHANGES in said
        refused = shop.post("/admin/item/create", TYPED)
        assert text_of(refused).count(NO_CHANGES) == 2  # title and heading
    database.read_only_state = ReadOnlyState()  # a minute later, when it is tried again
    assert NO_CHANGES not in text_of(shop.get("/admin/item/create"))


def test_what_was_typed_is_sent_again_when_changes_are_taken_again(
    shop: Browser, database: Database
) -> None:
    with taking_no_changes(database):
        shop.get("/admin/item/create")
        refused = shop.post("/admin/item/create", {**TYPED, "name": "M5"})
        assert refused.status_code == 503
        assert "Nothing was saved" in text_of(refused)
        assert "Send again" in text_of(refused)
        assert NO_CHANGES in text_of(shop.get("/admin/item/list"))
    assert shop.post("/admin/item/create", hidden_fields(refused)).status_code == 303
    saved = text_of(shop.get("/admin/item/list"))
    assert "M5" in saved
    assert NO_CHANGES not in saved


@pytest.mark.databases("sqlite")
def test_a_full_database_is_called_full(shop: Browser, database: Database) -> None:
    def fill(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes what it has for the least

    database.dispose()
    sa.event.listen(database.engine, "connect", fill)
    shop.get("/admin/item/create")
    refused = shop.post("/admin/item/create", {**TYPED, "name": "M5", "description": "x" * 90_000})
    assert refused.status_code == 503
    assert "The database has no room left" in text_of(refused)
    assert "Nothing was saved" in text_of(refused)
    assert "M5" not in text_of(shop.get("/admin/item/list"))


def test_who_cannot_sign_in_is_told_so_and_nothing_is_counted_or_lost(
    read_only: Browser, app: Starlette, database: Database
) -> None:
    before = contents(database)
    browser = Browser(app)
    browser.get("/admin/login")
    for password in (PASSWORD, "wrong") * 4:
        answer = browser.post(
            "/admin/login",
            {
                "username": "ada@example.com",
                "password": password,
                "next": "/admin/item/list",
                "resume": '["/admin/item/create", [["name", "M5"]]]',
            },
        )
        assert answer.status_code == 503
        assert f"{NO_CHANGES}. Nobody can sign in." in text_of(answer)
        assert 'value="ada@example.com"' in answer.text
        assert 'name="next" value="/admin/item/list"' in answer.text
        assert "M5" in hidden_fields(answer)["resume"]
        assert password not in answer.text
    assert contents(database) == before


def test_signing_out_ends_it_in_this_browser_and_says_what_it_cannot_end(
    read_only: Browser, app: Starlette, database: Database
) -> None:
    copied = Browser(app)
    copied.client.cookies.update(read_only.client.cookies)
    answer = read_only.post("/admin/logout")
    assert answer.status_code == 303
    told = text_of(read_only.get(answer.headers["location"]))
    assert f"{NO_CHANGES}. You are signed out in this browser only." in told
    assert read_only.get("/admin/").status_code == 303
    assert copied.get("/admin/").status_code == 200  # which is why it is said


def test_a_wrong_password_of_ones_own_is_neither_counted_nor_lost(read_only: Browser) -> None:
    read_only.get("/admin/password")
    for _ in range(7):
        answer = read_only.post(
            "/admin/password",
            {
                "current_password": "wrong",
                "password": "another battery staple",
                "password_again": "another battery staple",
            },
        )
        assert answer.status_code == 503
        assert "Your password was not changed" in text_of(answer)
        assert "battery" not in answer.text


def test_a_session_in_use_goes_on_without_last_seen_and_the_log_says_it_once(
    shop: Browser,
    database: Database,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    idle = timedelta(minutes=settings.session_idle_minutes)
    token = _token_of(shop)
    begun = utc_now() + timedelta(minutes=2)
    moments = [begun + number * timedelta(seconds=20) for number in range(9)]
    with taking_no_changes(database):
        tried: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.startswith("UPDATE"):
                tried.append(statement)

        sa.event.listen(database.engine, "before_cursor_execute", note)
        for now in moments:
            assert sessions.recognise(database, settings, token, now)
        sa.event.remove(database.engine, "before_cursor_execute", note)
        assert len(tried) <= 3, "once a minute"
        # Longer than a session may be idle, but nobody could note that it was in use.
        assert sessions.recognise(database, settings, token, begun + 2 * idle)
        over = begun + timedelta(hours=settings.session_absolute_hours)
        assert sessions.recognise(database, settings, token, over) is None
    assert [record.message for record in caplog.records if record.name == "backoffice.db"] == [
        f"the database is read-only right now: {_REASONS[database.dialect]}"
    ]
    again = begun + 2 * idle + timedelta(minutes=2)
    assert sessions.recognise(database, settings, token, again)
    with unit_of_work(database) as session:
        assert session.scalar(sa.select(SignInSession.last_seen_at)) == again
    assert "takes changes again" in caplog.text


_REASONS = {
    "postgresql": "cannot execute UPDATE in a read-only transaction",
    "sqlite": "attempt to write a readonly database",
    "mariadb": "(1792, 'Cannot execute statement in a READ ONLY transaction')",
}


def _token_of(browser: Browser) -> str:
    """The token in the browser's cookie, without its signature."""
    (value,) = (value for name, value in browser.client.cookies.items() if name == "backoffice")
    return value.rpartition(".")[0]
