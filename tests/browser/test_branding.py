"""The company's name, logo and colour, as they are shown: small and large, light and dark."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from backoffice.admin.branding.contrast import LEAST, contrast
from backoffice.web.app import create_app
from tests import databases, shared
from tests.browser.acts import colours, sign_in
from tests.browser.chromium import Complaints
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site, served
from tests.cast import add_items, add_user

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 40">
<rect width="320" height="40" rx="12" fill="#007a3d"/>
<path d="M20 20h280M40 8v24M280 8v24" stroke="#fff" stroke-width="6"/>
<script>document.documentElement.setAttribute("data-ran", "yes")</script></svg>"""
NAME = "Nuts, Bolts & Company of the North Sea"
COLOUR = "#007a3d"


@pytest.fixture
def site(sqlite_folder: Path, tmp_path: Path) -> Iterator[Site]:
    """The back office of a company with a long name and a wide logo."""
    logo = tmp_path / "logo.svg"
    logo.write_text(LOGO)
    with databases.migrated_database("sqlite", sqlite_folder) as url:
        settings = databases.make_settings(
            url, product_name=NAME, brand_logo=str(logo), brand_colour=COLOUR
        )
        with shared.opened(settings) as database:
            add_user(database, "ada@example.com", superuser=True)
            add_items(database, 30)
            with served(create_app(settings, database)) as address:
                yield Site(address, database)


def painted(one: Locator, name: str) -> str:
    """A colour of an element as "#rrggbb"."""
    value = one.evaluate("(one, name) => getComputedStyle(one)[name]", name)
    red, green, blue = (int(part) for part in re.findall(r"\d+", value)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


def logo_of(page: Page) -> Locator:
    return page.locator("img.product-logo")


def expect_loaded(page: Page) -> None:
    expect(logo_of(page)).to_be_visible()
    expect(page.get_by_text(NAME, exact=True).first).to_be_visible()
    page.wait_for_load_state("load")
    assert logo_of(page).evaluate("one => one.naturalWidth > 0 && one.complete")


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_logo_and_the_name_fit_on_every_page(
    width: int, colour: str, open_browser: OpenBrowser
) -> None:
    page = open_browser(width=width, colours=colour)
    page.goto("/admin/login")
    expect_loaded(page)
    box = logo_of(page).bounding_box()
    assert box is not None
    assert box["height"] <= 40
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sign_in(page)
    for path in ("/admin/", "/admin/item/list", "/admin/item/create"):
        page.goto(path)
        expect_loaded(page)
        box = logo_of(page).bounding_box()
        assert box is not None
        assert box["height"] <= 26
        assert abs(box["width"] / box["height"] - 8) < 0.35
        # Neither the name nor the way here is pushed out.
        for shown in (".topbar .product span", ".crumbs li:last-child"):
            box = page.locator(shown).bounding_box() if page.locator(shown).count() else None
            assert box is None or box["width"] >= 30, (path, shown, box)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert colours(page) == colour


@pytest.mark.parametrize("colour", ["light", "dark"])
def test_buttons_and_links_have_the_colour_and_can_be_read(
    colour: str, open_browser: OpenBrowser
) -> None:
    page = open_browser(colours=colour)
    page.goto("/admin/login")
    button = page.get_by_role("button", name="Sign in", exact=True)
    fill = painted(button, "backgroundColor")
    if colour == "light":
        assert fill == COLOUR
    assert contrast(fill, painted(button, "color")) >= LEAST
    sign_in(page)
    page.goto("/admin/item/list")
    paper = painted(page.locator("body"), "backgroundColor")
    ink = painted(page.locator("tbody .cell-name a").first, "color")
    assert contrast(ink, paper) >= LEAST
    assert int(ink[3:5], 16) > max(int(ink[1:3], 16), int(ink[5:7], 16))  # green
    here = page.locator(".navigation a[aria-current=page]")
    assert contrast(painted(here, "color"), painted(here, "backgroundColor")) >= LEAST


def test_a_logo_opened_by_its_address_runs_no_script(page: Page, complaints: Complaints) -> None:
    page.goto("/admin/login")
    href = logo_of(page).get_attribute("src")
    assert href is not None
    page.goto(href)
    assert page.evaluate("document.documentElement.localName") == "svg"
    assert page.evaluate("document.documentElement.getAttribute('data-ran')") is None
    assert all("sandboxed" in heard for heard in complaints.heard), complaints.heard
    complaints.heard.clear()
