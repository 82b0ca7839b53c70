"""What a list's page offers."""

import re
from decimal import Decimal
from typing import Any

import pytest
from starlette.applications import Starlette

from backoffice.admin.lists import table_size as table_size_module
from backoffice.admin.lists.table_size import LARGE, table_size
from backoffice.admin.records.counting import Count
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.cast import Browser, add_items, links_of, text_of

pytestmark = pytest.mark.databases("sqlite")


def offered_sizes(page: str) -> dict[str, str]:
    """The page sizes to choose from: text to what is sent for it; the chosen one marked."""
    box = page.partition('name="pageSize"')[2].partition("</select>")[0]
    options = re.findall(r'<option value="([^"]*)"( selected)?>(\d+)<', box)
    return {text + ("*" if chosen else ""): value for value, chosen, text in options}


def test_the_usual_page_size_is_sent_as_nothing(ada: Browser, database: Database) -> None:
    add_items(database, 60)
    plain = {"25": "25", "50*": "", "100": "100", "200": "200"}
    assert offered_sizes(ada.get("/admin/item/list").text) == plain
    assert offered_sizes(ada.get("/admin/item/list?search=item").text) == plain
    other = ada.get("/admin/item/list?pageSize=25").text
    assert offered_sizes(other) == {"25*": "25", "50": "", "100": "100", "200": "200"}


@pytest.mark.databases("sqlite")
def test_a_large_table_is_not_sorted_by_what_no_index_holds(app: Starlette, ada: Browser) -> None:
    site = app.state.site
    users = site.find_view("user")
    assert "Can't sort" not in text_of(ada.get("/admin/user/list?sort=first_name"))
    table_size(users).update(Count(LARGE + 1))  # as a list of so many users would have told

    page = ada.get("/admin/user/list?sort=first_name")

    assert page.status_code == 200
    assert "There are too many users to sort by First name" in text_of(page)
    offered = [href for href in links_of(page) if "?sort=first_name" in href]
    assert offered == [], "it is not offered either"
    assert "ada@example.com" in text_of(page), "the list is there, in its usual order"
    # Narrowed to a few, any order is quick.
    page = ada.get("/admin/user/list?sort=first_name&search=ada")
    assert "too many users" not in text_of(page)
    assert any("sort=-first_name" in href for href in links_of(page))


@pytest.mark.databases("postgresql")
def test_a_pooler_that_takes_prepared_statements_away_spoils_no_page(
    ada: Browser, database: Database
) -> None:
    add_items(database, 60)
    paths = ["/admin/item/list", "/admin/item/list?pageSize=25", "/admin/category/list"]
    for path in paths:
        assert ada.get(path).status_code == 200
    pool: Any = database.engine.pool
    connections = [database.engine.connect() for _ in range(pool.checkedin())]
    assert connections
    for connection in connections:  # all at once, so that each of the pool's is met
        connection.exec_driver_sql("DEALLOCATE ALL")
        connection.close()

    for path in paths:
        assert ada.get(path).status_code == 200


@pytest.mark.databases("sqlite")
def test_an_estimate_is_shown_again_for_a_moment_and_what_was_counted_is_not(
    app: Starlette, ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = app.state.site
    items = site.find_view("item")
    add_items(database, 60)
    assert "60 items" in text_of(ada.get("/admin/item/list"))
    assert table_size(items).recent_estimate() is None

    table_size(items).update(Count(1_000_000, about=True))  # as PostgreSQL would have told
    assert "about 1 million items" in text_of(ada.get("/admin/item/list"))

    monkeypatch.setattr(table_size_module, "ESTIMATE_SECONDS", 0.0)
    assert "60 items" in text_of(ada.get("/admin/item/list"))


@pytest.mark.databases("sqlite")
def test_a_very_long_text_is_not_sent_whole_with_a_list(ada: Browser, database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        category = Category(name="Screws")
        words = "word " * 20_000
        bolt = Item(name="M4", description=words, quantity=1, category=category)
        bolt.price = Decimal(1)
        session.add(bolt)

    page = ada.get("/admin/item/list?columns=name,description")

    assert "word word" in page.text
    assert page.text.count("word") < 1_000


@pytest.mark.databases("sqlite")
def test_a_column_is_aligned_as_its_kind_says(ada: Browser, database: Database) -> None:
    add_items(database, 1)
    page = ada.get("/admin/item/list").text
    assert page.count('class="cell-money right') == 2  # the header, and the cell
    assert page.count('class="cell-number right') == 2
    assert 'class="cell-long cell-spare"' in page
