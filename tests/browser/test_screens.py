"""Every screen as it is shown: on a phone, on a small laptop, in light and dark, to everybody."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backoffice.history import unit_of_work
from backoffice.models import Category, Item, SavedView
from tests.browser.acts import button, colours, facet, fill_in_sign_in, names, press, sign_in
from tests.browser.conftest import OpenBrowser
from tests.browser.site import Site
from tests.cast import add_items
from tests.size import sized

LONG = "M8×40-" + "UNBREAKABLE" * 12
WORDY = "Hexagon head screw, fully threaded, " * 12


@pytest.fixture
def shop(site: Site) -> Site:
    """Sixty items, and one with texts that are hard to fit, in a category whose name is as well.

    So many categories that they are searched: the list of users has a plain choice.
    """
    add_items(site.database, 60, ["Bolts", "Nuts", "Washers"])
    with unit_of_work(site.database, writes=True) as session:
        session.add_all(Category(name=f"Drawer {number}") for number in range(200))
        category = Category(name=WORDY[:200])
        session.add(category)
        session.add(
            Item(name=LONG, description=WORDY, price="1234567.89", quantity=0, category=category)
        )
        # Ada's, whose number is 1; one that an account left behind, and one deleted.
        gone = SavedView(identity="item", query="", name="Gone", owner_id=1)
        session.add(gone)
        session.add_all(
            SavedView(identity="item", query="search=bolt", **said)
            for said in (
                {"name": "Bolts", "owner_id": 1},
                {"name": LONG[:100], "owner_id": 1, "role_id": 1},
                {"name": "Left behind", "role_id": 2},
            )
        )
        session.flush()
        gone.deleted_at, gone.live = datetime.now(UTC), None
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


def _refused_view(page: Page) -> None:
    page.goto("/admin/item/views")
    view = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Bolts"))
    view.get_by_text("Rename or share").click()
    view.get_by_label("Name").fill(LONG[:100])
    assert press(page, "Save") == 422


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
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def _filters(page: Page) -> None:
    """The filters: beside the rows, or on a phone a panel."""
    page.goto(NARROWED)
    if not facet(page, "Category").is_visible():
        button(page, re.compile("^Filters")).click()
    expect(facet(page, "Category")).to_be_visible()


def _choosing(page: Page) -> None:
    _filters(page)
    page.get_by_role("combobox", name="Find Category").press_sequentially("drawer")
    expect(page.get_by_role("listbox", name="Category").get_by_role("option")).to_have_count(20)


def _helped(page: Page) -> None:
    page.goto(NARROWED)
    button(page, "How to search").click()
    expect(page.get_by_role("dialog", name="How to search")).to_be_visible()


def _completing(page: Page) -> None:
    page.goto(NARROWED)
    page.get_by_label("Search items").press_sequentially(" category:")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(20)


def _arranging(page: Page) -> None:
    page.goto(NARROWED)
    button(page, "Columns").click()
    expect(page.get_by_role("dialog", name="Columns")).to_be_visible()


def _saving(page: Page) -> None:
    page.goto(NARROWED)
    button(page, "Save view").click()
    expect(page.get_by_role("dialog", name="Save this view")).to_be_visible()


def _choosing_in_a_form(page: Page) -> None:
    page.goto("/admin/item/create")
    page.get_by_role("combobox", name="Category").click()
    expect(page.get_by_role("listbox", name="Category").get_by_role("option")).to_have_count(20)


NARROWED = (
    "/admin/item/list?search=price>=0&category=1&category=204&is=out&price_from=0&name=M&view=2"
    "&sort=-category,name,-price&columns=name,id,category,price,quantity,description"
)


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
    Screen("end of a list", "/admin/item/list?pageSize=25&sort=-price&page=last"),
    Screen("narrowed list", "/admin/item/list?search=1&category=1&category=2&sort=category,-name"),
    Screen("filters", _filters),
    Screen("choosing in a list", _choosing),
    Screen("help of a search", _helped),
    Screen("completing a search", _completing),
    Screen("columns of a list", _arranging),
    Screen("saving a view", _saving),
    Screen("list of categories", "/admin/category/list?pageSize=25"),
    Screen("list of users", "/admin/user/list"),
    Screen("list of changes", "/admin/changeset/list"),
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
    Screen("saved views", "/admin/item/views"),
    Screen("saved views of users, none", "/admin/user/views"),
    Screen("refused view", _refused_view),
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


def test_a_long_name_in_the_breadcrumbs_is_cut_where_the_person_begins(
    shop: Site, ada: Page
) -> None:
    ada.goto("/admin/item/history/1")
    crumbs = ada.get_by_role("navigation", name="Breadcrumbs")
    crumbs.locator("li a").last.evaluate("name => name.textContent = 'A long name '.repeat(30)")
    end = crumbs.locator("li").last.bounding_box()
    person = ada.locator("button.person").bounding_box()
    assert end is not None
    assert person is not None
    expect(crumbs.locator("li").last).to_have_text("History")
    assert end["x"] + end["width"] < person["x"]
    assert crumbs.locator("li").last.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_a_collapsed_navigation_stays_collapsed(shop: Site, ada: Page) -> None:
    ada.goto("/admin/item/list")
    navigation = ada.get_by_role("navigation", name="Navigation")
    before = navigation.bounding_box()
    assert before is not None
    assert before["width"] <= 200
    button(ada, "Collapse").click()
    ada.goto("/admin/category/list")
    after = navigation.bounding_box()
    assert after is not None
    assert after["width"] < before["width"] / 2
    expect(navigation.get_by_role("link", name="Items")).to_be_visible()


def test_a_small_laptop_shows_eighteen_rows_of_a_list(shop: Site, ada: Page) -> None:
    ada.goto("/admin/item/list")
    expect(names(ada)).to_have_count(50)
    assert _whole_rows(ada) >= 18


def test_a_narrowed_list_under_tabs_and_chips_shows_eighteen_rows(shop: Site, ada: Page) -> None:
    ada.goto("/admin/item/list?search=item&price_from=1&view=2")
    expect(ada.get_by_role("navigation", name="Saved views")).to_be_visible()
    expect(ada.get_by_role("list", name="Active filters")).to_be_visible()
    expect(facet(ada, "Category")).to_be_visible()
    assert _whole_rows(ada) >= 18


def test_headings_and_foot_stay_in_view_while_rows_scroll(shop: Site, ada: Page) -> None:
    ada.goto("/admin/item/list")
    ada.get_by_label("Select Item 0000").check()
    ada.evaluate("scrollTo(0, 700)")
    expect(ada.get_by_role("link", name="Item 0000")).not_to_be_in_viewport()
    expect(ada.get_by_role("columnheader", name="Price")).to_be_in_viewport(ratio=1)
    expect(button(ada, "Delete selected")).to_be_in_viewport(ratio=1)
    expect(ada.get_by_role("navigation", name="Pages")).to_be_in_viewport(ratio=1)
    assert _whole_rows(ada) >= 18


LISTS = [
    screen
    for screen in SCREENS
    if "list" in screen.name or screen.go in (_filters, _helped, _completing, _arranging, _saving)
]


EVERY_SCREEN = [Screen("keys", _keys), *SCREENS]


@pytest.mark.parametrize(
    ("shown", "width", "screens"),
    [
        ("light", 1280, EVERY_SCREEN),
        # What is narrow has the elements of what is wide, and the dark colours are one palette: a
        # third of the screens has all of them.
        ("light", 390, sized(LISTS[::3], LISTS)),
        ("dark", 1280, sized(EVERY_SCREEN[::3], EVERY_SCREEN)),
        ("dark", 390, sized(LISTS[::3], LISTS)),
    ],
    ids=["light-wide", "light-narrow", "dark-wide", "dark-narrow"],
)
def test_axe_finds_nothing_that_shuts_people_out(
    shop: Site, open_browser: OpenBrowser, shown: str, width: int, screens: list[Screen]
) -> None:
    page = open_browser(colours=shown, width=width)
    # Half-way through a change of colours nothing has the contrast that it will have.
    page.emulate_media(reduced_motion="reduce")
    sign_in(page)
    found = {}
    for screen in screens:
        screen.open(page)
        assert colours(page) == shown
        if violations := violations_on(page, RULES[shown]):
            found[screen.name] = violations
    assert found == {}


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Dark pages are the same but for their colours: the rules about those are enough.
    "dark": ["color-contrast", "link-in-text-block"],
}


def violations_on(page: Page, rules: list[str]) -> list[str]:
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
