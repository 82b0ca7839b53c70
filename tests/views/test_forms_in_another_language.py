"""Forms, conflicts and delete pages have no text that is not translated.

The language is the one for tests, which puts each translated text between ⟦ and ⟧. What is left is
the records' own values.
"""

import html
import re
from collections.abc import Callable

import pytest
from httpx2 import Response

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.web.app import create_app
from tests.cast import Browser, add_items, add_user, hidden_fields, signed_in

pytestmark = pytest.mark.databases("sqlite")

PSEUDO = {"Accept-Language": "qps-ploc"}
VALUES = ("Description of item", "Item", "Bolts", "Nuts", "Theirs", "Mine", "EUR", "UTC", "Alt+")


@pytest.fixture
def ada(make_settings: Callable[..., Settings], database: Database) -> Browser:
    """Ada, whose browser wants the language for tests."""
    settings = make_settings(languages=("en", "qps-ploc"))
    add_user(database, "ada@example.com", superuser=True)
    add_items(database, 30, ["Bolts", "Nuts"])
    browser = signed_in(create_app(settings, database), "ada@example.com")
    browser.client.headers.update(PSEUDO)
    return browser


def untranslated(page: Response) -> set[str]:
    """The words of a page's main part that are between no marks, without numbers and values."""
    main = page.text.partition("<main")[2].partition("</main")[0]
    attributes = re.findall(r'(?:title|aria-label|placeholder)="([^"]*)"', main)
    flowing = re.sub(r"</?(?:span|a|kbd|strong|time)\b[^>]*>", "", f"<main{main}")
    texts = [*re.findall(r">([^<]+)<", flowing), *attributes]
    found = set()
    for text in texts:
        left = html.unescape(text)
        while re.search(r"⟦[^⟦⟧]*⟧", left):  # a translated text may be a part of another
            left = re.sub(r"⟦[^⟦⟧]*⟧", "", left)
        for value in VALUES:
            left = left.replace(value, "")
        if re.search(r"[A-Za-z]{2}", left):
            found.add(" ".join(left.split()))
    return found


def test_no_form_has_an_untranslated_text(ada: Browser) -> None:
    for path in ("/admin/item/create", "/admin/item/edit/1", "/admin/category/edit/1"):
        assert untranslated(ada.get(path)) == set(), path


def test_no_refused_form_has_one(ada: Browser) -> None:
    path = "/admin/item/edit/1"
    typed = {"name": "Item 0000", "description": "Mine", "category": "1", "quantity": "0"}
    mine = hidden_fields(ada.get(path))
    first = {**typed, "price": "3", "description": "Theirs", "quantity": "5"}
    assert ada.edit(path, first).status_code == 303
    refused = ada.post(path, {**typed, **mine, "price": "-1", "name": ""})
    assert refused.status_code == 409
    assert untranslated(refused) == set()


def test_no_delete_page_has_one(ada: Browser) -> None:
    page = ada.get("/admin/category/delete?pks=1")
    assert untranslated(page) == set()
    assert untranslated(ada.get("/admin/item/delete?pks=1,2,3,4,5,6,7,8")) == set()
    refused = ada.post("/admin/category/delete", {"pks": "1", "below": "delete", "confirm": "1"})
    assert refused.status_code in (409, 422)
    assert untranslated(refused) == set()
