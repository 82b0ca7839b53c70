"""People who are signed in change their own password, and nobody else's."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.auth.password import throttle
from backoffice.auth.password.throttle import FREE_PER_ACCOUNT
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Changeset, User
from tests.cast import PASSWORD, Browser, links_of, signed_in, text_of

NEW = "a new and longer password"


def change(browser: Browser, current: str, new: str, again: str | None = None) -> Response:
    typed = {"current_password": current, "password": new, "password_again": again or new}
    return browser.post("/admin/password", {**typed, "save": "Change password"})


def test_ones_other_sessions_end_and_this_one_goes_on(
    app: Starlette, ed: Browser, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = signed_in(app, "ed@example.com")
    assert "Current password" in text_of(ed.get("/admin/password"))

    with caplog.at_level(logging.INFO, logger="backoffice.auth"):
        answer = change(ed, PASSWORD, NEW)

    assert answer.status_code == 303, text_of(answer)
    assert "Password changed." in text_of(ed.get(answer.headers["location"]))
    assert elsewhere.get("/admin/").status_code == 303
    assert Browser(app).sign_in("ed@example.com").status_code == 422
    assert Browser(app).sign_in("ed@example.com", NEW).status_code == 303
    assert "event=password-change user=" in caplog.text
    assert NEW not in caplog.text
    with unit_of_work(database) as session:
        act = session.scalars(sa.select(Changeset).order_by(Changeset.id.desc())).first()
        ed_id = session.scalar(sa.select(User.id).where(User.email == "ed@example.com"))
    assert act is not None
    assert (act.source, act.actor_id, act.actor) == ("web", ed_id, "Ed Tester")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("current", "new", "again", "message"),
    [
        ("wrong", NEW, NEW, "Wrong password."),
        ("", NEW, NEW, "This field is required."),
        (PASSWORD, "", "", "This field is required."),
        (PASSWORD, "short", "short", "Use at least 10 characters."),
        (PASSWORD, "qwertyuiop", "qwertyuiop", "This password is too common"),
        (PASSWORD, "tester 20262026", "tester 20262026", "letters that are not part of the name"),
        (PASSWORD, "ed@example.com", "ed@example.com", "not your e-mail address"),
        (PASSWORD, NEW, "another password", "The two passwords differ."),
        (PASSWORD, PASSWORD, PASSWORD, "This is your current password."),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_changes_nothing(
    app: Starlette, ed: Browser, current: str, new: str, again: str, message: str
) -> None:
    ed.get("/admin/password")
    refused = change(ed, current, new, again)
    assert refused.status_code == 422
    assert message in text_of(refused)
    assert PASSWORD not in refused.text
    assert signed_in(app, "ed@example.com").get("/admin/").status_code == 200


@pytest.mark.databases("sqlite")
def test_guessing_the_present_one_is_slowed_down_as_signing_in_is(
    ed: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "FIRST_WAIT", timedelta(minutes=5))  # longer than any machine
    ed.get("/admin/password")
    for _ in range(FREE_PER_ACCOUNT):
        assert change(ed, "wrong", NEW).status_code == 422
    assert change(ed, "wrong", NEW).status_code == 422  # counted, and the first to be waited for
    blocked = change(ed, PASSWORD, NEW)
    assert blocked.status_code == 429
    assert int(blocked.headers["retry-after"]) >= 1
    assert "Try again in" in text_of(blocked)
    # The same counter: with this browser's device cookie, signing in waits too.
    ed.post("/admin/logout")
    assert ed.sign_in("ed@example.com").status_code == 429


@pytest.mark.databases("sqlite")
def test_the_way_there_is_at_ones_name(ed: Browser, ada: Browser) -> None:
    assert "/admin/password" in links_of(ed.get("/admin/"))
    links = links_of(ada.get("/admin/"))
    assert "/admin/password" in links
    (own,) = [href for href in links if href.startswith("/admin/user/details/")]
    other = {"1": "2", "2": "1"}[own[-1]]
    # Once in the menu, and on one's own record once more.
    assert links_of(ada.get(own)).count("/admin/password") == 2
    assert links_of(ada.get(f"/admin/user/details/{other}")).count("/admin/password") == 1


@pytest.mark.databases("sqlite")
def test_nobody_changes_it_without_a_token(ed: Browser) -> None:
    ed.token = "forged"
    assert change(ed, PASSWORD, NEW).status_code == 403
