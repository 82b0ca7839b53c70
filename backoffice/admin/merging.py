"""Two people, one record: what merges by itself, and what somebody has to decide."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wtforms import Form

from backoffice.admin.cells import value_cell
from backoffice.admin.describing import who
from backoffice.admin.fields import BooleanField, ChecksField, Delta, RecordField, SecretField
from backoffice.admin.pages import Cell, FieldConflict
from backoffice.auth.permissions import HISTORY
from backoffice.history.audited import table_of
from backoffice.history.reading import record_history

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView
    from backoffice.admin.visit import Visit

OPENED = "opened"
"""Hidden field: the values that the form was opened with, as text by field name."""

WAS = "was"
"""Hidden field: for fields in conflict, the values before either of the two edits."""

SOMEBODY = "Somebody else"
"""Who is named where the person may not see who it was, or nobody knows."""

MOST_LOOKED_AT = 20
"""Changes of a record that are searched for whoever changed a field."""


@dataclass
class Merge:
    """What became of a form that was opened before somebody else's save.

    ``values``: the form's, with theirs in place of those that only they changed (``taken``, with
    sentences in ``news``). ``conflicts``: fields that both changed and nobody has decided yet.
    """

    values: dict[str, Any]
    taken: list[str] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    conflicts: dict[str, FieldConflict] = field(default_factory=dict)


def text_of(one: RecordField) -> str:
    """A field's value as one text, to be compared with another form's."""
    if isinstance(one, BooleanField):
        return "yes" if one.data else ""
    if isinstance(one, ChecksField):
        return ",".join(sorted(one.chosen))
    return one._value()


def opened_with(form: Form) -> str:
    """What to put into the hidden field ``opened``: the form's values, but for secrets."""
    return json.dumps({name: text_of(one) for name, one in _fields(form)})


def _fields(form: Form) -> list[tuple[str, RecordField]]:
    """The fields that are compared: all but secrets."""
    return [
        (name, one)
        for name, one in form._fields.items()
        if isinstance(one, RecordField) and not isinstance(one, SecretField)
    ]


def read_texts(visit: "Visit", name: str) -> dict[str, str]:
    """The texts that a hidden field of the posted form holds; empty if it holds none."""
    try:
        texts = json.loads(str(visit.form.get(name, "") or "{}"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(texts, dict):
        return {}
    return {str(key): value for key, value in texts.items() if isinstance(value, str)}


def choice_name(name: str) -> str:
    """The name of the two radio buttons that decide about a field."""
    return f"choice_{name}"


def merge(
    visit: "Visit",
    view: "RecordView",
    record: Any,
    form: Form,
    theirs: Form,
    values: dict[str, Any],
    current: dict[str, Any],
    *,
    moved_on: bool,
) -> Merge:
    """Put a posted form together with the record as it is now.

    ``theirs``: the form as it would be opened now; ``current``: the record's values by field name.
    ``moved_on``: whether the record was saved since the form was opened.
    """
    merged = Merge(dict(values))
    opened, was = read_texts(visit, OPENED), read_texts(visit, WAS)
    current_fields = dict(_fields(theirs))
    for name, one in _fields(form):
        if name not in current or not (name in opened or moved_on):
            continue
        if isinstance(values.get(name), Delta):  # counts on whatever is there now
            continue
        now, mine = text_of(current_fields[name]), text_of(one)
        if name not in opened:  # a program that posts no more than a version: nothing is known
            opened[name] = ""
            if mine == now:
                continue
        chosen = visit.form.get(choice_name(name))
        if name in was:  # somebody was asked about it
            if chosen == "theirs" and not _differ(one, opened[name], now):
                merged.values[name] = current[name]
                continue
            if chosen == "mine" and not _differ(one, opened[name], now):
                continue
        elif not moved_on or not _differ(one, opened[name], now):
            continue
        before = was.get(name, opened[name])
        if not _differ(one, mine, now):
            continue
        if name not in was and not _differ(one, opened[name], mine):
            merged.values[name] = current[name]
            merged.taken.append(name)
            continue
        author, at = _author(visit, view, record, name)
        merged.conflicts[name] = FieldConflict(
            name=choice_name(name),
            was=_shown(visit, view, name, one, before),
            theirs=_shown(visit, view, name, one, now),
            mine=_shown(visit, view, name, one, mine),
            who=author,
            at=at,
            chosen="theirs" if chosen == "theirs" else "mine" if chosen == "mine" else "",
        )
    for name in merged.taken:
        author, _at = _author(visit, view, record, name)
        label = view.label_for(name)
        field_now = current_fields[name]
        now = _shown(visit, view, name, field_now, text_of(field_now))
        merged.news.append(
            f"{author} changed {label} to “{now}” while you were editing. That stays."
        )
    return merged


def _differ(one: RecordField, first: str, second: str) -> bool:
    """Whether two texts mean different values of a field ("2.5" and "2.50" do not)."""
    return bool(first != second and _meaning(one, first) != _meaning(one, second))


def _meaning(one: RecordField, text: str) -> Any:
    if isinstance(one, BooleanField | ChecksField):
        return text
    try:
        return one.clean(text.strip()) if text.strip() else None
    except ValueError:
        return text


def _shown(visit: "Visit", view: "RecordView", name: str, one: RecordField, text: str) -> str:
    """A field's text for reading: a related record by its name, a checkbox as a word."""
    if isinstance(one, BooleanField):
        return "Yes" if text else "No"
    if isinstance(one, ChecksField):
        labels = {
            option.value: option.text
            for group in view.option_groups(visit, name, [])
            for option in group.options
        }
        return ", ".join(labels.get(part, part) for part in text.split(",") if part) or "none"
    if name in view.mapper.relationships and text:
        target = view.related_view(name)
        related: Any = visit.session.get(target.model, int(text)) if text.isdecimal() else None
        return text if related is None else str(related)
    return text


def _author(visit: "Visit", view: "RecordView", record: Any, name: str) -> tuple[str, Cell]:
    """Who changed a field of a record last, and when; that is history, and told to who may see it.
    The others learn that it was somebody else."""
    if not visit.may(HISTORY, view, record):
        return SOMEBODY, Cell("", "moment")
    key = str(view.mapper.primary_key_from_instance(record)[0])
    columns: set[Any] = {name}
    if name in view.mapper.relationships:
        columns |= {column.key for column in view.mapper.relationships[name].local_columns}
    found = record_history(
        visit.session, table_of(view.mapper).name, key, before=None, limit=MOST_LOOKED_AT
    )
    for change, changeset in found:
        if columns & set(change.after or {}):
            return who(changeset), value_cell(visit.settings, "moment", changeset.at)
    return SOMEBODY, Cell("", "moment")
