"""The changes, each joined with its record as it is now."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.db.types import MYSQL
from backoffice.history.audited import (
    Part,
    all_columns_of,
    history_name,
    key_fields,
    key_of,
    parts_of,
    records_from,
    table_of,
    version_field,
)
from backoffice.history.encoding import is_secret, sql_decode, sql_same
from backoffice.history.session import RecordSession
from backoffice.models.tables import changes


def changes_with_records(dialect: str, mapper: Mapper[Any]) -> Any:
    """The FROM clause of changes outer-joined with their records: NULL if there is no record."""
    return records_from(mapper, changes, is_record(dialect, mapper, changes))


def is_record(dialect: str, mapper: Mapper[Any], source: Any) -> Any:
    """The condition that a record of ``mapper`` is the one that a change in ``source`` is about."""
    return is_row(dialect, parts_of(mapper)[0], source)


def is_row(dialect: str, part: Part, source: Any) -> Any:
    """``is_record`` for a row of one of the model's tables."""
    is_model = source.c.model == history_name(part.mapper)
    return part.key.sql_is(dialect, source.c.record_id, where=is_model)


def record_exists(mapper: Mapper[Any]) -> Any:
    """The condition that the record of a change exists."""
    return key_of(mapper).columns[0].is_not(None)


def revertible_columns(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """The columns that an undo can revert, by field name.

    These are all but the key, the version, secrets, and identity columns that are always generated.
    """
    fixed = {*key_fields(mapper), version_field(mapper)}
    return {
        name: column
        for name, column in all_columns_of(mapper).items()
        if name not in fixed and not is_secret(column) and not _is_always_identity(column)
    }


def _is_always_identity(column: sa.Column[Any]) -> bool:
    return column.identity is not None and bool(column.identity.always)


def holds(dialect: str, column: Any, of: sa.Column[Any], values: Any, name: str) -> Any:
    """The condition that an expression equals the field ``name`` of a change's ``values``.

    ``of``: the field's column, whose type the expression has.
    """
    return sql_same(dialect, of, column, sql_decode(dialect, of, values, name))


def changes_to(chosen: Any, mapper: Mapper[Any], operation: str) -> Any:
    """The condition ``chosen``, restricted to one model and operation."""
    return sa.and_(
        chosen, changes.c.model == history_name(mapper), changes.c.operation == operation
    )


def any_change(session: RecordSession, source: Any, *conditions: Any) -> bool:
    """Whether any row of ``source`` meets the conditions."""
    found = sa.select(sa.literal(1)).select_from(source).where(*conditions).limit(1)
    return session.scalar(found) is not None


def find_changes(session: RecordSession, mapper: Mapper[Any], *conditions: Any) -> list[Any]:
    """The changes that meet the conditions, on them and their records. It fetches all of them."""
    source = changes_with_records(session.dialect, mapper)
    statement = sa.select(changes).select_from(source).where(*conditions)
    return list(session.execute(statement.order_by(changes.c.id)))


def current_record(session: RecordSession, mapper: Mapper[Any], record_id: str) -> Any:
    """The record with this id, read again from the database; None if it does not exist."""
    key = key_of(mapper).decode(record_id)
    if key is None:
        return None
    return session.get(mapper.base_mapper.class_, key, populate_existing=True)


def lock_records(session: RecordSession, mapper: Mapper[Any], selected: Any) -> None:
    """Lock the records of these changes, without fetching them, so that conditions stay true."""
    if session.dialect == "sqlite":  # a writer has locked the whole database
        return
    key, table = key_of(mapper), table_of(mapper)
    locked = sa.select(*key.columns)
    if session.dialect in MYSQL:
        joined = table.join(changes, is_record(session.dialect, mapper, changes))
        locked = locked.select_from(joined).where(selected).with_for_update()
    else:
        keys = record_keys(session.dialect, mapper).where(selected)
        locked = locked.where(key.expression().in_(keys)).with_for_update(of=table)
    session.execute(sa.select(sa.func.count()).select_from(locked.subquery()))


def record_keys(dialect: str, mapper: Mapper[Any]) -> Any:
    """A SELECT of the keys of changed records, which the caller restricts to some changes."""
    is_model = changes.c.model == history_name(mapper)
    return sa.select(*key_of(mapper).sql_parts(dialect, changes.c.record_id, is_model))
