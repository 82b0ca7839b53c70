"""A record's page at a real browser: steps by keys, and tables of permissions."""

import re

from playwright.sync_api import expect

from tests.browser.acts import loaded, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.browser.test_screens import RULES, violations_on
from tests.cast import add_items


def test_records_are_stepped_through_by_keys_on_their_pages_and_in_their_forms(
    site: Site, open_browser: OpenBrowser
) -> None:
    add_items(site.database, 4)
    page = open_browser()
    sign_in(page)
    page.goto("/admin/item/details/2?next=/admin/item/list%3Fsort%3D-price")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).to_have_text("Item 0000")
    loaded(page).keyboard.press("k")
    expect(page.get_by_role("heading", level=1)).to_have_text("Item 0001")
    loaded(page).keyboard.press("e")
    expect(page).to_have_url(re.compile("/edit/2"))
    loaded(page).keyboard.press("Alt+k")
    expect(page).to_have_url(re.compile("/edit/3"))


def test_a_small_list_is_sorted_where_it_stands_and_has_no_faults(
    site: Site, open_browser: OpenBrowser
) -> None:
    add_items(site.database, 30)
    page = open_browser()
    sign_in(page)
    page.goto("/admin/category/details/1")
    assert violations_on(page, RULES["light"]) == []
    page.get_by_role("link", name="Price").click()
    page.get_by_role("link", name="Price").click()
    expect(page.locator("#related-items tbody tr").first).to_contain_text("Item 0029")
    page.get_by_role("link", name="Show all 30").click()
    expect(page).to_have_url(re.compile("category=1"))


def test_a_heading_ticks_its_row_or_its_column(site: Site, open_browser: OpenBrowser) -> None:
    page = open_browser()
    sign_in(page)
    page.goto("/admin/role/create")
    ticked = page.locator("table[data-matrix] input:checked")
    page.get_by_role("button", name="Items", exact=True).click()
    row = ticked.count()
    assert row == page.locator('input[value^="item:"]').count()
    page.get_by_role("button", name="List", exact=True).click()
    assert ticked.count() > row
    page.get_by_role("button", name="Items", exact=True).click()
    expect(page.locator('input[value^="item:"]:checked')).to_have_count(0)
    assert violations_on(page, RULES["light"]) == []
