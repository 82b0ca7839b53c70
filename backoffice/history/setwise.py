"""Writing many rows at once, recorded by the same transaction and never loaded.

One statement locks the rows and records them as they are at that moment; the next one writes
exactly the rows that were recorded. What a colleague commits between the two waits, or is not
touched: an edit that was acknowledged is never lost unrecorded.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapper, class_mapper

from backoffice.db.types import MYSQL, exact_text
from backoffice.history import superusers
from backoffice.history.act import UnrecordedWrite
from backoffice.history.audited import columns_of, dependents, key_column, key_of, table_of
from backoffice.history.encoding import encode, kind_of, sql_encode, sql_object
from backoffice.history.links import linked
from backoffice.models import Change

if TYPE_CHECKING:
    from backoffice.history.unit import RecordSession

changes: sa.Table = Change.__table__  # type: ignore[assignment]


def delete_where(session: "RecordSession", model: type[Any], *conditions: Any) -> int:
    """Delete the records of ``model`` that the conditions choose, and all that goes with them.

    Returns how many records of ``model`` were deleted. Objects of the session that stood for them
    are expired. Users, roles and whatever else has links go one by one, for they are more than a
    row.
    """
    session.flush()
    mapper = class_mapper(model)
    if linked(mapper):
        chosen = sa.select(model).where(*conditions).with_for_update()
        records = session.scalars(chosen.execution_options(populate_existing=True)).all()
        for record in records:
            session.delete(record)
        session.flush()
        return len(records)
    number = delete_rows(session, mapper, sa.and_(True, *conditions))
    session.expire_all()
    return number


def update_where(
    session: "RecordSession", model: type[Any], values: Mapping[str, Any], *conditions: Any
) -> int:
    """Set ``values`` (by field name) on the records that the conditions choose.

    Records that hold them already are left alone. Returns how many were changed. Values are stored
    as given: clean them first, as the model would.
    """
    session.flush()
    standing = superusers.standing(session) if superusers.is_about(model, values) else None
    number = update_rows(session, class_mapper(model), values, sa.and_(True, *conditions))
    if standing is not None:
        superusers.check(session, standing)
    session.expire_all()
    return number


def delete_rows(session: "RecordSession", mapper: Mapper[Any], condition: Any) -> int:
    """``delete_where`` for a mapper without links, without a flush: for the session's own use."""
    if linked(mapper):
        raise UnrecordedWrite(
            f"{mapper.class_.__name__} has links, which would go unrecorded: delete its objects."
        )
    mark = latest_change(session)
    number = record_rows(session, mapper, "delete", condition)
    if number:
        delete_dependents(session, mapper, recorded(session, mapper, "delete", after=mark))
        these = among_recorded(session, mapper, "delete", after=mark)
        _write(session, sa.delete(table_of(mapper)).where(these))
    return number


def delete_dependents(session: "RecordSession", mapper: Mapper[Any], parents: Any) -> None:
    """Record and do what the database would do by itself when ``parents`` (keys) are deleted."""
    for dependent in dependents(mapper):
        belongs = dependent.column.in_(parents)
        if dependent.nulls:
            field = dependent.mapper.get_property_by_column(dependent.column).key
            update_rows(session, dependent.mapper, {field: None}, belongs)
        else:
            delete_rows(session, dependent.mapper, belongs)


def update_rows(
    session: "RecordSession", mapper: Mapper[Any], values: Mapping[str, Any], condition: Any
) -> int:
    """``update_where`` for a mapper, without a flush."""
    columns = columns_of(mapper)
    differs = sa.or_(*(_differs(session, columns[name], value) for name, value in values.items()))
    mark = latest_change(session)
    number = record_rows(session, mapper, "update", sa.and_(condition, differs), values)
    if number:
        these = among_recorded(session, mapper, "update", after=mark)
        table = table_of(mapper)
        new: dict[Any, Any] = {columns[name]: value for name, value in values.items()}
        new[table.c.version] = table.c.version + 1
        _write(session, sa.update(table).where(these).values(new))
    return number


def _differs(session: "RecordSession", column: sa.Column[Any], value: Any) -> ColumnElement[bool]:
    """Whether a row holds another value; MariaDB takes ``Ümlaut `` and ``umlaut`` for one."""
    if session.dialect in MYSQL and kind_of(column) == "text":
        return sa.func.coalesce(exact_text(column) != value, column.is_distinct_from(value))
    return column.is_distinct_from(value)


def latest_change(session: "RecordSession") -> int:
    """The id of the last change that this unit of work recorded; 0 for none."""
    if session.changeset is None:
        return 0
    own = changes.c.changeset_id == session.changeset
    return session.connection().scalar(sa.select(sa.func.max(changes.c.id)).where(own)) or 0


def record_rows(
    session: "RecordSession",
    mapper: Mapper[Any],
    operation: str,
    condition: Any,
    values: Mapping[str, Any] | None = None,
) -> int:
    """Lock the rows that ``condition`` chooses and record them, in one statement.

    ``values``: what an update sets. Returns how many rows there were.
    """
    session.require_writer()
    if session.loaded is not None:
        raise UnrecordedWrite("A load only adds records: it keeps no values to go back to.")
    dialect = session.dialect
    table, key = table_of(mapper), key_column(mapper)
    columns = columns_of(mapper)
    if session.changeset is None:  # none is made for nothing
        found = session.connection().scalar(sa.select(key).where(condition).limit(1))
        if found is None:
            return 0
    chosen: Any = sa.select(table).where(condition).with_for_update()
    if dialect == "postgresql":
        # INSERT … SELECT … FOR UPDATE would do, but for the JSON it builds before it has locked.
        source: Any = chosen.cte("chosen").prefix_with("MATERIALIZED")
    else:
        source = table
    names = list(columns) if values is None else [*values, "version"]
    before = {
        name: sql_encode(dialect, columns[name], source.c[columns[name].name]) for name in names
    }
    after: Any = sa.null()
    if values is not None:
        new = {name: _constant(dialect, columns[name], value) for name, value in values.items()}
        after = sql_object(dialect, {**new, "version": source.c.version + 1})
    record = sa.select(
        sa.literal(session.changeset_id(), sa.BigInteger),
        sa.literal(table.name),
        sa.cast(source.c[key.name], sa.String(64)),
        label_sql(mapper, source),
        sa.literal(operation),
        sql_object(dialect, before),
        after,
    )
    if dialect != "postgresql":
        record = record.where(condition).with_for_update()
    names_of = ["changeset_id", "model", "record_id", "label", "operation", "before", "after"]
    return _write(session, sa.insert(changes).from_select(names_of, record))


def label_sql(mapper: Mapper[Any], source: Any) -> ColumnElement[Any]:
    """What a record is called, as SQL: the same text as ``str(record)``."""
    columns = columns_of(mapper)
    parts = [source.c[columns[name].name] for name in mapper.class_.label_from]
    label: Any = sa.cast(parts[0], sa.String(255))
    for part in parts[1:]:
        label = label.concat(" ").concat(sa.cast(part, sa.String(255)))
    return sa.func.substr(label, 1, 255)


def recorded(
    session: "RecordSession", mapper: Mapper[Any], operation: str, *, after: int = 0
) -> Any:
    """The keys of the rows that this unit of work recorded, as a subquery."""
    return sa.select(key_of(mapper, changes)).where(
        changes.c.changeset_id == session.changeset_id(),
        changes.c.model == table_of(mapper).name,
        changes.c.operation == operation,
        changes.c.id > after,
    )


def among_recorded(
    session: "RecordSession", mapper: Mapper[Any], operation: str, *, after: int = 0
) -> ColumnElement[bool]:
    """The condition that a row was recorded by this unit of work.

    MariaDB asks a subquery in a DELETE again for each row; there the condition is a join.
    """
    key = key_column(mapper)
    if session.dialect not in MYSQL:
        return key.in_(recorded(session, mapper, operation, after=after))
    return sa.and_(
        key == key_of(mapper, changes),
        changes.c.changeset_id == session.changeset_id(),
        changes.c.model == table_of(mapper).name,
        changes.c.operation == operation,
        changes.c.id > after,
    )


def _constant(dialect: str, column: sa.Column[Any], value: Any) -> Any:
    """An encoded value as a literal whose JSON type SQL cannot mistake."""
    encoded = encode(column, value)
    if encoded is None:
        return sa.null()
    if isinstance(encoded, bool):
        return sql_encode(dialect, column, sa.literal(encoded, sa.Boolean))
    if isinstance(encoded, str):
        return sa.cast(sa.literal(encoded), sa.Text if dialect not in MYSQL else sa.CHAR)
    return sa.literal(encoded)


def _write(session: "RecordSession", statement: Any) -> int:
    """Run a recorded write past the guard that refuses unrecorded ones; returns its rows."""
    return session.connection().execute(statement).rowcount
