"""The overview: a search that goes to a list, what needs attention, and the latest changes."""

import html
import re

from starlette.applications import Starlette

from backoffice.db import Database
from tests.cast import (
    Browser,
    add_items,
    add_user,
    links_of,
    signed_in,
    somebody,
    statements,
    text_of,
)

LOW, OUT = "/admin/item/list?is=low", "/admin/item/list?is=out"


def searched(page: str) -> list[str]:
    box = page.partition('name="in"')[2].partition("</select>")[0]
    return re.findall(r'<option value="([^"]*)"', box)


def test_a_search_goes_to_the_chosen_list(ada: Browser) -> None:
    assert searched(ada.get("/admin/").text)[:2] == ["item", "category"]
    answer = ada.get("/admin/?search=hex+bolt+%26&in=category")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/admin/category/list?search=hex+bolt+%26"


def test_a_search_leads_to_no_list_that_one_may_not_see(app: Starlette, database: Database) -> None:
    carl = somebody(app, database, "item:list")
    assert searched(carl.get("/admin/").text) == ["item"]
    for place in ("user", "nothing", "", "//elsewhere.example"):
        answer = carl.get(f"/admin/?search=ada&in={place}")
        assert answer.status_code == 200, place
        assert "Welcome, Clerk" in text_of(answer)


def test_low_and_missing_stock_needs_attention(ada: Browser, database: Database) -> None:
    assert "Needs attention" not in text_of(ada.get("/admin/"))
    add_items(database, 30)  # quantities from 0 to 29
    with statements(database) as seen:
        page = ada.get("/admin/")
    told = text_of(page)
    assert "10 items: Low (1 to 10)" in told
    assert "1 item: Out" in told
    assert {LOW, OUT} <= set(links_of(page))
    assert len([one for one in seen if "FROM items" in one]) == 1, "one statement counts it all"
    assert text_of(ada.get(LOW)).count("Item 00") >= 10


def test_nothing_follows_from_a_quantity_that_one_may_not_see(
    app: Starlette, database: Database
) -> None:
    add_items(database, 30)
    page = somebody(app, database, "item:list", "item:read:name").get("/admin/")
    assert "Needs attention" not in text_of(page)
    assert not {LOW, OUT} & set(links_of(page))


def test_somebody_without_permissions_is_told_whom_to_ask(
    app: Starlette, database: Database
) -> None:
    add_user(database, "nora@example.com")
    told = text_of(signed_in(app, "nora@example.com").get("/admin/"))
    assert "You don't have permission to see any records. Ask an administrator for a role." in told
    assert "Needs attention" not in told


def test_ones_own_changes_are_one_click_away(ada: Browser) -> None:
    ada.get("/admin/category/create")
    ada.post("/admin/category/create", {"name": "Bolts", "save": "Save"})
    page = ada.get("/admin/")
    assert "Your changes" in text_of(page)
    (own,) = [href for href in links_of(page) if "/changeset/list?person=" in href]
    assert "Bolts" in html.unescape(ada.get(own).text)
