"""Choosing among more categories than a plain list could show: search, then choose or tick."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import button, facet, names, press, row, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items

DRAWERS = [f"Drawer {cabinet}{number:02}" for cabinet in "ABCDEFGH" for number in range(30)]


@pytest.fixture
def drawers(site: Site) -> None:
    """240 items, each in a category of its own: number 5 in Drawer A05, number 35 in B05."""
    add_items(site.database, len(DRAWERS), DRAWERS)


@pytest.fixture
def keeper(drawers: None, ada: Page) -> Page:
    """Ada, signed in beside 240 categories."""
    return ada


@pytest.fixture
def plain(drawers: None, open_browser: OpenBrowser) -> Page:
    """The same in a browser without scripts."""
    page = open_browser(scripts=False)
    sign_in(page)
    return page


def category(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Category")


def choices(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Category")


def options(page: Page) -> Locator:
    return choices(page).get_by_role("option")


def test_a_list_is_narrowed_to_categories_that_were_searched(keeper: Page) -> None:
    keeper.goto("/admin/item/list?sort=-price")
    category(keeper).click()
    expect(options(keeper)).to_have_count(20)
    category(keeper).press_sequentially("drawer e2")
    expect(options(keeper)).to_have_text([f"Drawer E2{digit}" for digit in range(10)])
    choices(keeper).get_by_text("Drawer E27").click()

    expect(keeper.get_by_text("1 item", exact=True)).to_be_visible()
    expect(names(keeper)).to_have_text(["Item 0147"])
    tick = facet(keeper, "Category").get_by_label("Drawer E27")
    expect(tick).to_be_checked()
    expect(tick).to_be_focused()
    expect(keeper).to_have_url(re.compile(r"\?sort=-price&category=\d+$"))

    category(keeper).press_sequentially("drawer e28")
    expect(options(keeper)).to_have_count(1)
    keeper.keyboard.press("ArrowDown")
    keeper.keyboard.press("Enter")
    expect(names(keeper)).to_have_text(["Item 0148", "Item 0147"])

    facet(keeper, "Category").get_by_role("button", name="Clear Category").click()
    expect(keeper.get_by_text("240 items", exact=True)).to_be_visible()


def test_a_list_is_narrowed_to_a_category_without_a_mouse(keeper: Page) -> None:
    keeper.goto("/admin/item/list")
    category(keeper).focus()
    keeper.keyboard.press("ArrowDown")
    expect(category(keeper)).to_have_attribute("aria-activedescendant", re.compile("."))
    keeper.keyboard.press("ArrowDown")
    expect(choices(keeper).locator(".active")).to_have_text("Drawer A01")
    keeper.keyboard.press("Escape")
    expect(choices(keeper)).to_be_hidden()
    keeper.keyboard.type("h29")
    expect(options(keeper)).to_have_text(["Drawer H29"])
    # Half a name is none: Enter alone waits for a choice.
    keeper.keyboard.press("Enter")
    expect(keeper.get_by_text("240 items", exact=True)).to_be_visible()
    keeper.keyboard.press("ArrowDown")
    keeper.keyboard.press("Enter")
    expect(keeper.get_by_text("1 item", exact=True)).to_be_visible()
    expect(names(keeper)).to_have_text(["Item 0239"])


def test_without_scripts_a_list_is_narrowed_in_two_steps(plain: Page) -> None:
    plain.goto("/admin/item/list?search=item")
    plain.get_by_role("textbox", name="Find Category").fill("drawer e2")
    button(plain, "Find Category").click()
    expect(plain.get_by_text("10 categories found.")).to_be_visible()
    expect(plain.get_by_label("Search items")).to_have_value("item")

    facet(plain, "Category").get_by_label("Drawer E27").check()
    facet(plain, "Category").get_by_label("Drawer E21").check()
    button(plain, "Apply").first.click()
    expect(plain.get_by_text("2 items", exact=True)).to_be_visible()
    expect(names(plain)).to_have_text(["Item 0141", "Item 0147"])


def test_a_form_takes_a_category_that_was_searched(keeper: Page) -> None:
    keeper.goto("/admin/item/list?search=0005")
    row(keeper, "Item 0005").get_by_role("link", name="Item 0005").click()
    expect(category(keeper)).to_have_value("Drawer A05")
    category(keeper).fill("drawer f1")
    expect(options(keeper)).to_have_count(10)
    keeper.keyboard.press("ArrowDown")
    keeper.keyboard.press("Enter")
    expect(category(keeper)).to_have_value("Drawer F10")

    assert press(keeper, "Save") == 303
    expect(row(keeper, "Item 0005")).to_contain_text("Drawer F10")


def test_text_that_is_no_category_is_not_taken_for_one(keeper: Page) -> None:
    keeper.goto("/admin/item/list?search=0005")
    row(keeper, "Item 0005").get_by_role("link", name="Item 0005").click()
    expect(category(keeper)).to_have_value("Drawer A05")
    category(keeper).fill("some drawer")
    expect(keeper.get_by_text("Nothing found.")).to_be_visible()
    keeper.keyboard.press("Tab")
    expect(keeper.get_by_text("“some drawer” is not one of the choices.")).to_be_visible()

    assert press(keeper, "Save") == 422
    expect(category(keeper)).to_be_focused()
    expect(category(keeper)).to_have_accessible_description(re.compile("required", re.IGNORECASE))

    category(keeper).fill("DRAWER A07")
    expect(options(keeper)).to_have_text(["Drawer A07"])
    keeper.keyboard.press("Tab")
    expect(category(keeper)).to_have_value("Drawer A07")
    assert press(keeper, "Save") == 303
    expect(row(keeper, "Item 0005")).to_contain_text("Drawer A07")


def test_without_scripts_a_form_searches_and_keeps_what_is_typed(plain: Page) -> None:
    plain.goto("/admin/item/create")
    plain.get_by_label("Name").fill("Shelf pin")
    plain.get_by_label("Price").fill("not a price yet")
    plain.get_by_role("textbox", name="Find Category").fill("drawer g2")
    assert press(plain, "Find Category") == 200
    expect(plain.get_by_text("10 categories found.")).to_be_visible()
    expect(plain.get_by_label("Name")).to_have_value("Shelf pin")
    expect(plain.get_by_label("Price")).to_have_value("not a price yet")

    plain.get_by_label("Category", exact=True).select_option("Drawer G22")
    plain.get_by_label("Description").fill("5 mm, nickel")
    plain.get_by_label("Price").fill("0.12")
    plain.get_by_label("Quantity").fill("400")
    plain.get_by_label("Quantity").press("Enter")
    expect(plain.get_by_text("Item “Shelf pin” was added.")).to_be_visible()

    plain.goto("/admin/item/list?search=shelf")
    expect(row(plain, "Shelf pin")).to_contain_text("Drawer G22")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844), (390, 560)])
def test_suggestions_stay_on_the_screen_and_scroll_inside(
    drawers: None, open_browser: OpenBrowser, width: int, height: int
) -> None:
    page = open_browser(width=width, height=height)
    sign_in(page)
    page.goto("/admin/item/list")
    if width < 1200:
        button(page, "Filters").click()
    box = category(page)
    box.click()
    expect(options(page)).to_have_count(20)
    lies = choices(page).bounding_box()
    beside = box.bounding_box()
    assert lies is not None
    assert beside is not None
    assert lies["x"] >= 0
    assert lies["x"] + lies["width"] <= width
    assert lies["y"] >= 0
    assert lies["y"] + lies["height"] <= height
    assert lies["y"] >= beside["y"] + beside["height"] or lies["y"] + lies["height"] <= beside["y"]
    # The last one is reached by scrolling the list, not the page.
    page.keyboard.press("ArrowUp")
    expect(options(page).last).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0

    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_label("Search items").fill("cat")
    offered = page.get_by_role("listbox", name="Suggestions")
    expect(offered).to_be_in_viewport(ratio=1)
