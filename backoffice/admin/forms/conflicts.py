"""Describing a merge: what the page of a conflict shows, and what a person is told.

The author of a change is history, so only a person who may read the record's history learns it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.admin.attributes import table_column
from backoffice.admin.changes.describe import author_name
from backoffice.admin.forms.choices import related_label, related_labels
from backoffice.admin.forms.fields import (
    UNTOUCHED,
    ChecksField,
    LinksField,
    RecordField,
    RecordForm,
    RelationField,
)
from backoffice.admin.forms.merge import Answer, Merge
from backoffice.admin.forms.originals import Original, compared_fields
from backoffice.admin.pages.form import FieldConflict
from backoffice.admin.pages.parts import Cell
from backoffice.admin.records.cells import datetime_cell
from backoffice.admin.records.keys import key_text
from backoffice.admin.view import Context, RecordView
from backoffice.auth.permissions import HISTORY
from backoffice.columns import kind_of
from backoffice.history.audited import history_name
from backoffice.history.encoding import is_secret
from backoffice.history.links import link_field
from backoffice.history.queries import record_history
from backoffice.language import N_, _

SOMEBODY = N_("Somebody else")
"""The author's name, if the person may not see it or the history does not know it."""

MOST_CHANGES = 20
"""Changes of a record that are searched for the one that wrote a field's stored value."""


def choice_name(form_field: RecordField) -> str:
    """The name of the two radio buttons that decide a conflict about a field."""
    return f"choice_{form_field.name}"


def posted_answers(context: Context, form: RecordForm) -> dict[str, Answer]:
    """The answers that were posted about fields in conflict, by field name."""
    answers: dict[str, Answer] = {}
    for name, form_field in compared_fields(form).items():
        value = context.form.get(choice_name(form_field))
        answers[name] = "theirs" if value == "theirs" else "mine" if value == "mine" else ""
    return answers


@dataclass(frozen=True)
class MergeDescription:
    """``conflicts``: what the form's page shows of each conflict, by field name. ``taken_over``: a
    sentence for each change of somebody else that the merge took over. ``noted``: such a sentence
    that an earlier page told, by field name; the value still is the stored one."""

    conflicts: dict[str, FieldConflict] = field(default_factory=dict)
    taken_over: list[str] = field(default_factory=list)
    noted: dict[str, str] = field(default_factory=dict)


def describe_merge(
    context: Context,
    view: RecordView,
    record: Any,
    form: RecordForm,
    merged: Merge,
    answers: Mapping[str, Answer],
    noted: Sequence[str] = (),
) -> MergeDescription:
    """Describe a merge of ``form`` before its record is written, which would change the authors.

    ``answers``: what was posted, by field name; the page shows it again even if it did not
    count. ``noted``: the fields of which an earlier page told that somebody else changed them.
    """
    fields = compared_fields(form)
    description = MergeDescription()
    for name, edit in merged.conflicts.items():
        form_field = fields[name]
        author = _author(context, view, record, name)
        description.conflicts[name] = FieldConflict(
            name=choice_name(form_field),
            was=_describe_original(context, view, name, form_field, edit.before),
            theirs=_describe_value(context, view, name, form_field, edit.theirs),
            mine=_describe_value(context, view, name, form_field, edit.mine),
            who=author.name,
            is_own=author.is_person,
            at=author.at,
            chosen=answers.get(name, ""),
        )
    for name, edit in merged.taken_over.items():
        description.taken_over.append(_note(context, view, record, fields[name], name, edit.theirs))
    for name in noted:
        if name in merged.edits and name not in merged.taken_over and name not in merged.conflicts:
            edit = merged.edits[name]
            if edit.mine is UNTOUCHED or edit.is_same(edit.mine, edit.theirs):
                note = _note(context, view, record, fields[name], name, edit.theirs)
                description.noted[name] = note
    return description


def _note(
    context: Context,
    view: RecordView,
    record: Any,
    form_field: RecordField,
    name: str,
    theirs: Any,
) -> str:
    """The sentence about a change of somebody else that a form took over."""
    author = _author(context, view, record, name)
    field_label, value = (
        view.field_label(name),
        _describe_value(context, view, name, form_field, theirs),
    )
    if author.is_person:
        return _(
            "You, in another window, changed {field} to “{value}”. That value is kept.",
            field=field_label,
            value=value,
        )
    return _(
        "{name} changed {field} to “{value}” while you were editing. That value is kept.",
        name=author.name,
        field=field_label,
        value=value,
    )


def _describe_original(
    context: Context,
    view: RecordView,
    name: str,
    form_field: RecordField,
    original: Original | None,
) -> str | None:
    if original is None:
        return None
    if original.digest:
        return original.describe(form_field)
    return _describe_value(context, view, name, form_field, original.encoded)


def _describe_value(
    context: Context, view: RecordView, name: str, form_field: RecordField, encoded: Any
) -> str:
    """A field's encoded value for reading: a related record by its label."""
    if isinstance(form_field, RelationField):
        return related_label(context, view.related_view(name), str(encoded)) if encoded else ""
    if isinstance(form_field, LinksField):
        labels = related_labels(context, view.related_view(name), encoded or [])
        return ", ".join(labels) or _("none")
    if isinstance(form_field, ChecksField):
        texts = {
            option.value: option.text
            for group in view.option_groups(context, name, [])
            for option in group.all_options
        }
        return ", ".join(texts.get(value, value) for value in encoded or []) or _("none")
    try:
        return form_field.describe(encoded)
    except (ValueError, TypeError, ArithmeticError):
        return str(encoded)


@dataclass(frozen=True, slots=True)
class _Author:
    """Who wrote a value, and when. ``is_person``: whether it is the person who edits now, in
    another window."""

    name: str
    at: Cell
    is_person: bool = False


def _author(context: Context, view: RecordView, record: Any, name: str) -> _Author:
    """Who wrote a field's stored value.

    ``SOMEBODY`` if the person may not read the record's history, or if a program wrote the value
    without a history.
    """
    unknown = _Author(_(SOMEBODY), Cell("", "moment"))
    if not context.may(HISTORY, view, record):
        return unknown
    names = [name]
    if name in view.mapper.relationships:
        columns = view.mapper.relationships[name].local_columns
        names += [view.mapper.get_property_by_column(column).key for column in columns]
    history = record_history(
        context.session,
        history_name(view.mapper),
        key_text(record),
        before=None,
        limit=MOST_CHANGES,
    )
    for change, changeset in history:
        after = change.after or {}
        changed = [key for key in names if key in after]
        if not changed:
            continue
        if not all(_is_stored(view, record, key, after[key]) for key in changed):
            return unknown
        at = datetime_cell(context.settings, changeset.at)
        return _Author(author_name(changeset), at, changeset.actor_id == context.person.user_id)
    return unknown


def _is_stored(view: RecordView, record: Any, name: str, encoded: Any) -> bool:
    """Whether the history's value of a field is the stored one."""
    if name in view.mapper.relationships:
        return bool(encoded == link_field(record, name))
    column = table_column(view.mapper, name)
    if column is None or is_secret(column):
        return True
    kind, value = kind_of(column), getattr(record, name)
    return kind.same_encoded(encoded, None if value is None else kind.encode(value))
