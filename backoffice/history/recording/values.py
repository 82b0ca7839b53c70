"""The values of one record before and after a flush."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import PassiveFlag, attributes, object_mapper

from backoffice.history.audited import columns_of, key_fields, key_of, records_from, version_field
from backoffice.history.encoding import (
    Values,
    encode,
    encoded_object,
    is_secret,
    same_encoded,
    stores_exactly,
)
from backoffice.history.links import key_of_record, link_field, link_fields
from backoffice.history.session import RecordSession
from backoffice.models import InvalidValue

KEY_IS_FIXED = "A record keeps its key. Create a new record, and delete this one."

_UNKNOWN: Any = object()
"""A value that is not loaded: it must be read from the database."""


def values_of(session: RecordSession, record: Any) -> Values:
    """Every field of a record, encoded; one statement if some fields are not loaded."""
    known = {name: sa.inspect(record).dict.get(name, _UNKNOWN) for name in record_columns(record)}
    return _encoded(session, record, known) | link_fields(record)


def stored_values(session: RecordSession, record: Any) -> Values:
    """Every column of a record as it was loaded, encoded, without assignments not yet flushed."""
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
    """The fields that a flush will change, with their values before it, encoded.

    Raises:
        InvalidValue: the flush would change the key.
    """
    known: Values = {}
    mapper = object_mapper(record)
    version_name = version_field(mapper)
    for name in record_columns(record):
        if name == version_name:
            continue
        history = attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE)
        if history.has_changes():  # ``deleted`` is empty if it was assigned without a load
            known[name] = history.deleted[0] if history.deleted else _UNKNOWN
            if name in key_fields(mapper):
                raise InvalidValue(name, KEY_IS_FIXED)
    linked = session.pending.links.get(id(record), {})
    if not known and not linked:
        return {}
    for name, column in record_columns(record).items():
        # The update also changes these.
        if name == version_name or column.onupdate or column.server_onupdate:
            known.setdefault(name, sa.inspect(record).dict.get(name, _UNKNOWN))
    return _encoded(session, record, known) | linked


def changed_values(
    session: RecordSession, record: Any, before: Values
) -> tuple[Values, Values] | None:
    """The fields that an update changed, (before, after), encoded; None if nothing changed."""
    columns, version_name = record_columns(record), version_field(object_mapper(record))
    state = sa.inspect(record)
    known = {name: state.dict.get(name, _UNKNOWN) for name in before if name in columns}
    after = _encoded(session, record, known)
    after |= {name: link_field(record, name) for name in before if name not in columns}
    if version_name is not None and after[version_name] == before[version_name]:
        return None
    # A secret reads the same before and after: the history records only that it was written.
    changed = []
    for name in before:
        column = columns.get(name)
        if column is None:  # a link field
            is_changed = after[name] != before[name]
        else:
            is_changed = is_secret(column) or not same_encoded(column, before[name], after[name])
        if is_changed:
            changed.append(name)
    if not changed:
        return None
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def record_columns(record: Any) -> dict[str, sa.Column[Any]]:
    """The columns of a record's model by field name."""
    return columns_of(object_mapper(record))


def _encoded(session: RecordSession, record: Any, known: Values) -> Values:
    """The values, encoded.

    Those that are not loaded, were assigned as SQL, or that the database does not store unchanged
    are read back.
    """
    columns, mapper, dialect = record_columns(record), object_mapper(record), session.dialect
    unknown = {
        name: columns[name]
        for name, value in known.items()
        if value is _UNKNOWN
        or isinstance(value, sa.ClauseElement)
        or not stores_exactly(columns[name], value, dialect)
    }
    encoded = {
        name: encode(columns[name], value) for name, value in known.items() if name not in unknown
    }
    if unknown:
        statement = sa.select(encoded_object(dialect, unknown)).select_from(records_from(mapper))
        is_record = key_of(mapper).among([key_of_record(record)])
        found = session.connection().scalar(statement.where(is_record))
        encoded |= found if found is not None else dict.fromkeys(unknown)
    return {name: encoded[name] for name in known}
