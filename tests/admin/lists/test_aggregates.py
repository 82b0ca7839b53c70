"""Counts and sums of related records as columns."""

import re

import pytest
from starlette.applications import Starlette

from backoffice.admin.lists import aggregates, sort_costs, table_size
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from backoffice.views.item import ItemView
from tests.cast import Browser, add_items, add_user, somebody, statements, text_of

LIST = "/admin/category/list"


def rows_of(page: str) -> list[list[str]]:
    """The texts of a list's rows, without their ticks."""
    rows = re.findall(r"(?s)<tr.*?</tr>", page.partition("<tbody>")[2])
    return [
        [
            re.sub(r"<[^>]+>", "", cell).strip()
            for cell in re.findall(r'(?s)<td class="cell.*?</td>', row)
        ]
        for row in rows
    ]


def test_categories_show_how_many_items_they_have_and_their_worth(
    ada: Browser, database: Database
) -> None:
    add_items(database, 5, ["Bolts", "Nuts"])
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="Empty"))
    page = ada.get(LIST)
    assert rows_of(page.text) == [
        ["Bolts", "3", "20.00"],
        ["Empty", "0", "0.00"],
        ["Nuts", "2", "10.00"],
    ]
    assert "Stock value EUR" in text_of(page)
    assert "Stock value 20.00 EUR" in text_of(ada.get("/admin/category/details/1"))


def test_money_adds_up_to_the_cent(ada: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        dimes = Category(name="Dimes")
        for number in range(30):
            item = Item(name=f"I{number}", description="D", price="0.10", quantity=1)
            item.category = dimes
            session.add(item)
    assert rows_of(ada.get(LIST).text) == [["Dimes", "30", "3.00"]]


def test_lists_are_sorted_by_them_page_after_page(ada: Browser, database: Database) -> None:
    add_items(database, 12, ["A", "B", "B2", "C"])
    with unit_of_work(database, writes=True) as session:
        session.get_one(Item, 1).category_id = 3
        session.add(Category(name="Empty"))
    for sort, order in (
        ("-item_count,name", ["B2", "B", "C", "A", "Empty"]),
        ("item_count,-name", ["Empty", "A", "C", "B", "B2"]),
        ("-stock_value", ["C", "B2", "B", "A", "Empty"]),
    ):
        path, found = f"{LIST}?sort={sort}&pageSize=2", []
        while path:
            page = ada.get(path).text
            found += [row[0] for row in rows_of(page)]
            following = re.search(r'rel="next" href="([^"]+)"', page.partition("<main")[2])
            path = following[1].replace("&amp;", "&") if following else ""
        assert found == order, sort


def test_all_of_one_relation_cost_one_statement(ada: Browser, database: Database) -> None:
    add_items(database, 60, [f"C{number}" for number in range(60)])
    ada.get(LIST)
    for query in ("?pageSize=5", "?pageSize=50"):
        with statements(database) as seen:
            assert len(rows_of(ada.get(f"{LIST}{query}").text)) >= 5
        assert len([one for one in seen if "GROUP BY" in one]) == 1, seen


@pytest.mark.databases("sqlite")
def test_they_are_not_columns_for_people_who_may_not_see_what_they_read(
    app: Starlette, database: Database
) -> None:
    add_items(database, 5)
    permitted = ("category:list", "category:details", "item:list")
    fields = ("item:read:name", "item:read:category", "item:read:quantity")
    browser = somebody(app, database, *permitted, *fields)

    page = browser.get(f"{LIST}?sort=-stock_value")

    assert rows_of(page.text) == [["Bolts", "5", "–not shown to you"]]
    assert "30.00" not in browser.get("/admin/category/details/1").text
    assert "sort by Stock value" in text_of(page)


@pytest.mark.databases("sqlite")
def test_people_who_may_not_list_items_learn_nothing_about_them(
    app: Starlette, database: Database
) -> None:
    add_items(database, 5)
    browser = somebody(app, database, "category:list", "category:details")
    (row,) = rows_of(browser.get(LIST).text)
    assert row == ["Bolts", "–not shown to you", "–not shown to you"]


@pytest.mark.databases("sqlite")
def test_only_records_that_the_person_may_see_are_added_up_and_none_sort(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 5)
    monkeypatch.setattr(ItemView, "visible", lambda view, context: Item.quantity >= 3)
    page = ada.get(f"{LIST}?sort=-item_count")
    assert rows_of(page.text) == [["Bolts", "2", "25.00"]]
    assert "sort=item_count" not in page.text


@pytest.mark.databases("sqlite")
def test_too_many_are_not_added_up(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 12, ["Bolts", "Nuts"])
    monkeypatch.setattr(aggregates, "MOST_ROWS", 5)
    page = ada.get(LIST)
    assert rows_of(page.text)[0] == ["Bolts", "–empty", "–empty"]
    assert "There are too many items on this page to add them up." in page.text
    details = ada.get("/admin/category/details/1")
    assert "There are too many items to add them up." in details.text


@pytest.mark.databases("sqlite")
def test_a_list_is_not_sorted_by_what_a_large_table_adds_up_to(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 12, ["Bolts", "Nuts"])
    ada.get("/admin/item/list")
    monkeypatch.setattr(table_size, "LARGE", 5)
    monkeypatch.setattr(sort_costs, "LARGE", 5)
    page = ada.get(f"{LIST}?sort=-item_count")
    assert "sort=item_count" not in page.text
    assert "There are too many items to sort by Items." in text_of(page)


@pytest.mark.databases("sqlite")
def test_roles_show_how_many_people_have_them(ada: Browser, database: Database) -> None:
    add_user(database, "ed@example.com", role="Editor")
    rows = rows_of(ada.get("/admin/role/list").text)
    assert ["Editor", "1"] in rows
    assert ["Viewer", "0"] in rows


@pytest.mark.databases("sqlite")
def test_a_saved_view_and_the_persons_columns_may_name_them(
    ada: Browser, database: Database
) -> None:
    add_items(database, 3)
    assert rows_of(ada.get(f"{LIST}?columns=name,stock_value").text) == [["Bolts", "5.00"]]
