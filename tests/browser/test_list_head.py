"""Above a list: the place of the search box, clearing it, and choosing an order on a phone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import button, expect_first, facet, loaded, names, row, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items


def search(page: Page) -> Locator:
    return page.get_by_role("search").locator("#search")


def clear(page: Page) -> Locator:
    return page.get_by_role("link", name="Clear the search")


def place(page: Page) -> tuple[float, float, float]:
    """Where the search box begins, and how wide it is."""
    box = search(page).bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"]


@pytest.mark.parametrize("width", [1440, 1280, 768, 390])
def test_the_search_box_has_one_place_on_every_list(
    site: Site, open_browser: OpenBrowser, width: int
) -> None:
    add_items(site.database, 120, ["Bolts", "Nuts", "Washers"])
    page = open_browser(width=width)
    sign_in(page)
    narrowed = ("list?search=zz", "list?price_from=5&category=1&search=item")
    places = []
    for address in ("list", *narrowed):
        page.goto(f"/admin/item/{address}")
        places.append(place(page))
    for list_of in ("category", "user", "role", "changeset"):
        page.goto(f"/admin/{list_of}/list")
        x, y, length = place(page)
        # On a phone the buttons are in the same line, and some lists have fewer.
        places.append((x, y, places[0][2] if width == 390 else length))
    assert set(places) == {places[0]}


def test_the_count_is_behind_the_search_box(items: Page) -> None:
    count = items.locator(".count").bounding_box()
    assert count is not None
    x, _y, width = place(items)
    assert count["x"] > x + width


def test_the_search_is_cleared_in_its_box_and_the_filters_stay(items: Page) -> None:
    expect(clear(items)).to_be_hidden()
    items.goto("/admin/item/list?search=0007&price_from=5&sort=-price")
    expect(names(items)).to_have_text(["Item 0007"])
    clear(items).click()
    expect(search(items)).to_have_value("")
    expect(search(items)).to_be_focused()
    expect_first(items, "Item 0119")
    expect(items).to_have_url(re.compile(r"list\?price_from=5&sort=-price$"))


def test_the_search_is_cleared_by_keyboard_also_before_it_was_sent(
    site: Site, open_browser: OpenBrowser, scripts: bool
) -> None:
    add_items(site.database, 3)
    page = open_browser(scripts=scripts)
    sign_in(page)
    page.goto("/admin/item/list")
    search(page).fill("zz 99")
    expect(clear(page)).to_be_visible()
    page.keyboard.press("Tab")
    expect(clear(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(search(page)).to_have_value("")
    expect(names(page)).to_have_count(3)


def test_the_breadcrumbs_do_not_repeat_the_heading(items: Page) -> None:
    expect(items.get_by_role("heading", level=1)).to_have_text("Items")
    expect(items.get_by_role("navigation", name="Breadcrumbs")).to_have_count(0)


def test_back_from_a_record_the_next_thing_typed_is_another_search(items: Page) -> None:
    search(items).fill("item 0007")
    items.keyboard.press("Enter")
    expect(names(items)).to_have_text(["Item 0007"])
    items.get_by_role("link", name="Item 0007").click()
    expect(items.get_by_role("heading", level=1)).to_contain_text("Item 0007")
    items.go_back()
    expect(row(items, "Item 0007")).to_be_visible()
    search(items).focus()
    items.keyboard.type("item 0009")
    items.keyboard.press("Enter")
    expect(names(items)).to_have_text(["Item 0009"])
    # A search is refined where it ends.
    loaded(items).keyboard.type(" 8")
    expect(search(items)).to_have_value("item 0009 8")


def test_on_a_phone_the_order_is_chosen_by_name(
    site: Site, open_browser: OpenBrowser, scripts: bool
) -> None:
    add_items(site.database, 120, ["Bolts", "Nuts", "Washers"])
    phone = open_browser(width=390, height=844, scripts=scripts)
    sign_in(phone)
    phone.goto("/admin/item/list?category=1&category=2")
    order = phone.get_by_label("Sort by")
    expect(order.locator("option:checked")).to_have_text("Name, A to Z")
    order.select_option("Price, highest first")
    phone.locator(".sort-by").get_by_role("button", name="Apply").click()
    expect_first(phone, "Item 0118", "Item 0117")
    expect(phone).to_have_url(re.compile(r"list\?sort=-price&category=1&category=2$"))
    expect(order.locator("option:checked")).to_have_text("Price, highest first")

    phone.goto("/admin/item/list?sort=category,-price")
    expect(order.locator("option:checked")).to_have_text(
        "Category, A to Z, then Price, highest first"
    )
    if scripts:
        order.select_option("Name, Z to A")
        order.press("Enter")
        expect_first(phone, "Item 0119")


def test_the_order_has_no_choice_where_there_are_headings(items: Page) -> None:
    expect(items.get_by_label("Sort by")).to_be_hidden()
    # It is a field of the form all the same: narrowing keeps the order.
    items.goto("/admin/item/list?sort=-price")
    facet(items, "Category").get_by_label("Bolts").check()
    expect_first(items, "Item 0117")
    expect(items).to_have_url(re.compile("sort=-price"))


def test_enter_on_a_choice_applies_it(items: Page) -> None:
    rows = items.get_by_label("Rows")
    rows.select_option("25")
    rows.press("Enter")
    expect(names(items)).to_have_count(25)
    expect(button(items, "Apply").last).to_be_hidden()
