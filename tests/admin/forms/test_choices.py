"""Choosing a related record, on each database: all of them, or a search."""

import re

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.forms.choices import PLAIN_LIMIT
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.cast import Browser, add_items, statements, text_of

FORM = "/admin/item/create"


def add_categories(database: Database, first: int, last: int) -> None:
    add_items(database, 0, [f"Drawer {number:03}" for number in range(first, last + 1)])


def options_of(page: str) -> list[str]:
    """The texts of the choices of the form's category."""
    select = re.search(r'<select[^>]*name="category".*?</select>', page, re.DOTALL)
    assert select
    return [
        text for text in re.findall(r"<option[^>]*>([^<]*)</option>", select[0]) if "Drawer" in text
    ]


def test_up_to_two_hundred_are_offered_in_order_and_one_more_is_searched_for(
    ada: Browser, database: Database
) -> None:
    assert options_of(ada.get(FORM).text) == []
    add_categories(database, 1, PLAIN_LIMIT)
    plain = ada.get(FORM).text
    assert options_of(plain) == [f"Drawer {number:03}" for number in range(1, PLAIN_LIMIT + 1)]
    assert "data-lookup=" not in plain

    add_categories(database, PLAIN_LIMIT + 1, PLAIN_LIMIT + 1)
    with statements(database) as seen:
        searched = ada.get(FORM).text
    assert "data-lookup=" in searched
    assert options_of(searched) == []
    assert len(seen) == 2  # sign-in, and whether they are too many


def test_a_record_whose_relation_has_too_many_choices_shows_its_own(
    ada: Browser, database: Database
) -> None:
    add_categories(database, 1, PLAIN_LIMIT + 5)
    with unit_of_work(database, writes=True) as session:
        category = session.scalars(sa.select(Category).where(Category.name == "Drawer 077")).one()
        item = Item(name="Clip", description="x", price=1, quantity=1, category=category)
        session.add(item)
        session.flush()
        key = item.id

    with statements(database) as seen:
        page = ada.get(f"/admin/item/edit/{key}")

    assert options_of(page.text) == ["Drawer 077"]
    assert len(seen) == 4  # sign-in, the neighbours, the record, the choices


def test_a_save_finds_the_old_and_the_new_choice_at_once(ada: Browser, database: Database) -> None:
    add_items(database, 1, ["Bolts"])
    add_items(database, 0, ["Nuts"])
    with unit_of_work(database) as session:
        nuts = session.scalars(sa.select(Category.id).where(Category.name == "Nuts")).one()
        key = session.scalars(sa.select(Item.id)).one()
    ada.get(f"/admin/item/edit/{key}")
    typed = {"name": "Item", "description": "x", "price": "1", "quantity": "1", "version": "1"}

    with statements(database) as seen:
        saved = ada.post(f"/admin/item/edit/{key}", {**typed, "category": str(nuts)})

    assert saved.status_code == 303, text_of(saved)
    assert len([one for one in seen if "FROM categories" in one]) == 1
    gone = ada.post(f"/admin/item/edit/{key}", {**typed, "category": "9999", "version": "2"})
    assert gone.status_code == 422
    assert "This category no longer exists" in text_of(gone)


@pytest.mark.databases("sqlite")
def test_what_a_person_may_not_see_is_not_to_be_chosen_either(
    app: Starlette, ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 0, ["Drawer 1", "Drawer 2", "Secret Drawer"])
    with unit_of_work(database) as session:
        keys = {one.name: str(one.id) for one in session.scalars(sa.select(Category))}
    view = type(app.state.site.find_view("category"))
    monkeypatch.setattr(view, "visible", lambda self, context: Category.name != "Secret Drawer")
    typed = {"name": "Clip", "description": "x", "price": "1", "quantity": "1"}

    assert options_of(ada.get(FORM).text) == ["Drawer 1", "Drawer 2"]
    found = ada.get("/admin/item/lookup/category?q=drawer").json()["results"]
    assert [one["text"] for one in found] == ["Drawer 1", "Drawer 2"]
    refused = ada.post(FORM, {**typed, "category": keys["Secret Drawer"]})
    assert refused.status_code == 422
    assert "no longer exists" in text_of(refused)
    assert ada.post(FORM, {**typed, "category": keys["Drawer 1"]}).status_code == 303
