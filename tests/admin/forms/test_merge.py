"""Merging a form with what others saved: every case of the rule, without a database."""

from itertools import product
from operator import eq
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.admin.forms.fields import UNTOUCHED, ColumnField, CountField, Delta, RecordForm
from backoffice.admin.forms.merge import Answer, FieldEdit, Outcome, decide, field_edits, merge
from backoffice.admin.forms.originals import Original, Originals, originals_of
from backoffice.columns import kind_of_type


def outcome(original: Any, theirs: Any, mine: Any, answer: Answer | None = None) -> Outcome:
    """``original`` None: it is unknown what the form was opened with."""
    known = None if original is None else (lambda value: bool(value == original))
    return decide(is_original=known, theirs=theirs, mine=mine, answer=answer, is_same=eq)


@pytest.mark.parametrize(
    ("original", "theirs", "mine", "expected"),
    [
        ("a", "a", "a", "mine"),  # nobody changed it
        ("a", "a", "b", "mine"),  # I did
        ("a", "b", "a", "theirs"),  # they did
        ("a", "b", "b", "mine"),  # both did, alike
        ("a", "b", "c", "conflict"),  # both did
        ("a", "b", UNTOUCHED, "theirs"),
        (None, "b", UNTOUCHED, "theirs"),
        (None, "b", "b", "mine"),
        (None, "b", "c", "conflict"),  # nobody knows who did
    ],
)
def test_a_field_is_merged_where_only_one_side_changed_it_and_asked_about_where_both_did(
    original: str | None, theirs: str, mine: Any, expected: Outcome
) -> None:
    assert outcome(original, theirs, mine) == expected


@pytest.mark.parametrize(
    ("original", "theirs", "answer", "expected"),
    [
        ("b", "b", "mine", "mine"),
        ("b", "b", "theirs", "theirs"),
        ("b", "b", "", "conflict"),  # not decided yet
        ("b", "d", "mine", "conflict"),  # it moved on once more since the question
        ("b", "d", "theirs", "conflict"),
        (None, "b", "mine", "conflict"),  # the question itself cannot be trusted
        (None, "b", "theirs", "conflict"),
    ],
)
def test_what_was_chosen_counts_for_the_value_that_was_asked_about(
    original: str | None, theirs: str, answer: Answer, expected: Outcome
) -> None:
    assert outcome(original, theirs, "c", answer) == expected


def test_whatever_happens_a_colleagues_change_is_never_overwritten_without_a_question() -> None:
    values = ("a", "b", "c")
    for original, theirs, mine in product((None, *values), values, (*values, UNTOUCHED)):
        overwrites = original != theirs and mine not in (theirs, UNTOUCHED)
        if overwrites:
            assert outcome(original, theirs, mine) != "mine"


# The whole form ---------------------------------------------------------------------------


def edit(original: Any, theirs: Any, mine: Any, answer: Answer | None = None) -> FieldEdit:
    known = None if original is None else Original(original)
    return FieldEdit(known, theirs, mine, eq, answer, known)


def test_a_form_takes_over_what_others_changed_and_writes_what_the_person_changed() -> None:
    merged = merge(
        {"name": "Bolt", "price": 2, "note": "new", "secret": "x"},
        {"name": "Bolt M8", "price": 1, "note": "old"},
        {
            "name": edit("Bolt", "Bolt M8", "Bolt"),
            "price": edit(1, 1, 2),
            "note": edit("old", "old", "new"),
        },
    )
    assert merged.values == {"name": "Bolt M8", "price": 2, "note": "new", "secret": "x"}
    assert merged.reverted == ["name"]
    assert list(merged.taken_over) == ["name"]
    assert merged.conflicts == {}


def test_a_field_that_both_changed_is_a_conflict_until_the_person_chose() -> None:
    both = edit("a", "b", "c")
    assert merge({"name": "c"}, {"name": "b"}, {"name": both}).conflicts == {"name": both}

    # The page of the conflict is opened with what is stored now, and asks.
    kept_theirs = merge({"name": "c"}, {"name": "b"}, {"name": edit("b", "b", "c", "theirs")})
    assert kept_theirs.values == {"name": "b"}
    assert kept_theirs.reverted == ["name"]
    assert not kept_theirs.taken_over  # the person knows: they chose it
    assert merge({"name": "c"}, {"name": "b"}, {"name": edit("b", "b", "c", "mine")}).values == {
        "name": "c"
    }


def test_a_field_that_was_not_touched_stays_without_a_word_unless_somebody_changed_it() -> None:
    posted = {"same": UNTOUCHED, "changed": UNTOUCHED, "unknown": UNTOUCHED, "extra": UNTOUCHED}
    stored = {"same": "a", "changed": "b", "unknown": "c"}
    merged = merge(
        posted,
        stored,
        {
            "same": edit("a", "a", UNTOUCHED),
            "changed": edit("a", "b", UNTOUCHED),
            "unknown": edit(None, "c", UNTOUCHED),
        },
    )
    assert merged.values == {**stored, "extra": None}  # which is not a value of the record
    assert list(merged.taken_over) == ["changed"]


def form_with(**data: Any) -> RecordForm:
    def column(factory: type[ColumnField], type_: Any) -> Any:
        return factory("Label", value_kind=kind_of_type(type_), dialect="sqlite", nullable=True)

    members = {
        "name": column(ColumnField, sa.String(50)),
        "quantity": column(CountField, sa.Integer()),
    }
    form: RecordForm = type("Made", (RecordForm,), {"members": members})(data=data)
    return form


def edits_of(posted: dict[str, Any], originals: Originals, **options: Any) -> dict[str, FieldEdit]:
    stored = {"name": "Nut", "quantity": 5}
    form, stored_form = form_with(**posted), form_with(**stored)
    return field_edits(form, stored_form, posted, stored, originals, **options)


def test_the_versions_of_a_field_are_what_was_posted_what_is_stored_and_what_was_opened() -> None:
    opened = Originals(originals_of(form_with(name="Bolt", quantity=5)))
    posted = {"name": "Washer", "quantity": 5}
    edits = edits_of(posted, opened, answers={"name": "mine"}, is_trusted=False)

    assert (edits["name"].theirs, edits["name"].mine) == ("Nut", "Washer")
    assert edits["name"].original == edits["name"].before == Original("Bolt")
    assert edits["name"].answer is None  # nobody asked: what was posted as an answer does not count
    assert edits["name"].outcome == "conflict"


def test_a_choice_counts_where_the_form_asked() -> None:
    asked = Originals({"name": Original("Nut")}, pending={"name": Original("Bolt")})
    posted = {"name": "Washer"}
    name = edits_of(posted, asked, answers={"name": "mine"}, is_trusted=False)["name"]
    assert (name.answer, name.before, name.outcome) == ("mine", Original("Bolt"), "mine")
    undecided = edits_of(posted, asked, answers={}, is_trusted=False)["name"]
    assert (undecided.answer, undecided.outcome) == ("", "conflict")


def test_a_form_without_originals_is_trusted_only_where_it_named_the_stored_version() -> None:
    posted = {"name": "Washer"}
    untrusted = edits_of(posted, Originals(), answers={}, is_trusted=False)["name"]
    trusted = edits_of(posted, Originals(), answers={}, is_trusted=True)["name"]
    assert (untrusted.original, untrusted.outcome) == (None, "conflict")
    assert (trusted.original, trusted.outcome) == (Original("Nut"), "mine")


def test_a_signed_count_takes_part_in_no_merge() -> None:
    posted = {"name": UNTOUCHED, "quantity": Delta(3)}
    edits = edits_of(posted, Originals(), answers={}, is_trusted=False)
    assert list(edits) == ["name"]
    assert merge(posted, {"name": "Nut", "quantity": 5}, edits).values["quantity"] == Delta(3)
