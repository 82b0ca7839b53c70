"""The button of a notice undoes at once, where nothing has to be asked, and leads back."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from httpx2 import Response

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Change, Changeset, Item, User
from tests.cast import Browser, add_items, add_user, forms_of, hidden_fields, text_of

LIST = "/admin/item/list?search=Item&sort=-name"


def undo_of(page: Response) -> str:
    """Where the button of the page's notice posts to."""
    (href,) = [href for href in forms_of(page) if "/changeset/undo/" in href]
    return href


def change_price(browser: Browser, key: int = 1, price: str = "99.50") -> None:
    form = browser.get(f"/admin/item/edit/{key}")
    typed = {"name": f"Item {key - 1:04}", "description": "-", "quantity": "1", "category": "1"}
    saved = browser.post(
        f"/admin/item/edit/{key}", {**hidden_fields(form), **typed, "price": price}
    )
    assert saved.status_code == 303, text_of(saved)


def press(
    browser: Browser, page: Response, came_from: str = LIST, button: str = "undo"
) -> Response:
    return browser.post(undo_of(page), {"at_once": button, "next": came_from})


def item(database: Database, key: int = 1) -> Any:
    with unit_of_work(database) as session:
        return session.get(Item, key)


@pytest.fixture(autouse=True)
def _items(database: Database) -> None:
    add_items(database, 3)


def test_the_button_of_a_notice_undoes_and_comes_back_with_a_redo(
    ada: Browser, database: Database
) -> None:
    before = item(database)
    assert before is not None
    change_price(ada)

    undone = press(ada, ada.get(LIST))

    assert undone.status_code == 303
    assert undone.headers["location"] == LIST
    back = item(database)
    assert back is not None
    assert back.price == before.price
    page = ada.get(LIST)
    assert "“Item 0000” was changed back. Redo" in text_of(page)
    again = press(ada, page, button="redo")
    assert again.headers["location"] == LIST
    assert item(database).price != before.price
    assert "“Item 0000” was changed back. Undo" in text_of(ada.get(LIST))


def test_the_form_has_what_the_button_posts(ada: Browser) -> None:
    change_price(ada)

    page = ada.get(LIST).text

    form = page.partition('<div class="notices"')[2].partition("</form>")[0]
    assert 'method="post"' in form
    assert 'name="csrf_token"' in form
    assert 'name="next" value="/admin/item/list?search=Item&amp;sort=-name"' in form
    assert 'aria-keyshortcuts="Alt+Z"' in form


def test_without_its_token_the_button_does_nothing(ada: Browser, database: Database) -> None:
    change_price(ada)
    href = undo_of(ada.get(LIST))

    refused = ada.post(href, {"at_once": "undo", "csrf_token": "another"})

    assert refused.status_code == 403
    assert str(item(database).price) == "99.50"


def test_a_deleted_record_is_restored_from_the_notice(ada: Browser, database: Database) -> None:
    ada.get("/admin/item/delete?pks=2")
    assert ada.post("/admin/item/delete", {"pks": "2"}).status_code == 303

    assert press(ada, ada.get(LIST)).headers["location"] == LIST

    assert item(database, 2) is not None
    assert "“Item 0001” was restored. Redo" in text_of(ada.get(LIST))


def test_two_changes_are_counted(ada: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        for key in (1, 2):
            session.get_one(Item, key).quantity = 77
        session.flush()
        number = session.changeset

    ada.get("/admin/")
    assert ada.post(f"/admin/changeset/undo/{number}", {"at_once": "undo"}).status_code == 303

    assert "2 items changed back. Redo" in text_of(ada.get("/admin/"))


def test_the_page_of_a_record_that_the_undo_deletes_gives_way_to_the_list(
    ada: Browser, database: Database
) -> None:
    ada.get("/admin/category/create")
    ada.post("/admin/category/create", {"name": "Rings", "save": "Save and continue editing"})
    with unit_of_work(database) as session:
        key = session.scalars(sa.select(Category.id).where(Category.name == "Rings")).one()
    here = f"/admin/category/edit/{key}"

    undone = press(ada, ada.get(here), here)

    assert undone.headers["location"] == "/admin/category/list"
    page = text_of(ada.get("/admin/category/list"))
    assert "“Rings” was deleted. Redo" in page


def test_an_undo_that_deletes_leaves_only_the_page_of_what_it_deleted(ada: Browser) -> None:
    for key, expected in ((1, "/admin/item/details/1"), (4, "/admin/item/list")):
        form = ada.get("/admin/item/create")
        typed = {"name": "Washer", "description": "-", "quantity": "1", "category": "1"}
        posted = {**hidden_fields(form), **typed, "price": "1", "save": "Save"}
        assert ada.post("/admin/item/create", posted).status_code == 303
        undone = press(ada, ada.get(LIST), came_from=f"/admin/item/details/{key}")
        assert undone.headers["location"] == expected


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "/admin/logout"])
def test_a_next_that_leads_elsewhere_leads_to_the_undo(ada: Browser, elsewhere: str) -> None:
    change_price(ada)

    undone = press(ada, ada.get(LIST), elsewhere)

    assert re.fullmatch(r"/admin/changeset/details/\d+", undone.headers["location"])


def test_where_a_colleague_changed_it_again_the_button_leads_to_the_page_that_asks(
    ada: Browser, max_: Browser, database: Database
) -> None:
    change_price(ada)
    page = ada.get(LIST)
    change_price(max_, price="12.00")

    asked = press(ada, page)

    assert asked.status_code == 303
    where = asked.headers["location"]
    assert where.startswith(undo_of(page) + "?next=")
    assert str(item(database).price) == "12.00"
    shown = ada.get(where)
    assert "Changed again since" in text_of(shown)
    assert 'name="next" value="/admin/item/list?search=Item&amp;sort=-name"' in shown.text


def test_more_than_a_hundred_changes_are_asked_about(ada: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        nuts = Category(name="Nuts")
        session.add_all(
            Item(name=f"Nut {number}", description="-", price=1, quantity=1, category=nuts)
            for number in range(101)
        )
    for names, at_once in ((100, True), (101, False)):
        with unit_of_work(database, writes=True) as session:
            for found in session.scalars(sa.select(Item).order_by(Item.id).limit(names)):
                found.quantity += 500
            session.flush()
            number = session.changeset
        ada.get("/admin/")
        done = ada.post(f"/admin/changeset/undo/{number}", {"at_once": "undo", "next": LIST})
        assert done.status_code == 303
        is_page = done.headers["location"].startswith(f"/admin/changeset/undo/{number}")
        assert is_page is not at_once


def test_people_who_may_not_undo_are_refused_and_get_no_undo(
    ed: Browser, vera: Browser, database: Database
) -> None:
    change_price(ed)
    href = undo_of(ed.get(LIST))

    assert not [form for form in forms_of(vera.get(LIST)) if "/undo/" in form]
    assert vera.post(href, {"at_once": "undo", "next": LIST}).status_code == 403
    assert str(item(database).price) == "99.50"


def test_a_password_that_was_changed_offers_no_undo(ada: Browser, database: Database) -> None:
    key = add_user(database, "new@example.com")
    password = "another correct horse"
    form = ada.get(f"/admin/user/edit/{key}")
    typed = {"first_name": "New", "last_name": "Tester", "email": "new@example.com",
             "is_active": "y", "password": password, "password_again": password}  # fmt: skip
    saved = ada.post(f"/admin/user/edit/{key}", {**hidden_fields(form), **typed})
    assert saved.status_code == 303, text_of(saved)

    landed = ada.get("/admin/user/list")

    assert "was saved" in text_of(landed)
    with unit_of_work(database) as session:
        number = session.scalar(sa.select(sa.func.max(Changeset.id)))
        (change,) = session.scalars(sa.select(Change).where(Change.changeset_id == number))
        assert set(change.after or {}) <= {"password_hash", "password_is_temporary", "version"}
        assert session.get_one(User, key).last_name == "Tester"
    undo = f"/admin/changeset/undo/{number}"
    pages = ("/admin/", "/admin/changeset/list", f"/admin/user/history/{key}",
             f"/admin/changeset/details/{number}")  # fmt: skip
    assert undo not in landed.text
    for path in pages:
        assert undo not in ada.get(path).text, path
    saved = ada.post(
        f"/admin/user/edit/{key}",
        {**hidden_fields(ada.get(f"/admin/user/edit/{key}")), **typed, "first_name": "Newer"},
    )
    assert "/changeset/undo/" in ada.get("/admin/user/list").text
