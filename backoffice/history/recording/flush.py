"""Recording what a flush of the session writes.

The mappers' events report every row that a flush writes. ``session.dirty`` and ``session.deleted``
do not: they lack orphans and rows whose links alone changed.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, PassiveFlag, attributes, object_mapper

from backoffice.history.audited import history_name, key_fields, key_of, parts_of, version_field
from backoffice.history.encoding import Values
from backoffice.history.links import encode_link, key_of_record, link_fields, links_before_flush
from backoffice.history.recording.bulk import delete_dependents
from backoffice.history.recording.owned_records import refuse_direct_writes
from backoffice.history.recording.rows import latest_change
from backoffice.history.recording.trees import expunge_cascaded_rows
from backoffice.history.recording.unlink import unlink_from_owners
from backoffice.history.recording.values import (
    changed_values,
    record_columns,
    stored_values,
    values_before_update,
    values_of,
)
from backoffice.history.references import Dependent, dependents, may_cascade_to_itself
from backoffice.history.session import PendingChanges, RecordSession
from backoffice.models import Audited


def before_flush(session: RecordSession) -> PendingChanges:
    """Before a flush: read the links that it changes, and lock the records that it deletes."""
    pending = PendingChanges()
    refuse_direct_writes(session)
    expunge_cascaded_rows(session)
    for record in list(session.deleted):
        if isinstance(record, Audited):
            unlink_from_owners(session, record)
    for record in list(session.deleted):
        if isinstance(record, Audited):
            pending.links[id(record)] = link_fields(record)
            _lock_with_dependents(session, record)
    for record in list(session.dirty):
        if isinstance(record, Audited) and record not in session.deleted:
            before = links_before_flush(record)
            if before:
                pending.links[id(record)] = before
                _raise_version(record)
    return pending


def _raise_version(record: Any) -> None:
    """Mark a record whose links alone change as updated, so that its version is incremented."""
    mapper = object_mapper(record)
    fixed = {*key_fields(mapper), version_field(mapper)}
    if version_field(mapper) is None:
        return
    for name in record_columns(record):
        if name not in fixed:
            getattr(record, name)
            attributes.flag_modified(record, name)
            return


def before_insert(session: RecordSession, record: Any) -> None:
    """The flush is about to insert a record."""
    session.pending.created.append(record)


def before_update(session: RecordSession, record: Any) -> None:
    """The flush is about to update a record, unless it finds no difference."""
    before = values_before_update(session, record)
    if before:
        session.pending.updated.append((record, before))


def before_delete(session: RecordSession, record: Any) -> None:
    """The flush is about to delete a record: record the cascade, and do it first."""
    pending, mapper = session.pending, object_mapper(record)
    linked = pending.links.get(id(record))
    if linked is None:  # an orphan, which is not in session.deleted
        linked = link_fields(record)
    pending.deleted.append((record, stored_values(session, record) | linked))
    if any(True for _ in dependents(mapper)):
        key, base = key_of_record(record), mapper.base_mapper
        # In a tree, or a circle of references, the cascade may come back to the record itself.
        in_progress = {base: latest_change(session)} if may_cascade_to_itself(base) else {}
        record_pending(session)  # dependent rows that this flush wrote are recorded first
        excluded: dict[Mapper[Any], list[Any]] = {}
        for other in session.deleted:
            if isinstance(other, Audited):
                other_base = object_mapper(other).base_mapper
                excluded.setdefault(other_base, []).append(key_of_record(other))
        delete_dependents(session, mapper, [key], in_progress, excluded)
        pending.cascaded.append((mapper, key))


def record_pending(session: RecordSession) -> None:
    """Record what the flush has written so far, if any of it is audited."""
    pending = session.pending
    created, pending.created = pending.created, []
    if session.loaded is not None:
        _count_loaded(session, created)
        created = []
    rows = [_row(record, "create", None, values_of(session, record)) for record in created]
    for record, before in pending.updated:
        if values := changed_values(session, record, before):
            rows.append(_row(record, "update", *values))
    rows += [_row(record, "delete", before, None) for record, before in pending.deleted]
    pending.updated, pending.deleted = [], []
    if rows:
        session.require_changes()
        session.record_changes(rows)


def _count_loaded(session: RecordSession, created: list[Any]) -> None:
    for record in created:
        mapper = object_mapper(record)
        encoded = encode_link(mapper, key_of_record(record))
        key = encoded if isinstance(encoded, int) else str(encoded)
        session.count_loaded(history_name(mapper), 1, [(key, key)])


def expire_stale_objects(session: RecordSession) -> None:
    """After a flush: expire or expunge objects whose rows a cascade changed or deleted."""
    for mapper, key in session.pending.unlinked:
        identity = mapper.identity_key_from_primary_key(key_of(mapper).parts(key))
        if identity in session.identity_map:
            session.expire(session.identity_map[identity])
    session.pending.unlinked.clear()
    while session.pending.cascaded:
        mapper, key = session.pending.cascaded.pop()
        for dependent in dependents(mapper):
            for record in list(session.identity_map.values()):
                if sa.inspect(record).deleted or not _refers_to(record, dependent, mapper, key):
                    continue
                if dependent.set_null:
                    session.refresh(record)
                else:
                    session.pending.cascaded.append((dependent.mapper, key_of_record(record)))
                    session.expunge(record)


def _refers_to(record: Any, dependent: Dependent, mapper: Mapper[Any], key: Any) -> bool:
    """Whether an object of the session may refer to the record with this key."""
    if not isinstance(record, dependent.mapper.class_):
        return False
    reference, known = dependent.reference, sa.inspect(record).dict
    values = dict(
        zip(reference.referred, (known.get(name) for name in reference.columns), strict=True)
    )
    (part,) = (part for part in parts_of(mapper) if part.table is reference.rule.referred_table)
    if set(values) == set(part.key.columns):
        return [values[column] for column in part.key.columns] == list(part.key.parts(key))
    return None not in values.values()  # it refers to other columns than the key: assume so


def _row(record: Any, operation: str, before: Values | None, after: Values | None) -> Values:
    mapper = object_mapper(record)
    return {
        "model": history_name(mapper),
        "record_id": key_of(mapper).encode(key_of_record(record)),
        "label": str(record)[:255],
        "operation": operation,
        "before": before,
        "after": after,
    }


def _lock_with_dependents(session: RecordSession, record: Any) -> None:
    """Lock a record that is to be deleted, so that no other transaction adds a dependent row.

    Dependent objects with changes that are not flushed are expunged: the cascade deletes their
    rows, so their changes are never written.
    """
    mapper = object_mapper(record)
    key, own = key_of_record(record), key_of(mapper)
    cascade = list(dependents(mapper))
    if cascade:
        locked = sa.select(own.columns[0]).where(own.among([key])).with_for_update()
        session.connection().execute(locked)
    for dependent in cascade:
        if dependent.set_null:
            continue
        for other in list(session.dirty):
            if other in session.deleted or not _refers_to(other, dependent, mapper, key):
                continue
            if not _changes_parent(other, dependent):
                session.expunge(other)


def _changes_parent(record: Any, dependent: Dependent) -> bool:
    """Whether a flush will give a dependent record another parent."""
    mapper = object_mapper(record)
    related = [relation.key for relation in mapper.relationships if not relation.uselist]
    return any(
        attributes.get_history(record, key, PassiveFlag.PASSIVE_NO_INITIALIZE).has_changes()
        for key in (*dependent.reference.columns, *related)
    )
