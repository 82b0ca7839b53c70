"""Saved views and arranged columns, with scripts and without: on the list, on the page of all."""

import pytest
from playwright.sync_api import Locator, Page, expect

from backoffice.history import unit_of_work
from backoffice.models import SavedView
from tests.browser.acts import press, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items, add_user, count

VIEWS = "/admin/item/views"


@pytest.fixture
def views(site: Site, open_browser: OpenBrowser, scripts: bool) -> Page:
    """Ada, who has two views of items, one of them shared with Managers."""
    add_items(site.database, 3)
    with unit_of_work(site.database, writes=True) as session:
        session.add(SavedView(identity="item", name="Dear", query="sort=-price", owner_id=1))
        session.add(
            SavedView(identity="item", name="Bolts", query="search=0001", owner_id=1, role_id=3)
        )
    page = open_browser(scripts=scripts)
    sign_in(page)
    page.goto(VIEWS)
    return page


def line(page: Page, name: str) -> Locator:
    """The line of the view with exactly that name, or of the deleted one."""
    return page.get_by_role("listitem").filter(has=page.get_by_text(name, exact=True))


def edit(page: Page, name: str) -> Locator:
    """The fields of a view's name and sharing, opened."""
    found = line(page, name)
    found.get_by_text("Rename or share").click()
    expect(found.get_by_label("Name")).to_be_visible()
    return found


def test_a_name_leads_to_the_list_as_it_was_saved(views: Page) -> None:
    line(views, "Bolts").get_by_role("link").click()
    expect(views.get_by_role("heading", level=1)).to_have_text("Items")
    assert "/admin/item/list?search=0001&view=" in views.url


def test_a_view_is_renamed_and_kept_to_oneself(views: Page) -> None:
    fields = edit(views, "Bolts")
    fields.get_by_label("Name").fill("Nuts")
    fields.get_by_label("Visible to").select_option(label="Only you")
    assert press(views, "Save") == 303
    expect(line(views, "Nuts")).to_contain_text("Only you see it")
    expect(line(views, "Bolts")).to_have_count(0)


def test_a_name_that_is_taken_is_told_where_it_was_typed(views: Page) -> None:
    fields = edit(views, "Bolts")
    fields.get_by_label("Name").fill("Dear")
    assert press(views, "Save") == 422
    field = line(views, "Bolts").get_by_label("Name")
    expect(field).to_be_focused()
    expect(field).to_have_value("Dear")
    expect(field).to_have_accessible_description(
        "This list already has a view named “Dear”. Choose another name."
    )


def test_a_deleted_view_is_restored_from_the_notice(views: Page, site: Site) -> None:
    assert press(views, "Delete: Bolts") == 303
    notice = views.get_by_role("status").filter(has_text="The view “Bolts” was deleted.")
    notice.get_by_role("link", name="Restore").click()
    expect(views.get_by_role("heading", name="Deleted")).to_be_in_viewport()
    assert press(views, "Restore: Bolts") == 303
    expect(line(views, "Bolts").get_by_role("link")).to_be_visible()
    assert count(site.database, SavedView) == 2


def test_a_default_is_made_and_taken_back(views: Page) -> None:
    assert press(views, "Make default: Dear") == 303
    expect(line(views, "Dear")).to_contain_text("default")
    assert press(views, "Make default: Bolts") == 303
    expect(line(views, "Dear").locator(".mark")).to_have_count(0)
    assert press(views, "Remove default: Bolts") == 303
    expect(views.locator(".mark")).to_have_count(0)


def test_a_colleague_copies_what_is_shared(
    views: Page, site: Site, open_browser: OpenBrowser, scripts: bool
) -> None:
    add_user(site.database, "max@example.com", role="Manager")
    max_ = open_browser(scripts=scripts)
    sign_in(max_, "max@example.com")
    max_.goto(VIEWS)
    expect(line(max_, "Bolts")).to_contain_text("By Ada Tester, shared with Manager")
    expect(line(max_, "Dear")).to_have_count(0)
    assert press(max_, "Copy: Bolts") == 303
    expect(line(max_, "Bolts")).to_have_count(2)
    expect(line(max_, "Bolts").first).to_contain_text("Only you see it")


def tab(page: Page, name: str) -> Locator:
    """The tab of a saved view above the list."""
    tabs = page.get_by_role("navigation", name="Saved views")
    return tabs.get_by_role("link").filter(has_text=name)


def columns(page: Page) -> list[str]:
    """The columns of the list, in order, as its first row has them."""
    cells = page.locator("tbody tr").first.locator("td[data-label]")
    return [str(cell.get_attribute("data-label")) for cell in cells.all()]


def test_a_narrowed_list_is_saved_changed_and_saved_again(views: Page) -> None:
    views.goto("/admin/item/list?search=0002")
    views.get_by_role("button", name="Save view").click()
    panel = views.get_by_role("dialog", name="Save this view")
    panel.get_by_label("Name").fill("Number two")
    panel.get_by_label("Make it your default view").check()
    with views.expect_navigation():
        panel.get_by_role("button", name="Save view").click()
    expect(tab(views, "Number two")).to_have_attribute("aria-current", "page")

    views.goto("/admin/item/list")
    expect(tab(views, "Number two")).to_have_attribute("aria-current", "page")
    expect(views.locator("tbody tr")).to_have_count(1)
    views.get_by_label("Search items").fill("item 000")
    views.keyboard.press("Enter")
    expect(tab(views, "Number two")).to_contain_text("changed")
    assert press(views, "Save changes") == 303
    expect(tab(views, "Number two")).not_to_contain_text("changed")
    expect(views.locator("tbody tr")).to_have_count(3)
    tab(views, "All").click()
    expect(tab(views, "All")).to_have_attribute("aria-current", "page")


def test_a_name_that_is_taken_keeps_what_was_to_be_saved(views: Page) -> None:
    views.goto("/admin/item/list?search=0002&sort=-price")
    views.get_by_role("button", name="Save view").click()
    panel = views.get_by_role("dialog", name="Save this view")
    panel.get_by_label("Name").fill("Dear")
    with views.expect_navigation():
        panel.get_by_role("button", name="Save view").click()
    expect(views.get_by_text("Search “0002” · Sorted by Price, highest first")).to_be_visible()
    expect(views.get_by_label("Name").first).to_be_focused()
    views.get_by_label("Name").first.fill("Dear two")
    assert press(views, "Save view") == 303
    expect(tab(views, "Dear two")).to_have_attribute("aria-current", "page")


def test_columns_are_chosen_and_put_in_order(views: Page, scripts: bool) -> None:
    views.goto("/admin/item/list?view=all")
    assert columns(views) == ["Name", "Category", "Price (EUR)", "Quantity", "Description"]
    views.get_by_role("button", name="Columns").click()
    panel = views.get_by_role("dialog", name="Columns")
    panel.get_by_label("Category", exact=True).uncheck()
    panel.get_by_label("ID", exact=True).check()
    if scripts:
        panel.get_by_role("button", name="Move Quantity up").click()
    else:
        panel.get_by_label("Position of Quantity").fill("2")
    panel.get_by_label("Comfortable").check()
    with views.expect_navigation():
        panel.get_by_role("button", name="Save").click()
    assert columns(views) == ["Name", "Quantity", "Price (EUR)", "Description", "ID"]

    views.goto("/admin/item/list?view=all")  # and the next time
    assert columns(views) == ["Name", "Quantity", "Price (EUR)", "Description", "ID"]
    views.get_by_role("button", name="Columns").click()
    with views.expect_navigation():
        views.get_by_role("button", name="Reset columns").click()
    assert columns(views) == ["Name", "Category", "Price (EUR)", "Quantity", "Description"]


def test_columns_of_a_view_are_saved_with_it(views: Page) -> None:
    views.goto("/admin/item/list?search=item&columns=name%2Cprice")
    views.get_by_role("button", name="Save view").click()
    panel = views.get_by_role("dialog", name="Save this view")
    panel.get_by_label("Name").fill("Prices")
    with views.expect_navigation():
        panel.get_by_role("button", name="Save view").click()
    views.goto("/admin/item/list?view=all")
    assert len(columns(views)) == 5
    tab(views, "Prices").click()
    expect(tab(views, "Prices")).to_have_attribute("aria-current", "page")
    assert columns(views) == ["Name", "Price (EUR)"]
