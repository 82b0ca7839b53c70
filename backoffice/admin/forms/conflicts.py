"""Describing a merge: what the page of a conflict shows, and what a person is told.

The author of a change is history, so only a person who may read the record's history learns it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backoffice.admin.attributes import table_column
from backoffice.admin.changes.describe import author_name
from backoffice.admin.forms.choices import related_label, related_labels
from backoffice.admin.forms.fields import (
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

SOMEBODY = "Somebody else"
"""The author's name, if the person may not see it or the history does not know it."""

YOURSELF = "You (in another window)"

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
    sentence for each change of somebody else that the merge took over."""

    conflicts: dict[str, FieldConflict] = field(default_factory=dict)
    taken_over: list[str] = field(default_factory=list)


def describe_merge(
    context: Context,
    view: RecordView,
    record: Any,
    form: RecordForm,
    merged: Merge,
    answers: Mapping[str, Answer],
) -> MergeDescription:
    """Describe a merge of ``form`` before its record is written, which would change the authors.

    ``answers``: what was posted, by field name; the page shows it again even if it did not
    count.
    """
    fields = compared_fields(form)
    description = MergeDescription()
    for name, edit in merged.conflicts.items():
        form_field = fields[name]
        author, at = _author(context, view, record, name)
        description.conflicts[name] = FieldConflict(
            name=choice_name(form_field),
            was=_describe_original(context, view, name, form_field, edit.before),
            theirs=_describe_value(context, view, name, form_field, edit.theirs),
            mine=_describe_value(context, view, name, form_field, edit.mine),
            who=author,
            at=at,
            chosen=answers.get(name, ""),
        )
    for name, edit in merged.taken_over.items():
        author, _at = _author(context, view, record, name)
        value = _describe_value(context, view, name, fields[name], edit.theirs)
        label = view.field_label(name)
        description.taken_over.append(
            f"{author} changed {label} to “{value}” while you were editing. That stays."
        )
    return description


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
        return ", ".join(labels) or "none"
    if isinstance(form_field, ChecksField):
        texts = {
            option.value: option.text
            for group in view.option_groups(context, name, [])
            for option in group.all_options
        }
        return ", ".join(texts.get(value, value) for value in encoded or []) or "none"
    try:
        return form_field.describe(encoded)
    except (ValueError, TypeError, ArithmeticError):
        return str(encoded)


def _author(context: Context, view: RecordView, record: Any, name: str) -> tuple[str, Cell]:
    """Who wrote a field's stored value, and when.

    ``SOMEBODY`` if the person may not read the record's history, or if a program wrote the value
    without a history.
    """
    unknown = SOMEBODY, Cell("", "moment")
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
        is_own = changeset.actor_id == context.person.user_id
        author = YOURSELF if is_own else author_name(changeset)
        return author, datetime_cell(context.settings, changeset.at)
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
