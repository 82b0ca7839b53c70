"""Deleting links: a deleted record is taken from the link fields of all owners.

Each owner's change is recorded, so that an undo can restore the link.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.columns import Key
from backoffice.history.audited import (
    history_name,
    is_instance,
    keep_onupdate_columns,
    key_of,
    label_sql,
    parts_of,
    records_from,
    table_of,
    version_column,
    version_field,
)
from backoffice.history.current_records import CurrentRecords
from backoffice.history.encoding import Values
from backoffice.history.links import (
    encode_link,
    link_relations,
    other_columns,
    own_columns,
    relation_of,
)
from backoffice.history.session import RecordSession
from backoffice.models.tables import changes

RECORDS_PER_BATCH = 500


def unlink_from_owners(session: RecordSession, record: Any) -> None:
    """Before a flush deletes a record: take it from the link fields of its owners.

    An owner that is deleted in the same flush keeps the link: it is recorded with it.
    """
    for mapper, name, _table in link_relations():
        relation = relation_of(mapper, name)
        if relation.secondary is None:  # owned records are deleted with their owner
            continue
        if not isinstance(record, relation.mapper.class_):
            continue
        attribute = getattr(mapper.class_, name)
        owners = sa.select(mapper.class_).where(attribute.contains(record))
        for owner in session.scalars(owners):
            if owner not in session.deleted and record in getattr(owner, name):
                getattr(owner, name).remove(record)


def record_and_unlink(session: RecordSession, mapper: Mapper[Any], condition: Any) -> int:
    """Lock the rows that meet the condition, record them as deleted, and delete their links.

    The rows themselves are deleted later. Returns how many were recorded.
    """
    session.require_changes()
    locked = _lock(session, mapper, sa.and_(condition, is_instance(mapper)))
    base, name = mapper.base_mapper, history_name(mapper)
    records = CurrentRecords(session, base, secrets=True)
    for batch in _batches(list(locked)):
        found = records.read_whole([key_of(base).encode(key) for key in batch])
        rows = [
            {
                "changeset_id": session.changeset_id(),
                "model": name,
                "record_id": record_id,
                "label": locked[key],
                "operation": "delete",
                "before": found[record_id],
                "after": None,
            }
            for key, record_id in ((key, key_of(base).encode(key)) for key in batch)
            if record_id in found
        ]
        session.connection().execute(sa.insert(changes), rows)
        _unlink(session, base, batch)
    return len(locked)


def _lock(session: RecordSession, mapper: Mapper[Any], condition: Any) -> dict[Any, str]:
    """Lock the records that meet the condition; returns their labels by key."""
    key = key_of(mapper)
    statement = sa.select(*key.columns, label_sql(mapper)).select_from(records_from(mapper))
    statement = statement.where(condition).with_for_update(of=table_of(mapper))
    rows = session.connection().execute(statement)
    return {key.value(parts): label for *parts, label in rows}


def _batches(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), RECORDS_PER_BATCH):
        yield keys[start : start + RECORDS_PER_BATCH]


def _unlink(session: RecordSession, base: Mapper[Any], keys: Sequence[Any]) -> None:
    """Delete the links from and to the records with these keys."""
    for owner, name, table in link_relations():
        relation = relation_of(owner, name)
        if owner.base_mapper is base:
            _delete(session, table, own_columns(relation), keys)
        if relation.secondary is not None and relation.mapper.base_mapper is base:
            _record_lost_links(session, owner, name, keys)
            _delete(session, table, other_columns(relation), keys)


def _delete(session: RecordSession, table: Any, columns: list[Any], keys: Sequence[Any]) -> None:
    session.connection().execute(sa.delete(table).where(Key(columns).among(keys)))


def _record_lost_links(
    session: RecordSession, owner: Mapper[Any], name: str, keys: Sequence[Any]
) -> None:
    """Record that owners lose their links to these records, and increment their version."""
    relation = relation_of(owner, name)
    own = own_columns(relation)
    owners = sa.select(*own).where(Key(other_columns(relation)).among(keys)).distinct()
    key, base = key_of(owner), owner.base_mapper
    owner_keys = [key.value(parts) for parts in session.connection().execute(owners)]
    lost = {encode_link(relation.mapper, value) for value in keys}
    for batch in _batches(owner_keys):
        labels = _lock(session, base, key.among(batch))
        stored = CurrentRecords(session, base).read([key.encode(value) for value in labels], [name])
        version_name, rows = version_field(base), []
        for value, label in labels.items():
            record_id = key.encode(value)
            values = stored[record_id]
            before: Values = {name: values[name]}
            after: Values = {name: [link for link in values[name] if link not in lost]}
            if version_name is not None:
                before[version_name] = values[version_name]
                after[version_name] = values[version_name] + 1
            rows.append(
                {
                    "changeset_id": session.changeset_id(),
                    "model": history_name(base),
                    "record_id": record_id,
                    "label": label,
                    "operation": "update",
                    "before": before,
                    "after": after,
                }
            )
            session.pending.unlinked.append((base, value))
        session.connection().execute(sa.insert(changes), rows)
        version = version_column(base)
        if version is not None:
            sets = keep_onupdate_columns(parts_of(base)[0], {version: version + 1})
            update = sa.update(table_of(base)).where(key.among(list(labels))).values(sets)
            session.connection().execute(update)
