"""Every screen as it is shown: on a phone, on a small laptop, in light and dark, to everybody."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.browser.acts import button, colours, fill_in_sign_in, names, press, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items

LONG = "M8×40-" + "UNBREAKABLE" * 12
WORDY = "Hexagon head screw, fully threaded, " * 12


@pytest.fixture
def shop(site: Site) -> Site:
    """Sixty items and one with texts that are hard to fit, in a category that is, too.

    So many categories that they are searched: a plain choice stands in the list of users.
    """
    add_items(site.database, 60, ["Bolts", "Nuts", "Washers"])
    with unit_of_work(site.database, writes=True) as session:
        session.add_all(Category(name=f"Drawer {number}") for number in range(200))
        category = Category(name=WORDY[:200])
        session.add(category)
        session.add(
            Item(name=LONG, description=WORDY, price="1234567.89", quantity=0, category=category)
        )
    return site


def _refused(page: Page) -> None:
    page.goto("/admin/item/create")
    page.get_by_label("Price").fill("cheap")
    page.get_by_label("Name").fill(LONG * 3)
    assert press(page, "Save") == 422


def _saved(page: Page) -> None:
    page.goto("/admin/item/edit/61?next=/admin/item/list?search=hexagon")
    assert press(page, "Save") == 303


def _searched_in_vain(page: Page) -> None:
    page.goto(f"/admin/item/list?search={LONG}x&page=7")


def _signed_out(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/admin/login")
    fill_in_sign_in(page, "ada@example.com", "not her password")
    expect(page.get_by_role("alert")).to_be_visible()


def _keys(page: Page) -> None:
    page.goto("/admin/item/list?search=hexagon")
    expect(page.get_by_label("Search items")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()


def _choosing(page: Page) -> None:
    page.goto("/admin/item/list?search=hexagon")
    page.get_by_role("combobox", name="Category").press_sequentially("drawer")
    expect(page.get_by_role("listbox", name="Category").get_by_role("option")).to_have_count(20)


def _choosing_in_a_form(page: Page) -> None:
    page.goto("/admin/item/create")
    page.get_by_role("combobox", name="Category").click()
    expect(page.get_by_role("listbox", name="Category").get_by_role("option")).to_have_count(20)


@dataclass(frozen=True)
class Screen:
    """A screen and how one gets there: an address, or an act."""

    name: str
    go: str | Callable[[Page], None]

    def open(self, page: Page) -> None:
        if isinstance(self.go, str):
            page.goto(self.go)
        else:
            self.go(page)
        page.wait_for_load_state()


SCREENS = [
    Screen("index", "/admin/"),
    Screen("list of items", "/admin/item/list?pageSize=25"),
    Screen("end of a list", "/admin/item/list?pageSize=25&sortBy=price&sort=desc&at=last"),
    Screen("choosing in a list", _choosing),
    Screen("list of categories", "/admin/category/list?pageSize=25"),
    Screen("list of users", "/admin/user/list"),
    Screen("list without a match", _searched_in_vain),
    Screen("list after saving", _saved),
    Screen("details of an item", "/admin/item/details/61"),
    Screen("details of a category", "/admin/category/details/1"),
    Screen("details of a user", "/admin/user/details/1"),
    Screen("item's form", "/admin/item/edit/61"),
    Screen("choosing in a form", _choosing_in_a_form),
    Screen("user's form", "/admin/user/create"),
    Screen("refused form", _refused),
    Screen("deleting an item", "/admin/item/delete?pks=61"),
    Screen("deleting categories", "/admin/category/delete?pks=1,2,204"),
    Screen("missing record", "/admin/item/details/999"),
    Screen("sign-in", _signed_out),
]


def test_nothing_is_wider_than_a_phone(shop: Site, open_browser: OpenBrowser) -> None:
    phone = open_browser(width=390, height=844)
    sign_in(phone)
    wide = {}
    for screen in SCREENS:
        screen.open(phone)
        width = phone.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[screen.name] = width
    assert wide == {}


def test_on_a_phone_the_navigation_opens_leads_on_and_closes(
    shop: Site, open_browser: OpenBrowser
) -> None:
    phone = open_browser(width=390, height=844)
    sign_in(phone)
    navigation = phone.get_by_role("navigation", name="Navigation")
    expect(navigation).to_be_hidden()
    button(phone, "Navigation").click()
    expect(navigation).to_be_visible()
    phone.keyboard.press("Escape")
    expect(navigation).to_be_hidden()
    button(phone, "Navigation").click()
    navigation.get_by_role("link", name="Categories").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Categories")
    expect(navigation).to_be_hidden()


def test_a_folded_navigation_stays_folded(shop: Site, ada: Page) -> None:
    ada.goto("/admin/item/list")
    navigation = ada.get_by_role("navigation", name="Navigation")
    before = navigation.bounding_box()
    assert before is not None
    assert before["width"] <= 200
    button(ada, "Fold").click()
    ada.goto("/admin/category/list")
    after = navigation.bounding_box()
    assert after is not None
    assert after["width"] < before["width"] / 2
    expect(navigation.get_by_role("link", name="Items")).to_be_visible()


def test_a_small_laptop_shows_eighteen_rows_of_a_list(shop: Site, ada: Page) -> None:
    ada.goto("/admin/item/list")
    expect(names(ada)).to_have_count(50)
    assert _whole_rows(ada) >= 18


def test_headings_and_foot_stay_in_view_while_rows_scroll(shop: Site, ada: Page) -> None:
    ada.goto("/admin/item/list")
    ada.get_by_label("Tick Item 0000").check()
    ada.evaluate("scrollTo(0, 700)")
    expect(ada.get_by_role("link", name="Item 0000")).not_to_be_in_viewport()
    expect(ada.get_by_role("columnheader", name="Price")).to_be_in_viewport(ratio=1)
    expect(button(ada, "Delete selected")).to_be_in_viewport(ratio=1)
    expect(ada.get_by_role("navigation", name="Pages")).to_be_in_viewport(ratio=1)
    assert _whole_rows(ada) >= 18


@pytest.mark.parametrize("shown", ["light", "dark"])
def test_axe_finds_nothing_that_shuts_people_out(
    shop: Site, open_browser: OpenBrowser, shown: str
) -> None:
    page = open_browser(colours=shown)
    # Half-way through a change of colours nothing has the contrast that it will have.
    page.emulate_media(reduced_motion="reduce")
    sign_in(page)
    found = {}
    for screen in (Screen("keys", _keys), *SCREENS):
        screen.open(page)
        assert colours(page) == shown
        if violations := _violations(page, RULES[shown]):
            found[screen.name] = violations
    assert found == {}


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Dark pages are the same but for their colours: the rules about those are enough.
    "dark": ["color-contrast", "link-in-text-block"],
}


def _violations(page: Page, rules: list[str]) -> list[str]:
    """What axe-core finds wrong, each with the element. The page's CSP does not bind the tools."""
    page.evaluate(f"{AXE};0")
    result: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def _whole_rows(page: Page) -> int:
    """How many rows are wholly visible between the table's headings and whatever covers its end."""
    number: int = page.evaluate(
        """() => [...document.querySelectorAll("tbody tr")].filter((row) => {
            const box = row.getBoundingClientRect();
            return [box.top + 1, box.bottom - 1].every((y) => {
                const seen = document.elementFromPoint(box.left + box.width / 2, y);
                return seen !== null && row.contains(seen);
            });
        }).length"""
    )
    return number
