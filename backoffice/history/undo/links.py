"""Links of the records that an undo writes, one record at a time: few records have any."""

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
    """The JSON ``values`` of restored records with a link field: the links that are possible.

    ``rows``: the changes that deleted the records. Links among them are possible.
    """
    links = {row.id: row.before[name] for row in rows if name in row.before}
    if not links:
        return values
    target = relation_of(mapper, name).mapper
    restored = set()
    if target.base_mapper is mapper.base_mapper:
        restored = {_encoded_key(target, row.record_id) for row in rows}
    possible = {
        id_: linkable(session, mapper, name, keys, restored=restored) for id_, keys in links.items()
    }
    if session.dialect == "postgresql":
        found: Any = sa.case(
            *((changes.c.id == id_, sa.literal(keys, JSONB())) for id_, keys in possible.items())
        )
    else:
        texts = sa.case(
            *((changes.c.id == id_, sa.literal(keys, sa.JSON())) for id_, keys in possible.items())
        )
        found = sa.func.json_extract(texts, "$")
    changed = sql_with_field(session.dialect, values, name, found)
    return sa.case((changes.c.id.in_(list(links)), changed), else_=values)


def _encoded_key(mapper: Mapper[Any], record_id: str) -> Any:
    value = key_of(mapper).decode(record_id)
    return None if value is None else encode_link(mapper, value)


def linkable(
    session: RecordSession,
    mapper: Mapper[Any],
    name: str,
    keys: list[Any],
    changeset_id: int | None = None,
    restored: Collection[Any] = (),
) -> list[Any]:
    """The links of a link field that lead to existing records; ``keys`` are encoded.

    ``changeset_id``: include records that the undo of this changeset restores. ``restored``:
    include these.
    """
    relation = relation_of(mapper, name)
    target = relation.mapper
    if is_owned(relation) or not keys:
        return keys
    key = key_of(target)
    wanted = {link: decode_link(target, link) for link in keys}
    known = {value for value in wanted.values() if value is not None}
    rows = session.connection().execute(sa.select(*key.columns).where(key.among(list(known))))
    found = {encode_link(target, key.value(row)) for row in rows} | set(restored)
    if changeset_id is not None:
        record_ids = {
            key.encode(value): link for link, value in wanted.items() if value is not None
        }
        deleted = session.connection().scalars(
            sa.select(changes.c.record_id).where(
                changes.c.changeset_id == changeset_id,
                changes.c.model == history_name(target),
                changes.c.operation == "delete",
                changes.c.record_id.in_(list(record_ids)),
            )
        )
        found |= {record_ids[record_id] for record_id in deleted}
    return sorted(link for link in wanted if link in found)


def insert_links(
    session: RecordSession, mapper: Mapper[Any], name: str, record_id: str, keys: list[Any]
) -> None:
    """Insert the links of a restored record, which its creation has recorded already."""
    relation = relation_of(mapper, name)
    target, own = relation.mapper, key_of(mapper)
    parts = own.parts(own.decode(record_id))
    own_key = {column.key: part for column, part in zip(own_columns(relation), parts, strict=True)}
    table: Any = target.local_table
    if is_owned(relation):
        owned = [target.class_.from_token(token) for token in keys]
        rows = [{**own_key, **sa.inspect(record).dict} for record in owned]
    else:
        table, others, other = relation.secondary, other_columns(relation), key_of(target)
        rows = [
            {**own_key, **{column.key: part for column, part in zip(others, parts, strict=True)}}
            for parts in (other.parts(decode_link(target, link)) for link in keys)
        ]
    if rows:
        session.connection().execute(sa.insert(table), rows)


def link_changes(
    session: RecordSession, mapper: Mapper[Any], selected: Any, changeset_id: int | None
) -> list[Any]:
    """The changed link fields: (change, field, present links, links after an undo).

    The present links are None if the record does not exist. ``changeset_id`` as for
    ``linkable``.
    """
    found = []
    for name in all_links_of(mapper):
        has = sql_has_field(session.dialect, changes.c.after, name)
        for row in find_changes(session, mapper, selected, has):
            record = current_record(session, mapper, row.record_id)
            now = None if record is None else encode_links(getattr(record, name))
            wanted = linkable(session, mapper, name, row.before[name], changeset_id)
            found.append((row, name, now, wanted))
    return found


def link_reversals(
    session: RecordSession,
    mapper: Mapper[Any],
    selected: Any,
    overwrite: Collection[str] | None,
    changeset_id: int | None,
) -> list[tuple[str, str, list[Any]]]:
    """The link fields to revert: (record id, field, links after the undo).

    ``overwrite`` as for ``revert_updates``, ``changeset_id`` as for ``linkable``.
    """
    return [
        (row.record_id, name, wanted)
        for row, name, now, wanted in link_changes(session, mapper, selected, changeset_id)
        if now is not None and now != wanted
        if overwrite is None
        or now == row.after[name]
        or f"{row.model}:{row.record_id}:{name}" in overwrite
    ]


def set_links(
    session: RecordSession, mapper: Mapper[Any], record_id: str, name: str, keys: list[Any]
) -> None:
    """Set a link field to the records with these keys, or to owned records made from tokens."""
    record = current_record(session, mapper, record_id)
    relation = relation_of(mapper, name)
    target = relation.mapper
    if is_owned(relation):
        present = {str(owned): owned for owned in getattr(record, name)}
        found = [present.get(token) or target.class_.from_token(token) for token in keys]
    else:
        values = [decode_link(target, link) for link in keys]
        records = sa.select(target.class_).where(key_of(target).among(values))
        found = list(session.scalars(records))
    setattr(record, name, found)
    session.flush()


def links_changed(record: Any, after: Mapping[str, Any]) -> bool:
    """Whether a record's links differ from those in ``after``, with which a change created it."""
    names = links_of_model(object_mapper(record))
    return any(
        encode_links(getattr(record, name)) != after[name] for name in names if name in after
    )
