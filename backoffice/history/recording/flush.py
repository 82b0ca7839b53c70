"""Recording what a flush writes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, PassiveFlag, attributes, object_mapper

from backoffice.history.audited import history_name, key_fields, key_of, parts_of, version_field
from backoffice.history.encoding import Values
from backoffice.history.links import encode_link, key_of_record, link_fields, links_before_flush
from backoffice.history.recording.bulk import delete_dependents
from backoffice.history.recording.owned_records import refuse_direct_writes
from backoffice.history.recording.rows import latest_change
from backoffice.history.recording.trees import leave_to_their_roots
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
from backoffice.models.tables import changes


def before_flush(session: RecordSession) -> PendingChanges:
    """Note the links as they are, and lock what is about to be deleted with all below it."""
    pending = PendingChanges()
    refuse_direct_writes(session)
    leave_to_their_roots(session)
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
    """No column of the record changes, and still it is an edit that raises its version."""
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
    """The flush is about to update a record, if it finds that anything differs."""
    before = values_before_update(session, record)
    if before:
        session.pending.updated.append((record, before))


def before_delete(session: RecordSession, record: Any) -> None:
    """The flush is about to delete a record: do what the database would do by itself."""
    pending, mapper = session.pending, object_mapper(record)
    linked = pending.links.get(id(record))
    if linked is None:  # an orphan, which nobody deleted by name
        linked = link_fields(record)
    pending.deleted.append((record, stored_values(session, record) | linked))
    if any(True for _ in dependents(mapper)):
        key, base = key_of_record(record), mapper.base_mapper
        # In a tree, or a circle, the record itself may be among those below it.
        way = {base: latest_change(session)} if may_cascade_to_itself(base) else {}
        record_pending(session)  # rows below it that this flush wrote are recorded before they go
        spared: dict[Mapper[Any], list[Any]] = {}
        for other in session.deleted:
            if isinstance(other, Audited):
                of = object_mapper(other).base_mapper
                spared.setdefault(of, []).append(key_of_record(other))
        delete_dependents(session, mapper, [key], way, spared)
        pending.cascaded.append((mapper, key))


def record_pending(session: RecordSession) -> None:
    """Record what the flush did so far; nothing if it changed no audited record."""
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
        number = session.changeset_id()
        for row in rows:
            row["changeset_id"] = number
        session.connection().execute(_INSERT_CHANGES, rows)


def _count_loaded(session: RecordSession, created: list[Any]) -> None:
    for record in created:
        mapper = object_mapper(record)
        kept = encode_link(mapper, key_of_record(record))
        key = kept if isinstance(kept, int) else str(kept)
        session.count_loaded(history_name(mapper), 1, [(key, key)])


def expire_stale_objects(session: RecordSession) -> None:
    """After a flush: let go of objects whose rows went, or changed, with their parents'."""
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
    """Whether an object of the session refers to the record of that key, as far as is known."""
    if not isinstance(record, dependent.mapper.class_):
        return False
    reference, known = dependent.reference, sa.inspect(record).dict
    held = dict(
        zip(reference.referred, (known.get(name) for name in reference.columns), strict=True)
    )
    (part,) = (one for one in parts_of(mapper) if one.table is reference.rule.referred_table)
    if set(held) == set(part.key.columns):
        return [held[column] for column in part.key.columns] == list(part.key.parts(key))
    return None not in held.values()  # to another column: better once too often


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


_INSERT_CHANGES = sa.insert(changes)


def _lock_with_dependents(session: RecordSession, record: Any) -> None:
    """Lock a record that goes, so that nobody puts a row below it meanwhile.

    Rows below it that the session has changed but not written go as they are stored: what was
    assigned to them is never written.
    """
    mapper = object_mapper(record)
    key, own = key_of_record(record), key_of(mapper)
    below = list(dependents(mapper))
    if below:
        locked = sa.select(own.columns[0]).where(own.among([key])).with_for_update()
        session.connection().execute(locked)
    for dependent in below:
        if dependent.set_null:
            continue
        for other in list(session.dirty):
            if other in session.deleted or not _refers_to(other, dependent, mapper, key):
                continue
            if not _changes_parent(other, dependent):
                session.expunge(other)


def _changes_parent(record: Any, dependent: Dependent) -> bool:
    """Whether the session is about to give a record another parent."""
    mapper = object_mapper(record)
    related = [relation.key for relation in mapper.relationships if not relation.uselist]
    return any(
        attributes.get_history(record, key, PassiveFlag.PASSIVE_NO_INITIALIZE).has_changes()
        for key in (*dependent.reference.columns, *related)
    )
