"""Describing the fields of a change: values by the kind of their column, related records by their
labels."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sqlalchemy import Column, select
from sqlalchemy.orm import MANYTOONE

from backoffice.admin.attributes import attribute_name
from backoffice.admin.field_permissions import HIDDEN_VALUE
from backoffice.admin.pages.history import FieldChange, Part
from backoffice.admin.records.keys import has_key_in, key_for, write_key
from backoffice.admin.records.labels import label_of_values
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.history.audited import columns_of, history_name, version_column
from backoffice.history.encoding import NOT_KEPT, is_secret
from backoffice.language import _

LONGEST_SHORT = 24
"""Most characters of a value in a line of the feed."""

MOST_SHORT = 2
"""Fields whose values a line of the feed shows."""

LONGEST_DIFF = 4000
"""Most characters of an old and a new text together that are compared word by word."""

LONGEST_IN_LINE = 72
"""Most characters of an old and a new value together that are shown whole, on one line."""

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class FieldValues(Protocol):
    """A change, or what an undo would make of a record: fields before and after, encoded."""

    @property
    def operation(self) -> str: ...

    @property
    def before(self) -> Mapping[str, Any] | None: ...

    @property
    def after(self) -> Mapping[str, Any] | None: ...


def view_of_table(context: Context, table: str) -> RecordView | None:
    """The view of the records that the history stores under that table name; None if there is none.

    Derived classes may share the table: then it is the view of the base class.
    """
    views = [view for view in context.site.record_views if history_name(view.mapper) == table]
    views.sort(key=lambda view: view.mapper.inherits is not None)
    return views[0] if views else None


def field_changes(
    context: Context,
    view: RecordView | None,
    change: "FieldValues",
    names: dict[tuple[str, str], str],
) -> list[FieldChange]:
    """The old and the new value of each field of a change, without the key and our version.

    A field that the person may not see has no values. ``names``: the labels of related records,
    from ``related_names``.
    """
    before, after = dict(change.before or {}), dict(change.after or {})
    omitted = _omitted_fields(view)
    fields = []
    for name in _sorted_fields(view, before | after):
        if name in omitted:
            continue
        field_view = _view_of_field(context, view, name)
        label = _label_for(field_view, name) if field_view else name
        if not _may_see(context, field_view, name):
            fields.append(FieldChange(label, hidden=True))
            continue
        is_kept = NOT_KEPT not in (before.get(name), after.get(name))
        if change.operation == "update" and not is_kept and _is_secret(field_view, name):
            fields.append(FieldChange(label, note=_("{field} changed", field=label)))
            continue
        old = describe_value(context, field_view, name, before.get(name), names)
        new = describe_value(context, field_view, name, after.get(name), names)
        is_long = len(old) + len(new) > LONGEST_IN_LINE or "\n" in old or "\n" in new
        in_words = is_long and _is_text(field_view, name)
        old_parts, new_parts = diff(old, new) if in_words else (_whole(old), _whole(new))
        fields.append(FieldChange(label, old_parts, new_parts, is_long=is_long))
    return fields


def short_changes(
    view: RecordView | None, change: "FieldValues", fields: list[FieldChange]
) -> list[str]:
    """The first fields of a change with their old and new values in a few words ("Price 7.10 →
    7.45"), without those whose values say nothing by themselves. ``fields``: of
    ``field_changes``."""
    named = _names_of_records(view, change)
    shown = [
        _(
            "{field} {old} → {new}",
            field=field.label,
            old=_short(field.old_text),
            new=_short(field.new_text),
        )
        for field in fields
        if not (field.hidden or field.note or field.is_long or field.label in named)
    ]
    return shown[:MOST_SHORT]


def _names_of_records(view: RecordView | None, change: "FieldValues") -> set[str]:
    """The labels of a change's fields that refer to other records, whose names are not known."""
    found = set()
    for name in {**(change.before or {}), **(change.after or {})}:
        column = columns_of(view.mapper).get(name) if view is not None else None
        refers = column is not None and bool(column.foreign_keys)
        if view is not None and (refers or name in view.mapper.relationships):
            found.add(_label_for(view, name))
    return found


def _short(text: str) -> str:
    if not text:
        return "–"
    return text if len(text) <= LONGEST_SHORT else f"{text[:LONGEST_SHORT].rstrip()}…"


def _sorted_fields(view: RecordView | None, names: Iterable[str]) -> list[str]:
    """Names of fields in the order of the form, followed by the others in the order of the table.
    PostgreSQL returns the fields of a change in an order of its own."""
    if view is None:
        return list(names)
    order: list[str] = []
    for name in view.get_form_columns():
        relation = view.mapper.relationships.get(name)
        order.append(name)
        if relation is not None:
            order += [
                column_name
                for column_name, column in columns_of(view.mapper).items()
                if column in relation.local_columns
            ]
    ordered = dict.fromkeys([*order, *columns_of(view.mapper)])
    positions = {name: position for position, name in enumerate(ordered)}
    return sorted(names, key=lambda name: positions.get(name, len(positions)))


def _label_for(view: RecordView, name: str) -> str:
    """A field's label. A foreign key has the label of its relation, as in the form."""
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


def _omitted_fields(view: RecordView | None) -> set[str]:
    """The fields that no line shows: the record's key and our version, and flags of a secret, such
    as that a password is temporary."""
    if view is None:
        return {"id", "version"}
    counter = version_column(view.mapper)
    return {
        name
        for name, column in columns_of(view.mapper).items()
        if column is counter
        or (is_secret(column) and kind_of(column).name == "boolean")
        or (column.primary_key and (not column.foreign_keys or view.mapper.inherits))
    }


def _view_of_field(context: Context, view: RecordView | None, name: str) -> RecordView | None:
    """The view that has a field: for a record of a derived class, the view of that class."""
    if view is None or _has_field(view, name):
        return view
    derived = (
        other
        for other in context.site.record_views
        if other is not view and other.mapper.isa(view.mapper) and _has_field(other, name)
    )
    return next(derived, view)


def _has_field(view: RecordView, name: str) -> bool:
    return name in columns_of(view.mapper) or name in view.mapper.relationships


def _is_secret(view: RecordView | None, name: str) -> bool:
    column = columns_of(view.mapper).get(name) if view is not None else None
    return column is None or is_secret(column)


def _is_text(view: RecordView | None, name: str) -> bool:
    """Whether a field's values are texts, which are compared word by word where they are long. All
    others, such as numbers, dates and choices, are shown whole."""
    column = columns_of(view.mapper).get(name) if view is not None else None
    if column is None:
        return True
    kind = kind_of(column)
    return kind.name in ("text", "json") and not column.foreign_keys and not kind.choices


def _may_see(context: Context, view: RecordView | None, name: str) -> bool:
    """Whether the person may see the history's values of a field. If the model does not have the
    field any more, they must be allowed to see every field: it may have been any of them."""
    if view is None:
        return True
    return context.may_see(view, name) if _has_field(view, name) else not context.hidden(view)


def describe_value(
    context: Context,
    view: RecordView | None,
    name: str,
    value: Any,
    names: dict[tuple[str, str], str],
) -> str:
    """A value of the history for reading: grouped digits, and related records by their labels. "–"
    if the person may not see the field.

    ``names``: the labels of related records, from ``related_names``.
    """
    if not _may_see(context, view, name):
        return HIDDEN_VALUE
    if value is None or value == "":
        return ""
    if view is None:
        return _plain(value)
    if name in view.mapper.relationships:
        target = history_name(view.mapper.relationships[name].mapper)
        keys = map(_plain, value if isinstance(value, list) else [value])
        return ", ".join(names.get((target, key), key) for key in keys)
    column = columns_of(view.mapper).get(name)
    if column is None:
        return _plain(value)
    if is_secret(column):
        return _("not kept")
    kind = kind_of(column)
    if (table := _referred_table(column)) is not None:
        text = _plain(value)
        return names.get((table, text), f"#{text}" if kind.encoded_as_number else text)
    try:
        return kind.show(kind.decode(value), context.settings.zone)
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
        return _plain(value)  # the column had another type when this was written


def _plain(encoded: Any) -> str:
    """An encoded value as text, without its kind. The value of a key is the key's text."""
    if isinstance(encoded, str):
        return encoded
    return json.dumps(encoded, ensure_ascii=False, separators=(",", ":"), default=str)


def _referred_table(column: Column[Any]) -> str | None:
    """The table name, in the history, of the records that a foreign key refers to; None if its
    value is not their whole key."""
    for foreign_key in column.foreign_keys:
        target = foreign_key.column
        if target.primary_key and len(target.table.primary_key.columns) == 1:
            schema, name = target.table.schema, str(target.table.name)
            return f"{schema}.{name}" if schema else name
    return None


def related_names(
    context: Context, values: Iterable[tuple[str, str, Any]]
) -> dict[tuple[str, str], str]:
    """The labels of the records that values of the history refer to, by table and key, as far as
    the person may see those.

    ``values``: table, field and value of each. Values of fields that the person may not see are
    left out. One statement for each table.
    """
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
        referred_table = _referred_table(column) if column is not None else None
        if referred_table is not None:
            wanted.setdefault(referred_table, set()).add(_plain(value))
    names: dict[tuple[str, str], str] = {}
    for table, texts in wanted.items():
        target = view_of_table(context, table)
        if target is None:
            continue
        key = key_for(target)
        keys = [value for text in texts if (value := key.decode(text)) is not None]
        if context.fields(target).label_hidden:
            continue
        statement = select(*key.columns, *target.label_attributes).select_from(target.model)
        statement = statement.where(has_key_in(target, keys), context.visible(target))
        for row in context.session.execute(statement):
            width = len(key.columns)
            text = write_key(target, key.value(row[:width]))
            names[(table, text)] = label_of_values(row[width:], text)
    return names


def diff(old: str, new: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Two texts in parts, with marks on the parts that differ. Texts that share few words, or that
    are long, are one part each."""
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
