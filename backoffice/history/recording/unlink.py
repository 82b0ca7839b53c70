"""Deleting records that have links, without loading them: they are recorded with their links, and
those that link to them as changed.
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


# Writing --------------------------------------------------------------------------------


def unlink_from_owners(session: RecordSession, record: Any) -> None:
    """Before a record is deleted, take it from the fields of those that link to it.

    So that each of those is recorded as changed, and an undo knows to put it back. An owner that
    goes as well is left alone: it is recorded as it was.
    """
    for mapper, name, _table in link_relations():
        relation = relation_of(mapper, name)
        if relation.secondary is None:  # owned records go with their owner
            continue
        if not isinstance(record, relation.mapper.class_):
            continue
        attribute = getattr(mapper.class_, name)
        owners = sa.select(mapper.class_).where(attribute.contains(record))
        for owner in session.scalars(owners):
            if owner not in session.deleted and record in getattr(owner, name):
                getattr(owner, name).remove(record)


def record_and_unlink(session: RecordSession, mapper: Mapper[Any], condition: Any) -> int:
    """Lock the rows that ``condition`` chooses, record them as deleted, and delete their links, but
    not yet the rows. Returns how many there were."""
    session.require_changes()
    locked = _labels(session, mapper, sa.and_(condition, is_instance(mapper)))
    base, name = mapper.base_mapper, history_name(mapper)
    live = CurrentRecords(session, base, secrets=True)
    for some in _batches(list(locked)):
        whole = live.read_whole([key_of(base).encode(key) for key in some])
        rows = [
            {
                "changeset_id": session.changeset_id(),
                "model": name,
                "record_id": text,
                "label": locked[key],
                "operation": "delete",
                "before": whole[text],
                "after": None,
            }
            for key, text in ((key, key_of(base).encode(key)) for key in some)
            if text in whole
        ]
        session.connection().execute(sa.insert(changes), rows)
        _unlink(session, base, some)
    return len(locked)


def _labels(session: RecordSession, mapper: Mapper[Any], condition: Any) -> dict[Any, str]:
    """The keys of the records that a condition chooses, with what they are called; locked."""
    key = key_of(mapper)
    chosen = sa.select(*key.columns, label_sql(mapper)).select_from(records_from(mapper))
    chosen = chosen.where(condition).with_for_update(of=table_of(mapper))
    rows = session.connection().execute(chosen)
    return {key.value(parts): label for *parts, label in rows}


def _batches(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), RECORDS_PER_BATCH):
        yield keys[start : start + RECORDS_PER_BATCH]


def _unlink(session: RecordSession, base: Mapper[Any], keys: Sequence[Any]) -> None:
    """Delete what the records of these keys link to, and what links to them."""
    for owner, name, table in link_relations():
        relation = relation_of(owner, name)
        if owner.base_mapper is base:
            _delete(session, table, own_columns(relation), keys)
        if relation.secondary is not None and relation.mapper.base_mapper is base:
            others = other_columns(relation)
            _release(session, owner, name, keys)
            _delete(session, table, others, keys)


def _delete(session: RecordSession, table: Any, columns: list[Any], keys: Sequence[Any]) -> None:
    session.connection().execute(sa.delete(table).where(Key(columns).among(keys)))


def _release(session: RecordSession, owner: Mapper[Any], name: str, keys: Sequence[Any]) -> None:
    """Record that the owners of links to these records are to lose them."""
    relation = relation_of(owner, name)
    own = own_columns(relation)
    losing = sa.select(*own).where(Key(other_columns(relation)).among(keys)).distinct()
    key, base = key_of(owner), owner.base_mapper
    found = [key.value(parts) for parts in session.connection().execute(losing)]
    for some in _batches(found):
        labels = _labels(session, base, key.among(some))
        gone = {encode_link(relation.mapper, value) for value in keys}
        live = CurrentRecords(session, base).read([key.encode(value) for value in labels], [name])
        counted, rows = version_field(base), []
        for value, label in labels.items():
            text = key.encode(value)
            held = live[text][name]
            before: dict[str, Any] = {name: held}
            after: dict[str, Any] = {name: [one for one in held if one not in gone]}
            if counted is not None:
                before[counted], after[counted] = live[text][counted], live[text][counted] + 1
            rows.append(
                {
                    "changeset_id": session.changeset_id(),
                    "model": history_name(base),
                    "record_id": text,
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
            raised = sa.update(table_of(base)).where(key.among(list(labels))).values(sets)
            session.connection().execute(raised)
