"""Recording rows by SQL: one statement locks them and inserts their changes."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapper

from backoffice.db.types import MYSQL
from backoffice.history.audited import (
    Part,
    all_columns_of,
    columns_of,
    history_name,
    is_instance,
    keep_onupdate_columns,
    key_fields,
    key_of,
    label_sql,
    models_by_identity,
    parts_of,
    records_from,
    table_of,
    version_column,
    version_field,
)
from backoffice.history.encoding import (
    encode,
    sql_encode,
    sql_object,
    sql_without_field,
    stores_exactly,
)
from backoffice.history.session import RecordSession
from backoffice.models.tables import changes

CHANGE_COLUMNS = ["changeset_id", "model", "record_id", "label", "operation", "before", "after"]
"""The columns of a change, in the order in which statements insert them."""


def latest_change(session: RecordSession) -> int:
    """The id of the last change that this unit of work recorded; 0 for none."""
    if session.changeset is None:
        return 0
    own = changes.c.changeset_id == session.changeset
    return session.connection().scalar(sa.select(sa.func.max(changes.c.id)).where(own)) or 0


def record_rows(
    session: RecordSession,
    mapper: Mapper[Any],
    operation: str,
    condition: Any,
    values: Mapping[str, Any] | None = None,
) -> int:
    """Lock the rows that meet the condition and record their changes, in one statement.

    ``values``: the new values of an update. Returns how many rows were recorded.
    """
    session.require_changes()
    dialect = session.dialect
    table, columns = table_of(mapper), all_columns_of(mapper)
    condition = sa.and_(condition, is_instance(mapper))
    tables = records_from(mapper)
    if session.changeset is None:  # a changeset without changes is not inserted
        key = key_of(mapper).columns[0]
        found = session.connection().execute(
            sa.select(key).select_from(tables).where(condition).limit(1)
        )
        if found.first() is None:
            return 0
    source: dict[str, Any] = dict(columns)
    start: Any = tables
    if dialect == "postgresql":
        # A plain INSERT … SELECT … FOR UPDATE would build the JSON before it has locked the row.
        numbered = [column.label(f"c{index}") for index, column in enumerate(columns.values())]
        locked = sa.select(*numbered).select_from(tables).where(condition)
        start = locked.with_for_update(of=table).cte("locked").prefix_with("MATERIALIZED")
        source = {name: start.c[f"c{index}"] for index, name in enumerate(columns)}
    version_name = version_field(mapper)
    names = list(columns)
    if values is not None:
        names = [*values] if version_name is None else [*values, version_name]
    before = {name: sql_encode(dialect, columns[name], source[name]) for name in names}
    after: Any = sa.null()
    if values is not None:
        new = {name: _constant(dialect, columns[name], value) for name, value in values.items()}
        if version_name is not None:
            new[version_name] = source[version_name] + 1
        after = sql_object(dialect, new)
        whole = sql_object(dialect, before)
    else:
        whole = _record_object(dialect, mapper, before, source)
    key_values = [source[name] for name in key_fields(mapper)]
    record = sa.select(
        sa.literal(session.changeset_id(), sa.BigInteger),
        sa.literal(history_name(mapper)),
        key_of(mapper).sql_text_of(dialect, key_values),
        label_sql(mapper, source),
        sa.literal(operation),
        whole,
        after,
    ).select_from(start)
    if dialect != "postgresql":
        record = record.where(condition).with_for_update()
    return execute_write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))


def _record_object(
    dialect: str, mapper: Mapper[Any], before: Any, source: Mapping[str, Any]
) -> Any:
    """A whole record as JSON, with the fields of its own model only."""
    whole = sql_object(dialect, before)
    discriminator, models = models_by_identity(mapper)
    if discriminator is None:
        return whole
    for name in before:
        owners = [identity for identity, model in models.items() if name in columns_of(model)]
        if len(owners) < len(models):
            has_no_field = sa.not_(source[discriminator].in_(owners))
            whole = sql_without_field(dialect, whole, name, has_no_field)
    return whole


def _constant(dialect: str, column: sa.Column[Any], value: Any) -> Any:
    """A value encoded, as a SQL expression of an unambiguous JSON type."""
    encoded = encode(column, value)
    if encoded is None:
        return sa.null()
    if isinstance(encoded, str) and stores_exactly(column, value, dialect):
        return sa.cast(sa.literal(encoded), sa.Text if dialect not in MYSQL else sa.CHAR)
    if isinstance(encoded, int) and not isinstance(encoded, bool):
        return sa.literal(encoded)
    # As it will be read back from the column, which may round it.
    literal: Any = sa.literal(value, column.type)
    if dialect == "postgresql" or (dialect in MYSQL and isinstance(encoded, str)):
        literal = sa.cast(literal, column.type)
    return sql_encode(dialect, column, literal)


def recorded_keys(
    session: RecordSession, mapper: Mapper[Any], operation: str, *, after: int = 0
) -> Any:
    """The keys of the rows that this unit of work recorded, as a SELECT.

    ``after``: only changes after the one with this id.
    """
    return _recorded_keys(session, parts_of(mapper)[0], operation, after)


def _recorded_keys(session: RecordSession, part: Part, operation: str, after: int) -> Any:
    parts = part.key.sql_parts(
        session.dialect, changes.c.record_id, changes.c.model == history_name(part.mapper)
    )
    return sa.select(*parts).where(*_own_changes(session, part.mapper, operation, after))


def _own_changes(
    session: RecordSession, mapper: Mapper[Any], operation: str, after: int
) -> list[Any]:
    return [
        changes.c.changeset_id == session.changeset_id(),
        changes.c.model == history_name(mapper),
        changes.c.operation == operation,
        changes.c.id > after,
    ]


def is_recorded(
    session: RecordSession, part: Part, operation: str, *, after: int = 0
) -> ColumnElement[bool]:
    """The condition that this unit of work recorded a row; ``after`` as for ``recorded_keys``.

    MariaDB repeats a subquery of a DELETE for each row, so there the condition joins the changes.
    """
    if session.dialect not in MYSQL:
        among: ColumnElement[bool] = part.key.expression().in_(
            _recorded_keys(session, part, operation, after)
        )
        return among
    own = _own_changes(session, part.mapper, operation, after)
    is_row = part.key.sql_is(session.dialect, changes.c.record_id, where=own[1])
    return sa.and_(is_row, *own)


def write_recorded(
    session: RecordSession, mapper: Mapper[Any], new: Mapping[str, Any], *, after: int
) -> None:
    """Write new values to the rows whose updates were recorded, and increment their version.

    ``new``: expressions by field name. No other column changes.
    """
    version = version_column(mapper)
    for part in parts_of(mapper):
        sets: dict[Any, Any] = {
            column: new[name] for name, column in part.fields.items() if name in new
        }
        if version is not None and part.is_base:
            sets[version] = version + 1
        if sets:
            recorded = is_recorded(session, part, "update", after=after)
            update = sa.update(part.table).where(recorded)
            execute_write(session, update.values(keep_onupdate_columns(part, sets)))


def bound(column: sa.Column[Any], value: Any) -> Any:
    """A value as a bound parameter of the column's type; NULL for None."""
    return sa.null() if value is None else sa.literal(value, column.type)


def execute_write(session: RecordSession, statement: Any) -> int:
    """Execute a write that is recorded already, past the check for unrecorded ones.

    Returns how many rows it wrote.
    """
    return session.connection().execute(statement).rowcount
