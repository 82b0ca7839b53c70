"""Accounts at a real browser: a password that was given, and an account with more rights."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from backoffice.history import unit_of_work
from backoffice.models import User
from tests.browser.acts import fill_in_sign_in, press, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.browser.test_screens import RULES, violations_on
from tests.cast import PASSWORD, add_role, add_user
from tests.views.test_accounts import ABOVE

OWN = "chosen by nobody but me"


@pytest.mark.parametrize("width", [1280, 390])
def test_who_was_given_a_password_is_led_to_choose_one_and_then_on(
    site: Site, open_browser: OpenBrowser, scripts: bool, width: int
) -> None:
    add_user(site.database, "rolf@example.com", role="Viewer")
    with unit_of_work(site.database, writes=True) as session:
        rolf = session.scalars(sa.select(User).where(User.email == "rolf@example.com")).one()
        rolf.password_is_temporary = True
    page = open_browser(scripts=scripts, width=width)
    page.goto("/admin/item/list?sort=name")
    fill_in_sign_in(page, "rolf@example.com")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Somebody else chose your password.")).to_be_visible()
    expect(page.locator("#navigation a, nav a[href*='/list']")).to_have_count(0)
    if scripts:
        assert violations_on(page, RULES["light"]) == []
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("New password again", exact=True).fill(OWN)
    assert press(page, "Change password") == 303
    expect(page).to_have_url(re.compile(r"/admin/item/list\?sort=name$"))
    expect(page.get_by_text("Password changed.")).to_be_visible()


def test_an_account_with_more_rights_is_text_that_everybody_can_read(
    site: Site, open_browser: OpenBrowser
) -> None:
    add_role(site.database, "Boss", "item:list", ABOVE)
    bess = add_user(site.database, "bess@example.com", role="Boss")
    add_user(site.database, "max@example.com", role="Manager")
    page = open_browser(width=390, height=844)
    sign_in(page, "max@example.com")

    page.goto(f"/admin/user/edit/{bess}")

    assert violations_on(page, RULES["light"]) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator("#field-first_name")).to_be_focused()
    page.get_by_label("First name").fill("Elizabeth")
    assert press(page, "Save") == 303
    expect(page.get_by_text("“Elizabeth Tester” was saved.")).to_be_visible()
