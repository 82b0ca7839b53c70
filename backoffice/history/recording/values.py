"""The values of one record before and after a flush."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import PassiveFlag, attributes, object_mapper

from backoffice.history.audited import columns_of, key_fields, key_of, records_from, version_field
from backoffice.history.encoding import Values, encode, encoded_object, is_secret, keeps, same_kept
from backoffice.history.links import key_of_record, link_field, link_fields
from backoffice.history.session import RecordSession
from backoffice.models import InvalidValue

KEY_IS_FIXED = "A record keeps its key. Create a new record, and delete this one."


_UNKNOWN: Any = object()
"""A value that the session does not hold and the database does."""


def values_of(session: RecordSession, record: Any) -> Values:
    """Every field of a record as the history keeps it; one statement if some are not loaded."""
    known = {name: sa.inspect(record).dict.get(name, _UNKNOWN) for name in record_columns(record)}
    return _encoded(session, record, known) | link_fields(record)


def stored_values(session: RecordSession, record: Any) -> Values:
    """Every column of a record as it was loaded, whatever was assigned since and never written."""
    state = sa.inspect(record)
    known = {}
    for name in record_columns(record):
        history = attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if history.has_changes():
            known[name] = history.deleted[0] if history.deleted else _UNKNOWN
        else:
            known[name] = state.dict.get(name, _UNKNOWN)
    return _encoded(session, record, known)


def values_before_update(session: RecordSession, record: Any) -> Values:
    """The fields that a flush will change, with their values before, encoded.

    Raises:
        InvalidValue: one of them is part of the key.
    """
    known: Values = {}
    mapper = object_mapper(record)
    counted = version_field(mapper)
    for name in record_columns(record):
        if name == counted:
            continue
        history = attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if history.has_changes():  # nothing deleted: assigned without having been loaded
            known[name] = history.deleted[0] if history.deleted else _UNKNOWN
            if name in key_fields(mapper):
                raise InvalidValue(name, KEY_IS_FIXED)
    linked = session.pending.links.get(id(record), {})
    if not known and not linked:
        return {}
    for name, column in record_columns(record).items():
        if name == counted or column.onupdate or column.server_onupdate:  # changes by itself
            known.setdefault(name, sa.inspect(record).dict.get(name, _UNKNOWN))
    return _encoded(session, record, known) | linked


def changed_values(
    session: RecordSession, record: Any, before: Values
) -> tuple[Values, Values] | None:
    """Of an update, what differs before and after it; None if the database was not changed."""
    columns, counted = record_columns(record), version_field(object_mapper(record))
    state = sa.inspect(record)
    known = {name: state.dict.get(name, _UNKNOWN) for name in before if name in columns}
    after = _encoded(session, record, known)
    after |= {name: link_field(record, name) for name in before if name not in columns}
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
                is_secret(columns[name]) or not same_kept(columns[name], before[name], after[name])
            )
        )
    ]
    if not changed:
        return None
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def record_columns(record: Any) -> dict[str, sa.Column[Any]]:
    return columns_of(object_mapper(record))


def _encoded(session: RecordSession, record: Any, known: Values) -> Values:
    """Values as the history keeps them. Those that are unknown, given by an expression, or that the
    database may have stored otherwise than given, are read back."""
    columns, mapper, dialect = record_columns(record), object_mapper(record), session.dialect
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
        statement = sa.select(encoded_object(dialect, unknown)).select_from(records_from(mapper))
        this = key_of(mapper).among([key_of_record(record)])
        found = session.connection().scalar(statement.where(this))
        encoded |= found if found is not None else dict.fromkeys(unknown)
    return {name: encoded[name] for name in known}
