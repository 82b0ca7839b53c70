"""Without a script a form posts its empty fields, too; the list's address does not keep them."""

import re
from html import unescape

import pytest

from backoffice.db import Database
from tests.cast import Browser, add_items, statements, text_of

pytestmark = pytest.mark.databases("sqlite")

LIST = "/admin/item/list"


def fields(page: str) -> str:
    """The query string that the list's form sends without a script, as it is."""
    inputs = re.findall(r'<input type="(?:text|search|date)"[^>]* name="([^"]*)"', page)
    selects = re.findall(r'<select [^>]*name="([^"]*)" form="narrow"', page)
    return "&".join(f"{name}=" for name in (*inputs, *selects))


def test_empty_fields_go_by_one_redirect_and_what_was_filled_in_stays(
    ada: Browser, database: Database
) -> None:
    add_items(database, 9)
    empty = fields(ada.get(LIST).text)
    for name in ("search", "price_from", "name", "name_op", "pageSize", "sort", "category_find"):
        assert f"{name}=" in empty.split("&")

    with statements(database) as seen:
        answer = ada.get(f"{LIST}?{empty}&is=low&search=item+%20&unknown=1&name_op=starts")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{LIST}?is=low&search=item++&unknown=1"
    assert not any("items" in statement for statement in seen)
    page = ada.get(answer.headers["location"])
    assert page.status_code == 200
    assert "Ignored the unknown option “unknown”" in text_of(page)

    assert ada.get(f"{LIST}?{empty}").headers["location"] == LIST


def test_an_address_without_empty_fields_is_left_as_it_is(ada: Browser, database: Database) -> None:
    add_items(database, 9)
    for query in ("?price_to=5&search=x&price_from=1", "?category_find=sc&find=category"):
        assert ada.get(LIST + query).status_code == 200


def test_a_script_that_asks_gets_the_page(ada: Browser, database: Database) -> None:
    add_items(database, 1)
    asked = {"Sec-Fetch-Mode": "cors"}
    assert ada.get(f"{LIST}?search=", headers=asked).status_code == 200


def test_an_emptied_form_shows_the_whole_list_and_not_the_default_view(
    ada: Browser, database: Database
) -> None:
    add_items(database, 9)
    ada.get("/admin/item/views")
    ada.post("/admin/item/views", {"name": "One", "query": "search=0001", "default": "yes"})
    assert "1 item" in text_of(ada.get(LIST))

    answer = ada.get(f"{LIST}?search=&price_from=")
    assert answer.headers["location"] == f"{LIST}?view=all"
    page = ada.get(answer.headers["location"])
    assert "9 items" in text_of(page)
    # So do clearing the search and clearing the filters.
    page = ada.get(f"{LIST}?search=0001")
    cleared = re.search(r'class="search-clear" href="([^"]*)"', page.text)
    assert cleared is not None
    assert unescape(cleared[1]) == f"{LIST}?view=all"
