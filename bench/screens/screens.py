"""The screens, each with the way to it.

Each way uses addresses, names of fields and ids, not words: it must also work in a language whose
words nobody knows.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page

from bench.screens.signing_in import sign_in
from bench.screens.stage import JONAS, LONG, MARA, ROLF, VERA, WORDY

NOBODY = ""
"""Whose screen the sign-in page is."""

Keys = Mapping[str, str]
Go = Callable[[Page, Keys], None]


@dataclass(frozen=True)
class Screen:
    """A screen, whose it is, and how they get there: an address with names of keys, or an act.

    ``empty``: in the back office without records.
    """

    name: str
    go: str | Go
    person: str = MARA
    empty: bool = False

    def open(self, page: Page, keys: Keys) -> None:
        """Go there. Playwright's errors go through: the way is closed."""
        if isinstance(self.go, str):
            page.goto(self.go.format_map(keys))
        else:
            self.go(page, keys)
        # A list's counts come a moment later, and a page that searches while one types asks again.
        asks = page.locator("[data-counts], [role=combobox]").count()
        page.wait_for_load_state("networkidle" if asks else "load")


def _at(path: str, *steps: Callable[[Page], None]) -> Go:
    """Open an address and take steps there."""

    def go(page: Page, keys: Keys) -> None:
        page.goto(path.format_map(keys))
        for step in steps:
            step(page)

    return go


def _click(selector: str) -> Callable[[Page], None]:
    return lambda page: _seen(page, selector).click()


def _press(selector: str) -> Callable[[Page], None]:
    """Press a button that sends a form, and wait for the page that comes of it."""

    def press(page: Page) -> None:
        with page.expect_event("load"):
            _seen(page, selector).click()

    return press


def _fill(selector: str, text: str) -> Callable[[Page], None]:
    return lambda page: _seen(page, selector).fill(text)


def _type(selector: str, text: str) -> Callable[[Page], None]:
    return lambda page: _seen(page, selector).press_sequentially(text)


def _wait(selector: str) -> Callable[[Page], None]:
    return lambda page: _seen(page, selector).wait_for()


def _key(*keys: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return press


def _seen(page: Page, selector: str) -> Locator:
    return page.locator(selector).locator("visible=true").first


def _open_filters(page: Page) -> None:
    """They are beside the rows or, in a narrow window, a panel."""
    if not page.locator("#facets").is_visible():
        _seen(page, "[data-facets-button]").click()
    page.locator("#facets").wait_for()


def _tick(rows: int) -> Callable[[Page], None]:
    def tick(page: Page) -> None:
        boxes = page.locator("tbody input[type=checkbox]").locator("visible=true")
        for place in range(rows):
            boxes.nth(place).check()

    return tick


def _conflict(page: Page, keys: Keys) -> None:
    """Two people with one form: the first one saves, and the second one is asked."""
    path = f"/admin/item/edit/{keys['other']}"
    page.goto(path)
    price = page.locator("input[name=price]").input_value()
    browser = page.context.browser
    assert browser is not None
    address = page.url.partition("/admin")[0]
    theirs = browser.new_context(base_url=address)
    try:
        sign_in(theirs, address, MARA)
        first = theirs.new_page()
        first.goto(path)
        _fill("input[name=price]", _another(price, "19"))(first)
        _fill("input[name=quantity]", "+25")(first)
        _press(SAVE)(first)
    finally:
        theirs.close()
    _fill("input[name=price]", _another(price, "37"))(page)
    _fill("textarea[name=description]", "Box of fifty, for outdoor use.")(page)
    _press(SAVE)(page)


def _another(price: str, digits: str) -> str:
    """A price with another last digit: one of two. It is plain, which every language reads."""
    whole, cents = (str(int(part)) for part in re.findall(r"\d+", price))
    last = digits[0] if cents[-1] != digits[0] else digits[1]
    return f"{whole}.{cents.zfill(2)[:-1]}{last}"


SAVE = "form[data-form] button[name=save]:not([tabindex='-1'])"
SUBMIT = "form[data-form] button[type=submit]"
LISTED = "/admin/item/list?" + urlencode({"pageSize": 25})
NARROWED = (
    "/admin/item/list?search=price>=0&category=1&category=2&is=out&is=low&price_from=0&view=2"
    "&sort=-category,name,-price&columns=name,id,category,price,quantity,description"
)
HARD = f"/admin/item/list?{urlencode({'search': LONG[:40]})}"

SCREENS = (
    Screen("sign-in", "/admin/login", NOBODY),
    Screen(
        "sign-in refused",
        _at(
            "/admin/login",
            _fill("#username", MARA),
            _fill("#password", "not her password"),
            _press("form[action*=login] button[type=submit]"),
        ),
        NOBODY,
    ),
    Screen("overview", "/admin/"),
    Screen("overview of a viewer", "/admin/", VERA),
    Screen("overview without a role", "/admin/", ROLF),
    Screen("overview, empty", "/admin/", empty=True),
    Screen("keys", _at(LISTED, _key("ArrowDown", "?"), _wait("#shortcuts"))),
    Screen("list", LISTED),
    Screen("list with filters", "/admin/item/list?search=screw&is=low&price_from=1"),
    Screen("list of fifty", "/admin/item/list?view=all"),
    Screen("list, end", "/admin/item/list?pageSize=25&sort=-price&page=last"),
    Screen("list, filtered", NARROWED),
    Screen("list, nothing found", f"/admin/item/list?search={LONG}x"),
    Screen("list, search not understood", "/admin/item/list?search=price>abc+is:lost+nofield:x"),
    Screen("list, wrong filters", "/admin/item/list?price_from=cheap&quantity_to=1.5&sort=nothing"),
    Screen("list, empty", "/admin/item/list", empty=True),
    Screen("list, long texts", HARD),
    Screen("list, more columns", f"{LISTED}&columns=name,id,category,price,quantity"),
    Screen("list of a viewer", LISTED, VERA),
    Screen("filters", _at(NARROWED, _open_filters)),
    Screen(
        "filters, choosing",
        _at(
            LISTED,
            _open_filters,
            lambda page: (
                _type("#facets [role=combobox]", "s")(page)
                if page.locator("#facets [role=combobox]").count()
                else None
            ),
        ),
    ),
    Screen("search help", _at(LISTED, _click("[popovertarget=search-help]"))),
    Screen(
        "search, completing",
        _at(LISTED, _type("#search", "category:s"), _wait("[role=listbox] [role=option]")),
    ),
    Screen("columns", _at(LISTED, _click("[popovertarget=columns]"))),
    Screen("save view", _at(f"{LISTED}&is=low", _click("[popovertarget=saving]"))),
    Screen("list, ticked", _at(LISTED, _tick(3))),
    Screen(
        "user menu",
        _at(LISTED, _click(".topbar [popovertarget]:not(.menu-button), .topbar summary")),
    ),
    Screen("peek", _at(LISTED, _key("ArrowDown", "Space"), _wait(".peek .peek-body > *"))),
    Screen(
        "list, after saving",
        _at(
            "/admin/item/edit/{item}?next=/admin/item/list?search=bolt",
            _fill("input[name=quantity]", "+1"),
            _press(SAVE),
        ),
    ),
    Screen("list of categories", "/admin/category/list"),
    Screen("list of users", "/admin/user/list"),
    Screen("list of roles", "/admin/role/list"),
    Screen("changes", "/admin/changeset/list"),
    Screen("changes, filtered", "/admin/changeset/list?model=items&operation=update&source=web"),
    Screen("changes, empty", "/admin/changeset/list?at_to=2020-01-01"),
    Screen("saved views", "/admin/item/views"),
    Screen("saved views, none", "/admin/user/views"),
    Screen(
        "saved views, changing",
        _at("/admin/item/views", _click("main details:not([open]) summary")),
    ),
    Screen("item", "/admin/item/details/{item}"),
    Screen("item with long texts", "/admin/item/details/{long}"),
    Screen("item of a viewer", "/admin/item/details/{item}", VERA),
    Screen("category", "/admin/category/details/{category}"),
    Screen("category with a long name", "/admin/category/details/{long category}"),
    Screen("user", "/admin/user/details/{jonas}"),
    Screen("role", "/admin/role/details/{role}"),
    Screen("form", "/admin/item/edit/{item}"),
    Screen("form, long texts", "/admin/item/edit/{long}"),
    Screen("form, adding", "/admin/item/create"),
    Screen(
        "form, refused",
        _at(
            "/admin/item/create",
            _fill("input[name=name]", LONG * 3),
            _fill("input[name=price]", "cheap"),
            _press(SAVE),
        ),
    ),
    Screen(
        "form, choosing",
        _at(
            "/admin/item/create",
            lambda page: (
                _click("[role=combobox]")(page)
                if page.locator("[role=combobox]").count()
                else page.locator("select[name=category]").focus()
            ),
        ),
    ),
    Screen("form, conflict", _conflict, JONAS),
    Screen("form of a deleted item", "/admin/item/edit/{gone}"),
    Screen("form of a user", "/admin/user/edit/{jonas}"),
    Screen("form, adding a user", "/admin/user/create"),
    Screen("form of a role", "/admin/role/edit/{role}"),
    Screen("fields of a role", "/admin/role/fields/item/{role}"),
    Screen("delete", "/admin/item/delete?pks={other}"),
    Screen("delete several", "/admin/item/delete?pks={ticked}"),
    Screen("delete a category", "/admin/category/delete?pks={category}"),
    Screen(
        "delete a category, without a choice",
        _at(
            "/admin/category/delete?pks={category}",
            lambda page: page.evaluate("document.querySelector('form[data-form]').submit()"),
        ),
    ),
    Screen("delete, refused", "/admin/user/delete?pks={mara},{jonas}"),
    Screen("undo", "/admin/changeset/undo/{many}"),
    Screen("undo a delete", "/admin/changeset/undo/{deleted}"),
    Screen("undo, changed since", "/admin/changeset/undo/{edited}"),
    Screen("undo, nothing to undo", "/admin/changeset/undo/{undone}"),
    Screen("undo a password", "/admin/changeset/undo/{password}"),
    Screen("change", "/admin/changeset/details/{edited}"),
    Screen("change of many", "/admin/changeset/details/{many}"),
    Screen("change, delete", "/admin/changeset/details/{deleted}"),
    Screen("change, password", "/admin/changeset/details/{password}"),
    Screen("change, load", "/admin/changeset/details/1"),
    Screen("history", "/admin/item/history/{item}"),
    Screen("history, long", "/admin/item/history/{often}"),
    Screen("history of a user", "/admin/user/history/{jonas}"),
    Screen("history of a long text", "/admin/item/history/{long}"),
    Screen("action", "/admin/item/action/restock?pks={ticked}"),
    Screen(
        "action, preview",
        _at(
            "/admin/item/action/restock?pks={ticked}",
            _fill("input[name=level]", "900"),
            _press(f"{SUBMIT}[name=do]"),
        ),
    ),
    Screen(
        "action, refused",
        _at("/admin/item/action/restock?pks={ticked}", _press(f"{SUBMIT}[name=do]")),
    ),
    Screen("page of one's own", "/admin/pages/low-stock"),
    Screen("own password", "/admin/password"),
    Screen("missing record", "/admin/item/details/999999"),
    Screen("deleted record", "/admin/item/details/{gone}"),
    Screen("missing page", "/admin/nothing/list"),
    Screen("no permission", "/admin/user/list", VERA),
)

__all__ = ["NOBODY", "SCREENS", "WORDY", "Keys", "Screen"]
