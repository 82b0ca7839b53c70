"""A day among 17,569 real parts, in a real browser: the story that every release must pass."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.browser.acts import button, names, press, row, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site, served
from tests.cast import count
from tests.real_input.conftest import Stock
from tests.real_input.conftest import stock as stock  # a fixture, loaded once for this module


@pytest.fixture
def site(stock: Stock) -> Iterator[Site]:
    """The back office with the real parts in it."""
    with served(stock.app) as address:
        yield Site(address, stock.database)


def test_a_part_is_found_priced_anew_and_seen_and_a_category_goes_with_its_parts(
    site: Site, open_browser: OpenBrowser, scripts: bool
) -> None:
    part, group = ("LM358", "Diode Bridge") if scripts else ("LM324", "Display Character")
    page = open_browser(scripts=scripts)
    sign_in(page)
    page.get_by_role("navigation", name="Navigation").get_by_role("link", name="Items").click()
    expect(page.get_by_role("link", name="Next")).to_be_visible()

    page.get_by_label("Search items").fill(f"{part} amplifier")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=part, exact=True).click()
    page.get_by_label("Price").fill("1234.5")
    assert press(page, "Save") == 303
    expect(page.get_by_text(f"Item “{part}” was saved.")).to_be_visible()
    expect(page.get_by_label("Search items")).to_have_value(f"{part} amplifier")
    expect(row(page, part)).to_contain_text("1,234.50")

    before = count(site.database, Item)
    with unit_of_work(site.database) as session:
        belonging = sa.select(sa.func.count()).select_from(Item).join(Item.category)
        number = session.scalar(belonging.where(Category.name == group)) or 0
        price = session.scalar(sa.select(Item.price).where(Item.name == part))
    assert price == Decimal("1234.50")
    assert number > 1

    # There are too many categories for a plain list: search, then tick.
    page.goto("/admin/item/list")
    if scripts:
        page.get_by_role("combobox", name="Category").press_sequentially(group.lower())
        page.get_by_role("listbox", name="Category").get_by_text(group, exact=True).click()
    else:
        page.get_by_label("Find Category").fill(group.lower())
        button(page, "Find Category").click()
        page.get_by_role("group", name="Category").get_by_text(group, exact=True).click()
        button(page, "Apply").last.click()
    expect(page.get_by_text(f"{number:,} items", exact=True)).to_be_visible()

    page.goto("/admin/category/list")
    page.get_by_label("Search categories").fill(group)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=group, exact=True).click()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_text(f"{number:,} items").first).to_be_visible()
    assert count(site.database, Item) == before
    page.locator("#below-delete").check()
    if number > 10:
        page.locator("#confirm").fill(str(number))
    assert press(page, "Delete") == 303
    expect(page.get_by_text(f"Category “{group}” was deleted")).to_be_visible()
    assert count(site.database, Item) == before - number
    expect(names(page).get_by_text(group, exact=True)).to_have_count(0)
