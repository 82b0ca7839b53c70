"""Rows recorded by SQL, without loading them."""

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
from backoffice.history.encoding import encode, keeps, sql_encode, sql_object, sql_without_field
from backoffice.history.session import RecordSession
from backoffice.models.tables import changes

CHANGE_COLUMNS = ["changeset_id", "model", "record_id", "label", "operation", "before", "after"]


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
    """Lock the rows that ``condition`` chooses and record them, in one statement.

    ``values``: what an update sets. Returns how many rows there were.
    """
    session.require_changes()
    dialect = session.dialect
    table, columns = table_of(mapper), all_columns_of(mapper)
    condition = sa.and_(condition, is_instance(mapper))
    live = records_from(mapper)
    if session.changeset is None:  # none is made for nothing
        key = key_of(mapper).columns[0]
        found = session.connection().execute(
            sa.select(key).select_from(live).where(condition).limit(1)
        )
        if found.first() is None:
            return 0
    source: dict[str, Any] = dict(columns)
    start: Any = live
    if dialect == "postgresql":
        # INSERT … SELECT … FOR UPDATE would do, but for the JSON it builds before it has locked.
        numbered = [column.label(f"c{place}") for place, column in enumerate(columns.values())]
        chosen = sa.select(*numbered).select_from(live).where(condition)
        start = chosen.with_for_update(of=table).cte("chosen").prefix_with("MATERIALIZED")
        source = {name: start.c[f"c{place}"] for place, name in enumerate(columns)}
    counted = version_field(mapper)
    names = list(columns)
    if values is not None:
        names = [*values] if counted is None else [*values, counted]
    before = {name: sql_encode(dialect, columns[name], source[name]) for name in names}
    after: Any = sa.null()
    if values is not None:
        new = {name: _constant(dialect, columns[name], value) for name, value in values.items()}
        if counted is not None:
            new[counted] = source[counted] + 1
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
    """A whole record, without the fields of models that inherit from its own or beside it."""
    whole = sql_object(dialect, before)
    kind, models = models_by_identity(mapper)
    if kind is None:
        return whole
    for name in before:
        having = [identity for identity, model in models.items() if name in columns_of(model)]
        if len(having) < len(models):
            others = sa.not_(source[kind].in_(having))
            whole = sql_without_field(dialect, whole, name, others)
    return whole


def _constant(dialect: str, column: sa.Column[Any], value: Any) -> Any:
    """A value as the history keeps it, as SQL whose JSON type nobody can mistake."""
    encoded = encode(column, value)
    if encoded is None:
        return sa.null()
    if isinstance(encoded, str) and keeps(column, value, dialect):
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
    """The keys of the rows that this unit of work recorded, as a subquery."""
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
    """The condition that a row was recorded by this unit of work.

    MariaDB asks a subquery in a DELETE again for each row; there the condition is a join.
    """
    if session.dialect not in MYSQL:
        among: ColumnElement[bool] = part.key.expression().in_(
            _recorded_keys(session, part, operation, after)
        )
        return among
    mine = _own_changes(session, part.mapper, operation, after)
    is_row = part.key.sql_is(session.dialect, changes.c.record_id, where=mine[1])
    return sa.and_(is_row, *mine)


def write_recorded(
    session: RecordSession, mapper: Mapper[Any], new: Mapping[str, Any], *, after: int
) -> None:
    """Write new values (expressions by field) to the rows whose updates were recorded, and raise
    their version; no other column changes."""
    version = version_column(mapper)
    for part in parts_of(mapper):
        sets: dict[Any, Any] = {
            column: new[name] for name, column in part.fields.items() if name in new
        }
        if version is not None and part.is_base:
            sets[version] = version + 1
        if sets:
            these = is_recorded(session, part, "update", after=after)
            execute_write(
                session,
                sa.update(part.table).where(these).values(keep_onupdate_columns(part, sets)),
            )


def bound(column: sa.Column[Any], value: Any) -> Any:
    return sa.null() if value is None else sa.literal(value, column.type)


def execute_write(session: RecordSession, statement: Any) -> int:
    """Run a recorded write past the guard that refuses unrecorded ones; returns its rows."""
    return session.connection().execute(statement).rowcount
