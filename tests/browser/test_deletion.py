"""Deleting asks first and says all that happens."""

import re

import pytest
from playwright.sync_api import Page, expect

from backoffice.models import Category, Item
from tests.browser.acts import button, focused, names, press, row, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items, count


@pytest.fixture
def page(site: Site, open_browser: OpenBrowser, scripts: bool) -> Page:
    """Ada's browser, beside 90 items in three categories; with scripts and without."""
    add_items(site.database, 90, ["Bolts", "Nuts", "Washers"])
    page = open_browser(scripts=scripts)
    sign_in(page)
    return page


def test_a_category_goes_with_its_items_after_a_page_that_says_so(
    site: Site, page: Page, scripts: bool
) -> None:
    page.goto("/admin/category/list")
    page.get_by_role("link", name="Nuts").click()
    page.get_by_role("link", name="Delete").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Delete “Nuts”?")
    expect(page.get_by_text("It contains 30 items")).to_be_visible()
    expect(page.get_by_role("link", name="Item 0001")).to_be_visible()
    expect(page.get_by_text("more", exact=False).last).to_be_visible()
    expect(focused(page)).to_have_text("Cancel")
    page.reload()
    assert (count(site.database, Category), count(site.database, Item)) == (3, 90)

    # Whether the items are deleted too is said, and for so many their number is typed.
    if scripts:
        expect(button(page, "Delete")).to_be_disabled()
    else:
        assert press(page, "Delete") == 422
        expect(page).to_have_title(re.compile("^Error: "))
        expect(page.locator("#below-move")).to_be_focused()
    page.locator("#below-delete").check()
    if scripts:
        expect(button(page, "Delete")).to_be_disabled()
    page.locator("#confirm").fill("30")
    assert press(page, "Delete") == 303
    expect(page.get_by_text("Category “Nuts” was deleted, and 30 items with it.")).to_be_visible()
    expect(names(page)).to_have_text(["Bolts", "Washers"])
    assert (count(site.database, Category), count(site.database, Item)) == (2, 60)


def test_the_items_of_a_category_may_be_moved_instead(site: Site, page: Page) -> None:
    page.goto("/admin/category/list")
    page.get_by_role("link", name="Nuts").click()
    page.get_by_role("link", name="Delete").click()
    # Where they go says that they are moved, with a script and without.
    page.locator("#below-to").select_option("Bolts")
    assert press(page, "Delete") == 303
    expect(page.get_by_text("30 items moved to “Bolts”")).to_be_visible()
    assert (count(site.database, Category), count(site.database, Item)) == (2, 90)


def test_cancel_leads_back_and_nothing_is_deleted(site: Site, page: Page) -> None:
    page.goto("/admin/item/list?search=0007")
    row(page, "Item 0007").get_by_role("link", name="Item 0007").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Item 0007")
    assert count(site.database, Item) == 90
