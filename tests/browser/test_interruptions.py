"""Somebody else was quicker, or the session ended: what was typed is still there."""

import re

import pytest
from playwright.sync_api import Page, expect

from backoffice.auth.sessions import end_sessions_of
from backoffice.history import unit_of_work
from tests.browser.acts import fill_in_sign_in, press, row, sign_in
from tests.browser.chromium import Complaints
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items, add_user

ADA = 1
"""The first user of a site."""


@pytest.fixture
def item(site: Site) -> str:
    """The edit form's address of the only item."""
    add_items(site.database, 1)
    return "/admin/item/edit/1"


def test_the_second_of_two_who_edit_an_item_is_told_what_the_first_saved(
    site: Site, item: str, open_browser: OpenBrowser, scripts: bool
) -> None:
    add_user(site.database, "grace@example.com", superuser=True)
    ada, grace = open_browser(scripts=scripts), open_browser(scripts=scripts)
    sign_in(ada)
    sign_in(grace, "grace@example.com")
    ada.goto(item)
    grace.goto(item)

    grace.get_by_label("Price").fill("2.50")
    grace.get_by_label("Description").fill("Grace's description")
    assert press(grace, "Save") == 303

    ada.get_by_label("Price").fill("3.75")
    ada.get_by_label("Quantity").fill("9")
    assert press(ada, "Save") == 409

    expect(
        ada.get_by_text("Somebody changed the same field while you were editing")
    ).to_be_visible()
    expect(ada.get_by_label("Price")).to_have_value("3.75")
    expect(ada.get_by_label("Quantity")).to_have_value("9")
    # What only the other one changed has been taken over, and is told.
    expect(ada.get_by_label("Description")).to_have_value("Grace's description")
    expect(ada.get_by_text("changed Description to")).to_be_visible()

    # Having seen it, she decides: with a key where there are scripts, with a click where not.
    yours = ada.get_by_role("radio", name="Yours")
    if scripts:
        ada.keyboard.press("2")
        expect(yours).to_be_checked()
    else:
        yours.check()
    assert press(ada, "Save") == 303
    expect(row(ada, "Item 0000")).to_contain_text("3.75")
    expect(row(ada, "Item 0000")).to_contain_text("Grace's description")


def test_who_edits_what_another_deleted_may_restore_it_with_what_was_typed(
    site: Site, item: str, open_browser: OpenBrowser, ada: Page
) -> None:
    ada.goto(item)
    other = open_browser()
    sign_in(other)
    other.goto("/admin/item/delete?pks=1")
    assert press(other, "Delete") == 303

    ada.get_by_label("Price").fill("3.75")
    assert press(ada, "Save") == 409
    expect(ada.get_by_text("deleted this item")).to_be_visible()
    assert press(ada, "Restore and save") == 303
    expect(row(ada, "Item 0000")).to_contain_text("3.75")


def test_what_was_just_deleted_is_taken_back_from_the_notice(
    site: Site, item: str, ada: Page
) -> None:
    ada.goto("/admin/item/delete?pks=1")
    assert press(ada, "Delete") == 303
    assert press(ada, "Undo") == 303
    ada.goto(item)
    expect(ada.get_by_label("Name")).to_have_value("Item 0000")


def test_what_was_typed_when_the_session_ended_is_sent_after_signing_in_again(
    site: Site, item: str, open_browser: OpenBrowser, scripts: bool
) -> None:
    page = open_browser(scripts=scripts)
    sign_in(page)
    page.goto(item)
    page.get_by_label("Description").fill("Two lines,\n“quoted” & <b>bold</b>\n")
    page.get_by_label("Price").fill("8.25")
    with unit_of_work(site.database, writes=True) as session:
        end_sessions_of(session, ADA)

    assert press(page, "Save") == 401
    expect(page.get_by_text("Your session ended. Sign in again")).to_be_visible()

    fill_in_sign_in(page, "ada@example.com", "not her password")
    expect(page.get_by_role("alert")).to_contain_text("Wrong e-mail or password.")
    fill_in_sign_in(page, "ada@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in again")
    expect(page.get_by_role("link", name="Discard")).to_be_visible()
    expect(page.get_by_text("200", exact=True)).to_have_count(0)
    assert press(page, "Send again") == 303

    expect(page.get_by_text("Item “Item 0000” was saved.")).to_be_visible()
    expect(row(page, "Item 0000")).to_contain_text("8.25")
    page.goto(item)
    expect(page.get_by_label("Description")).to_have_value(
        re.compile(r"^Two lines,\n“quoted” & <b>bold</b>\n?$")
    )


def test_a_lookup_says_so_when_the_session_ended(
    site: Site, ada: Page, complaints: Complaints
) -> None:
    add_items(site.database, 201, [f"Drawer {number}" for number in range(201)])
    ada.goto("/admin/item/create")
    with unit_of_work(site.database, writes=True) as session:
        end_sessions_of(session, ADA)
    ada.get_by_role("combobox", name="Category").fill("drawer")
    expect(ada.get_by_text("reload the page and sign in again")).to_be_visible()
    (complaint,) = complaints.heard
    assert complaint.startswith("401: ")
    complaints.heard.clear()
