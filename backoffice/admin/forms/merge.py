"""Merging a form with what others saved since it was opened.

Three versions of each field are compared: the value that the form was opened with, the value that
is stored now ("theirs") and the value that was posted ("mine"). All are compared as JSON holds
them. Nothing here asks a request or a database: ``field_edits`` collects the versions, ``merge``
decides, and ``forms/conflicts.py`` describes what was decided.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backoffice.admin.forms.fields import UNTOUCHED, Delta, RecordForm
from backoffice.admin.forms.originals import Original, Originals, compared_fields

Answer = Literal["", "theirs", "mine"]
"""The person's answer about a field in conflict; "" if they chose nothing yet."""

Outcome = Literal["mine", "theirs", "conflict"]
"""The posted value is written, the stored value stays, or the person has to choose."""


def decide(
    *,
    is_original: Callable[[Any], bool] | None,
    theirs: Any,
    mine: Any,
    answer: Answer | None,
    is_same: Callable[[Any, Any], bool],
) -> Outcome:
    """What to do with one field.

    ``is_original``: whether a value is the one that the form was opened with; None if that value
    is unknown. ``theirs``: the stored value. ``mine``: the posted value, or ``UNTOUCHED``.
    ``answer``: None if the form did not ask about this field. ``is_same``: whether two values mean
    the same.
    """
    if mine is UNTOUCHED:
        return "theirs"
    if is_same(mine, theirs):
        return "mine"
    if is_original is None:
        return "conflict"
    if is_original(theirs):  # nobody else changed it since the form was opened
        if answer is None:
            return "mine"
        return answer or "conflict"
    # Somebody else changed it since: an answer about the older value does not count.
    return "theirs" if answer is None and is_original(mine) else "conflict"


@dataclass(frozen=True, slots=True)
class FieldEdit:
    """The versions of one field, each as JSON holds it.

    ``original``: the value that the form was opened with, None if unknown. ``mine``: the posted
    value, or ``UNTOUCHED``. ``answer``: None if the form did not ask about this field.
    ``before``: where the form asked, the value before either person's edit; else ``original``.
    """

    original: Original | None
    theirs: Any
    mine: Any
    is_same: Callable[[Any, Any], bool]
    answer: Answer | None = None
    before: Original | None = None

    @property
    def outcome(self) -> Outcome:
        return decide(
            is_original=self.is_original if self.original is not None else None,
            theirs=self.theirs,
            mine=self.mine,
            answer=self.answer,
            is_same=self.is_same,
        )

    def is_original(self, value: Any) -> bool:
        """Whether ``value`` is known to be the one that the form was opened with."""
        return self.original is not None and self.original.is_same(value, self.is_same)

    @property
    def is_changed_by_others(self) -> bool:
        """Whether somebody is known to have changed the field since the form was opened."""
        return self.original is not None and not self.is_original(self.theirs)


@dataclass
class Merge:
    """The result of a merge.

    ``values``: what to write, by field name. ``reverted``: fields whose posted value is not
    written, because the stored one stays. ``taken_over``: those of them that somebody else changed
    and that the form did not ask about, so the person has to be told. ``conflicts``: fields that
    the person has to decide; nothing may be written while there are any. ``edits``: what was
    compared.
    """

    values: dict[str, Any]
    reverted: list[str] = field(default_factory=list)
    taken_over: dict[str, FieldEdit] = field(default_factory=dict)
    conflicts: dict[str, FieldEdit] = field(default_factory=dict)
    edits: Mapping[str, FieldEdit] = field(default_factory=dict)


def merge(
    posted: Mapping[str, Any], stored: Mapping[str, Any], edits: Mapping[str, FieldEdit]
) -> Merge:
    """Merge the ``posted`` values of a form with the ``stored`` values of its record, as ``edits``
    decide. A posted value without an edit is written as it is."""
    values = {name: None if value is UNTOUCHED else value for name, value in posted.items()}
    merged = Merge(values, edits=edits)
    for name, edit in edits.items():
        outcome = edit.outcome
        if outcome == "theirs":
            merged.values[name] = stored[name]
            merged.reverted.append(name)
            if edit.is_changed_by_others and edit.answer is None:
                merged.taken_over[name] = edit
        elif outcome == "conflict":
            merged.conflicts[name] = edit
    return merged


def field_edits(
    form: RecordForm,
    stored_form: RecordForm,
    posted: Mapping[str, Any],
    stored: Mapping[str, Any],
    originals: Originals,
    answers: Mapping[str, Answer],
    *,
    is_trusted: bool,
) -> dict[str, FieldEdit]:
    """The versions of each field of a posted ``form``, by name.

    ``stored_form``: the form as it would be opened now. ``posted``: the form's cleaned values.
    ``stored``: the record's values; a field that is not among them is not merged. ``answers``: the
    person's answers, by field name. ``is_trusted``: whether a form that posts no original values
    is taken for one that was opened with the stored values, because it named the stored version.

    A signed count (``Delta``) has no edit: it is added to whichever value is stored.
    """
    stored_fields = compared_fields(stored_form)
    edits = {}
    for name, form_field in compared_fields(form).items():
        value = posted.get(name)
        if name not in stored or isinstance(value, Delta):
            continue
        theirs = stored_fields[name].encoded()
        original = originals.values.get(name)
        if original is None and is_trusted:
            original = Original.of(form_field, theirs)
        asked = name in originals.pending
        edits[name] = FieldEdit(
            original=original,
            theirs=theirs,
            mine=UNTOUCHED if value is UNTOUCHED else form_field.encoded(),
            is_same=form_field.same_encoded,
            answer=answers.get(name, "") if asked else None,
            before=originals.pending[name] if asked else original,
        )
    return edits
