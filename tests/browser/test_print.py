"""What is printed is what a page says, in dark letters on white, and nothing to press."""

from playwright.sync_api import expect

from tests.browser.acts import sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items


def test_a_printed_list_has_all_its_rows_and_no_controls(
    site: Site, open_browser: OpenBrowser
) -> None:
    add_items(site.database, 60, ["Bolts"])
    page = open_browser(colours="dark")
    sign_in(page)
    page.goto("/admin/item/list")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Items")).to_be_visible()
    assert page.locator("tbody tr:visible").count() == 50
    for control in ("button", "input", "select", "nav", "header", ".btn"):
        assert page.locator(f"{control}:visible").count() == 0, control
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgba(0, 0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    # Nothing scrolls on paper: what is cut off is lost.
    for part in (".list-body", ".list-main", ".records-space"):
        overflow = page.locator(part).evaluate("(one) => getComputedStyle(one).overflow")
        assert overflow == "visible", part
