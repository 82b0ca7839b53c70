"""A custom page, as it is shown: on a phone, on a small laptop, in light and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from backoffice.web.app import create_app
from examples.pages.low_stock import LowStockPage
from tests import databases, shared
from tests.browser.acts import button, colours, press, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site, served
from tests.cast import add_user

NAMES = ("Stock value", "Orders of the month", "Prices that changed since the last quarter")
PAGES = [
    LowStockPage,
    *(
        type(f"Page{n}", (LowStockPage,), {"name": name, "identity": f"page-{n}", "before": ""})
        for n, name in enumerate(NAMES)
    ),
]
LONG = "Hexagon head screw, fully threaded, " * 5


@pytest.fixture
def site(sqlite_folder: Path) -> Iterator[Site]:
    """The back office with the page of examples/pages, and others like it; ada may sign in."""
    with databases.migrated_database("sqlite", sqlite_folder) as url:
        settings = databases.make_settings(url)
        with shared.opened(settings) as database:
            add_user(database, "ada@example.com", superuser=True)
            with unit_of_work(database, writes=True) as session:
                for name in ("Bolts", LONG):
                    category = Category(name=name)
                    session.add_all(
                        Item(
                            name=f"{name} {n}",
                            description="x",
                            price=1,
                            quantity=n,
                            category=category,
                        )
                        for n in range(20)
                    )
            with served(create_app(settings, database, pages=PAGES)) as address:
                yield Site(address, database)


def test_it_is_found_by_the_navigation_and_leads_into_the_list(ada: Page) -> None:
    ada.get_by_role("navigation", name="Navigation").get_by_role("link", name="Low stock").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Low stock by category")
    expect(ada).to_have_title("Low stock · Back office")
    ada.get_by_role("row", name="Bolts").get_by_role("link", name="10").click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Items")
    expect(ada.locator("tbody .cell-name")).to_have_count(10)


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_and_can_be_read(width: int, colour: str, open_browser: OpenBrowser) -> None:
    page = open_browser(width=width, colours=colour)
    sign_in(page)
    page.goto("/admin/pages/low-stock")
    expect(page.get_by_role("row")).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert colours(page) == colour
    # Its own stylesheet was applied.
    table = page.locator(".low-stock")
    assert table.evaluate("one => getComputedStyle(one).tableLayout") == "fixed"


@pytest.mark.parametrize("width", [390, 1280])
def test_a_role_has_a_tick_for_each_page_however_many_there_are(
    width: int, open_browser: OpenBrowser
) -> None:
    page = open_browser(width=width)
    sign_in(page)
    page.goto("/admin/role/edit/1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    items = page.get_by_role("rowheader", name="Categories").bounding_box()
    assert items is not None
    assert items["height"] < 40  # one line: the names of pages leave the columns their room
    page.get_by_label(f"Pages: {NAMES[-1]}").check()
    assert press(page, "Save") == 303
    page.goto("/admin/role/details/1")
    expect(page.get_by_role("cell", name=NAMES[-1])).to_be_visible()


def test_on_a_phone_it_is_in_the_navigation(open_browser: OpenBrowser) -> None:
    phone = open_browser(width=390, height=844)
    sign_in(phone)
    button(phone, "Navigation").click()
    phone.get_by_role("navigation", name="Navigation").get_by_role("link", name="Low stock").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Low stock by category")
