"""WTForms' messages are ours: in our words, and translated as all texts are."""

import ast
from pathlib import Path
from typing import Any

import pytest
import wtforms
from starlette.datastructures import FormData
from wtforms import validators

from backoffice.admin.forms.translations import MESSAGES, PLURALS, translated
from backoffice.language import find_language, speak

OF_ITS_OWN = {"Invalid field name '%s'."}
"""A mistake of a developer's."""


class Parcel(wtforms.Form):
    weight = wtforms.IntegerField("Weight", [validators.NumberRange(min=1, max=1500)])
    label = wtforms.StringField("Label", [validators.Length(max=3)])
    size = wtforms.SelectField("Size", choices=[("s", "Small")])
    note = wtforms.StringField("Note", [validators.DataRequired("Say something.")])


def errors_of(**posted: str) -> dict[str, Any]:
    form = translated(Parcel)(FormData(posted))
    form.validate()
    errors: dict[str, Any] = form.errors
    return errors


def test_each_message_of_wtforms_has_a_text() -> None:
    single: set[str] = set()
    plural: set[str] = set()
    for path in Path(wtforms.__file__).parent.rglob("*.py"):
        if "csrf" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else 0
            if isinstance(text, str) and node.func.attr in ("gettext", "ngettext"):
                (single if node.func.attr == "gettext" else plural).add(text)
    assert single - OF_ITS_OWN == MESSAGES.keys()
    assert plural == PLURALS.keys()


@pytest.mark.parametrize(
    ("posted", "field", "told"),
    [
        ({"weight": "heavy"}, "weight", "Enter a whole number, such as 12."),
        ({"weight": "0"}, "weight", "Enter a number from 1 to 1500."),
        ({"label": "much"}, "label", "Shorten this to 3 characters."),
        ({"size": "xl"}, "size", "Choose one of the list."),
        ({"note": ""}, "note", "Say something."),
    ],
)
def test_they_say_what_to_do(posted: dict[str, str], field: str, told: str) -> None:
    assert told in errors_of(**posted)[field]


def test_they_are_in_the_language_of_the_request() -> None:
    posted = {"weight": "0", "label": "much", "size": "xl", "note": "x"}
    with speak(find_language("qps-ploc")):
        errors = errors_of(**posted)
    assert set(errors) == {"weight", "label", "size"}
    assert all(text.startswith("⟦") for texts in errors.values() for text in texts[:1])
    assert "1500" in errors["weight"][0]


def test_so_is_a_message_that_the_form_gives_to_a_validator() -> None:
    with speak(find_language("qps-ploc")):
        assert errors_of(note="")["note"][0].startswith("⟦Sáý")
    assert errors_of(note="")["note"] == ["Say something."]


def test_a_form_keeps_the_translations_that_it_brings() -> None:
    class Own:
        def gettext(self, message: str) -> str:
            return "eigen"

        def ngettext(self, singular: str, plural: str, count: int) -> str:
            return "eigen"

    class Translated(Parcel):
        class Meta:
            def get_translations(self, form: Any) -> Own:
                return Own()

    form = translated(Translated)(FormData({"weight": "heavy", "note": "x", "size": "s"}))
    form.validate()
    assert form.errors["weight"][0] == "eigen"
