"""The menu at the person's name, and the keys that go to places."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import button, colours, names, open_user_menu, press, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items


def test_it_opens_and_closes_by_keys_and_gives_the_focus_back(ada: Page) -> None:
    opener = ada.get_by_role("button", name="Ada Tester")
    menu = ada.get_by_role("group", name="Your account")
    expect(menu).to_be_hidden()

    opener.focus()
    ada.keyboard.press("Enter")
    expect(menu).to_be_visible()
    ada.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Your record")).to_be_focused()
    ada.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link", name="Change password")).to_be_focused()
    ada.keyboard.press("ArrowUp")
    ada.keyboard.press("ArrowUp")
    expect(button(ada, "Sign out")).to_be_focused()

    ada.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()
    ada.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link", name="Your record")).to_be_focused()


def test_leaving_it_with_tab_closes_it(ada: Page) -> None:
    menu = open_user_menu(ada)
    button(ada, "Sign out").focus()
    ada.keyboard.press("Tab")
    expect(menu).to_be_hidden()


def test_it_works_without_scripts(open_browser: OpenBrowser, scripts: bool) -> None:
    page = open_browser(scripts=scripts)
    sign_in(page)
    page.goto("/admin/item/list")
    open_user_menu(page)
    with page.expect_response("**/admin/theme"):
        button(page, "Dark").click()
    page.wait_for_load_state()
    assert colours(page) == "dark"
    expect(page).to_have_url(re.compile("/admin/item/list"))


def test_a_language_is_chosen_there_and_kept(site: Site, ada: Page) -> None:
    ada.goto("/admin/item/list?search=Item")
    menu = open_user_menu(ada)
    expect(menu.get_by_text("Texts are in English so far.")).to_be_hidden()
    menu.get_by_label("Language").select_option("Deutsch")
    assert press(ada, "Apply") == 303
    expect(ada).to_have_url(re.compile("search=Item"))
    expect(ada.locator("html")).to_have_attribute("data-locale", "de")

    menu = open_user_menu(ada)
    expect(menu.get_by_label("Language")).to_have_value("de")
    expect(menu.get_by_text("Texts are in English so far.")).to_be_visible()
    menu.get_by_label("Language").select_option("Same as browser")
    assert press(ada, "Apply") == 303
    expect(ada.locator("html")).to_have_attribute("data-locale", "en")


@pytest.mark.parametrize(
    ("letter", "heading"), [("i", "Items"), ("c", "Categories"), ("h", "Changes"), ("o", "Welcome")]
)
def test_g_and_a_letter_go_to_a_place(site: Site, ada: Page, letter: str, heading: str) -> None:
    ada.goto("/admin/role/list")
    ada.locator("main").focus()
    ada.keyboard.press("g")
    ada.keyboard.press(letter)
    expect(ada.get_by_role("heading", level=1)).to_contain_text(heading)


def test_the_keys_to_places_are_in_the_list_of_keys(ada: Page) -> None:
    ada.goto("/admin/password")
    ada.locator("main").focus()
    ada.keyboard.press("?")
    keys = ada.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys.get_by_text("Go to Items")).to_be_visible()
    expect(keys.get_by_text("Go to the overview")).to_be_visible()


def test_the_overview_begins_in_its_search_box(site: Site, ada: Page) -> None:
    add_items(site.database, 3)
    ada.goto("/admin/")
    expect(ada.get_by_role("searchbox", name="Search")).to_be_focused()
    ada.keyboard.type("Item 0002")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", level=1)).to_have_text("Items")
    expect(names(ada)).to_have_text(["Item 0002"])
