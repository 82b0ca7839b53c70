"""What becomes of one field that two people had open: every case of the pure rule."""

from itertools import product
from operator import eq
from typing import Any

import pytest

from backoffice.admin.forms.fields import UNTOUCHED
from backoffice.admin.forms.merge import Choice, Outcome, decide


def outcome(was: Any, theirs: Any, mine: Any, chosen: Choice | None = None) -> Outcome:
    """``was`` None: nobody knows what the form was opened with."""
    known = None if was is None else (lambda value: bool(value == was))
    return decide(is_original=known, theirs=theirs, mine=mine, choice=chosen, is_same=eq)


@pytest.mark.parametrize(
    ("was", "theirs", "mine", "expected"),
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
    was: str | None, theirs: str, mine: Any, expected: Outcome
) -> None:
    assert outcome(was, theirs, mine) == expected


@pytest.mark.parametrize(
    ("was", "theirs", "chosen", "expected"),
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
    was: str | None, theirs: str, chosen: Choice, expected: Outcome
) -> None:
    assert outcome(was, theirs, "c", chosen) == expected


def test_whatever_happens_a_colleagues_change_is_never_overwritten_without_a_question() -> None:
    values = ("a", "b", "c")
    for was, theirs, mine in product((None, *values), values, (*values, UNTOUCHED)):
        overwrites = was != theirs and mine not in (theirs, UNTOUCHED)
        if overwrites:
            assert outcome(was, theirs, mine) != "mine"
