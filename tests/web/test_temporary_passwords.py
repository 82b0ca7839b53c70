"""A password that somebody else chose is changed before anything else can be done."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.auth.password import throttle
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.history.undo.changeset import undo
from backoffice.models import Change, Changeset, User
from backoffice.web.app import create_app
from tests.cast import Browser, add_user, signed_in, statements, text_of
from tests.web.test_own_password import change

GIVEN = "given by ada to somebody"
OWN = "chosen by nobody but me"
TOLD = "Somebody else chose your password."


def give(ada: Browser, key: int, email: str, password: str = GIVEN) -> None:
    """ada sets somebody's password by the form."""
    ada.get(f"/admin/user/edit/{key}")
    typed: dict[str, Any] = {
        "first_name": "Rolf",
        "last_name": "Tester",
        "email": email,
        "is_active": "y",
    }
    typed |= {"password": password, "password_again": password, "roles": ["1"], "save": "Save"}
    saved = ada.post(f"/admin/user/edit/{key}", typed)
    assert saved.status_code == 303, text_of(saved)


def is_temporary(database: Database, key: int) -> bool:
    with unit_of_work(database) as session:
        return session.get_one(User, key).password_is_temporary


@pytest.fixture
def rolf_id(ada: Browser, database: Database) -> int:
    """rolf, a Viewer, to whom ada has given a password."""
    key = add_user(database, "rolf@example.com", role="Viewer")
    assert not is_temporary(database, key)
    give(ada, key, "rolf@example.com")
    return key


def test_who_was_given_a_password_chooses_their_own_and_goes_where_they_were_going(
    app: Starlette, database: Database, rolf_id: int
) -> None:
    rolf = Browser(app)
    goal = "/admin/item/list?search=bolt"
    rolf.get("/admin/login")
    sent = {"username": "rolf@example.com", "password": GIVEN, "next": goal}
    assert rolf.post("/admin/login", sent).headers["location"] == goal

    led = rolf.get(goal)
    page = rolf.get(led.headers["location"])

    assert led.status_code == 303
    assert led.headers["location"] == "/admin/password?next=/admin/item/list%3Fsearch%3Dbolt"
    assert TOLD in text_of(page)
    assert "/admin/item/list" not in re.sub(r'name="next" value="[^"]*"', "", page.text)
    assert ">Cancel<" not in page.text
    hidden = re.findall(r'name="next" value="([^"]*)"', page.text)[-1]  # the form's own
    typed = {"current_password": GIVEN, "password": OWN, "password_again": OWN}
    wrong = rolf.post("/admin/password", {**typed, "password_again": "x", "next": hidden})
    assert wrong.status_code == 422
    assert f'name="next" value="{hidden}"' in wrong.text

    changed = rolf.post("/admin/password", {**typed, "next": hidden})

    assert changed.status_code == 303, text_of(changed)
    assert changed.headers["location"] == goal
    assert rolf.get(goal).status_code == 200
    assert not is_temporary(database, rolf_id)
    assert Browser(app).sign_in("rolf@example.com", GIVEN).status_code == 422
    again = Browser(app)
    again.sign_in("rolf@example.com", OWN)
    assert again.get(goal).status_code == 200


@pytest.mark.databases("sqlite")
def test_until_then_nothing_else_is_open(app: Starlette, ada: Browser, rolf_id: int) -> None:
    rolf = Browser(app)
    assert rolf.sign_in("rolf@example.com", GIVEN).status_code == 303
    for path in ("/admin/", "/admin/item/list", "/admin/nowhere", "/admin/user/details/1"):
        answer = rolf.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/admin/password"), path
        script = rolf.get(path, headers={"Accept": "application/json", "Sec-Fetch-Mode": "cors"})
        assert script.status_code == 403
        assert TOLD.lower().rstrip(".") in script.json()["error"].lower()
    rolf.get("/admin/password")
    for path in ("/admin/category/create", "/admin/item/arrange", "/admin/changeset/undo/1"):
        refused = rolf.post(path, {"name": "Nuts"})
        assert refused.status_code == 403, path
        assert "Choose your own password first" in text_of(refused)
        assert 'href="/admin/password"' in refused.text
        script = rolf.post(path, {"name": "Nuts"}, headers={"Accept": "application/json"})
        assert script.status_code == 403
        assert script.headers["content-type"] == "application/json"

    assert rolf.get("/static/form.css").status_code == 200
    assert rolf.get("/healthz").status_code == 200
    assert rolf.post("/admin/theme", {"theme": "dark", "next": "/admin/password"}).status_code < 400
    assert rolf.post("/admin/logout").headers["location"] == "/admin/login"
    assert rolf.get("/admin/password").headers["location"].startswith("/admin/login")


@pytest.mark.databases("sqlite")
def test_the_sign_in_check_still_takes_one_statement(
    app: Starlette, database: Database, rolf_id: int
) -> None:
    rolf = Browser(app)
    rolf.sign_in("rolf@example.com", GIVEN)
    with statements(database) as sent:
        rolf.get("/admin/password")
    assert len(sent) == 1


@pytest.mark.databases("sqlite")
def test_ones_own_password_is_never_temporary_and_a_created_one_is(
    app: Starlette, ada: Browser, database: Database
) -> None:
    ada.get("/admin/user/edit/1")
    typed = {"first_name": "Ada", "last_name": "Tester", "email": "ada@example.com"}
    typed |= {"is_active": "y", "is_superuser": "y", "password": OWN, "password_again": OWN}
    assert ada.post("/admin/user/edit/1", typed).status_code == 303
    assert ada.get("/admin/").status_code == 200
    page = ada.get("/admin/user/create")
    assert "They choose their own at the first sign-in." in text_of(page)
    typed = {"first_name": "New", "last_name": "One", "email": "new@example.com", "is_active": "y"}
    ada.post("/admin/user/create", {**typed, "password": GIVEN, "password_again": GIVEN})

    with unit_of_work(database) as session:
        flags = dict(session.execute(sa.select(User.email, User.password_is_temporary)).all())
    assert flags == {"ada@example.com": False, "new@example.com": True}
    refused = ada.post(
        "/admin/user/create",
        {**typed, "email": "x@example.com", "password_is_temporary": "", "password": OWN},
    )
    assert "no field named “password_is_temporary”" in text_of(refused)


def test_no_undo_and_no_restore_makes_a_given_password_ones_own(
    app: Starlette, ada: Browser, database: Database, rolf_id: int
) -> None:
    with unit_of_work(database) as session:
        given = session.scalars(sa.select(sa.func.max(Changeset.id))).one()
        told = session.scalars(sa.select(Change).where(Change.changeset_id == given)).one()
        assert told.after is not None
        assert told.after["password_is_temporary"] == told.after["password_hash"] == "(not kept)"
    with unit_of_work(database, writes=True) as session:
        undo(session, given)
    assert is_temporary(database, rolf_id)

    with unit_of_work(database, writes=True) as session:
        session.delete(session.get_one(User, rolf_id))
    with unit_of_work(database, writes=True) as session:
        undo(session, session.scalars(sa.select(sa.func.max(Changeset.id))).one())
    with unit_of_work(database) as session:
        rolf = session.get_one(User, rolf_id)
        assert (rolf.password_hash, rolf.password_is_temporary) == ("!", False)


def test_somebody_deleted_before_there_were_temporary_passwords_comes_back(
    database: Database,
) -> None:
    before = {"id": 77, "first_name": "Old", "last_name": "Hand", "email": "old@example.com"}
    before |= {"password_hash": "(not kept)", "is_active": True, "is_superuser": False}
    before |= {"created_at": "2026-01-02T03:04:05.000000Z", "version": 3, "roles": []}
    with unit_of_work(database, writes=True) as session:
        act = Changeset(
            at=datetime.now(UTC), actor="Ada", source="web", reason="", request_id="", address=""
        )
        session.add(act)
        session.flush()
        number = act.id
        session.add(
            Change(
                changeset_id=number,
                model="users",
                record_id="77",
                label="Old Hand",
                operation="delete",
                before=before,
            )
        )
    with unit_of_work(database, writes=True) as session:
        assert undo(session, number) == 1
    with unit_of_work(database) as session:
        old = session.get_one(User, 77)
        assert (old.email, old.version) == ("old@example.com", 4)
        assert old.password_is_temporary is False


@pytest.mark.databases("sqlite")
def test_ones_own_change_of_password_keeps_this_browser_known_and_no_other(
    settings: Settings, database: Database, app: Starlette
) -> None:
    add_user(database, "ed@example.com", role="Editor")
    here, elsewhere = signed_in(app, "ed@example.com"), signed_in(app, "ed@example.com")
    here.get("/admin/password")
    assert change(here, "correct horse battery staple", OWN).status_code == 303
    for browser in (here, elsewhere):
        browser.post("/admin/logout")
    stranger = Browser(create_app(settings, database))
    for _ in range(throttle.FREE_PER_ACCOUNT + 2):
        stranger.sign_in("ed@example.com", "a guess")

    assert elsewhere.sign_in("ed@example.com", OWN).status_code == 429
    assert here.sign_in("ed@example.com", OWN).status_code == 303
