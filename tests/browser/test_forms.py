"""Adding and editing: what is typed is never lost, and the keyboard is enough."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import button, fill_in_sign_in, press, row, sign_in
from tests.browser.chromium import Answering
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items

BOLT = {
    "Name": "Bolt M8",
    "Description": "Hexagon\nzinc plated",
    "Price": "0.35",
    "Quantity": "120",
}


@pytest.fixture
def stocked(site: Site) -> None:
    """Twelve items in three categories."""
    add_items(site.database, 12, ["Bolts", "Nuts", "Washers"])


@pytest.fixture
def editor(stocked: None, ada: Page) -> Page:
    """Ada, with Item 0003 open to edit."""
    ada.goto("/admin/item/list?search=0003")
    ada.get_by_role("link", name="Item 0003").click()
    expect(ada.get_by_label("Name")).to_be_focused()
    ada.wait_for_load_state()
    return ada


def fill(page: Page, values: dict[str, str]) -> None:
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)


def test_what_is_wrong_is_told_at_its_field_and_all_that_was_typed_stays(
    stocked: None, open_browser: OpenBrowser, scripts: bool
) -> None:
    page = open_browser(scripts=scripts)
    sign_in(page)
    page.goto("/admin/item/create")
    wrong = BOLT | {"Price": "cheap", "Quantity": "a few"}
    fill(page, wrong)
    page.get_by_label("Category").select_option("Washers")

    assert press(page, "Save") == 422

    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved. Check these 2 fields")
    for label, value in wrong.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(value)
    expect(page.get_by_label("Category").locator("option:checked")).to_have_text("Washers")
    price = page.get_by_label("Price")
    expect(price).to_be_focused()
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(price).to_have_accessible_description(re.compile(r"number|price|like", re.IGNORECASE))
    expect(page.get_by_label("Name")).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("alert").get_by_role("link", name="Quantity").click()
    expect(page.get_by_label("Quantity")).to_be_focused()

    fill(page, {"Price": "0.35", "Quantity": "3"})
    assert press(page, "Save") == 303
    expect(page.get_by_text("Item “Bolt M8” was added.")).to_be_visible()
    expect(row(page, "Bolt M8")).to_contain_text("0.35")
    expect(row(page, "Bolt M8")).to_contain_text("low")


def test_what_was_saved_is_put_into_a_live_region_after_the_page_has_loaded(
    stocked: None, ada: Page
) -> None:
    # What a screen reader finds there when the page arrives, and what comes later.
    ada.add_init_script("""
      addEventListener("DOMContentLoaded", () => {
        window.empty = [...document.querySelectorAll(".notices[role=status] .notice")]
          .filter((notice) => !notice.inert).length === 0;
      });
    """)
    ada.goto("/admin/category/create")
    ada.get_by_label("Name").fill("Screws")
    assert press(ada, "Save") == 303
    expect(ada.locator(".notices")).to_have_role("status")
    expect(ada.locator(".notices .notice:not([inert])")).to_contain_text("“Screws” was added.")
    assert ada.evaluate("window.empty") is True


def test_enter_in_a_list_of_choices_saves(editor: Page) -> None:
    category = editor.get_by_label("Category")
    category.select_option("Washers")
    category.focus()
    with editor.expect_navigation():
        editor.keyboard.press("Enter")
    expect(editor.get_by_text("Item “Item 0003” was saved.")).to_be_visible()
    expect(row(editor, "Item 0003")).to_contain_text("Washers")


def test_a_name_that_is_taken_is_told_at_the_name(stocked: None, ada: Page) -> None:
    ada.goto("/admin/category/create")
    ada.get_by_label("Name").fill("  Nuts ")
    assert press(ada, "Save") == 422
    expect(ada.get_by_label("Name")).to_be_focused()
    expect(ada.get_by_label("Name")).to_have_accessible_description(re.compile("already exists"))


def test_saved_items_are_added_one_after_another_in_the_same_category(
    stocked: None, ada: Page
) -> None:
    ada.goto("/admin/item/create")
    expect(ada.get_by_label("Name")).to_be_focused()
    fill(ada, BOLT)
    ada.get_by_label("Category").select_option("Nuts")
    button(ada, "Save and add another").click()

    expect(ada.get_by_text("Item “Bolt M8” was added.")).to_be_visible()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Add item")
    expect(ada.get_by_label("Name")).to_have_value("")
    expect(ada.get_by_label("Name")).to_be_focused()
    expect(ada.get_by_label("Category").locator("option:checked")).to_have_text("Nuts")

    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text("was deleted. Redo")).to_be_visible()


def test_an_item_is_saved_and_stays_open(editor: Page) -> None:
    editor.get_by_label("Price").fill("12.5")
    button(editor, "Save and stay").click()
    expect(editor.get_by_text("Item “Item 0003” was saved.")).to_be_visible()
    expect(editor.get_by_label("Price")).to_have_value("12.50")

    # It may be saved again: the form carries the version that the first save made.
    editor.get_by_label("Price").fill("13")
    assert press(editor, "Save") == 303
    expect(editor.get_by_label("Search items")).to_have_value("0003")
    expect(row(editor, "Item 0003")).to_contain_text("13.00")


@pytest.mark.parametrize("keys", ["Control+s", "Control+Enter", "Enter"])
def test_a_key_saves(editor: Page, keys: str) -> None:
    editor.get_by_label("Quantity").fill("77")
    editor.keyboard.press(keys)
    expect(editor.get_by_text("Item “Item 0003” was saved.")).to_be_visible()
    expect(row(editor, "Item 0003")).to_contain_text("77")


def test_enter_in_a_description_is_a_new_line_and_control_enter_saves(editor: Page) -> None:
    description = editor.get_by_label("Description")
    description.fill("First")
    description.press("Enter")
    editor.keyboard.type("Second")
    expect(description).to_have_value("First\nSecond")
    editor.keyboard.press("Control+Enter")
    expect(row(editor, "Item 0003")).to_contain_text("First Second")


def test_leaving_an_edited_form_asks_first(editor: Page) -> None:
    stay = Answering(leave=False)
    editor.on("dialog", stay)
    editor.get_by_label("Name").fill("Item 0003 b")
    with editor.expect_event("dialog"):
        editor.get_by_role("link", name="Cancel").click()
    expect(editor.get_by_label("Name")).to_have_value("Item 0003 b")
    assert stay.asked == ["beforeunload"]

    editor.remove_listener("dialog", stay)
    leave = Answering(leave=True)
    editor.on("dialog", leave)
    editor.get_by_role("link", name="Cancel").click()
    expect(editor.get_by_role("heading", level=1)).to_have_text("Items")
    assert leave.asked == ["beforeunload"]
    expect(row(editor, "Item 0003")).to_be_visible()


def test_leaving_a_form_whose_change_was_taken_back_asks_nothing(editor: Page) -> None:
    nothing = Answering(leave=False)
    editor.on("dialog", nothing)
    editor.get_by_label("Name").fill("Item 0003 b")
    editor.get_by_label("Name").fill("Item 0003")
    editor.get_by_role("link", name="Cancel").click()
    expect(editor.get_by_role("heading", level=1)).to_have_text("Items")
    assert nothing.asked == []


def test_leaving_a_refused_form_asks_too(editor: Page) -> None:
    editor.get_by_label("Price").fill("cheap")
    assert press(editor, "Save") == 422
    editor.get_by_label("Name").press("End")
    leave = Answering(leave=True)
    editor.on("dialog", leave)
    editor.get_by_role("link", name="Cancel").click()
    expect(editor.get_by_role("heading", level=1)).to_have_text("Items")
    assert leave.asked == ["beforeunload"]


def test_two_presses_save_once(ada: Page) -> None:
    ada.goto("/admin/category/create")
    ada.get_by_label("Name").fill("Rivets")
    button(ada, "Save").dblclick()
    expect(ada.get_by_text("Category “Rivets” was added.")).to_be_visible()
    expect(row(ada, "Rivets")).to_have_count(1)


def test_a_text_that_grows_too_long_says_so_and_is_not_cut(ada: Page) -> None:
    ada.goto("/admin/category/create")
    name = ada.get_by_label("Name")
    name.fill("x" * 250)
    expect(ada.get_by_text("5 characters left")).to_be_visible()
    name.fill("x" * 260)
    expect(ada.get_by_text("5 characters too many (at most 255)")).to_be_visible()
    expect(name).to_have_value("x" * 260)


def test_a_user_is_added_and_signs_in(open_browser: OpenBrowser, ada: Page) -> None:
    ada.goto("/admin/user/create")
    fill(ada, {"First name": "Vera", "Last name": "Tester", "E-mail": "Vera@Example.com"})
    fill(ada, {"Password": "a long enough one", "Password again": "a long enough two"})
    assert press(ada, "Save") == 422
    expect(ada.get_by_label("Password again", exact=True)).to_have_accessible_description(
        re.compile("The two passwords differ")
    )
    expect(ada.get_by_label("First name")).to_have_value("Vera")

    fill(ada, {"Password": "a long enough one", "Password again": "a long enough one"})
    ada.get_by_label("Active").check()
    assert press(ada, "Save") == 303

    vera = open_browser()
    vera.goto("/admin/")
    fill_in_sign_in(vera, "vera@example.com", "a long enough one")
    vera.keyboard.press("Enter")
    fill(vera, {"Current password": "a long enough one", "New password": "nobody knows this"})
    fill(vera, {"New password again": "nobody knows this"})
    assert press(vera, "Change password") == 303
    expect(vera.get_by_role("heading", level=1)).to_have_text("Welcome, Vera Tester")
    expect(vera.get_by_role("link", name="Users")).to_have_count(0)


def test_escape_leaves_a_field_and_the_single_keys_work_again(editor: Page) -> None:
    editor.get_by_label("Name").fill("Typed")
    editor.keyboard.press("Escape")
    expect(editor.get_by_label("Name")).not_to_be_focused()
    expect(editor.get_by_label("Name")).to_have_value("Typed")
    editor.keyboard.press("?")
    expect(editor.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_only_the_form_of_an_existing_item_says_that_one_can_add_to_the_stock(
    editor: Page,
) -> None:
    hint = editor.get_by_text("A number, or +12 or -3 to add to or take from the stock.")
    expect(hint).to_be_visible()
    editor.goto("/admin/item/create")
    expect(editor.get_by_label("Quantity")).to_be_visible()
    expect(hint).to_be_hidden()
