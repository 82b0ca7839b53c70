"""The table of a list: its columns' widths, the record beside it, what is copied, the cards."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.browser.acts import button, focused, names, press, row, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items

LIST = "/admin/item/list"
BOLT = "Hexagon head bolt with partial thread of stainless steel, strength class 70, DIN 931 "
NUMBER = "Item 0007"


@pytest.fixture
def bolts(site: Site) -> Site:
    """Forty items with long names that differ only at their ends, and long descriptions."""
    with unit_of_work(site.database, writes=True) as session:
        category = Category(name="Bolts and screws of steel")
        session.add(category)
        session.add_all(
            Item(
                name=f"{BOLT}M{size}",
                description="Of stainless steel, " * 20,
                price="12.50",
                quantity=size,
                category=category,
            )
            for size in range(1, 41)
        )
    return site


def width(found: Locator) -> float:
    box = found.bounding_box()
    return box["width"] if box else 0.0


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("columnheader", name=re.compile(f"^{name}"))


def first_row(page: Page) -> None:
    """The focus is on the first row."""
    page.wait_for_load_state()
    expect(page.get_by_label("Search items")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(focused(page)).to_have_text(re.compile("Item"))


# Widths ---------------------------------------------------------------------------------


def test_a_wider_window_shows_no_less_of_the_name(bolts: Site, ada: Page) -> None:
    shown: dict[int, float] = {}
    for window in (700, 768, 820, 899, 900, 960, 1024, 1100, 1199, 1200, 1280, 1366, 1440, 1920):
        ada.set_viewport_size({"width": window, "height": 700})
        ada.goto(LIST)
        shown[window] = width(names(ada).first)
        assert ada.evaluate("document.documentElement.scrollWidth") <= window
    widths = list(shown.values())
    assert widths == sorted(widths), shown
    assert widths[0] >= 200


def test_short_columns_take_what_they_need_and_a_description_gives_way_first(
    bolts: Site, ada: Page
) -> None:
    ada.goto(LIST)
    price, description = column(ada, "Price"), column(ada, "Description")
    needed = width(price)
    assert needed < 130
    expect(description).to_be_hidden()
    ada.set_viewport_size({"width": 1920, "height": 700})
    expect(description).to_be_visible()
    assert width(price) == needed
    cut = ada.locator("tbody .cell-money, tbody .cell-number").evaluate_all(
        "cells => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length"
    )
    assert cut == 0


def test_a_list_of_many_columns_scrolls_by_itself_with_its_headings_in_view(
    bolts: Site, ada: Page
) -> None:
    ada.set_viewport_size({"width": 720, "height": 500})
    ada.goto(
        "/admin/user/list?columns=email,id,first_name,last_name,is_active,is_superuser,created_at"
    )
    assert ada.evaluate("document.documentElement.scrollWidth") == 720
    assert width(column(ada, "E-mail")) >= 220
    space = ada.locator("[data-list]")
    assert space.evaluate("space => space.scrollWidth > space.clientWidth")
    space.evaluate("space => space.scrollTo(500, 0)")
    expect(column(ada, "Created")).to_be_in_viewport(ratio=1)
    expect(ada.locator("tbody .cell-moment")).to_be_in_viewport(ratio=1)


def test_of_names_that_differ_at_their_ends_the_ends_are_in_view(bolts: Site, ada: Page) -> None:
    ada.goto(LIST)
    link = names(ada).first.get_by_role("link")
    expect(link).to_have_text(re.compile(f"^{re.escape(BOLT)}M"))
    expect(names(ada).first).to_have_attribute("title", re.compile(f"^{re.escape(BOLT)}M"))
    start, end = link.locator(".parts > span").all()
    assert start.evaluate("start => start.scrollWidth > start.clientWidth")
    name, last = names(ada).first.bounding_box(), end.bounding_box()
    assert name is not None
    assert last is not None
    assert last["x"] + last["width"] <= name["x"] + name["width"]


def test_a_column_is_resized_by_its_edge_and_stays_so_until_it_is_reset(items: Page) -> None:
    price = column(items, "Price")
    own = width(price)
    edge = items.get_by_role("separator", name="Width of Price (EUR)").bounding_box()
    assert edge is not None
    middle = edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2
    items.mouse.move(*middle)
    items.mouse.down()
    items.mouse.move(middle[0] - 30, middle[1])
    items.mouse.move(middle[0] - 64, middle[1])
    with items.expect_response("**/arrange") as answered:
        items.mouse.up()
    assert answered.value.status == 204
    assert width(price) == own + 64
    expect(price).not_to_have_attribute("aria-sort", re.compile("."))

    items.goto(LIST)
    assert width(price) == own + 64, "printed by the server"
    button(items, "Columns").click()
    button(items, "Reset widths").click()
    expect(items.get_by_text("Column widths reset.")).to_be_visible()
    assert width(price) == own
    button(items, "Columns").click()
    expect(button(items, "Reset widths")).to_be_hidden()


def test_a_column_is_resized_by_keys_and_a_double_click_puts_it_back(items: Page) -> None:
    quantity = column(items, "Quantity")
    own = width(quantity)
    edge = items.get_by_role("separator", name="Width of Quantity")
    before = int(edge.get_attribute("aria-valuenow") or "")
    edge.focus()
    for _press in range(3):
        items.keyboard.press("ArrowLeft")
    expect(edge).to_have_attribute("aria-valuenow", str(before + 3))
    assert width(quantity) == own + 24
    items.keyboard.press("ArrowRight")
    with items.expect_response("**/arrange"):
        items.keyboard.press("ArrowDown")
    assert width(quantity) == own + 8
    items.goto(LIST)
    assert width(quantity) == own + 8
    with items.expect_event("load"):
        edge.dblclick()
    assert width(quantity) == own


# The record beside the list -------------------------------------------------------------


def test_space_shows_the_record_of_a_row_and_it_follows_the_focus(items: Page) -> None:
    peek = items.get_by_role("complementary", name="Preview")
    first_row(items)
    items.keyboard.press("Space")
    expect(peek.get_by_role("heading")).to_have_text("Item 0000")
    expect(peek.get_by_text("Description of item 0")).to_be_visible()
    expect(focused(items)).to_have_text("Item 0000")
    items.keyboard.press("j")
    expect(peek.get_by_role("heading")).to_have_text("Item 0001")
    items.keyboard.press("ArrowDown")
    expect(peek.get_by_role("heading")).to_have_text("Item 0002")

    peek.get_by_role("link", name="Edit").focus()
    items.keyboard.press("Escape")
    expect(peek).to_have_count(0)
    expect(focused(items)).to_have_text("Item 0002")
    items.keyboard.press("Space")
    expect(peek).to_be_visible()
    items.keyboard.press("Space")
    expect(peek).to_have_count(0)
    expect(items).to_have_url(re.compile(f"{LIST}$"))


def test_a_button_on_the_row_under_the_mouse_shows_its_record_too(items: Page) -> None:
    row(items, NUMBER).hover()
    button(items, "Preview").click()
    peek = items.get_by_role("complementary", name="Preview")
    expect(peek.get_by_role("heading")).to_have_text(NUMBER)
    button(items, "Close").last.click()
    expect(peek).to_have_count(0)
    expect(focused(items)).to_have_text(NUMBER)


def test_without_scripts_there_is_no_button_for_what_only_a_script_does(
    site: Site, open_browser: OpenBrowser
) -> None:
    add_items(site.database, 1)
    page = open_browser(scripts=False)
    sign_in(page)
    page.goto(LIST)
    row(page, "Item 0000").hover()
    expect(page.get_by_role("button", name="Preview")).to_have_count(0)
    expect(page.get_by_role("separator")).to_have_count(0)


# Keys -----------------------------------------------------------------------------------


def test_the_key_for_the_next_page_pressed_twice_is_two_pages_on(items: Page) -> None:
    first_row(items)
    # In one go: the second comes before the next page does.
    items.evaluate(
        """() => ["l", "l"].forEach((key) => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""
    )
    expect(row(items, "Item 0100")).to_be_visible()
    first_row(items)
    items.keyboard.press("h")
    expect(row(items, "Item 0050")).to_be_visible()
    expect(row(items, "Item 0000")).to_have_count(0)


def test_delete_on_ticked_rows_leads_to_the_page_that_asks(items: Page) -> None:
    first_row(items)
    items.keyboard.press("Delete")
    expect(items).to_have_url(re.compile(f"{LIST}$"))
    items.keyboard.press("x")
    items.keyboard.press("j")
    items.keyboard.press("x")
    items.keyboard.press("Delete")
    expect(items.get_by_role("heading", level=1)).to_have_text("Delete 2 items?")


def test_after_a_record_is_saved_its_row_has_the_focus_and_a_mark(items: Page) -> None:
    items.goto(f"{LIST}?search=item")
    row(items, "Item 0044").get_by_role("link").first.click()
    items.get_by_label("Price").fill("5")
    assert press(items, "Save") == 303
    expect(focused(items)).to_have_text("Item 0044")
    expect(focused(items)).to_be_in_viewport(ratio=1)
    expect(row(items, "Item 0044")).to_have_class("saved")
    items.keyboard.press("Escape")
    expect(items.get_by_label("Search items")).to_be_focused()
    items.keyboard.type("0007")
    expect(items.get_by_label("Search items")).to_have_value("0007")


def test_rows_are_walked_without_gliding(items: Page) -> None:
    assert items.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


# Copying --------------------------------------------------------------------------------


def copied(page: Page) -> str:
    """What is copied of what is selected."""
    text: str = page.evaluate(
        """() => {
            const data = new DataTransfer();
            const copying = { clipboardData: data, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new ClipboardEvent("copy", copying));
            return data.getData("text/plain");
        }"""
    )
    return text


def test_copied_rows_are_values_between_tabs(bolts: Site, ada: Page) -> None:
    ada.goto(LIST)
    ada.evaluate(
        """() => {
            const rows = document.querySelectorAll("tbody tr");
            getSelection().setBaseAndExtent(rows[0], 0, rows[1], rows[1].children.length);
        }"""
    )
    first, second = copied(ada).split("\n")
    name, category, price, quantity, description = first.split("\t")
    assert name == f"{BOLT}M1"
    assert category == "Bolts and screws of steel"
    assert price == "12.50"
    assert quantity == "low 1"
    assert description.startswith("Of stainless steel")
    assert second.startswith(f"{BOLT}M1")

    ada.evaluate("getSelection().selectAllChildren(document.querySelector('tbody .cell-name'))")
    assert copied(ada) == f"{BOLT}M1"


# Cards ----------------------------------------------------------------------------------


def test_a_telephone_shows_eight_records_and_more_on_two_lines_each(
    site: Site, open_browser: OpenBrowser
) -> None:
    add_items(site.database, 30, ["Bolts", "Nuts"])
    phone = open_browser(width=390, height=844)
    sign_in(phone)
    phone.goto(LIST)
    shown = phone.locator("tbody tr").evaluate_all(
        "rows => rows.filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"
    )
    assert shown >= 8  # of lines for each field, there were three
    card = phone.locator("tbody tr").first
    name, price = card.locator(".cell-name"), card.locator(".cell-main")
    category, quantity = card.locator(".cell-relation"), card.locator(".cell-number")
    tops = [box["y"] for cell in (name, price, category, quantity) if (box := cell.bounding_box())]
    assert abs(tops[0] - tops[1]) < 4
    assert abs(tops[2] - tops[3]) < 4
    assert tops[2] > tops[0] + 10
    assert width(card) <= 390
