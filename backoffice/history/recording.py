"""The session writes the history itself: what a flush changed, in the flush's own transaction.

The mapper's events tell of every row that a flush writes, orphans and moved keys included, which
``session.dirty`` and ``session.deleted`` do not.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, PassiveFlag, SessionTransaction, attributes, object_mapper

from backoffice.history import links, setwise
from backoffice.history.act import UnrecordedWrite
from backoffice.history.audited import columns_of, dependents, key_column, table_of
from backoffice.history.encoding import encode, is_secret
from backoffice.models import Audited, Change, Changeset

if TYPE_CHECKING:
    from backoffice.history.unit import RecordSession

changes: sa.Table = Change.__table__  # type: ignore[assignment]
changesets: sa.Table = Changeset.__table__  # type: ignore[assignment]

Values = dict[str, Any]


@dataclass
class Pending:
    """What a flush does, and what stood there before.

    ``links``: what the link fields of a record held, by the record's identity. ``gone``: keys whose
    dependents were written by set-based SQL, so that objects of the session are out of date.
    """

    updated: list[tuple[Any, Values]] = field(default_factory=list)
    deleted: list[tuple[Any, Values]] = field(default_factory=list)
    created: list[Any] = field(default_factory=list)
    links: dict[int, Values] = field(default_factory=dict)
    gone: list[tuple[Mapper[Any], Any]] = field(default_factory=list)


def before_flush(session: "RecordSession") -> Pending:
    """Note the links as they are, and lock what is about to be deleted with all below it."""
    pending = Pending()
    links.refuse_stray(session)
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
                # No column of the record changes, and still it is an edit that raises its version.
                name = record.label_from[0]
                getattr(record, name)
                attributes.flag_modified(record, name)
    return pending


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
        key = mapper.primary_key_from_instance(record)[0]
        record_pending(session)  # rows below it that this flush wrote are recorded before they go
        setwise.delete_dependents(session, mapper, [key])
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
        key = mapper.primary_key_from_instance(record)[0]
        key = key if isinstance(key, int) else str(key)
        session.count_loaded(table_of(mapper).name, 1, [(key, key)])


def forget_gone(session: "RecordSession") -> None:
    """After a flush: let go of objects whose rows went, or changed, with their parents'."""
    while session.pending.gone:
        mapper, key = session.pending.gone.pop()
        for dependent in dependents(mapper):
            name = dependent.mapper.get_property_by_column(dependent.column).key
            for one in list(session.identity_map.values()):
                if not isinstance(one, dependent.mapper.class_) or sa.inspect(one).deleted:
                    continue
                if sa.inspect(one).dict.get(name) != key:
                    continue
                if dependent.nulls:
                    session.refresh(one)
                else:
                    child_key = dependent.mapper.primary_key_from_instance(one)[0]
                    session.pending.gone.append((dependent.mapper, child_key))
                    session.expunge(one)


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
    """The fields that a flush will change, with their values before, encoded."""
    known: Values = {}
    for name in _columns(record):
        if name == "version":
            continue
        history = attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if history.has_changes():  # nothing deleted: assigned without having been loaded
            known[name] = history.deleted[0] if history.deleted else _UNKNOWN
    linked = session.pending.links.get(id(record), {})
    if not known and not linked:
        return {}
    version = sa.inspect(record).dict.get("version", _UNKNOWN)
    return _encoded(session, record, {**known, "version": version}) | linked


def _difference(
    session: "RecordSession", record: Any, before: Values
) -> tuple[Values, Values] | None:
    """Of an update, what differs before and after it; None if the database was not changed."""
    names = [name for name in before if name not in record.links]
    state = sa.inspect(record)
    known = {name: state.dict.get(name, _UNKNOWN) for name in names}
    after = _encoded(session, record, known)
    after |= {name: links.of_field(record, name) for name in before if name in record.links}
    if after["version"] == before["version"]:
        return None
    columns = _columns(record)
    # Of a secret both sides read the same: that it was written is all there is to keep.
    changed = [
        name
        for name in before
        if after[name] != before[name] or (name in columns and is_secret(columns[name]))
    ]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


_UNKNOWN: Any = object()
"""A value that the session does not hold and the database does."""


def _columns(record: Any) -> dict[str, sa.Column[Any]]:
    return columns_of(object_mapper(record))


def _encoded(session: "RecordSession", record: Any, known: Values) -> Values:
    """Values as the history keeps them; those unknown, or given by an expression, are looked up."""
    columns, mapper = _columns(record), object_mapper(record)
    unknown = [
        name
        for name, value in known.items()
        if value is _UNKNOWN or isinstance(value, sa.ClauseElement)
    ]
    if unknown:
        key = mapper.primary_key_from_instance(record)[0]
        wanted = [columns[name] for name in unknown]
        statement = sa.select(*wanted).where(key_column(mapper) == key)
        row = session.connection().execute(statement).one_or_none()
        known |= dict(zip(unknown, row if row is not None else [None] * len(wanted), strict=True))
    return {name: encode(columns[name], value) for name, value in known.items()}


def _row(record: Any, operation: str, before: Values | None, after: Values | None) -> Values:
    mapper = object_mapper(record)
    return {
        "model": table_of(mapper).name,
        "record_id": str(mapper.primary_key_from_instance(record)[0]),
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
    key = mapper.primary_key_from_instance(record)[0]
    below = list(dependents(mapper))
    if below:
        own = key_column(mapper)
        session.connection().execute(sa.select(own).where(own == key).with_for_update())
    for dependent in below:
        if dependent.nulls:
            continue
        name = dependent.mapper.get_property_by_column(dependent.column).key
        for one in list(session.dirty):
            if not isinstance(one, dependent.mapper.class_) or one in session.deleted:
                continue
            if sa.inspect(one).dict.get(name) == key and not _moves(one, dependent.mapper, name):
                session.expunge(one)


def _moves(record: Any, mapper: Mapper[Any], name: str) -> bool:
    """Whether the session is about to give a record another parent."""
    related = [relation.key for relation in mapper.relationships if not relation.uselist]
    return any(
        attributes.get_history(record, key, PassiveFlag.PASSIVE_NO_INITIALIZE).has_changes()
        for key in (name, *related)
    )
