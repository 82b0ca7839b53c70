"""People who come from a list return to it as it was."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response

from backoffice.db import Database
from backoffice.models import Item
from tests.cast import Browser, add_items, count, links_of

pytestmark = pytest.mark.databases("sqlite")

LIST = "/admin/item/list?search=item+000&sort=-price"
TYPED = {"name": "Item 000x", "description": "x", "price": "1", "quantity": "1", "category": "1"}


@pytest.fixture(autouse=True)
def _items(database: Database) -> None:
    add_items(database, 20)


def link(page: Response, path: str) -> str:
    """The page's one link to that path, with what it carries."""
    (found,) = {href for href in links_of(page) if href.partition("?")[0] == path}
    return found


def hidden_next(page: Response, form: str) -> str:
    """What the form whose tag holds ``form`` sends along as ``next``."""
    inside = page.text.partition(form)[2].partition("</form>")[0]
    return html.unescape(re.findall(r'name="next" value="([^"]*)"', inside)[0])


def test_from_a_search_to_the_form_the_details_and_the_form_again(ada: Browser) -> None:
    form = ada.get(link(ada.get(LIST), "/admin/item/edit/1"))
    details = ada.get(link(form, "/admin/item/details/1"))
    again = ada.get(link(details, "/admin/item/edit/1"))
    assert LIST in links_of(details)  # by the breadcrumbs
    assert LIST in links_of(again)  # by Cancel
    assert hidden_next(again, 'data-form="ask"') == LIST

    saved = ada.post("/admin/item/edit/1", {**TYPED, "version": "1", "next": LIST})
    assert saved.headers["location"] == LIST
    assert ada.get(link(ada.get(LIST), "/admin/item/edit/1")).status_code == 200


def test_after_saving_and_continuing_and_adding_another(ada: Browser) -> None:
    ada.get("/admin/item/create")
    add = link(ada.get(LIST), "/admin/item/create")
    assert hidden_next(ada.get(add), 'data-form="ask"') == LIST
    continued = {**TYPED, "name": "A", "next": LIST, "save": "Save and continue editing"}
    another = {**TYPED, "name": "B", "next": LIST, "save": "Save and add another"}
    for typed in (continued, another):
        leads = ada.post("/admin/item/create", typed).headers["location"]
        assert parse_qs(urlsplit(leads).query)["next"] == [LIST]


def test_after_deleting_one_from_its_form_or_its_details(ada: Browser, database: Database) -> None:
    for key, screen in ((1, "edit"), (2, "details")):
        form = ada.get(link(ada.get(LIST), f"/admin/item/edit/{key}"))
        page = form if screen == "edit" else ada.get(link(form, f"/admin/item/details/{key}"))
        asked = ada.get(link(page, "/admin/item/delete"))
        cancel = [href for href in links_of(asked) if f"/admin/item/details/{key}?" in href]
        assert cancel
        next_page = hidden_next(asked, 'action="/admin/item/delete"')
        deleted = ada.post("/admin/item/delete", {"pks": str(key), "next": next_page})
        assert deleted.headers["location"] == LIST
    assert count(database, Item) == 18


def test_after_deleting_ticked_rows(ada: Browser) -> None:
    assert hidden_next(ada.get(LIST), 'id="bulk"') == LIST
    asked = ada.get("/admin/item/delete", params={"pks": ["1", "2"], "next": LIST})
    assert LIST in links_of(asked)
    chosen = {"pks": "1,2", "next": hidden_next(asked, 'action="/admin/item/delete"')}
    assert ada.post("/admin/item/delete", chosen).headers["location"] == LIST


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/admin/item/list",
        "//evil.example/admin/item/list",
        "/admin/category/list?search=x",
        "/admin/item/list/../../logout",
        "/admin/item/lists",
        "",
    ],
)
def test_nobody_is_led_anywhere_else(ada: Browser, elsewhere: str) -> None:
    details = ada.get("/admin/item/details/1", params={"next": elsewhere})
    assert not [href for href in links_of(details) if "next=" in href]
    deleted = ada.post("/admin/item/delete", {"pks": "1", "next": elsewhere})
    assert deleted.headers["location"] == "/admin/item/list"


def test_from_the_plain_list_nothing_is_carried(ada: Browser) -> None:
    assert not [href for href in links_of(ada.get("/admin/item/list")) if "next=" in href]
    assert 'name="next"' not in ada.get("/admin/item/delete?pks=1").text.partition("<main")[2]
