"""The session writes the history itself: what a flush changed, in the flush's own transaction.

The mapper's events tell of every row that a flush writes, orphans and moved keys included, which
``session.dirty`` and ``session.deleted`` do not.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, PassiveFlag, SessionTransaction, attributes, object_mapper

from backoffice.history import links, setwise, trees
from backoffice.history.act import UnrecordedWrite
from backoffice.history.audited import (
    Dependent,
    columns_of,
    comes_round,
    dependents,
    history_name,
    key_fields,
    key_of,
    live_from,
    parts_of,
    version_field,
)
from backoffice.history.encoding import encode, is_secret, keeps, kept_object, same_encoded
from backoffice.models import Audited, Change, Changeset, InvalidValue

if TYPE_CHECKING:
    from backoffice.history.unit import RecordSession

changes: sa.Table = Change.__table__  # type: ignore[assignment]
changesets: sa.Table = Changeset.__table__  # type: ignore[assignment]

Values = dict[str, Any]


@dataclass
class Pending:
    """What a flush does, and what stood there before.

    ``links``: what the link fields of a record held, by the record's identity. ``gone``: keys whose
    dependents were written by set-based SQL, so that objects of the session are out of date;
    ``unlinked``: keys of records that lost links so.
    """

    updated: list[tuple[Any, Values]] = field(default_factory=list)
    deleted: list[tuple[Any, Values]] = field(default_factory=list)
    created: list[Any] = field(default_factory=list)
    links: dict[int, Values] = field(default_factory=dict)
    gone: list[tuple[Mapper[Any], Any]] = field(default_factory=list)
    unlinked: list[tuple[Mapper[Any], Any]] = field(default_factory=list)


def before_flush(session: "RecordSession") -> Pending:
    """Note the links as they are, and lock what is about to be deleted with all below it."""
    pending = Pending()
    links.refuse_stray(session)
    trees.leave_to_their_roots(session)
    for record in list(session.deleted):
        if isinstance(record, Audited):
            links.take_from_owners(session, record)
    for record in list(session.deleted):
        if isinstance(record, Audited):
            pending.links[id(record)] = links.of_record(record)
            _lock_with_dependents(session, record)
    for record in list(session.dirty):
        if isinstance(record, Audited) and record not in session.deleted:
            before = links.before(record)
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
    for name in _columns(record):
        if name not in fixed:
            getattr(record, name)
            attributes.flag_modified(record, name)
            return


def before_insert(session: "RecordSession", record: Any) -> None:
    """The flush is about to insert a record."""
    session.pending.created.append(record)


def before_update(session: "RecordSession", record: Any) -> None:
    """The flush is about to update a record, if it finds that anything differs."""
    before = _before_update(session, record)
    if before:
        session.pending.updated.append((record, before))


def before_delete(session: "RecordSession", record: Any) -> None:
    """The flush is about to delete a record: do what the database would do by itself."""
    pending, mapper = session.pending, object_mapper(record)
    linked = pending.links.get(id(record))
    if linked is None:  # an orphan, which nobody deleted by name
        linked = links.of_record(record)
    pending.deleted.append((record, _as_stored(session, record) | linked))
    if any(True for _ in dependents(mapper)):
        key, base = links.key_value(record), mapper.base_mapper
        # In a tree, or a circle, the record itself may be among those below it.
        way = {base: setwise.latest_change(session)} if comes_round(base) else {}
        record_pending(session)  # rows below it that this flush wrote are recorded before they go
        spared: dict[Mapper[Any], list[Any]] = {}
        for other in session.deleted:
            if isinstance(other, Audited):
                of = object_mapper(other).base_mapper
                spared.setdefault(of, []).append(links.key_value(other))
        setwise.delete_dependents(session, mapper, [key], way, spared)
        pending.gone.append((mapper, key))


def record_pending(session: "RecordSession") -> None:
    """Record what the flush did so far; nothing if it changed no audited record."""
    pending = session.pending
    created, pending.created = pending.created, []
    if session.loaded is not None:
        _count(session, created)
        created = []
    rows = [_row(record, "create", None, whole_record(session, record)) for record in created]
    for record, before in pending.updated:
        if values := _difference(session, record, before):
            rows.append(_row(record, "update", *values))
    rows += [_row(record, "delete", before, None) for record, before in pending.deleted]
    pending.updated, pending.deleted = [], []
    if rows:
        if session.loaded is not None:
            raise UnrecordedWrite("A load only adds records: it keeps no values to go back to.")
        number = session.changeset_id()
        for row in rows:
            row["changeset_id"] = number
        session.connection().execute(_INSERT_CHANGES, rows)


def _count(session: "RecordSession", created: list[Any]) -> None:
    for record in created:
        mapper = object_mapper(record)
        kept = links.kept_key(mapper, links.key_value(record))
        key = kept if isinstance(kept, int) else str(kept)
        session.count_loaded(history_name(mapper), 1, [(key, key)])


def forget_gone(session: "RecordSession") -> None:
    """After a flush: let go of objects whose rows went, or changed, with their parents'."""
    for mapper, key in session.pending.unlinked:
        identity = mapper.identity_key_from_primary_key(key_of(mapper).parts(key))
        if identity in session.identity_map:
            session.expire(session.identity_map[identity])
    session.pending.unlinked.clear()
    while session.pending.gone:
        mapper, key = session.pending.gone.pop()
        for dependent in dependents(mapper):
            for record in list(session.identity_map.values()):
                if sa.inspect(record).deleted or not _refers(record, dependent, mapper, key):
                    continue
                if dependent.emptied:
                    session.refresh(record)
                else:
                    session.pending.gone.append((dependent.mapper, links.key_value(record)))
                    session.expunge(record)


def _refers(record: Any, dependent: Dependent, mapper: Mapper[Any], key: Any) -> bool:
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


def insert_changeset(session: "RecordSession") -> int:
    """The changeset of this unit of work, inserted when the first change needs it."""
    act = session.act
    values: Values = {
        "at": datetime.now(UTC),
        "actor_id": act.actor_id,
        "actor": act.actor[:160],
        "source": act.source,
        "reason": act.reason,
        "request_id": act.request_id[:64],
        "address": act.address[:64],
        "undoes_id": act.undoes_id,
        "loaded": session.loaded.numbers if session.loaded is not None else None,
        "loaded_keys": session.loaded.keys() if session.loaded is not None else None,
    }
    insert = _INSERT_SEEN if session.dialect == "postgresql" else _INSERT_CHANGESET
    result = session.connection().execute(insert, values)
    (key,) = result.inserted_primary_key or (None,)
    assert isinstance(key, int)
    return key


# Made once: to build and compare them costs each save as much as the database does.
_INSERT_CHANGESET = sa.insert(changesets)
_INSERT_SEEN = _INSERT_CHANGESET.values(
    transaction=sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text), sa.BigInteger)
)
_INSERT_CHANGES = sa.insert(changes)


def enclosing(session: "RecordSession") -> list[SessionTransaction]:
    """The savepoints around this moment, innermost first, and the transaction around them all."""
    transaction = session.get_nested_transaction() or session.get_transaction()
    found = []
    while transaction is not None:
        found.append(transaction)
        transaction = transaction.parent
    return found


def whole_record(session: "RecordSession", record: Any) -> Values:
    """Every field of a record as the history keeps it; one statement if some are not loaded."""
    known = {name: sa.inspect(record).dict.get(name, _UNKNOWN) for name in _columns(record)}
    return _encoded(session, record, known) | links.of_record(record)


def _as_stored(session: "RecordSession", record: Any) -> Values:
    """Every column of a record as it was loaded, whatever was assigned since and never written."""
    state = sa.inspect(record)
    known = {}
    for name in _columns(record):
        history = attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if history.has_changes():
            known[name] = history.deleted[0] if history.deleted else _UNKNOWN
        else:
            known[name] = state.dict.get(name, _UNKNOWN)
    return _encoded(session, record, known)


def _before_update(session: "RecordSession", record: Any) -> Values:
    """The fields that a flush will change, with their values before, encoded.

    Raises:
        InvalidValue: one of them is part of the key.
    """
    known: Values = {}
    mapper = object_mapper(record)
    counted = version_field(mapper)
    for name in _columns(record):
        if name == counted:
            continue
        history = attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if history.has_changes():  # nothing deleted: assigned without having been loaded
            known[name] = history.deleted[0] if history.deleted else _UNKNOWN
            if name in key_fields(mapper):
                raise InvalidValue(name, setwise.KEY_IS_FIXED)
    linked = session.pending.links.get(id(record), {})
    if not known and not linked:
        return {}
    for name, column in _columns(record).items():
        if name == counted or column.onupdate or column.server_onupdate:  # changes by itself
            known.setdefault(name, sa.inspect(record).dict.get(name, _UNKNOWN))
    return _encoded(session, record, known) | linked


def _difference(
    session: "RecordSession", record: Any, before: Values
) -> tuple[Values, Values] | None:
    """Of an update, what differs before and after it; None if the database was not changed."""
    columns, counted = _columns(record), version_field(object_mapper(record))
    state = sa.inspect(record)
    known = {name: state.dict.get(name, _UNKNOWN) for name in before if name in columns}
    after = _encoded(session, record, known)
    after |= {name: links.of_field(record, name) for name in before if name not in columns}
    if counted is not None and after[counted] == before[counted]:
        return None
    # Of a secret both sides read the same: that it was written is all there is to keep.
    changed = [
        name
        for name in before
        if (name not in columns and after[name] != before[name])
        or (
            name in columns
            and (
                is_secret(columns[name])
                or not same_encoded(columns[name], before[name], after[name])
            )
        )
    ]
    if not changed:
        return None
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


_UNKNOWN: Any = object()
"""A value that the session does not hold and the database does."""


def _columns(record: Any) -> dict[str, sa.Column[Any]]:
    return columns_of(object_mapper(record))


def _encoded(session: "RecordSession", record: Any, known: Values) -> Values:
    """Values as the history keeps them. Those that are unknown, given by an expression, or that the
    database may have stored otherwise than given, are read back."""
    columns, mapper, dialect = _columns(record), object_mapper(record), session.dialect
    unknown = {
        name: columns[name]
        for name, value in known.items()
        if value is _UNKNOWN
        or isinstance(value, sa.ClauseElement)
        or not keeps(columns[name], value, dialect)
    }
    encoded = {
        name: encode(columns[name], value) for name, value in known.items() if name not in unknown
    }
    if unknown:
        statement = sa.select(kept_object(dialect, unknown)).select_from(live_from(mapper))
        this = key_of(mapper).among([links.key_value(record)])
        found = session.connection().scalar(statement.where(this))
        encoded |= found if found is not None else dict.fromkeys(unknown)
    return {name: encoded[name] for name in known}


def _row(record: Any, operation: str, before: Values | None, after: Values | None) -> Values:
    mapper = object_mapper(record)
    return {
        "model": history_name(mapper),
        "record_id": key_of(mapper).encode(links.key_value(record)),
        "label": str(record)[:255],
        "operation": operation,
        "before": before,
        "after": after,
    }


def _lock_with_dependents(session: "RecordSession", record: Any) -> None:
    """Lock a record that goes, so that nobody puts a row below it meanwhile.

    Rows below it that the session has changed but not written go as they are stored: what was
    assigned to them is never written.
    """
    mapper = object_mapper(record)
    key, own = links.key_value(record), key_of(mapper)
    below = list(dependents(mapper))
    if below:
        locked = sa.select(own.columns[0]).where(own.among([key])).with_for_update()
        session.connection().execute(locked)
    for dependent in below:
        if dependent.emptied:
            continue
        for other in list(session.dirty):
            if other in session.deleted or not _refers(other, dependent, mapper, key):
                continue
            if not _moves(other, dependent):
                session.expunge(other)


def _moves(record: Any, dependent: Dependent) -> bool:
    """Whether the session is about to give a record another parent."""
    mapper = object_mapper(record)
    related = [relation.key for relation in mapper.relationships if not relation.uselist]
    return any(
        attributes.get_history(record, key, PassiveFlag.PASSIVE_NO_INITIALIZE).has_changes()
        for key in (*dependent.reference.columns, *related)
    )
