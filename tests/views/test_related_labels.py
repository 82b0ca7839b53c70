"""Records that lead to others whose names a role does not permit: these are "#5" wherever they are
named, and nothing follows from their names."""

import json
import re

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Changeset, Item
from backoffice.views.item import ItemView
from tests.cast import Browser, somebody, text_of
from tests.views.test_doors import everything

__all__ = ["everything"]

NAMES = ("Zephyrine", "Quixotry")
"""Of the categories 1 and 2: their order is not that of their keys."""


@pytest.fixture
def stock(ada: Browser, database: Database) -> int:
    """An item that was moved from the first category to the second; the number of that change."""
    with unit_of_work(database, writes=True) as session:
        first, second = (Category(name=name) for name in NAMES)
        session.add_all([first, second])
        session.flush()
        for number, category in enumerate([first, second, first]):
            session.add(
                Item(name=f"I{number}", description="D", price=1, quantity=1, category=category)
            )
    with unit_of_work(database, writes=True) as session:
        session.get_one(Item, 1).category_id = 2
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.max(Changeset.id))) or 0


def test_a_related_record_is_called_by_its_key_wherever_it_is_named(
    app: Starlette, ada: Browser, database: Database, everything: set[str], stock: int
) -> None:
    carl = somebody(app, database, *(everything | {"category:read:"}))
    paths = [
        "/admin/", "/admin/item/list", "/admin/item/counts", "/admin/item/list?sort=category",
        "/admin/item/list?category=2", "/admin/item/list?category=2&counts=shown",
        "/admin/item/details/1", "/admin/item/edit/1", "/admin/item/create",
        "/admin/item/history/1", "/admin/item/delete?pks=1", "/admin/item/lookup/category?q=",
        "/admin/item/views", "/admin/category/list", "/admin/category/details/2",
        "/admin/category/delete?pks=2", "/admin/category/history/2", "/admin/changeset/list",
        f"/admin/changeset/details/{stock}", f"/admin/changeset/undo/{stock}",
    ]  # fmt: skip
    named = 0
    for path in paths:
        named += any(name in ada.get(path).text for name in NAMES)
        page = carl.get(path)
        assert page.status_code in (200, 422), path
        assert not [name for name in NAMES if name in page.text], path
    assert named >= len(paths) - 5, "ada sees the names almost everywhere"
    assert "#2" in text_of(carl.get("/admin/item/details/1"))
    assert "#2" in text_of(carl.get("/admin/item/list?category=2"))


def test_nothing_follows_from_their_names(
    app: Starlette, ada: Browser, database: Database, everything: set[str], stock: int
) -> None:
    carl = somebody(app, database, *(everything | {"category:read:"}))
    plain = re.findall(r'name="pks" value="(\d+)"', carl.get("/admin/item/list").text)
    for query in ("sort=category", "sort=-category", "search=category:zeph"):
        page = carl.get(f"/admin/item/list?{query}")
        assert re.findall(r'name="pks" value="(\d+)"', page.text) == plain, query
    assert "You don't have permission to see the names of" in text_of(
        carl.get("/admin/item/list?search=category:zeph")
    )
    assert 'name="pks"' not in carl.get("/admin/item/list?search=zeph").text
    for text, keys in (("", ["1", "2"]), ("zeph", [])):
        found = json.loads(carl.get(f"/admin/item/lookup/category?q={text}").text)
        assert [one["id"] for one in found["results"]] == keys
    options = re.findall(r'<option value="(\d+)"', carl.get("/admin/item/create").text)
    assert options == ["1", "2"], "in the order of the keys"


def test_a_relation_that_is_not_permitted_is_closed_at_both_ends(
    app: Starlette, ada: Browser, database: Database, everything: set[str], stock: int
) -> None:
    fields = {f"item:write:{name}" for name in ("name", "description", "price", "quantity")}
    carl = somebody(app, database, *(everything | fields))
    assert "I0" in text_of(ada.get("/admin/category/details/2"))
    page = carl.get("/admin/category/details/2")
    assert "Quixotry" in page.text
    assert "I0" not in text_of(page)  # a token may well hold these letters
    assert carl.get("/admin/item/lookup/category?q=").status_code == 403
    for path in ("list", "details/1", "edit/1", "history/1"):
        seen = carl.get(f"/admin/item/{path}")
        assert not [name for name in NAMES if name in seen.text], path
    filtered = carl.get("/admin/item/list?category=2")
    assert "Category: you don't have permission to see it; ignored the filter" in text_of(filtered)


def test_a_name_that_an_invisible_record_has_is_told_to_be_taken(
    app: Starlette,
    ada: Browser,
    database: Database,
    everything: set[str],
    stock: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As docs/permissions.md says: a unique column is unique for all records."""
    monkeypatch.setattr(ItemView, "visible", lambda view, context: Item.name != "I0")
    carl = somebody(app, database, *everything)
    assert carl.get("/admin/item/details/1").status_code == 404
    carl.get("/admin/item/create")
    typed = {"name": "I0", "description": "D", "category": "1", "price": "1", "quantity": "1"}
    refused = carl.post("/admin/item/create", {**typed, "save": "Save"})
    assert refused.status_code == 422
    assert "An item with this name already exists." in text_of(refused)


def test_a_reason_is_shown_to_people_who_see_all_fields_of_its_records(
    app: Starlette, ada: Browser, database: Database, everything: set[str], stock: int
) -> None:
    path = f"/admin/changeset/undo/{stock}"
    seen = re.search(r'name="seen" value="([^"]*)"', ada.get(path).text)
    assert seen
    told = {"seen": seen[1], "reason": "It costs 7,654"}
    assert ada.post(path, told).status_code == 303
    carl = somebody(app, database, *(everything | {"item:read:name"}))
    for page in (f"/admin/changeset/details/{stock + 1}", "/admin/item/history/1", "/admin/"):
        assert "7,654" in ada.get(page).text, page
        assert "7,654" not in carl.get(page).text, page
