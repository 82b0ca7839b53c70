"""A page that says why nothing was done says so in its title, which a screen reader reads first."""

import re

import pytest
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.auth.browser import Browser as BrowserState
from backoffice.auth.browser import Notice, saved_record
from backoffice.db import Database
from tests.cast import Browser, add_items


def title(page: Response) -> str:
    found = re.search(r"<title>(.*?)</title>", page.text)
    assert found, page.text
    return found[1]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/admin/item/create", {"name": ""}),
        ("/admin/item/edit/1", {"name": "", "version": "1"}),
        ("/admin/category/delete", {"pks": "1"}),
        ("/admin/password", {"current_password": ""}),
    ],
)
def test_the_title_of_a_refused_page_begins_with_error(
    ada: Browser, database: Database, path: str, data: dict[str, str]
) -> None:
    add_items(database, 1)
    opened = ada.get(path + ("?pks=1" if "delete" in path else ""))
    assert not title(opened).startswith("Error")

    refused = ada.post(path, data)

    assert refused.status_code in (409, 422)
    assert title(refused) == f"Error: {title(opened)}"


def test_so_does_the_title_of_a_refused_sign_in(app: Starlette) -> None:
    stranger = Browser(app)
    assert title(stranger.get("/admin/login")).startswith("Sign in")
    refused = stranger.sign_in("nobody@example.com")
    assert refused.status_code == 422
    assert title(refused).startswith("Error: Sign in")


def test_a_notice_names_the_record_that_was_saved_last() -> None:
    saved = [Notice("success", "Saved.", saved=saved_record("item", key)) for key in ("1", "2:3")]
    browser = BrowserState("token", arrived=(*saved, Notice("info", "Something else.")))
    assert browser.saved_key("item") == "2:3"
    assert browser.saved_key("category") == ""
