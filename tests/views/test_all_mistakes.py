"""Everything that is wrong with a form is said at once, and what was told is not lost with it."""

import html
import re

import pytest
from httpx2 import Response

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item
from tests.cast import FIRST_ITEM, Browser, add_items, count, hidden_fields, text_of

EDIT = "/admin/item/edit/1"


@pytest.fixture(autouse=True)
def stocked(database: Database) -> None:
    add_items(database, 2)


def errors(page: Response) -> dict[str, str]:
    """What the page says at each field, by its name."""
    found = re.findall(r'id="field-(\w+)-error">.*?<span>(.*?)</span>', page.text, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


def test_a_kind_a_rule_of_the_model_and_the_database_say_what_is_wrong_at_once(
    ada: Browser, database: Database
) -> None:
    ada.get("/admin/item/create")
    wrong = {"name": "Item 0001", "description": "", "price": "-1", "quantity": "a few"}
    refused = ada.post("/admin/item/create", {**wrong, "category": "99"})

    assert refused.status_code == 422
    told = errors(refused)
    assert list(told) == ["name", "description", "category", "price", "quantity"]
    assert told["name"] == "An item with this name already exists. Choose another."
    assert "Nothing was saved. Check these 5 fields:" in text_of(refused)
    assert count(database, Item) == 2


def test_so_they_do_of_a_record_that_is_edited_and_nothing_is_written(
    ada: Browser, database: Database
) -> None:
    refused = ada.edit(EDIT, {**FIRST_ITEM, "name": "Item 0001", "price": "-1", "quantity": "x"})

    assert refused.status_code == 422
    assert set(errors(refused)) == {"name", "price", "quantity"}
    with unit_of_work(database) as session:
        item = session.get_one(Item, 1)
        assert (item.name, str(item.price), item.version) == ("Item 0000", "0.00", 1)


def test_a_name_that_differs_from_its_own_in_case_alone_is_not_taken_by_itself(
    ada: Browser,
) -> None:
    refused = ada.edit(EDIT, {**FIRST_ITEM, "name": "ITEM 0000", "price": "-1"})
    assert set(errors(refused)) == {"price"}


def test_passwords_are_judged_beside_the_other_fields_of_a_user(ada: Browser) -> None:
    ada.get("/admin/user/create")
    typed = {"first_name": "Ida", "last_name": "", "email": "nobody", "password": "short"}
    refused = ada.post("/admin/user/create", {**typed, "password_again": "other"})
    assert set(errors(refused)) == {"last_name", "email", "password", "password_again"}


def test_a_conflict_and_a_mistake_are_told_on_one_page(
    ada: Browser, ed: Browser, database: Database
) -> None:
    mine = hidden_fields(ada.get(EDIT))
    changed = {"price": "5.50", "description": "Ed's", "quantity": "7"}
    assert ed.edit(EDIT, {**FIRST_ITEM, **changed}).status_code == 303

    asked = ada.post(EDIT, {**FIRST_ITEM, **mine, "price": "7.00", "quantity": "many"})

    assert asked.status_code == 409
    assert set(errors(asked)) == {"quantity"}
    assert 'name="choice_price"' in asked.text
    note = "Ed Tester changed Description to “Ed's” while you were editing."
    assert note in text_of(asked)

    # Ada never saw Ed's quantity: putting hers right does not overwrite it in silence.
    answer = {**FIRST_ITEM, "description": "Ed's", "price": "7.00", "choice_price": "mine"}
    again = ada.post(EDIT, {**answer, **hidden_fields(asked), "quantity": "3"})
    assert again.status_code == 409
    assert 'name="choice_quantity"' in again.text
    assert note in text_of(again), "what a colleague changed is told until it is saved"
    settled = {**answer, "quantity": "3", "choice_quantity": "theirs"}
    assert ada.post(EDIT, {**settled, **hidden_fields(again)}).status_code == 303
    with unit_of_work(database) as session:
        item = session.get_one(Item, 1)
        assert (str(item.price), item.quantity, item.description) == ("7.00", 7, "Ed's")


def test_a_note_survives_a_second_refusal(ada: Browser, ed: Browser) -> None:
    mine = hidden_fields(ada.get(EDIT))
    assert ed.edit(EDIT, {**FIRST_ITEM, "price": "5.50"}).status_code == 303
    note = "Ed Tester changed Price to “5.50” while you were editing. That value is kept."

    first = ada.post(EDIT, {**FIRST_ITEM, **mine, "quantity": "many"})
    assert first.status_code == 422
    assert note in text_of(first)
    typed = {**FIRST_ITEM, "price": "5.50"}
    second = ada.post(EDIT, {**typed, **hidden_fields(first), "quantity": "lots"})
    assert second.status_code == 422
    assert note in text_of(second)
    third = ada.post(EDIT, {**typed, **hidden_fields(second), "quantity": "none"})
    assert note in text_of(third)
    assert ada.post(EDIT, {**typed, **hidden_fields(third), "quantity": "3"}).status_code == 303


def test_ones_own_second_tab_is_called_so(ada: Browser) -> None:
    mine = hidden_fields(ada.get(EDIT))
    changed = {"price": "5.50", "description": "Another"}
    assert ada.edit(EDIT, {**FIRST_ITEM, **changed}).status_code == 303

    asked = ada.post(EDIT, {**FIRST_ITEM, **mine, "price": "7.00"})

    said = text_of(asked)
    assert "You changed the same field in another window." in said
    assert "You, in another window, changed this too" in said
    assert "You, in another window, changed Description to “Another”." in said
    assert "Somebody" not in said


def test_the_focus_is_on_the_first_field_that_is_wrong(ada: Browser) -> None:
    refused = ada.edit(EDIT, {**FIRST_ITEM, "price": "-1", "quantity": "x"})
    (tag,) = re.findall(r"<[^>]* autofocus[^>]*>", refused.text)
    assert 'id="field-price"' in tag


def test_a_refusal_that_is_about_no_field_has_the_focus_itself(ada: Browser) -> None:
    for path, data in (
        (EDIT, {**FIRST_ITEM, "weight": "3"}),
        ("/admin/item/delete", {"pks": "1,99"}),
    ):
        ada.get(EDIT)
        refused = ada.post(path, {**hidden_fields(ada.get(EDIT)), **data})
        assert refused.status_code in (409, 422)
        (tag,) = re.findall(r"<[^>]* autofocus[^>]*>", refused.text)
        assert tag.startswith('<div class="notice notice-error" role="alert" tabindex="-1"')


def test_a_select_is_required_in_html_only_with_a_blank_first_option(ada: Browser) -> None:
    for path in (EDIT, "/admin/item/create"):
        main = ada.get(path).text.partition("<main")[2]
        found = re.search(r"<select[^>]*>\s*<option[^>]*>", main)
        assert found
        has_blank = 'value=""' in found[0]
        assert (" required" in found[0]) == has_blank
        assert ('aria-required="true"' in found[0]) != has_blank
