"""Actions that cannot work stop the start with a sentence."""

from typing import Any

import pytest
import wtforms
from wtforms import FileField, Form, HiddenField, IntegerField, SelectField, StringField

from backoffice.admin.actions import MOST, action, declared_actions
from backoffice.admin.forms.fields import ChecksField
from backoffice.admin.view import RecordView
from tests.admin.checks.shelves import Lamp, Start, nothing, shelf, view


class LevelForm(Form):
    level = IntegerField("Level")


def method(name: str, *arguments: Any, **options: Any) -> Any:
    @action(name, *arguments, **options)
    def act(self: Any, context: Any, records: Any, form: Any) -> str:
        return "Done."

    return act


def form_of(**fields: Any) -> type[Form]:
    return type("BadForm", (Form,), fields)


def test_actions_without_mistakes_start(problems: Start) -> None:
    def outlook(self: Any, context: Any, _records: Any, form: Any) -> list[Any]:
        return []

    good = {
        "tidy": method("tidy", "Tidy", "Sure?", form=LevelForm, preview="outlook", most=1),
        "outlook": outlook,
        "move_all": method("move_all"),
        "paint": method("paint", "Paint", permission="edit"),
        "paint_again": method("paint-again", "Paint again", permission="action:tidy"),
    }
    assert problems(shelf(**good)) == []


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (method("undo"), "every view has an action 'undo'. Give it another name."),
        (method("history"), "every view has an action 'history'. Give it another name."),
        (method("List"), "every view has an action 'list'. Give it another name."),
        (
            method("a/b"),
            "'a/b' cannot be part of an address. Write up to 50 letters, digits and “-”.",
        ),
        (
            method("", "Label"),
            "'' cannot be part of an address. Write up to 50 letters, digits and “-”.",
        ),
        (method("a" * 51, "A"), "cannot be part of an address"),
        (method("tidy", " "), "the label is blank. Write a verb, such as 'Restock'."),
        (method("tidy", most=0), "most is 0. Set it to a number of records."),
        (method("tidy", permission="edti"), "there is no permission 'edti'. Write 'edit'."),
        (method("tidy", permission="action:x"), "there is no permission 'action:x'."),
        (method("tidy", preview="previw"), "no method 'previw' for the preview. Write 'preview'."),
        (method("tidy", form=LevelForm()), "form must be a class derived from wtforms.Form."),
        (method("tidy", form=dict), "form must be a class derived from wtforms.Form."),
    ],
)
def test_what_is_wrong_with_a_declaration_is_told(
    problems: Start, declared: Any, told: str
) -> None:
    def preview(self: Any, context: Any, records: Any, form: Any) -> list[Any]:
        return []

    (problem,) = problems(shelf(tidy=declared, preview=preview))
    assert problem.startswith("ShelfView.tidy: ")
    assert told in problem


def _wrong(self: Any, records: Any, context: Any, form: Any) -> str:
    return ""


async def _asynchronous(self: Any, context: Any, records: Any, form: Any) -> str:
    return ""


def _keywords(self: Any, context: Any, records: Any, *, form: Any) -> str:
    return ""


def nothing_of(self: Any) -> list[Any]:
    return []


def _request(self: Any, request: Any) -> str:
    return ""


@pytest.mark.parametrize("function", [_wrong, _keywords, _request, nothing])
def test_a_misspelt_signature_is_told(problems: Start, function: Any) -> None:
    write = "Write def tidy(self, context, records, form)."
    assert problems(shelf(tidy=action("tidy")(function))) == [
        f"ShelfView.tidy has the wrong parameters. {write}"
    ]


def test_a_coroutine_and_a_wrong_preview_are_told(problems: Start) -> None:
    (problem,) = problems(shelf(tidy=action("tidy")(_asynchronous)))
    assert problem.startswith("ShelfView.tidy is async and would never run.")
    declared = method("tidy", preview="foresee")
    (problem,) = problems(shelf(tidy=declared, foresee=nothing_of))
    assert problem.startswith("ShelfView.foresee has the wrong parameters.")


def test_two_actions_of_one_name_are_told(problems: Start) -> None:
    (problem,) = problems(shelf(one=method("tidy-up"), other=method("tidy_up")))
    assert problem == ("ShelfView.other and one are both called 'tidy-up': give one another name.")


def test_an_action_on_records_without_history_is_told(problems: Start) -> None:
    lamps = view(Lamp, column_details_list=["name"], tidy=method("tidy"))
    assert problems([lamps]) == [
        "LampView.tidy: Lamp has no history and is read-only here. Make Lamp Audited, or "
        "remove the action."
    ]


def test_a_permission_that_nobody_can_have_is_told(problems: Start) -> None:
    (problem,) = problems(shelf(can_edit=False, tidy=method("tidy", permission="edit")))
    assert "the view has no edit screen, so nobody has the permission 'edit'." in problem


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (FileField("F"), "is a FileField: files are not accepted here."),
        (wtforms.MultipleFileField("F"), "is a MultipleFileField: files are not accepted here."),
        (HiddenField("F"), "is a HiddenField: there is no control for it."),
        (wtforms.SubmitField("F"), "is a SubmitField: there is no control for it."),
        (wtforms.MonthField("F"), "is a MonthField: there is no control for it."),
        (wtforms.FieldList(StringField("F")), "is a FieldList: there is no control for it."),
        (wtforms.FormField(LevelForm), "is a FormField: there is no control for it."),
        (ChecksField("F"), "is a ChecksField: there is no control for it."),
        (SelectField("F"), "has no choices. Write choices=[(value, text), …]."),
    ],
)
def test_a_field_that_cannot_be_drawn_is_told(problems: Start, field: Any, told: str) -> None:
    (problem,) = problems(shelf(tidy=method("tidy", form=form_of(odd=field))))
    assert problem.startswith(f"ShelfView.tidy: BadForm.odd {told}")


@pytest.mark.parametrize("name", ["pks", "next", "once", "do", "csrf_token"])
def test_a_field_with_the_name_of_an_input_of_the_page_is_told(problems: Start, name: str) -> None:
    (problem,) = problems(shelf(tidy=method("tidy", form=form_of(**{name: StringField("A")}))))
    assert "has the same name as an input of the page" in problem


def test_a_form_that_cannot_be_made_is_told(problems: Start) -> None:
    def fails() -> Any:
        raise ValueError("no choices today")

    bad = form_of(odd=SelectField("Odd", choices=fails))
    (problem,) = problems(shelf(tidy=method("tidy", form=bad)))
    assert problem == "ShelfView.tidy: BadForm cannot be created: no choices today."


def test_actions_are_found_in_the_order_of_their_declaration_bases_first() -> None:
    class First(RecordView):
        one = method("one")
        two = method("two_too", "Two")

    class Second(First):
        three = method("three")
        one = method("one", "Another")

    found = [(declared.name, declared.label) for declared in declared_actions(Second)]
    assert found == [("one", "Another"), ("two-too", "Two"), ("three", "Three")]
    assert {declared.most for declared in declared_actions(Second)} == {MOST}

    class Third(Second):
        def one(self) -> None: ...

    assert [declared.name for declared in declared_actions(Third)] == ["two-too", "three"]
