"""What a list's page offers."""

import re

import pytest

from backoffice.db import Database
from tests.cast import Browser, add_items

pytestmark = pytest.mark.databases("sqlite")


def offered_sizes(page: str) -> dict[str, str]:
    """The page sizes to choose from: text to what is sent for it; the chosen one marked."""
    box = page.partition('name="pageSize"')[2].partition("</select>")[0]
    options = re.findall(r'<option value="([^"]*)"( selected)?>(\d+)<', box)
    return {text + ("*" if chosen else ""): value for value, chosen, text in options}


def test_the_usual_page_size_is_sent_as_nothing(ada: Browser, database: Database) -> None:
    add_items(database, 60)
    plain = {"25": "25", "50*": "", "100": "100", "200": "200"}
    assert offered_sizes(ada.get("/admin/item/list").text) == plain
    assert offered_sizes(ada.get("/admin/item/list?search=&pageSize=").text) == plain
    other = ada.get("/admin/item/list?pageSize=25").text
    assert offered_sizes(other) == {"25*": "25", "50": "", "100": "100", "200": "200"}
