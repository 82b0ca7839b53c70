"""The related records on a record's page: a small list of their own."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette

from backoffice.admin.lists import related, sort_costs, table_size
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from backoffice.views.item import ItemView
from tests.cast import (
    Browser,
    add_items,
    add_user,
    links_of,
    somebody,
    statements,
    text_of,
)

BOLTS = "/admin/category/details/1"


def names_of(page: str) -> list[str]:
    """The names of the items in the small list, in their order."""
    return re.findall(r"/admin/item/details/\d+[^>]*>(Item \d+)</a>", page)


def test_the_first_ten_are_shown_in_their_lists_columns(ada: Browser, database: Database) -> None:
    add_items(database, 128)

    page = ada.get(BOLTS)

    assert names_of(page.text) == [f"Item {number:04}" for number in range(10)]
    headings = re.findall(r'<th scope="col".*?</th>', page.text)
    labels = [" ".join(re.sub(r"<[^>]+>", " ", heading).split()) for heading in headings]
    assert labels == ["Name", "Price EUR", "Quantity", "Description"], "all in one category"
    assert "Items 128" in text_of(page)
    assert re.search(r'class="mark mark-danger">out</span> 0<', page.text)


def test_a_heading_sorts_the_small_list_in_place(ada: Browser, database: Database) -> None:
    add_items(database, 128)
    back = "/admin/category/list?search=b"
    page = ada.get(f"{BOLTS}?next={back.replace('?', '%3F').replace('=', '%3D')}")

    (by_price,) = [href for href in links_of(page) if "items.sort=price" in href]
    cheap = ada.get(by_price)
    (turned,) = [href for href in links_of(cheap) if "items.sort=-price" in href]

    assert urlsplit(by_price).fragment == "related-items"
    assert 'id="related-items"' in page.text
    assert parse_qs(urlsplit(by_price).query)["next"] == [back]
    assert names_of(cheap.text)[0] == "Item 0000"
    assert names_of(ada.get(turned).text)[0] == "Item 0127"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("sort", ["colour", "-", "description", "key", "category", ",,", "%00"])
def test_what_is_no_sort_leaves_the_lists_own(ada: Browser, database: Database, sort: str) -> None:
    add_items(database, 12)
    page = ada.get(f"{BOLTS}?items.sort={sort}&items.page=nonsense")
    assert names_of(page.text)[0] == "Item 0000"


@pytest.mark.databases("sqlite")
def test_all_of_them_are_a_link_away_in_the_same_order(ada: Browser, database: Database) -> None:
    add_items(database, 128, ["Bolts", "Nuts"])

    page = ada.get(f"{BOLTS}?items.sort=-price")

    (show_all,) = [href for href in links_of(page) if href.startswith("/admin/item/list?")]
    assert "Show all 64" in text_of(page)
    listed = ada.get(show_all)
    assert "64" in text_of(listed)
    assert listed.text.index("Item 0126") < listed.text.index("Item 0124")
    assert "Item 0001" not in listed.text


@pytest.mark.databases("sqlite")
def test_a_related_record_leads_back_to_the_list_of_all_of_them(
    ada: Browser, database: Database
) -> None:
    add_items(database, 3)
    page = ada.get(BOLTS)
    row = next(href for href in links_of(page) if href.startswith("/admin/item/details/"))

    shown = ada.get(row)

    assert "/admin/item/list?category=1" in links_of(shown)


@pytest.mark.databases("sqlite")
def test_a_record_is_added_with_the_relation_filled_in(ada: Browser, database: Database) -> None:
    add_items(database, 1, ["Bolts", "Nuts"])
    page = ada.get("/admin/category/details/2")
    assert "None yet." in text_of(page)

    (add,) = [href for href in links_of(page) if href.startswith("/admin/item/create")]
    form = ada.get(add)

    assert "Add item" in text_of(page)
    assert re.search(r'<option value="2" selected>Nuts', form.text)


@pytest.mark.databases("sqlite")
def test_nobody_is_offered_to_add_what_they_may_not_or_what_would_not_belong(
    app: Starlette, ada: Browser, vera: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 1)
    assert "Add item" not in text_of(vera.get(BOLTS))
    locked = {"category": "The categories are fixed."}
    monkeypatch.setattr(ItemView, "locked_fields", lambda view, context, record: locked)
    assert "Add item" not in text_of(ada.get(BOLTS))


@pytest.mark.databases("sqlite")
def test_people_with_a_role_are_also_listed_on_its_page(ada: Browser, database: Database) -> None:
    for number in range(12):
        add_user(database, f"ed{number:02}@example.com", role="Editor")
    (editor,) = re.findall(r"/admin/role/edit/(\d+)[^>]*>Editor<", ada.get("/admin/role/list").text)

    page = ada.get(f"/admin/role/details/{editor}")

    assert "People 12" in text_of(page)
    assert "ed09@example.com" in page.text
    assert "ed10@example.com" not in page.text
    assert "Show all" not in text_of(page), "the list of users has no filter for roles"
    (following,) = [href for href in links_of(page, rel="next") if "users.page=" in href]
    second = ada.get(following)
    assert "ed10@example.com" in second.text
    assert "ed09@example.com" not in second.text
    (add,) = [href for href in links_of(page) if href.startswith("/admin/user/create")]
    assert re.search(rf'name="roles" value="{editor}" checked', ada.get(add).text)


@pytest.mark.databases("sqlite")
def test_people_who_may_not_list_users_see_nobody_with_a_role(
    app: Starlette, database: Database
) -> None:
    browser = somebody(app, database, "role:list", "role:details")
    assert "People" not in text_of(browser.get("/admin/role/details/1"))


@pytest.mark.databases("sqlite")
def test_a_hidden_field_is_no_column_and_sorts_nothing(app: Starlette, database: Database) -> None:
    add_items(database, 20)
    permitted = ("category:list", "category:details", "item:list", "item:details")
    fields = ("item:read:name", "item:read:category", "item:read:quantity")
    browser = somebody(app, database, *permitted, *fields)

    page = browser.get(f"{BOLTS}?items.sort=-price")

    assert names_of(page.text)[0] == "Item 0000"
    assert "Price" not in text_of(page)
    assert "19.00" not in page.text


@pytest.mark.databases("sqlite")
def test_only_records_that_the_person_may_see_are_shown_and_counted(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 20)
    monkeypatch.setattr(ItemView, "visible", lambda view, context: Item.quantity >= 15)

    page = ada.get(BOLTS)

    assert names_of(page.text) == [f"Item {number:04}" for number in range(15, 20)]
    assert "Items 5" in text_of(page)


def test_a_page_costs_as_many_statements_with_few_as_with_many(
    ada: Browser, database: Database
) -> None:
    """Who is signed in, the neighbours, the record, what its items add up to, the first of them and
    its history."""
    add_items(database, 130)
    with unit_of_work(database, writes=True) as session:
        nuts = Category(name="Nuts")
        session.add(nuts)
        for number in range(3):
            session.get_one(Item, number + 1).category = nuts
    costs = []
    for key in (1, 2, 1):
        ada.get(f"/admin/category/details/{key}")
        for query in ("", "?items.sort=-price"):
            with statements(database) as seen:
                assert ada.get(f"/admin/category/details/{key}{query}").status_code == 200
            costs.append(len(seen))
    assert set(costs) == {6}


@pytest.mark.databases("sqlite")
def test_of_a_large_table_few_are_sorted_by_any_column_and_many_by_an_index_alone(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 40)
    monkeypatch.setattr(table_size, "LARGE", 5)
    monkeypatch.setattr(related, "LARGE", 5)
    monkeypatch.setattr(sort_costs, "LARGE", 5)
    monkeypatch.setattr(related, "is_index_backed", lambda view, name: name != "price")
    few = ada.get(f"{BOLTS}?items.sort=-price")
    assert names_of(few.text)[0] == "Item 0039"
    for module in ("counting", "query", "fetch"):
        monkeypatch.setattr(f"backoffice.admin.lists.{module}.COUNT_LIMIT", 30)
    monkeypatch.setattr("backoffice.admin.records.counting.COUNT_LIMIT", 30)
    monkeypatch.setattr(
        "backoffice.admin.lists.sort_costs.is_index_backed", lambda view, name: name != "price"
    )

    many = ada.get(f"{BOLTS}?items.sort=-price")

    assert names_of(many.text)[0] == "Item 0000"
    assert "no index" in text_of(many)
    assert "items.sort=price" not in many.text
    assert "items.sort=quantity" in many.text
