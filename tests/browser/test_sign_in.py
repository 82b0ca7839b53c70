"""Signing in and out, and the colours that a browser keeps."""

import re

from playwright.sync_api import Page, expect

from tests.browser.acts import (
    button,
    colours,
    fill_in_sign_in,
    open_user_menu,
    press,
    sign_in,
)
from tests.browser.conftest import OpenBrowser
from tests.cast import PASSWORD


def test_after_a_wrong_password_the_right_one_leads_where_one_was_going(
    open_browser: OpenBrowser, scripts: bool
) -> None:
    page = open_browser(scripts=scripts)
    page.goto("/admin/category/list?search=bolt")
    expect(page).to_have_url(re.compile("/admin/login"))

    fill_in_sign_in(page, "ada@example.com", "not her password")

    expect(page.get_by_role("alert")).to_contain_text("Wrong e-mail or password.")
    expect(page.get_by_label("E-mail")).to_have_value("ada@example.com")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    expect(page.get_by_label("Password", exact=True)).to_have_value("")

    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Categories")
    expect(page.get_by_label("Search categories")).to_have_value("bolt")


def test_a_password_can_be_looked_at_before_it_is_sent(page: Page) -> None:
    page.goto("/admin/login")
    expect(page.get_by_label("E-mail")).to_be_focused()
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    expect(password).to_have_attribute("type", "password")

    button(page, "Show password").click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_be_focused()
    expect(button(page, "Show password")).to_have_attribute("aria-pressed", "true")

    button(page, "Show password").click()
    expect(password).to_have_attribute("type", "password")


def test_who_waits_after_too_many_failures_is_told_for_how_long(page: Page) -> None:
    page.goto("/admin/login")
    for _attempt in range(6):
        page.get_by_label("E-mail").fill("ada@example.com")
        page.get_by_label("Password", exact=True).fill("not her password")
        assert press(page, "Sign in") == 422

    page.get_by_label("Password", exact=True).fill(PASSWORD)
    assert press(page, "Sign in") == 429

    expect(page.get_by_role("alert")).to_contain_text("Too many failed attempts.")
    expect(page.get_by_role("alert")).to_contain_text(
        re.compile(r"Try again in \d+ second|You can try again now")
    )


def test_after_signing_out_going_back_shows_nothing(ada: Page) -> None:
    ada.get_by_role("link", name="Items").first.click()
    expect(ada.get_by_role("heading", level=1)).to_have_text("Items")

    open_user_menu(ada)
    button(ada, "Sign out").click()
    expect(ada.get_by_text("You are signed out.")).to_be_visible()

    ada.go_back()
    expect(ada).to_have_url(re.compile("/admin/login"))


def test_colours_follow_the_system_until_one_chooses_and_the_choice_is_kept(
    open_browser: OpenBrowser, scripts: bool
) -> None:
    page = open_browser(scripts=scripts, colours="dark")
    page.goto("/admin/login")
    assert colours(page) == "dark"
    sign_in(page)
    assert colours(page) == "dark"

    _switch(page, "Light")
    assert colours(page) == "light"
    _switch(page, "System")
    assert colours(page) == "dark"
    page.emulate_media(color_scheme="light")
    assert colours(page) == "light"
    _switch(page, "Dark")
    assert colours(page) == "dark"

    page.goto("/admin/item/list")
    assert colours(page) == "dark"
    open_user_menu(page)
    button(page, "Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert colours(page) == "dark"


def test_switching_colours_leaves_what_is_typed_alone(ada: Page) -> None:
    ada.goto("/admin/category/create")
    ada.get_by_label("Name").fill("Half a na")
    _switch(ada, "Dark")
    expect(ada.get_by_label("Name")).to_have_value("Half a na")
    assert colours(ada) == "dark"
    expect(button(ada, "Dark")).to_be_focused()


def _switch(page: Page, name: str) -> None:
    if not page.locator("#user-menu").is_visible():
        open_user_menu(page)
    with page.expect_response("**/admin/theme"):
        button(page, name).click()
    chosen = page.locator("[data-themes]").get_by_role("button", include_hidden=True, name=name)
    expect(chosen).to_have_attribute("aria-pressed", "true")
