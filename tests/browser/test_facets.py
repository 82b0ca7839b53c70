"""Filtering a list: ticks, numbers, texts and dates at its side, and the chips of what is in use.

Choosing among many related records: test_lookups.py. Without a script: test_without_scripts.py.
"""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import button, expect_first, facet, focused, loaded, names, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items
from tests.freezing import until

FILTERS = re.compile("^Filters")


def chips(page: Page) -> Locator:
    return page.get_by_role("list", name="Active filters").get_by_role("link")


def counted(page: Page, text: str) -> None:
    expect(page.locator(".count")).to_have_text(text)
    loaded(page)


def test_a_tick_applies_at_once_and_says_how_many_the_others_would_leave(items: Page) -> None:
    category = facet(items, "Category")
    expect(category.locator("label")).to_have_text(["Bolts 40", "Nuts 40", "Washers 40"])
    facet(items, "Stock").get_by_label("Low").check()
    counted(items, "10 items")
    # Each choice keeps its place, whatever its count.
    expect(category.locator("label")).to_have_text(["Bolts 3", "Nuts 4", "Washers 3"])
    category.get_by_label("Nuts").check()
    counted(items, "4 items")
    category.get_by_label("Bolts").check()
    counted(items, "7 items")
    expect(items).to_have_url(re.compile(r"list\?is=low&category=\d&category=\d$"))
    expect(button(items, "Filters, 2 active")).to_be_visible()


def test_the_focus_stays_on_the_tick(items: Page) -> None:
    facet(items, "Category").get_by_label("Nuts").focus()
    items.keyboard.press("Space")
    counted(items, "40 items")
    expect(facet(items, "Category").get_by_label("Nuts")).to_be_focused()
    items.keyboard.press("Space")
    counted(items, "120 items")
    expect(facet(items, "Category").get_by_label("Nuts")).to_be_focused()
    items.keyboard.press("Escape")
    expect(items.get_by_label("Search items")).to_be_focused()


def test_a_chip_takes_away_what_it_names(items: Page) -> None:
    items.goto("/admin/item/list?category=1&category=2&price_from=10&price_to=20&search=item")
    expect(chips(items)).to_have_text(["Category: Bolts", "Category: Nuts", "Price: 10 to 20"])
    chips(items).get_by_text("Nuts").click()
    expect(chips(items)).to_have_text(["Category: Bolts", "Price: 10 to 20"])
    expect(items.get_by_label("Search items")).to_have_value("item")
    counted(items, "3 items")
    items.get_by_role("link", name="Clear filters").click()
    expect(chips(items)).to_have_count(0)
    expect(items.get_by_label("Search items")).to_have_value("item")
    counted(items, "120 items")


def test_the_search_is_in_its_box_and_no_chip(items: Page) -> None:
    items.get_by_label("Search items").fill("price>=110 item")
    items.keyboard.press("Enter")
    counted(items, "10 items")
    expect(chips(items)).to_have_count(0)
    expect(items.get_by_role("link", name="Clear filters")).to_have_count(0)


def test_numbers_apply_when_both_are_typed(items: Page) -> None:
    price = facet(items, "Price")
    expect(price).to_contain_text("0 to 119")
    price.get_by_label("Price from").fill("10")
    items.keyboard.press("Tab")
    expect(price.get_by_label("Price to")).to_be_focused()
    items.keyboard.type("12")
    counted(items, "120 items")
    items.keyboard.press("Tab")
    counted(items, "3 items")
    expect_first(items, "Item 0010", "Item 0011", "Item 0012")
    # On to what was next.
    expect(facet(items, "Quantity").get_by_label("Quantity from")).to_be_focused()

    price.get_by_label("Price to").fill("10")
    items.keyboard.press("Enter")
    counted(items, "1 item")
    expect(price.get_by_label("Price to")).to_be_focused()
    expect(items).to_have_url(re.compile(r"list\?price_from=10&price_to=10$"))


def test_a_number_and_a_tick_after_it_are_one_page(items: Page) -> None:
    facet(items, "Quantity").get_by_label("Quantity to").fill("5")
    facet(items, "Category").get_by_label("Bolts").click()
    counted(items, "2 items")
    expect(items).to_have_url(re.compile(r"category=1&quantity_to=5"))


def test_a_number_that_is_none_is_told_and_the_rest_counts(items: Page) -> None:
    facet(items, "Category").get_by_label("Bolts").check()
    counted(items, "40 items")
    facet(items, "Price").get_by_label("Price from").fill("cheap")
    items.keyboard.press("Enter")
    expect(items.get_by_role("alert")).to_contain_text("Price")
    counted(items, "40 items")


def test_a_text_is_compared_as_one_says(items: Page) -> None:
    name = facet(items, "Name")
    name.get_by_label("Name: how").select_option("ends with")
    name.get_by_label("Name", exact=True).fill("7")
    items.keyboard.press("Enter")
    counted(items, "12 items")
    expect(items).to_have_url(re.compile(r"list\?name_op=ends&name=7$"))
    button(items, "Clear Name").click()
    counted(items, "120 items")
    expect(items).to_have_url(re.compile(r"list\??$"))


def test_dates_have_names_and_take_the_place_of_dates_that_were_typed(items: Page) -> None:
    items.goto("/admin/changeset/list")
    button(items, FILTERS).click()  # so few changes come with their filters folded
    when = facet(items, "When")
    everything = items.locator(".count").inner_text()
    when.get_by_label("When to").fill("2001-01-01")
    items.keyboard.press("Enter")
    counted(items, "0 changes")
    expect(when.get_by_label("Any time")).to_be_checked()
    when.get_by_label("Today").click()
    counted(items, everything)
    expect(when.get_by_label("When to")).to_have_value("")
    expect(when.get_by_label("Today")).to_be_focused()
    # Arrow keys walk: what they choose waits.
    items.keyboard.press("ArrowDown")
    expect(focused(items)).to_be_checked()
    expect(button(items, "Apply").first).to_be_visible()
    items.keyboard.press("Enter")
    expect(chips(items)).to_have_count(1)
    expect(chips(items)).not_to_contain_text("Today")


def test_back_and_forward_lead_through_what_was_ticked(items: Page) -> None:
    category = facet(items, "Category")
    category.get_by_label("Bolts").check()
    counted(items, "40 items")
    category.get_by_label("Nuts").check()
    counted(items, "80 items")
    items.go_back()
    counted(items, "40 items")
    expect(category.get_by_label("Nuts")).not_to_be_checked()
    items.go_forward()
    counted(items, "80 items")
    expect(category.get_by_label("Nuts")).to_be_checked()


def test_folded_filters_stay_folded_and_a_key_brings_them_back(items: Page) -> None:
    before = names(items).first.bounding_box()
    button(items, FILTERS).click()
    expect(facet(items, "Category")).to_be_hidden()
    expect(button(items, FILTERS)).to_have_attribute("aria-expanded", "false")
    items.wait_for_load_state("networkidle")
    items.goto("/admin/item/list?category=1")
    counted(items, "40 items")
    expect(facet(items, "Category")).to_be_hidden()
    expect(chips(items)).to_have_text(["Category: Bolts"])

    items.get_by_label("Search items").press("Escape")
    items.keyboard.press("f")
    # They were not asked for what there is to tick; now they are.
    expect(facet(items, "Category").get_by_label("Washers 40")).to_be_visible()
    expect(focused(items)).to_have_attribute("form", "narrow")
    assert before is not None

    def is_back_in_its_place() -> bool:  # not while the rows are replaced
        after = names(items).first.bounding_box()
        return after is not None and after["x"] == before["x"]

    until(is_back_in_its_place)


def test_on_a_phone_the_filters_are_a_panel_and_wait_for_apply(
    site: Site, open_browser: OpenBrowser, scripts: bool
) -> None:
    add_items(site.database, 120, ["Bolts", "Nuts", "Washers"])
    phone = open_browser(width=390, height=844, scripts=scripts)
    sign_in(phone)
    phone.goto("/admin/item/list")
    expect(facet(phone, "Category")).to_be_hidden()
    button(phone, FILTERS).click()
    facet(phone, "Category").get_by_label("Bolts").check()
    facet(phone, "Category").get_by_label("Nuts").check()
    facet(phone, "Price").get_by_label("Price to").fill("5")
    facet(phone, "Quantity").get_by_label("Quantity from").fill("1")
    expect(facet(phone, "Category")).to_be_visible()
    phone.locator("#facets").get_by_role("button", name="Apply").click()
    counted(phone, "3 items")
    expect(facet(phone, "Category")).to_be_hidden()
    expect(chips(phone)).to_have_count(4)

    button(phone, FILTERS).click()
    phone.keyboard.press("Escape")
    expect(facet(phone, "Category")).to_be_hidden()


def test_without_scripts_everything_is_applied_by_the_button(
    site: Site, open_browser: OpenBrowser
) -> None:
    add_items(site.database, 120, ["Bolts", "Nuts", "Washers"])
    plain = open_browser(scripts=False)
    sign_in(plain)
    plain.goto("/admin/item/list?sort=-price")
    facet(plain, "Stock").get_by_label("Low").check()
    facet(plain, "Name").get_by_label("Name", exact=True).fill("item")
    facet(plain, "Price").get_by_label("Price from").fill("9")
    plain.locator("#facets").get_by_role("button", name="Apply").click()
    counted(plain, "2 items")
    expect_first(plain, "Item 0010", "Item 0009")
    chips(plain).get_by_text("from 9").click()
    counted(plain, "10 items")
