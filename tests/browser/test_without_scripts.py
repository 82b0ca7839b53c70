"""A day's work in a browser that runs no scripts. Colours and lookups: in their own files."""

import pytest
from playwright.sync_api import Page, expect

from backoffice.models import Item
from tests.browser.acts import button, expect_first, facet, heading, press, row, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items, count


@pytest.fixture
def plain(site: Site, open_browser: OpenBrowser) -> Page:
    """Ada, signed in beside 60 items."""
    add_items(site.database, 60, ["Bolts", "Nuts", "Washers"])
    page = open_browser(scripts=False)
    sign_in(page)
    return page


def test_an_item_is_added_found_edited_and_deleted(site: Site, plain: Page) -> None:
    plain.get_by_role("navigation", name="Navigation").get_by_role("link", name="Items").click()
    plain.get_by_role("link", name="Add item").click()
    plain.get_by_label("Name").fill("Bolt M8")
    plain.get_by_label("Description").fill("Hexagon")
    plain.get_by_label("Category").select_option("Bolts")
    plain.get_by_label("Price").fill(" 0.35 ")
    plain.get_by_label("Quantity").fill("12")
    plain.get_by_label("Quantity").press("Enter")
    expect(plain.get_by_text("Item “Bolt M8” was added.")).to_be_visible()

    plain.get_by_label("Search items").fill("hexagon m8")
    plain.keyboard.press("Enter")
    expect(plain.get_by_text("1 item", exact=True)).to_be_visible()
    expect(row(plain, "Bolt M8")).to_contain_text("0.35")

    plain.get_by_role("link", name="Bolt M8").click()
    plain.get_by_label("Price").fill("0.40")
    assert press(plain, "Save") == 303
    expect(row(plain, "Bolt M8")).to_contain_text("0.40")

    plain.get_by_role("link", name="Bolt M8").click()
    plain.get_by_role("link", name="Delete").click()
    assert press(plain, "Delete") == 303
    expect(plain.get_by_text("Item “Bolt M8” was deleted.")).to_be_visible()
    assert count(site.database, Item) == 60


def test_a_list_is_narrowed_sorted_paged_and_ticked(site: Site, plain: Page) -> None:
    plain.goto("/admin/item/list")
    heading(plain, "Price").click()
    expect_first(plain, "Item 0000")
    heading(plain, "Price").click()
    expect_first(plain, "Item 0059")
    plain.get_by_label("Rows").select_option("25")
    button(plain, "Apply").last.click()
    plain.get_by_role("link", name="Next").click()
    expect_first(plain, "Item 0034")

    facet(plain, "Category").get_by_label("Nuts").check()
    button(plain, "Apply").first.click()
    expect(plain.get_by_text("20 items", exact=True)).to_be_visible()
    expect_first(plain, "Item 0058")

    expect(button(plain, "Delete selected")).to_be_hidden()
    plain.get_by_label("Select Item 0058").check()
    plain.get_by_label("Select Item 0052").check()
    button(plain, "Delete selected").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Delete 2 items?")
    assert press(plain, "Delete") == 303
    assert count(site.database, Item) == 58


def test_the_navigation_opens_and_closes_on_a_phone(open_browser: OpenBrowser) -> None:
    phone = open_browser(scripts=False, width=390, height=844)
    sign_in(phone)
    navigation = phone.get_by_role("navigation", name="Navigation")
    expect(navigation).to_be_hidden()
    button(phone, "Navigation").click()
    expect(navigation).to_be_visible()
    button(phone, "Close").click()
    expect(navigation).to_be_hidden()
