"""examples/pages: low stock by category, for those who may open it."""

import re

import pytest
from starlette.applications import Starlette

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from backoffice.views import PAGES
from backoffice.web.app import create_app
from examples.pages.low_stock import LowStockPage
from tests.cast import Browser, add_user, links_of, signed_in, somebody, statements, text_of

ADDRESS = "/admin/pages/low-stock"
VIEWER = "/admin/role/edit/1"


@pytest.fixture
def app(settings: Settings, database: Database) -> Starlette:
    """The application with the page, on a database with three categories, one of them well
    stocked."""
    stock = {"Bolts": (0, 0, 3, 10, 11), "Nuts <M4>": (1, 500), "Washers": (11, 12)}
    with unit_of_work(database, writes=True) as session:
        for name, quantities in stock.items():
            category = Category(name=name)
            session.add_all(
                Item(name=f"{name} {n}", description="x", price=1, quantity=q, category=category)
                for n, q in enumerate(quantities)
            )
    return create_app(settings, database, pages=[LowStockPage])


def rows(browser: Browser) -> list[list[str]]:
    """The table's rows, as texts."""
    page = browser.get(ADDRESS)
    assert page.status_code == 200, text_of(page)
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", page.text, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        found.append([re.sub(r"<[^>]+>|\s", "", cell) for cell in cells])
    return found


def test_the_product_itself_has_no_page_of_its_own() -> None:
    assert PAGES == ()


def test_it_adds_up_each_category_that_has_items_to_order(ada: Browser) -> None:
    assert rows(ada) == [
        ["Category", "Low,items", "Out,items"],
        ["Bolts", "2", "2"],
        ["Nuts&lt;M4&gt;", "1", "0"],
        ["Allcategories", "3", "2"],
    ]


def test_each_number_links_to_as_many_items_in_the_list(ada: Browser) -> None:
    links = [href for href in links_of(ada.get(ADDRESS)) if "is=" in href]
    assert [href.partition("&")[2] for href in links] == ["is=low", "is=out", "is=low"]
    for href, number in zip(links, ("2 items", "2 items", "1 item"), strict=True):
        assert number in text_of(ada.get(href))


def test_who_may_not_see_quantities_may_not_see_what_they_add_up_to(
    app: Starlette, database: Database
) -> None:
    clerk = somebody(app, database, "low-stock:open", "item:list", "item:read:name")
    refused = clerk.get(ADDRESS)
    assert refused.status_code == 403
    assert "You don't have permission to see quantities" in text_of(refused)


def test_it_takes_one_statement_however_many_categories_there_are(
    ada: Browser, database: Database
) -> None:
    ada.get(ADDRESS)
    with statements(database) as seen:
        ada.get(ADDRESS)
    assert len([statement for statement in seen if "sum(" in statement.lower()]) == 1
    few = len(seen)
    with unit_of_work(database, writes=True) as session:
        for number in range(30):
            category = Category(name=f"Drawer {number}")
            session.add(
                Item(name=f"d{number}", description="x", price=1, quantity=0, category=category)
            )
    with statements(database) as seen:
        ada.get(ADDRESS)
    assert len(seen) == few


@pytest.mark.databases("sqlite")
def test_it_is_in_the_navigation_before_the_users(ada: Browser) -> None:
    page = ada.get("/admin/")
    menu = re.search(r"<nav id=\"navigation\".*?</nav>", page.text, re.DOTALL)
    assert menu is not None
    assert re.findall(r"<span>([^<]+)</span></a>", menu[0])[:4] == [
        "Items",
        "Categories",
        "Low stock",
        "Users",
    ]
    here = re.search(r"<nav id=\"navigation\".*?</nav>", ada.get(ADDRESS).text, re.DOTALL)
    assert here is not None
    assert re.findall(r'title="([^"]+)" aria-current="page"', here[0]) == ["Low stock"]


@pytest.mark.databases("sqlite")
def test_nobody_but_superusers_opens_it_until_it_is_ticked(
    ada: Browser, vera: Browser, rolf: Browser
) -> None:
    refused = vera.get(ADDRESS)
    assert refused.status_code == 403
    assert "for the permission “Pages: Low stock”" in text_of(refused)
    assert ADDRESS not in links_of(vera.get("/admin/"))

    form = ada.get(VIEWER)
    assert re.search(r'value="low-stock:open"', form.text)
    assert "Pages" in text_of(form)
    kept = re.findall(r'value="([\w-]+:[\w:-]+)"[^>]* checked', form.text)
    assert "item:list" in kept
    saved = ada.edit(VIEWER, {"name": "Viewer", "grants": [*kept, "low-stock:open"]})
    assert saved.status_code == 303, text_of(saved)
    permitted = ada.get("/admin/role/details/1").text.partition("<main")[2]
    assert "Low stock" in permitted

    assert rows(vera)[1] == ["Bolts", "2", "2"]
    assert ADDRESS in links_of(vera.get("/admin/"))
    assert rolf.get(ADDRESS).status_code == 403


@pytest.mark.databases("sqlite")
def test_who_may_open_it_and_not_list_items_sees_numbers_without_links(
    app: Starlette, database: Database, ada: Browser
) -> None:
    ada.get("/admin/role/create")
    assert (
        ada.post("/admin/role/create", {"name": "Buyer", "grants": ["low-stock:open"]}).status_code
        == 303
    )
    add_user(database, "bea@example.com", role="Buyer")
    bea = signed_in(app, "bea@example.com")
    assert rows(bea)[1] == ["Bolts", "2", "2"]
    assert [href for href in links_of(bea.get(ADDRESS)) if "/item/" in href] == []
    overview = bea.get("/admin/")
    assert ADDRESS in links_of(overview)
    assert "Nothing to work on" not in text_of(overview)


@pytest.mark.databases("sqlite")
def test_a_stranger_signs_in_first(app: Starlette) -> None:
    answer = Browser(app).get(ADDRESS, headers={"Sec-Fetch-Mode": "navigate"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/admin/login")


@pytest.mark.databases("sqlite")
def test_where_nothing_is_low_it_says_so(settings: Settings, database: Database) -> None:
    add_user(database, "ada@example.com", superuser=True)
    ada = signed_in(create_app(settings, database, pages=[LowStockPage]), "ada@example.com")
    assert "Nothing is low" in text_of(ada.get(ADDRESS))
