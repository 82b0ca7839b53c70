"""Finding records by their keys, and writing a form's values to a record."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import object_session
from sqlalchemy.orm.collections import collection_adapter

from backoffice.admin.attributes import table_column
from backoffice.admin.records.keys import has_key_in, key_text, parse_key
from backoffice.admin.records.seen import is_seen, look_up, note_seen
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of


def find_records_by_key(
    context: Context, target: RecordView, texts: Sequence[str]
) -> dict[str, Any]:
    """The records whose keys (as text) are ``texts``, by that text.

    Records that do not exist, or that the person may not see, are missing. At most one statement.
    """
    keys = [key for text in texts if (key := parse_key(target, text)) is not None]
    if not keys or not context.may("list", target):
        return {}
    statement: Select[Any] = select(target.model).where(has_key_in(target, keys))
    if not context.sees_all(target):
        statement = statement.where(context.visible(target))
    found = {key_text(record): record for record in context.session.scalars(statement)}
    note_seen(context, target, found.values())
    return found


def visible_records(context: Context, target: RecordView, records: Sequence[Any]) -> list[Any]:
    """Those of ``records`` that the person may see. No statement if they may see all."""
    look_up(context, target, [key_text(record) for record in records])
    return [record for record in records if is_seen(context, target, key_text(record))]


def write_values(context: Context, view: RecordView, record: Any, values: dict[str, Any]) -> None:
    """Write to a record those values of a form that differ from its own.

    An equal value is not written again: the model might clean it by a rule that is newer than the
    value, and so change it.
    """
    for name, value in values.items():
        if name in view.form_extra_fields:
            continue
        if name in view.mapper.relationships and view.mapper.relationships[name].uselist:
            write_links(context, view, record, name, value)
        elif _refers_to_itself(view, record, name, value):
            write_foreign_key(view, record, name, value)
        elif not (inspect(record).persistent and _has_value(view, record, name, value)):
            setattr(record, name, value)


def _refers_to_itself(view: RecordView, record: Any, name: str, value: Any) -> bool:
    """Whether a relation of a stored record refers to that record, or will."""
    if name not in view.mapper.relationships or not inspect(record).persistent:
        return False
    return value is record or getattr(record, name) is record


def write_foreign_key(view: RecordView, record: Any, name: str, value: Any) -> None:
    """Let a relation refer to the record ``value`` by writing its foreign key only.

    SQLAlchemy takes a record that refers to itself for a circular dependency, in which no row can
    be written first.
    """
    target = view.related_view(name).mapper
    for local, remote in view.mapper.relationships[name].local_remote_pairs:
        key = None
        if value is not None:
            key = getattr(value, target.get_property_by_column(remote).key)
        setattr(record, view.mapper.get_property_by_column(local).key, key)
    session = object_session(record)
    if session is not None:
        session.expire(record, [name])


def _has_value(view: RecordView, record: Any, name: str, value: Any) -> bool:
    column, own = table_column(view.mapper, name), getattr(record, name)
    return own is value if column is None else kind_of(column).same(own, value)


def differs(view: RecordView, record: Any, values: dict[str, Any]) -> bool:
    """Whether a stored record differs from any of ``values``. Lists of records are not compared."""
    return any(
        not _has_value(view, record, name, value)
        for name, value in values.items()
        if name in view.mapper.columns
        or (name in view.mapper.relationships and not view.mapper.relationships[name].uselist)
    )


def write_links(
    context: Context, view: RecordView, record: Any, name: str, chosen: Sequence[Any]
) -> None:
    """Link a record to the ``chosen`` records. Its links to records that the person may not see
    stay: the form did not offer those."""
    target = view.related_view(name)
    links = collection_adapter(getattr(record, name))
    linked = list(links)
    visible = visible_records(context, target, linked)
    chosen_keys = {key_text(related) for related in chosen}
    linked_keys = {key_text(related) for related in linked}
    for related in visible:
        if key_text(related) not in chosen_keys:
            links.remove_with_event(related)
    for related in chosen:
        if key_text(related) not in linked_keys:
            links.append_with_event(related)
