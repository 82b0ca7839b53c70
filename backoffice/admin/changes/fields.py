"""Values of the history as a screen shows them: by the kind of their column, related records by
name."""

import difflib
import json
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, select
from sqlalchemy.orm import MANYTOONE

from backoffice.admin.attributes import attribute_name
from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.pages.history import FieldChange, Part
from backoffice.admin.records.keys import among, key_for, write_key
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.history.audited import columns_of, history_name, version_column
from backoffice.history.encoding import NOT_KEPT, is_secret
from backoffice.models import Change

LONGEST_DIFF = 4000
"""Characters up to which an old and a new text are compared word by word."""

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def view_of_table(context: Context, table: str) -> RecordView | None:
    """The view that shows the records that the history keeps under that name; None if none does
    (any more). Of a class and those derived from it, the class's own."""
    found = [view for view in context.site.record_views if history_name(view.mapper) == table]
    found.sort(key=lambda view: view.mapper.inherits is not None)
    return found[0] if found else None


def field_changes(
    context: Context, view: RecordView | None, change: Change, names: dict[tuple[str, str], str]
) -> list[FieldChange]:
    """Old and new value of each field, but for the key and our version; neither of one that the
    person may not see."""
    before, after = change.before or {}, change.after or {}
    unsaid = _unsaid(view)
    fields = []
    for name in _in_order(view, before | after):
        if name in unsaid:
            continue
        shown_by = _view_of_field(context, view, name)
        label = _label_for(shown_by, name) if shown_by else name
        if not _may_see(context, shown_by, name):
            fields.append(FieldChange(label, hidden=True))
            continue
        old = shown_value(context, shown_by, name, before.get(name), names)
        new = shown_value(context, shown_by, name, after.get(name), names)
        if NOT_KEPT in (before.get(name), after.get(name)) and _is_secret(shown_by, name):
            old, new = ("", "changed") if change.operation == "update" else (old, new)
        old_parts, new_parts = (
            (_whole(old), _whole(new)) if _is_chosen(shown_by, name) else diff(old, new)
        )
        fields.append(FieldChange(label, old_parts, new_parts))
    return fields


def _in_order(view: RecordView | None, names: Iterable[str]) -> list[str]:
    """Names of fields as the form has them, then the others as the table has them: PostgreSQL
    gives the fields of a change back in an order of its own."""
    if view is None:
        return list(names)
    order: list[str] = []
    for name in view.get_form_columns():
        relation = view.mapper.relationships.get(name)
        order.append(name)
        if relation is not None:
            order += [
                other
                for other, one in columns_of(view.mapper).items()
                if one in relation.local_columns
            ]
    places = {
        name: place for place, name in enumerate(dict.fromkeys([*order, *columns_of(view.mapper)]))
    }
    return sorted(names, key=lambda name: places.get(name, len(places)))


def _label_for(view: RecordView, name: str) -> str:
    """A field's label; a foreign key is called what the form calls the relation that it holds."""
    own = view.label_for(name)
    column = columns_of(view.mapper).get(name)
    if column is None or name in map(attribute_name, view.column_labels):
        return own
    relations = [
        relation
        for relation in view.mapper.relationships
        if relation.direction is MANYTOONE and column in relation.local_columns
    ]
    if len(relations) != 1:
        return own
    label = view.label_for(relations[0].key)
    return label if len(relations[0].local_columns) == 1 else f"{label} ({own.lower()})"


def _unsaid(view: RecordView | None) -> set[str]:
    """The fields that no line tells of: what the record is found by, and our count of changes."""
    if view is None:
        return {"id", "version"}
    counter = version_column(view.mapper)
    return {
        name
        for name, column in columns_of(view.mapper).items()
        if column is counter
        or (column.primary_key and (not column.foreign_keys or view.mapper.inherits))
    }


def _view_of_field(context: Context, view: RecordView | None, name: str) -> RecordView | None:
    """The view that knows a field: of a record of a derived class that class's own."""
    if view is None or _knows(view, name):
        return view
    derived = (
        other
        for other in context.site.record_views
        if other is not view and other.mapper.isa(view.mapper) and _knows(other, name)
    )
    return next(derived, view)


def _knows(view: RecordView, name: str) -> bool:
    return name in columns_of(view.mapper) or name in view.mapper.relationships


def _is_secret(view: RecordView | None, name: str) -> bool:
    column = columns_of(view.mapper).get(name) if view is not None else None
    return column is None or is_secret(column)


def _is_chosen(view: RecordView | None, name: str) -> bool:
    """Whether a field's value is one of some, which says nothing word by word."""
    column = columns_of(view.mapper).get(name) if view is not None else None
    return column is not None and bool(kind_of(column).choices)


def _may_see(context: Context, view: RecordView | None, name: str) -> bool:
    """Whether the person may see what the history holds of a field. One that the model has no more
    may have been any, so that it takes seeing all that there are."""
    if view is None:
        return True
    return context.may_see(view, name) if _knows(view, name) else not context.hidden(view)


def shown_value(
    context: Context,
    view: RecordView | None,
    name: str,
    value: Any,
    names: dict[tuple[str, str], str],
) -> str:
    """A value of the history as a screen shows it: numbers grouped, related records by name (of
    ``names``, from ``related_names``); "–" where the person may not see the field."""
    if not _may_see(context, view, name):
        return HIDDEN_VALUE
    if value is None or value == "":
        return ""
    if view is None:
        return _plain(value)
    if name in view.mapper.relationships:
        target = history_name(view.mapper.relationships[name].mapper)
        kept = value if isinstance(value, list) else [value]
        return ", ".join(names.get((target, _plain(one)), _plain(one)) for one in kept)
    column = columns_of(view.mapper).get(name)
    if column is None:
        return _plain(value)
    if is_secret(column):
        return "(not kept)"
    kind = kind_of(column)
    if (table := _named_by(column)) is not None:
        text = _plain(value)
        return names.get((table, text), f"#{text}" if kind.encoded_as_number else text)
    try:
        return kind.show(kind.decode(value), context.settings.zone)
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
        return _plain(value)  # the column was of another kind then


def _plain(kept: Any) -> str:
    """A kept value as it is; that of a key is the key as text."""
    if isinstance(kept, str):
        return kept
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), default=str)


def _named_by(column: Column[Any]) -> str | None:
    """The name in the history of the records that a foreign key's value is the whole key of."""
    for foreign_key in column.foreign_keys:
        target = foreign_key.column
        if target.primary_key and len(target.table.primary_key.columns) == 1:
            schema, name = target.table.schema, str(target.table.name)
            return f"{schema}.{name}" if schema else name
    return None


def related_names(
    context: Context, values: Iterable[tuple[str, str, Any]]
) -> dict[tuple[str, str], str]:
    """The names of the records that values of the history (table, field, value) refer to, by table
    and key, as far as the person may see the field; a statement for each kind."""
    wanted: dict[str, set[str]] = {}
    for model, name, value in values:
        view = _view_of_field(context, view_of_table(context, model), name)
        if view is None or value is None or not context.may_see(view, name):
            continue
        if name in view.mapper.relationships:
            table = history_name(view.mapper.relationships[name].mapper)
            if isinstance(value, list):
                wanted.setdefault(table, set()).update(map(_plain, value))
            continue
        column = columns_of(view.mapper).get(name)
        named_by = _named_by(column) if column is not None else None
        if named_by is not None:
            wanted.setdefault(named_by, set()).add(_plain(value))
    found: dict[tuple[str, str], str] = {}
    for table, texts in wanted.items():
        target = view_of_table(context, table)
        if target is None:
            continue
        key = key_for(target)
        keys = [value for text in texts if (value := key.decode(text)) is not None]
        statement = select(*key.columns, *target.label_attributes).select_from(target.model)
        for row in context.session.execute(statement.where(among(target, keys))):
            width = len(key.columns)
            text = write_key(target, key.value(row[:width]))
            found[(table, text)] = " ".join(str(part) for part in row[width:])
    return found


def diff(old: str, new: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Two texts in pieces, those that differ marked; word by word where words stayed."""
    is_one_word = not any(map(str.isspace, old + new))
    if not old or not new or is_one_word or len(old) + len(new) > LONGEST_DIFF:
        return _whole(old), _whole(new)
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.4:
        return _whole(old), _whole(new)
    old_parts: list[Part] = []
    new_parts: list[Part] = []
    for kind, i, j, k, end in matcher.get_opcodes():
        changed = kind != "equal"
        if i < j:
            old_parts.append(Part("".join(before[i:j]), changed))
        if k < end:
            new_parts.append(Part("".join(after[k:end]), changed))
    return tuple(old_parts), tuple(new_parts)


def _whole(text: str) -> tuple[Part, ...]:
    return (Part(text, changed=True),) if text else ()
