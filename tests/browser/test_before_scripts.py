"""Acting on a page before its scripts have loaded: what was typed or chosen counts."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.acts import button, facet, focused, loaded, names, press, row

LATER = re.compile(r"/static/(?!.*fold\.).*\.js$")
"""Every script but the one that runs before the first paint, without which no page is shown."""


class Early:
    """A browser that has its pages before their scripts, which come when ``scripts_come``."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._held: list[Route] | None = None
        page.route(LATER, self._request)

    def _request(self, route: Route) -> None:
        if self._held is None:
            route.continue_()
        else:
            self._held.append(route)

    def hold(self) -> None:
        """From the next page on, scripts are on their way."""
        self._held = []

    def open(self, address: str) -> None:
        self.hold()
        with self.page.expect_request(LATER):
            self.page.goto(address, wait_until="commit")

    def scripts_come(self) -> None:
        """Let the scripts through, also those that they load, and wait until all have run."""
        while not self._held:
            self.page.wait_for_timeout(10)  # playwright hears of them only while it waits
        held, self._held = self._held, None
        for route in held:
            route.continue_()
        loaded(self.page)


@pytest.fixture
def early(items: Page) -> Early:
    return Early(items)


def test_a_search_that_is_being_typed_goes_on(early: Early) -> None:
    page = early.page
    early.open("/admin/item/list?sort=-price")
    expect(page.get_by_label("Search items")).to_be_focused()
    page.keyboard.type("item 00")
    early.scripts_come()
    page.keyboard.type("09")
    expect(page.get_by_label("Search items")).to_have_value("item 0009")
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(["Item 0009"])


def test_a_search_that_is_typed_after_a_save_keeps_the_focus(early: Early) -> None:
    page = early.page
    row(page, "Item 0003").get_by_role("link", name="Item 0003").click()
    page.get_by_label("Quantity").fill("77")
    early.hold()
    button(loaded(page), "Save").click()
    expect(page.get_by_text("Item “Item 0003” was saved.")).to_be_visible()
    page.get_by_label("Search items").focus()
    page.keyboard.type("item 00")
    early.scripts_come()
    page.keyboard.type("09")
    expect(page.get_by_label("Search items")).to_have_value("item 0009")


def test_a_tick_waits_for_apply(early: Early) -> None:
    page = early.page
    early.open("/admin/item/list")
    facet(page, "Category").get_by_label("Nuts").check()
    early.scripts_come()
    expect(page.locator(".count")).to_have_text("120 items")
    expect(facet(page, "Category").get_by_label("Nuts")).to_be_checked()
    button(page, "Apply").first.click()
    expect(page.locator(".count")).to_have_text("40 items")
    # What the list shows waits for nothing.
    expect(button(page, "Apply").first).to_be_hidden()


def test_the_place_that_items_move_to_chooses_to_move_them(early: Early) -> None:
    page = early.page
    early.open("/admin/category/delete?pks=2")
    page.locator("#below-to").select_option("Bolts")
    early.scripts_come()
    expect(page.get_by_role("radio", name="Move")).to_be_checked()
    assert press(page, "Delete") == 303
    expect(page.get_by_text("40 items moved to “Bolts”")).to_be_visible()


def test_a_number_that_confirms_chooses_to_delete_them(early: Early) -> None:
    page = early.page
    early.open("/admin/category/delete?pks=2")
    page.locator("#confirm").fill("40")
    early.scripts_come()
    expect(page.locator("#below-delete")).to_be_checked()
    expect(button(page, "Delete")).to_be_enabled()


def test_a_page_that_nobody_touched_is_as_ever(early: Early) -> None:
    page = early.page
    early.open("/admin/category/delete?pks=2")
    early.scripts_come()
    expect(button(page, "Delete")).to_be_disabled()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(focused(page)).to_have_text("Cancel")
