"""Links of the records that an undo touches, record by record: few records have any."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapper, object_mapper

from backoffice.history.audited import history_name, key_of
from backoffice.history.encoding import sql_has_field, sql_with_field
from backoffice.history.links import (
    all_links_of,
    decode_link,
    encode_link,
    encode_links,
    is_owned,
    links_of_model,
    other_columns,
    own_columns,
    relation_of,
)
from backoffice.history.session import RecordSession
from backoffice.history.undo.changed_records import current_record, find_changes
from backoffice.models.tables import changes


def with_links(
    session: RecordSession, mapper: Mapper[Any], name: str, values: Any, rows: list[Any]
) -> Any:
    """Recorded values whose link field holds what can be linked once ``rows`` are restored."""
    kept = {row.id: row.before[name] for row in rows if name in row.before}
    if not kept:
        return values
    target = relation_of(mapper, name).mapper
    coming = set()
    if target.base_mapper is mapper.base_mapper:
        coming = {_encoded_key(target, row.record_id) for row in rows}
    there = {
        id_: linkable(session, mapper, name, keys, coming=coming) for id_, keys in kept.items()
    }
    if session.dialect == "postgresql":
        found: Any = sa.case(
            *((changes.c.id == id_, sa.literal(keys, JSONB())) for id_, keys in there.items())
        )
    else:
        texts = sa.case(
            *((changes.c.id == id_, sa.literal(keys, sa.JSON())) for id_, keys in there.items())
        )
        found = sa.func.json_extract(texts, "$")
    changed = sql_with_field(session.dialect, values, name, found)
    return sa.case((changes.c.id.in_(list(kept)), changed), else_=values)


def _encoded_key(mapper: Mapper[Any], record_id: str) -> Any:
    value = key_of(mapper).decode(record_id)
    return None if value is None else encode_link(mapper, value)


def linkable(
    session: RecordSession,
    mapper: Mapper[Any],
    name: str,
    keys: list[Any],
    changeset_id: int | None = None,
    coming: Collection[Any] = (),
) -> list[Any]:
    """Of the kept values of a link field those that still can be: links to what exists.

    ``changeset_id``: count what comes back when that changeset is undone; ``coming``: these too.
    """
    relation = relation_of(mapper, name)
    target = relation.mapper
    if is_owned(relation) or not keys:
        return keys
    key = key_of(target)
    wanted = {kept: decode_link(target, kept) for kept in keys}
    known = {value for value in wanted.values() if value is not None}
    rows = session.connection().execute(sa.select(*key.columns).where(key.among(list(known))))
    found = {encode_link(target, key.value(row)) for row in rows} | set(coming)
    if changeset_id is not None:
        texts = {key.encode(value): kept for kept, value in wanted.items() if value is not None}
        back = session.connection().scalars(
            sa.select(changes.c.record_id).where(
                changes.c.changeset_id == changeset_id,
                changes.c.model == history_name(target),
                changes.c.operation == "delete",
                changes.c.record_id.in_(list(texts)),
            )
        )
        found |= {texts[text] for text in back}
    return sorted(kept for kept in wanted if kept in found)


def insert_links(
    session: RecordSession, mapper: Mapper[Any], name: str, record_id: str, keys: list[Any]
) -> None:
    """Link a restored record again; its creation has recorded that already."""
    relation = relation_of(mapper, name)
    target, own = relation.mapper, key_of(mapper)
    parts = own.parts(own.decode(record_id))
    mine = {column.key: part for column, part in zip(own_columns(relation), parts, strict=True)}
    table: Any = target.local_table
    if is_owned(relation):
        made = [target.class_.from_token(token) for token in keys]
        rows = [{**mine, **sa.inspect(record).dict} for record in made]
    else:
        table, others, other = relation.secondary, other_columns(relation), key_of(target)
        rows = [
            {**mine, **{column.key: part for column, part in zip(others, parts, strict=True)}}
            for parts in (other.parts(decode_link(target, kept)) for kept in keys)
        ]
    if rows:
        session.connection().execute(sa.insert(table), rows)


def link_changes(
    session: RecordSession, mapper: Mapper[Any], mine: Any, changeset_id: int | None
) -> list[Any]:
    """(change, field, what it holds now, what it is to hold) of each changed link field.

    What it holds now is None where the record is gone. ``changeset_id`` as for ``linkable``.
    """
    found = []
    for name in all_links_of(mapper):
        has = sql_has_field(session.dialect, changes.c.after, name)
        for row in find_changes(session, mapper, mine, has):
            record = current_record(session, mapper, row.record_id)
            now = None if record is None else encode_links(getattr(record, name))
            wanted = linkable(session, mapper, name, row.before[name], changeset_id)
            found.append((row, name, now, wanted))
    return found


def link_reversals(
    session: RecordSession,
    mapper: Mapper[Any],
    mine: Any,
    overwrite: Collection[str] | None,
    changeset_id: int | None,
) -> list[tuple[str, str, list[Any]]]:
    """(record id, field, what it is to hold) of the link fields that go back."""
    return [
        (row.record_id, name, wanted)
        for row, name, now, wanted in link_changes(session, mapper, mine, changeset_id)
        if now is not None and now != wanted
        if overwrite is None
        or now == row.after[name]
        or f"{row.model}:{row.record_id}:{name}" in overwrite
    ]


def set_links(
    session: RecordSession, mapper: Mapper[Any], record_id: str, name: str, keys: list[Any]
) -> None:
    """Set a relation to many: to the records of ``keys``, or to owned ones made from tokens."""
    record = current_record(session, mapper, record_id)
    relation = relation_of(mapper, name)
    target = relation.mapper
    if is_owned(relation):
        kept = {str(one): one for one in getattr(record, name)}
        found = [kept.get(token) or target.class_.from_token(token) for token in keys]
    else:
        values = [decode_link(target, kept) for kept in keys]
        chosen = sa.select(target.class_).where(key_of(target).among(values))
        found = list(session.scalars(chosen))
    setattr(record, name, found)
    session.flush()


def links_changed(record: Any, after: Mapping[str, Any]) -> bool:
    """Whether a record's links are others than when a change created it with ``after``."""
    names = links_of_model(object_mapper(record))
    return any(
        encode_links(getattr(record, name)) != after[name] for name in names if name in after
    )
