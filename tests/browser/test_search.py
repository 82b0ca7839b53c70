"""The search box of a list: what it offers while one types, and the help beside it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import button, focused, names, sign_in
from tests.browser.chromium import Complaints
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items

CATEGORIES = ["Hex bolts", "Nuts", "Spring washers"]


@pytest.fixture
def items(site: Site, ada: Page) -> Page:
    """Ada before 120 items in three categories."""
    add_items(site.database, 120, CATEGORIES)
    ada.goto("/admin/item/list")
    return ada


def search(page: Page) -> Locator:
    return page.get_by_label("Search items")


def offered(page: Page) -> Locator:
    """What the list under the box offers, each without its hint."""
    return page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def type_in(page: Page, text: str) -> None:
    search(page).press_sequentially(text)


def test_a_field_and_its_value_are_completed_without_a_mouse(items: Page) -> None:
    type_in(items, "item cat")
    expect(offered(items)).to_have_text([re.compile("^category:")])
    items.keyboard.press("ArrowDown")
    items.keyboard.press("Enter")
    expect(search(items)).to_have_value("item category:")
    expect(offered(items)).to_have_text(CATEGORIES)
    type_in(items, "spr")
    expect(offered(items)).to_have_text(["Spring washers"])
    items.keyboard.press("ArrowDown")
    expect(search(items)).to_have_attribute("aria-activedescendant", re.compile("."))
    items.keyboard.press("Enter")
    expect(search(items)).to_have_value('item category:"Spring washers" ')
    expect(offered(items)).to_have_count(0)
    expect(items.locator(".count")).to_have_text("120 items")

    type_in(items, "price<10")
    items.keyboard.press("Enter")
    expect(names(items)).to_have_text(["Item 0002", "Item 0005", "Item 0008"])
    expect(search(items)).to_have_value('item category:"Spring washers" price<10')


def test_what_is_offered_is_taken_by_a_click_where_the_caret_stands(items: Page) -> None:
    type_in(items, "is: item")
    for _character in " item":
        items.keyboard.press("ArrowLeft")
    items.keyboard.press("Backspace")
    items.keyboard.type(":")
    expect(offered(items)).to_have_text(["low", "out"])
    offered(items).get_by_text("out").click()
    expect(search(items)).to_have_value("is:out item")
    expect(search(items)).to_be_focused()
    items.keyboard.press("Enter")
    expect(names(items)).to_have_text(["Item 0000"])


def test_plain_words_are_searched_for_by_enter(items: Page) -> None:
    type_in(items, "name")
    expect(offered(items).first).to_be_visible()
    items.keyboard.press("Enter")
    expect(items.get_by_role("heading", name="No items match")).to_be_visible()
    expect(items).to_have_url(re.compile(r"search=name$"))

    search(items).fill("")
    type_in(items, "item 0007")
    expect(offered(items)).to_have_count(0)
    items.keyboard.press("Enter")
    expect(names(items)).to_have_text(["Item 0007"])


def test_escape_closes_what_is_offered_and_keeps_what_was_typed(items: Page) -> None:
    type_in(items, "-pri")
    expect(offered(items)).to_have_text([re.compile("^price>")])
    items.keyboard.press("Escape")
    expect(offered(items)).to_have_count(0)
    expect(search(items)).to_have_value("-pri")
    expect(search(items)).to_be_focused()
    # Then the arrow leads to the rows again.
    items.keyboard.press("ArrowDown")
    expect(focused(items)).to_have_text("Item 0000")


def test_alt_and_the_arrow_offer_every_field(items: Page) -> None:
    expect(search(items)).to_be_focused()
    items.keyboard.press("Alt+ArrowDown")
    expect(offered(items).filter(has_text="quantity")).to_have_count(1)
    expect(offered(items).filter(has_text="is:")).to_have_count(1)
    items.goto("/admin/user/list")
    expect(items.get_by_label("Search users")).to_be_focused()
    items.keyboard.type("is:")
    expect(offered(items).filter(has_text="is:active")).to_have_count(1)
    items.keyboard.type("act")
    items.keyboard.press("ArrowDown")
    items.keyboard.press("Enter")
    expect(items.get_by_label("Search users")).to_have_value("is:active ")
    items.keyboard.press("Enter")
    expect(items.locator(".count")).to_have_text("1 user")


def test_the_help_tells_the_language_with_and_without_scripts(
    site: Site, open_browser: OpenBrowser, scripts: bool
) -> None:
    page = open_browser(scripts=scripts)
    sign_in(page)
    page.goto("/admin/item/list")
    button(page, "How to search").click()
    told = page.get_by_role("dialog", name="How to search")
    expect(told.get_by_text("price:10..20")).to_be_visible()
    expect(told.get_by_text("without this word")).to_be_visible()
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()


def test_suggestions_that_do_not_come_leave_the_search_as_it_is(
    items: Page, complaints: Complaints
) -> None:
    items.route("**/lookup/**", lambda route: route.abort())
    type_in(items, "category:nuts")
    expect(offered(items)).to_have_count(0)
    items.keyboard.press("Enter")
    expect(items.locator(".count")).to_have_text("40 items")
    assert all("ERR_FAILED" in heard for heard in complaints.heard)
    complaints.heard.clear()
