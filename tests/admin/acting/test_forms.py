"""An action's form is drawn, read and refused as a record's form is."""

import html
import io
import re

import pytest

from backoffice.db import Database
from backoffice.models import Item
from tests.admin.acting.steps import act, address, changesets, keys_used, post, values, write
from tests.cast import Browser, text_of

EVERY = {
    "line": "a line",
    "text": "two\nlines",
    "email": "a@example.com",
    "whole": "12",
    "money": "12.50",
    "ratio": "0.5",
    "day": "2026-11-28",
    "at": "2026-11-28T10:30",
    "hour": "10:30",
    "size": "l",
    "shade": "",
    "corner": "r",
    "colour": "b",
    "tags": ["x", "y"],
    "sure": "true",
    "own": "own text",
}


def test_every_kind_of_field_is_drawn(ada: Browser, items: list[int]) -> None:
    page = ada.get(address("every", items[0])).text
    for name, control in {
        "line": r'<input type="text"',
        "text": r"<textarea",
        "email": r'<input type="email"',
        "word": r'<input type="password"',
        "whole": r'<input type="text"[^>]*inputmode="numeric"',
        "money": r'<input type="text"[^>]*inputmode="decimal"',
        "ratio": r'<input type="text"[^>]*inputmode="decimal"',
        "day": r'<input type="date"',
        "at": r'<input type="datetime-local"',
        "hour": r'<input type="time"',
        "size": r"<select",
        "colour": r'<input type="radio"[^>]*value="r" checked',
        "tags": r'<input type="checkbox"[^>]*value="y"',
        "sure": r'<input type="checkbox"[^>]*value="true"',
        "own": r'<input type="text"',
    }.items():
        tag = re.search(rf'<(?:input|select|textarea)[^>]*name="{name}"[^>]*>', page)
        assert tag, name
        assert re.search(control, page), name
    assert 'data-maximum="10"' in page
    for name, value in (
        ("since", "2026-01-02T03:04:00"),
        ("until", "2026-05-06"),
        ("least", "100"),
    ):
        assert re.search(rf'name="{name}" value="{value}"', page), name
    assert "A field of records’ forms." in page.replace("'", "’").replace("&#39;", "’")
    assert "<legend" not in page
    assert 'role="radiogroup" aria-labelledby="field-colour-label"' in page


def test_a_choice_that_must_be_made_is_not_called_optional(ada: Browser, items: list[int]) -> None:
    page = ada.get(address("every", items[0]))
    text = text_of(page)
    assert "Size Choose… Small Large Colour Red Blue" in text
    assert "Line optional" in text
    assert "Shade optional None Light Dark" in text
    assert "Corner optional None Left Right" in text
    assert 'aria-required="true"' in page.text
    unmade = act(ada, "every", items[0], **{**EVERY, "size": ""})
    assert unmade.status_code == 422
    assert "Choose one of the list." in text_of(unmade)


def test_the_function_gets_the_cleaned_values(ada: Browser, items: list[int]) -> None:
    assert act(ada, "every", items[0], **EVERY).status_code == 303
    told = text_of(ada.get("/admin/item/list"))
    for part in (
        "'line': 'a line'",
        "'whole': 12",
        "'money': Decimal('12.50')",
        "'day': datetime.date(2026, 11, 28)",
        "'at': datetime.datetime(2026, 11, 28, 10, 30)",
        "'size': 'l'",
        "'colour': 'b'",
        "'tags': ['x', 'y']",
        "'sure': True",
        "'own': 'own text'",
    ):
        assert part in told


def test_refused_input_stays_with_a_message_at_its_field(
    ada: Browser, database: Database, items: list[int]
) -> None:
    wrong = EVERY | {
        "line": "much too long",
        "whole": "twelve",
        "day": "tomorrow",
        "word": "secret",
    }
    page = act(ada, "every", items[0], **wrong)
    assert page.status_code == 422
    text = text_of(page)
    assert "Nothing was done. Check these 3 fields: Line , Whole , Day ." in text
    assert "Shorten this to 10 characters." in text
    assert 'value="much too long"' in page.text
    assert 'value="twelve"' in page.text
    assert 'type="text" id="field-day"' in page.text
    assert 'value="tomorrow"' in page.text
    assert re.search(r'<option value="l" selected', page.text)
    assert re.search(r'value="b" checked', page.text)
    assert re.search(r'name="tags" value="y" checked', page.text)
    assert re.search(r'name="sure" value="true" checked', page.text)
    assert 'value="2026-11-28T10:30"' in page.text
    assert "secret" not in page.text
    assert keys_used(database) == 0


def test_a_rule_of_the_form_is_told_at_its_field(ada: Browser, items: list[int]) -> None:
    page = act(ada, "every", items[0], **EVERY | {"line": "no"})
    assert page.status_code == 422
    assert "Not this one." in text_of(page)


def test_unknown_and_repeated_names_files_and_nul_are_refused(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("rename", items[0]))
    unknown = post(ada, page, "rename", name="A", quantity="9")
    assert unknown.status_code == 422
    assert "This form has no field named “quantity”." in text_of(unknown)
    repeated = post(ada, page, "rename", name=["A", "B"])
    assert "This field was sent more than once." in text_of(repeated)
    nul = post(ada, page, "rename", name="A\x00B")
    assert nul.status_code == 422
    assert "Remove the characters that cannot be stored" in text_of(nul)
    # Also where no model would refuse it.
    nul = act(ada, "every", items[0], **EVERY | {"text": "A\x00B"})
    assert nul.status_code == 422
    assert "Remove the characters that cannot be stored" in text_of(nul)
    sent = {"name": ("a.txt", io.BytesIO(b"a"), "text/plain")}
    file = ada.post(address("rename", items[0]), {"do": "act"}, files=sent)
    assert file.status_code == 422
    assert "Enter text, not a file." in text_of(file)
    assert values(database, Item.name)[0] == "Item 0000"
    # An action without a form has no field at all.
    page = ada.get(address("mark", items[0]))
    assert post(ada, page, "mark", quantity="9").status_code == 422


def test_what_the_model_refuses_is_told_at_the_forms_field_or_above(
    ada: Browser, database: Database, items: list[int]
) -> None:
    before = len(changesets(database))
    at_field = act(ada, "rename", items[0], name="a\tb", price="-1")
    assert at_field.status_code == 422
    assert "Remove the line breaks and control characters." in text_of(at_field)
    assert re.search(r'id="field-name-error"', at_field.text)

    above = act(ada, "empty", items[0])
    assert above.status_code == 422
    assert "Error: Quantity: This is never empty." in text_of(above)
    assert values(database, Item.description)[0] == "Description of item 0"
    assert len(changesets(database)) == before
    assert keys_used(database) == 0


@pytest.mark.every_database
def test_what_the_database_refuses_has_the_sentences_of_the_records_form(
    ada: Browser, database: Database, items: list[int]
) -> None:
    taken = act(ada, "rename", items[0], name="Item 0001")
    assert taken.status_code == 422
    assert "An item with this name already exists. Choose another." in text_of(taken)
    assert 'id="field-name-error"' in taken.text
    assert 'value="Item 0001"' in taken.text

    missing = act(ada, "uncategorise", items[0])
    assert missing.status_code == 422
    told = (
        "This would leave a record without another one that it needs."
        if database.dialect == "sqlite"
        else "Category: This category no longer exists."
    )
    assert told in text_of(missing)
    assert values(database, Item.name)[0] == "Item 0000"


def test_a_text_that_looks_like_markup_is_shown_as_text(
    ada: Browser, database: Database, items: list[int]
) -> None:
    write(database, items[0], name="<b>bold</b>")
    page = act(ada, "rename", items[0], name="<i>")
    assert page.status_code == 303
    page = act(ada, "rename", items[1], name="<i>")
    assert page.status_code == 422
    assert "<i>" not in re.sub(r"<i [^>]*>", "", page.text)
    assert html.escape("<i>") in page.text


@pytest.mark.parametrize("name", ["rename", "every"])
def test_enter_presses_the_button_that_acts(ada: Browser, items: list[int], name: str) -> None:
    page = ada.get(address(name, items[0])).text
    first = re.search(
        r'<button type="submit"[^>]*form|<button type="submit"[^>]*name="do"[^>]*>', page
    )
    assert first
    assert 'value="act"' in first[0]
