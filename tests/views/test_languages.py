"""Numbers and dates follow the person's language, and addresses hold plain ones for everybody."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, User
from backoffice.models.tables import user_preferences
from tests.cast import Browser, hidden_fields, text_of


@pytest.fixture(autouse=True)
def shelf(database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        metal = Category(name="Metal")
        for place, price in enumerate(("1234.50", "12.50", "1.23")):
            session.add(
                Item(
                    name=f"Bolt {place}", description="x", price=price, quantity=place * 1500,
                    category=metal,
                )
            )  # fmt: skip


@contextmanager
def reading(browser: Browser, accept: str) -> Iterator[Browser]:
    """The browser, set to a language."""
    browser.client.headers["Accept-Language"] = accept
    yield browser
    del browser.client.headers["Accept-Language"]


def values_of(browser: Browser, path: str) -> dict[str, str]:
    """The texts in the inputs of a page, by name."""
    page = browser.get(path)
    found = re.findall(r'<input type="text"[^>]* name="(\w+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def test_a_list_writes_numbers_as_the_browser_asks(ada: Browser) -> None:
    with reading(ada, "de-AT,de;q=0.9,en;q=0.5"):
        told = text_of(ada.get("/admin/item/list"))
    assert "1.234,50" in told
    assert "3.000" in told
    assert "1,234.50" in text_of(ada.get("/admin/item/list"))


def test_a_preference_comes_before_the_browser_and_the_browser_before_the_setting(
    ada: Browser, database: Database
) -> None:
    with unit_of_work(database, writes=True) as session:
        id_ = session.scalar(sa.select(User.id).where(User.email == "ada@example.com"))
        session.execute(sa.insert(user_preferences).values(user_id=id_, data='{"language": "fr"}'))
    with reading(ada, "de"):
        assert "1\u202f234,50" in html.unescape(ada.get("/admin/item/list").text)
    with unit_of_work(database, writes=True) as session:
        session.execute(sa.update(user_preferences).values(data='{"language": "xx"}'))
    with reading(ada, "de"):
        assert "1.234,50" in ada.get("/admin/item/list").text
    with reading(ada, "ja, *;q=0.1, ;;;=,"):
        assert "1,234.50" in ada.get("/admin/item/list").text


def test_a_form_shows_and_reads_numbers_in_the_persons_language(
    ada: Browser, database: Database
) -> None:
    with reading(ada, "de"):
        path = "/admin/item/edit/1"
        page = ada.get(path)
        assert values_of(ada, path)["price"] == "1234,50"
        fields = {**hidden_fields(page), "name": "Bolt 0", "description": "x", "quantity": "0"}
        fields |= {"category": "1"}
        told = ada.post(path, {**fields, "price": "1.234"})
        assert told.status_code == 422
        assert "“1.234” can mean 1234 or 1,234. Enter one of the two." in text_of(told)
        assert 'value="1.234"' in told.text
        saved = ada.post(path, {**fields, "price": "1.300,75"})
        assert saved.status_code == 303
    with unit_of_work(database) as session:
        assert str(session.get_one(Item, 1).price) == "1300.75"


def test_nothing_is_changed_by_saving_a_form_as_it_was_shown(
    ada: Browser, database: Database
) -> None:
    for language in ("en", "de", "fr", "ar"):
        with reading(ada, language):
            path = "/admin/item/edit/1"
            page = ada.get(path)
            fields = {**hidden_fields(page), **values_of(ada, path), "description": "x"}
            sent = ada.post(path, {**fields, "category": "1"})
            assert sent.status_code == 303, text_of(sent)
    with unit_of_work(database) as session:
        assert session.get_one(Item, 1).version == 1


def parameters(location: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location).query))


def test_what_is_typed_into_a_lists_form_becomes_a_plain_address(ada: Browser) -> None:
    with reading(ada, "de"):
        assert '<input type="hidden" name="typed" value="de">' in ada.get("/admin/item/list").text
        sent = ada.get(
            "/admin/item/list?typed=de&price_from=1,2&price_to=1.234,50&search=price>12,40+bolt"
        )
        assert sent.status_code == 303
        address = sent.headers["location"]
        assert parameters(address) == {
            "price_from": "1.2",
            "price_to": "1234.50",
            "search": "price>12.40 bolt",
        }
        page = ada.get(address)
        shown = re.findall(r'name="(?:price_from|price_to|search)" value="([^"]*)"', page.text)
        assert sorted(html.unescape(text) for text in shown) == [
            "1,2",
            "1234,50",
            "price>12,40 bolt",
        ]
        assert "Bolt 0" in page.text
        assert "Bolt 2" not in page.text
    # A colleague who reads English opens the same address.
    english = ada.get(address)
    assert 'value="1234.50"' in english.text
    assert "Bolt 0" in english.text
    assert 'name="typed"' not in english.text


def test_a_filter_that_means_two_numbers_is_left_out_and_both_are_named(ada: Browser) -> None:
    with reading(ada, "de"):
        page = ada.get("/admin/item/list?typed=de&price_from=1.234&search=bolt")
    assert page.status_code == 200
    assert "“1.234” can mean 1234 or 1,234. Enter one of the two." in text_of(page)
    assert "Bolt 2" in page.text


def test_a_language_that_nobody_knows_does_no_harm(ada: Browser) -> None:
    sent = ada.get("/admin/item/list?typed=%00&price_from=1.5&typed=xx")
    assert parameters(sent.headers["location"]) == {"price_from": "1.5"}


def test_a_form_is_read_in_the_language_it_was_shown_in_if_that_is_offered(ada: Browser) -> None:
    typed = "/admin/item/list?price_from=1,5&typed="
    assert parameters(ada.get(typed + "de").headers["location"]) == {"price_from": "1.5"}
    # English groups no single digit, and nobody was ever shown a list in Spanish.
    assert parameters(ada.get(typed + "es").headers["location"]) == {"price_from": "1,5"}


def test_what_cannot_be_read_is_shown_as_it_was_typed(ada: Browser) -> None:
    with reading(ada, "de"):
        sent = ada.get("/admin/item/list?typed=de&search=price>,5+price<1,2,3")
        address = sent.headers["location"]
        assert parameters(address) == {"search": "price>.5 price<1,2,3"}
        page = ada.get(address)
    assert "“1,2,3” is not a number" in text_of(page)
    assert 'value="price&gt;,5 price&lt;1,2,3"' in page.text
