"""The session writes the history itself: what a flush changed, in the flush's own transaction."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, PassiveFlag, SessionTransaction, attributes, object_mapper

from backoffice.history import setwise
from backoffice.history.audited import (
    audited_mappers,
    columns_of,
    dependents,
    key_column,
    table_of,
)
from backoffice.history.encoding import encode, is_secret
from backoffice.models import Audited, Change, Changeset

if TYPE_CHECKING:
    from backoffice.history.unit import RecordSession

changes: sa.Table = Change.__table__  # type: ignore[assignment]
changesets: sa.Table = Changeset.__table__  # type: ignore[assignment]

Values = dict[str, Any]


@dataclass
class Pending:
    """What a flush is about to do, and what stood there before."""

    updated: list[tuple[Any, Values]] = field(default_factory=list)
    deleted: list[tuple[Any, Values]] = field(default_factory=list)
    created: list[Any] = field(default_factory=list)


def before_flush(session: "RecordSession") -> Pending:
    """Note what the flush will change, and do what the database would do by itself on a delete."""
    pending = Pending()
    for record in list(session.deleted):
        if isinstance(record, Audited):
            _take_from_links(session, record)
    for record in list(session.deleted):
        if isinstance(record, Audited):
            mapper = object_mapper(record)
            pending.deleted.append((record, whole_record(session, record)))
            _delete_what_goes_along(session, record, mapper)
    for record in list(session.dirty):
        if isinstance(record, Audited) and record not in session.deleted:
            before = _before_update(session, record)
            if before:
                pending.updated.append((record, before))
    pending.created = [record for record in session.new if isinstance(record, Audited)]
    return pending


def after_flush(session: "RecordSession", pending: Pending) -> None:
    """Record what the flush did; nothing if it changed no audited record."""
    rows = [_row(record, "delete", before, None) for record, before in pending.deleted]
    for record, before in pending.updated:
        after = {name: _value(session, record, name) for name in (*before, "version")}
        # Of a secret both sides read the same: that it changed is all there is to keep.
        changed = {
            name: value
            for name, value in before.items()
            if after[name] != value or _is_secret(record, name)
        }
        if changed:
            after = {name: after[name] for name in (*changed, "version")}
            changed["version"] = after["version"] - 1
            rows.append(_row(record, "update", changed, after))
    rows += [
        _row(record, "create", None, whole_record(session, record)) for record in pending.created
    ]
    if session.loaded is not None:
        for row in rows:
            session.count_loaded(row["model"], 1)
    elif rows:
        number = session.changeset_id()
        for row in rows:
            row["changeset_id"] = number
        session.connection().execute(sa.insert(changes), rows)


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
        "loaded": session.loaded,
    }
    if session.dialect == "postgresql":
        own = sa.cast(sa.cast(sa.func.pg_current_xact_id(), sa.Text), sa.BigInteger)
        values["transaction"] = own
    result = session.connection().execute(sa.insert(changesets).values(values))
    (key,) = result.inserted_primary_key or (None,)
    assert isinstance(key, int)
    return key


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
    mapper = object_mapper(record)
    names = list(columns_of(mapper))
    state = sa.inspect(record)
    missing = [name for name in names if name in state.unloaded]
    if missing:
        stored = _stored(session, mapper, state.identity[0], missing)
        known = {name: getattr(record, name) for name in names if name not in missing} | stored
    else:
        known = {name: getattr(record, name) for name in names}
    values = {name: encode(column, known[name]) for name, column in columns_of(mapper).items()}
    return values | {name: links_of(getattr(record, name)) for name in record.links}


def _before_update(session: "RecordSession", record: Any) -> Values:
    """The fields that a flush will change, with their values before, encoded."""
    mapper = object_mapper(record)
    state = sa.inspect(record)
    before: Values = {}
    unknown: list[str] = []
    for name, column in columns_of(mapper).items():
        if name == "version":
            continue
        history = attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if not history.has_changes():
            continue
        if history.deleted:
            before[name] = encode(column, history.deleted[0])
        elif name in state.committed_state and state.committed_state[name] is None:
            before[name] = None
        else:  # assigned without having been loaded
            unknown.append(name)
    before |= _foreign_keys_before(record, mapper, state, before)
    if unknown:
        stored = _stored(session, mapper, state.identity[0], unknown)
        before |= {name: encode(columns_of(mapper)[name], value) for name, value in stored.items()}
    for name in record.links:
        history = attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if history.added or history.deleted:
            before[name] = links_of([*history.unchanged, *history.deleted])
            # No column of the record changes, and still it is an edit that raises its version.
            attributes.flag_modified(record, record.label_from[0])
    return before


def _foreign_keys_before(record: Any, mapper: Mapper[Any], state: Any, known: Values) -> Values:
    """The keys that assigning a related record will change: the flush has not copied them yet."""
    found: Values = {}
    for relation in mapper.relationships:
        if relation.uselist or relation.direction is not sa.orm.MANYTOONE:
            continue
        history = attributes.get_history(record, relation.key, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if not history.has_changes():
            continue
        for column in relation.local_columns:
            name = mapper.get_property_by_column(column).key
            if name not in known and name in state.dict:
                found[name] = encode(columns_of(mapper)[name], state.dict[name])
    return found


def _value(session: "RecordSession", record: Any, name: str) -> Any:
    """A field's value after the flush, encoded."""
    if name in record.links:
        return links_of(getattr(record, name))
    mapper = object_mapper(record)
    state = sa.inspect(record)
    if name in state.unloaded:  # set by an expression
        stored = _stored(session, mapper, state.identity[0], [name])
        return encode(columns_of(mapper)[name], stored[name])
    return encode(columns_of(mapper)[name], getattr(record, name))


def _stored(session: "RecordSession", mapper: Mapper[Any], key: Any, names: list[str]) -> Values:
    """What the database holds in some fields of a record."""
    columns = [columns_of(mapper)[name] for name in names]
    row = (
        session.connection()
        .execute(sa.select(*columns).where(key_column(mapper) == key))
        .one_or_none()
    )
    if row is None:
        return dict.fromkeys(names)
    return dict(zip(names, row, strict=True))


def links_of(related: Any) -> list[Any]:
    """A relation to many as the history keeps it: keys, or owned records' tokens, in order."""
    return sorted(
        str(one)
        if hasattr(one, "from_token")
        else object_mapper(one).primary_key_from_instance(one)[0]
        for one in related
    )


def _is_secret(record: Any, name: str) -> bool:
    column = columns_of(object_mapper(record)).get(name)
    return column is not None and is_secret(column)


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


def _take_from_links(session: "RecordSession", record: Any) -> None:
    """Before a record is deleted, take it from the fields of those that link to it.

    So that each of those is recorded as changed, and an undo knows to put it back.
    """
    for mapper in audited_mappers().values():
        for name in mapper.class_.links:
            relation = mapper.relationships[name]
            if relation.secondary is None:  # owned records go with their owner
                continue
            if not isinstance(record, relation.mapper.class_):
                continue
            attribute = getattr(mapper.class_, name)
            for owner in session.scalars(
                sa.select(mapper.class_).where(attribute.contains(record))
            ):
                getattr(owner, name).remove(record)


def _delete_what_goes_along(session: "RecordSession", record: Any, mapper: Mapper[Any]) -> None:
    """Record and delete the rows that the database would delete with ``record``, unrecorded.

    Rows that the session itself deletes or moves elsewhere in this flush are left to it.
    """
    key = mapper.primary_key_from_instance(record)[0]
    locked = False
    for dependent in dependents(mapper):
        if not locked:  # from here on nobody can put a row below the one that goes
            own = key_column(mapper)
            session.connection().execute(sa.select(own).where(own == key).with_for_update())
            locked = True
        child = dependent.mapper
        field_name = child.get_property_by_column(dependent.column).key
        left: list[Any] = []
        for one in list(session.identity_map.values()):
            if not isinstance(one, child.class_):
                continue
            if one in session.deleted or getattr(one, field_name) != key or _moves(one, child):
                left.append(child.primary_key_from_instance(one)[0])
            elif not dependent.nulls:
                session.expunge(one)
        condition = dependent.column == key
        if left:
            condition = sa.and_(condition, key_column(child).not_in(left))
        if dependent.nulls:
            setwise.update_rows(session, child, {field_name: None}, condition)
        else:
            setwise.delete_rows(session, child, condition)


def _moves(record: Any, mapper: Mapper[Any]) -> bool:
    """Whether the session is about to give a record another parent."""
    return any(
        attributes.get_history(
            record, relation.key, PassiveFlag.PASSIVE_NO_INITIALIZE
        ).has_changes()
        for relation in mapper.relationships
        if not relation.uselist
    )
