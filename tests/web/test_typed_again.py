"""What was typed survives: a session that ended, a wrong password, a fault of ours."""

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item, SignInSession
from tests.cast import PASSWORD, Browser, add_items, add_user, links_of, text_of

TYPED = {
    "name": "M4 × 20 <b>",
    "description": "\nHex bolt,\nzinc & plain",
    "price": "0.25",
    "quantity": "12",
    "category": "1",
}


def test_what_was_typed_when_the_session_ended_is_sent_after_signing_in_again(
    ada: Browser, database: Database
) -> None:
    add_items(database, 1)
    ada.get("/admin/item/edit/1?next=/admin/item/list%3Fsearch%3DItem")
    with unit_of_work(database, writes=True) as session:
        session.execute(sa.delete(SignInSession))
    typed = {**TYPED, "version": "1", "next": "/admin/item/list?search=M4", "save": "Save"}

    ended = ada.post("/admin/item/edit/1", typed)
    assert ended.status_code == 401
    assert "Your session ended" in text_of(ended)

    # A wrong password does not lose it either.
    credentials = {"username": "ada@example.com", "password": "wrong"}
    wrong = ada.post("/admin/login", {**hidden_fields(ended), **credentials})
    assert wrong.status_code == 422
    again = ada.post("/admin/login", {**hidden_fields(wrong), **credentials, "password": PASSWORD})
    assert again.status_code == 200
    assert "You are signed in again" in text_of(again)
    assert "trouble-status" not in again.text  # 200 is no trouble
    # It is a page of somebody who is inside, and nobody is held on it.
    assert "/admin/item/list" in links_of(again)
    assert re.search(r'href="/admin/">Discard and go to the overview<', again.text)
    with unit_of_work(database) as session:
        assert session.scalar(sa.select(Item.name)) == "Item 0000"  # nothing is sent by itself

    action = re.findall(r'<form method="post" action="([^"]+)">', again.text)[-1]
    assert action.startswith("/admin/item/edit/1")
    assert "Send again" in text_of(again)
    saved = ada.post(html.unescape(action), hidden_fields(again))

    assert saved.status_code == 303, text_of(saved)
    assert saved.headers["location"] == "/admin/item/list?search=M4"
    with unit_of_work(database) as session:
        item = session.scalars(sa.select(Item)).one()
        assert item.name == TYPED["name"]
        assert item.description == TYPED["description"].strip()
    assert "was saved" in text_of(ada.get("/admin/item/list"))


@pytest.mark.databases("sqlite")
def test_passwords_are_not_kept_when_the_session_ended(ada: Browser, database: Database) -> None:
    ada.get("/admin/user/create")
    with unit_of_work(database, writes=True) as session:
        session.execute(sa.delete(SignInSession))

    ended = ada.post(
        "/admin/user/create",
        {"first_name": "Grace", "password": "hunter2 hunter2", "password_again": "hunter2 hunter2"},
    )

    assert ended.status_code == 401
    assert "Grace" in hidden_fields(ended)["resume"]
    assert "hunter2" not in ended.text


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "resume",
    [
        "not JSON",
        "[" * 100_000,
        '["/admin/item/create", [["name", "\\ud800"]]]',
        '["//evil.example/", [["name", "x"]]]',
        '["https://evil.example/", []]',
        '["/admin/item/create", [["one"]]]',
        '["/admin/item/create", 5]',
        "9" * 5000,
    ],
)
def test_what_is_no_form_of_ours_is_not_offered_to_be_sent(
    app: Starlette, database: Database, resume: str
) -> None:
    add_user(database, "vera@example.com")
    vera = Browser(app)
    vera.get("/admin/login")

    response = vera.post(
        "/admin/login", {"username": "vera@example.com", "password": PASSWORD, "resume": resume}
    )

    assert response.status_code == 303
    assert response.headers["location"] == "/admin/"


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A back office with a fault in it."""

    def fail(*arguments: Any) -> Any:
        raise ZeroDivisionError("SELECT secrets")

    monkeypatch.setattr("backoffice.admin.lists.time_limit.fetch_list", fail)
    monkeypatch.setattr("backoffice.admin.screens.create.read_form", fail)


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("fault")
def test_a_fault_of_ours_is_a_page_of_ours_with_a_reference_and_what_was_typed(
    ada: Browser,
) -> None:
    failed = ada.get("/admin/item/list")
    assert failed.status_code == 500
    assert "Something went wrong" in text_of(failed)
    assert failed.headers["x-request-id"] in text_of(failed)
    assert "default-src" in failed.headers["content-security-policy"]
    assert "secrets" not in failed.text

    posted = ada.post("/admin/item/create", TYPED)
    assert posted.status_code == 500
    assert "Send again" in text_of(posted)
    assert hidden_fields(posted)["name"] == TYPED["name"]


def hidden_fields(response: Response) -> dict[str, str]:
    """What a page's last posting form sends along without showing it, but for its token."""
    forms = [part.partition("</form>")[0] for part in response.text.split("<form")[1:]]
    form = [form for form in forms if 'name="csrf_token"' in form][-1]
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    areas = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', form, re.DOTALL)
    fields = {name: html.unescape(value) for name, value in [*inputs, *areas]}
    fields.pop("csrf_token")
    return fields
