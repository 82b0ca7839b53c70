"""What is at the person's name: their language, theme, password and sign-out."""

import html
import re

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Changeset
from backoffice.models.tables import user_preferences
from tests.cast import Browser, links_of, text_of

HINT = "Texts are in English so far."


def language_of(browser: Browser) -> str:
    return browser.get("/admin/password").text.partition('data-locale="')[2].partition('"')[0]


def test_a_chosen_language_is_kept_with_the_other_preferences(
    ed: Browser, vera: Browser, database: Database
) -> None:
    ed.get("/admin/item/list")
    ed.post("/admin/item/arrange", {"density": "cosy", "next": "/admin/item/list"})
    with unit_of_work(database) as session:
        before = session.scalars(sa.select(Changeset.id)).all()

    ed.get("/admin/password")
    answer = ed.post("/admin/language", {"language": "de", "next": "/admin/item/list?search=a"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/admin/item/list?search=a"
    assert language_of(ed) == "de"
    assert language_of(vera) == "en"
    assert 'value="de" lang="de" translate="no" selected' in ed.get("/admin/password").text
    with unit_of_work(database) as session:
        kept = list(session.scalars(sa.select(user_preferences.c.data)))
        assert session.scalars(sa.select(Changeset.id)).all() == before
    assert kept == ['{"lists":{"item":{"density":"cosy"}},"language":"de"}']

    ed.post("/admin/language", {"language": ""})
    assert language_of(ed) == "en"


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("language", ["xx", "nl", "../de", "qps-ploc", "\x00"])
def test_a_language_that_is_not_offered_follows_the_browser(ed: Browser, language: str) -> None:
    ed.get("/admin/password")
    assert ed.post("/admin/language", {"language": language}).status_code == 303
    assert language_of(ed) == "en"


@pytest.mark.databases("sqlite")
def test_it_returns_to_no_other_site(ed: Browser) -> None:
    ed.get("/admin/password")
    answer = ed.post("/admin/language", {"language": "fr", "next": "https://elsewhere.example/"})
    assert answer.headers["location"] == "/admin/"


@pytest.mark.databases("sqlite")
def test_nobody_chooses_for_another_without_a_token(ed: Browser) -> None:
    ed.get("/admin/password")
    refused = ed.client.post(
        "/admin/language", data={"language": "de"}, headers={"Origin": "http://127.0.0.1:8000"}
    )
    assert refused.status_code == 403
    assert language_of(ed) == "en"


@pytest.mark.databases("sqlite")
def test_it_says_where_texts_have_no_translation_yet(ed: Browser) -> None:
    assert HINT not in text_of(ed.get("/admin/password"))
    ed.post("/admin/language", {"language": "de"})
    assert HINT in text_of(ed.get("/admin/password"))
    ed.post("/admin/language", {"language": "en-GB"})
    assert HINT not in text_of(ed.get("/admin/password"))


@pytest.mark.databases("sqlite")
def test_the_menu_leads_to_ones_record_only_if_one_may_see_it(ada: Browser, ed: Browser) -> None:
    assert any(href.startswith("/admin/user/details/") for href in links_of(ada.get("/admin/")))
    own = links_of(ed.get("/admin/"))
    assert "/admin/password" in own
    assert not any(href.startswith("/admin/user/") for href in own)


def test_each_page_of_the_same_person_returns_to_itself(ed: Browser) -> None:
    for path in ("/admin/item/list?search=a%22b", "/admin/category/list"):
        page = ed.get(path).text
        (menu,) = re.findall(r'<div id="user-menu".*?</form>', page, re.DOTALL)
        assert f'name="next" value="{html.escape(path)}"' in menu
        assert f'name="csrf_token" value="{ed.token}"' in menu
