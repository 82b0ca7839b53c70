"""Records by their keys, and values put on them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, inspect, select, true
from sqlalchemy.orm import object_session
from sqlalchemy.orm.collections import collection_adapter

from backoffice.admin.attributes import table_column
from backoffice.admin.records.keys import among, key_text, parse_key
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of


def find_records_by_key(
    context: Context, target: RecordView, texts: Sequence[str]
) -> dict[str, Any]:
    """The records whose keys are among ``texts``, by key as text: those that are there and that
    the person may see. One statement at most."""
    keys = [key for text in texts if (key := parse_key(target, text)) is not None]
    if not keys or not context.may("list", target):
        return {}
    statement: Select[Any] = select(target.model).where(among(target, keys))
    visible = target.visible(context)
    if visible is not true():
        statement = statement.where(visible)
    return {key_text(target, record): record for record in context.session.scalars(statement)}


def seen_among(context: Context, target: RecordView, records: Sequence[Any]) -> list[Any]:
    """Those of ``records`` that the person may see; no statement where they may see all."""
    if target.visible(context) is true():
        return list(records)
    seen = find_records_by_key(context, target, [key_text(target, record) for record in records])
    return [record for record in records if key_text(target, record) in seen]


def write_values(context: Context, view: RecordView, record: Any, values: dict[str, Any]) -> None:
    """Put a form's values on a record, those that differ from what it has. A value that stays is
    not written again, since its model might clean it by rules that are newer than it."""
    for name, value in values.items():
        if name in view.form_extra_fields:
            continue
        if name in view.mapper.relationships and view.mapper.relationships[name].uselist:
            write_links(context, view, record, name, value)
        elif _is_circle(view, record, name, value):
            write_foreign_key(view, record, name, value)
        elif not has_value(view, record, name, value):
            setattr(record, name, value)


def _is_circle(view: RecordView, record: Any, name: str, value: Any) -> bool:
    """Whether a relation leads from a record to that record, or is to."""
    if name not in view.mapper.relationships or not inspect(record).persistent:
        return False
    return value is record or getattr(record, name) is record


def write_foreign_key(view: RecordView, record: Any, name: str, value: Any) -> None:
    """Let a relation lead to ``value`` by its columns alone. SQLAlchemy takes a record that leads
    to itself for a circle in which no row could be written first."""
    for ours, theirs in view.mapper.relationships[name].local_remote_pairs:
        key = None
        if value is not None:
            key = getattr(value, view.related_view(name).mapper.get_property_by_column(theirs).key)
        setattr(record, view.mapper.get_property_by_column(ours).key, key)
    session = object_session(record)
    if session is not None:
        session.expire(record, [name])


def has_value(view: RecordView, record: Any, name: str, value: Any) -> bool:
    """Whether a record has a value already; a new one has none."""
    return bool(inspect(record).persistent) and _holds(view, record, name, value)


def _holds(view: RecordView, record: Any, name: str, value: Any) -> bool:
    column, there = table_column(view.mapper, name), getattr(record, name)
    return there is value if column is None else kind_of(column).same(there, value)


def differs(view: RecordView, record: Any, values: dict[str, Any]) -> bool:
    """Whether any of the values, lists of records apart, is another than a stored record has."""
    return any(
        not _holds(view, record, name, value)
        for name, value in values.items()
        if name in view.mapper.columns
        or (name in view.mapper.relationships and not view.mapper.relationships[name].uselist)
    )


def write_links(
    context: Context, view: RecordView, record: Any, name: str, chosen: Sequence[Any]
) -> None:
    """Link a record to those ``chosen``, and to those others of it that the person may not see,
    which the form did not offer."""
    target = view.related_view(name)
    links = collection_adapter(getattr(record, name))
    there = list(links)
    seen = seen_among(context, target, there)
    wanted = {key_text(target, one) for one in chosen}
    had = {key_text(target, one) for one in there}
    for one in seen:
        if key_text(target, one) not in wanted:
            links.remove_with_event(one)
    for one in chosen:
        if key_text(target, one) not in had:
            links.append_with_event(one)
