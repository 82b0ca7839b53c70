"""Writing many rows at once, recorded by the same transaction and never loaded.

One statement locks the rows and records them as they are at that moment; the next one writes
exactly the rows that were recorded. What a colleague commits between the two waits, or is not
touched: an edit that was acknowledged is never lost unrecorded.
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapper, class_mapper

from backoffice.db.types import MYSQL
from backoffice.history import superusers, unlinking
from backoffice.history.act import UnrecordedWrite
from backoffice.history.audited import (
    Dependent,
    Part,
    all_columns_of,
    columns_of,
    dependents,
    history_name,
    is_of,
    keep_others,
    key_fields,
    key_of,
    label_sql,
    live_from,
    models_by_kind,
    parts_of,
    table_of,
    version_column,
    version_field,
)
from backoffice.history.encoding import (
    encode,
    keeps,
    sql_encode,
    sql_object,
    sql_same,
    sql_without_field,
)
from backoffice.history.links import linked
from backoffice.models import Change, InvalidValue

if TYPE_CHECKING:
    from backoffice.history.unit import RecordSession

changes: sa.Table = Change.__table__  # type: ignore[assignment]

KEY_IS_FIXED = "A record keeps its key. Create a new record, and delete this one."


def delete_where(session: "RecordSession", model: type[Any], *conditions: Any) -> int:
    """Delete the records of ``model`` that the conditions choose, and all that goes with them.

    Returns how many records of ``model`` were deleted. Objects of the session that stood for them
    are expired. Users, roles and whatever else has links go one by one, for they are more than a
    row.
    """
    session.flush()
    mapper = class_mapper(model)
    if linked(mapper):
        chosen = sa.select(model).where(*conditions).with_for_update(of=table_of(mapper))
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

    Raises:
        InvalidValue: a field is part of the key.
    """
    session.flush()
    standing = superusers.standing(session) if superusers.is_about(model, values) else None
    number = update_rows(session, class_mapper(model), values, sa.and_(True, *conditions))
    if standing is not None:
        superusers.check(session, standing)
    session.expire_all()
    return number


OnTheWay = Mapping[Mapper[Any], int]
"""Models some of whose rows are recorded as deleted and not deleted yet, since what depends on them
goes first, with the last change before those."""


def delete_rows(
    session: "RecordSession", mapper: Mapper[Any], condition: Any, way: OnTheWay | None = None
) -> int:
    """``delete_where`` without a flush: for the session's own use."""
    base, way = mapper.base_mapper, way or {}
    mark = latest_change(session)
    condition = _not_on(session, way, base, condition)
    if linked(base):
        number = unlinking.record_and_unlink(session, mapper, condition)
    else:
        number = record_rows(session, mapper, "delete", condition)
    if number:
        parents = recorded(session, base, "delete", after=mark)
        delete_dependents(session, base, parents, {base: mark, **way})
        for part in reversed(parts_of(base)):
            these = among_recorded(session, part, "delete", after=mark)
            _write(session, sa.delete(part.table).where(these))
    return number


def _not_on(session: "RecordSession", way: OnTheWay, mapper: Mapper[Any], condition: Any) -> Any:
    """The condition, but for rows that are on the way already: in a tree, or a circle."""
    if mapper not in way:
        return condition
    done = recorded(session, mapper, "delete", after=way[mapper])
    return sa.and_(condition, sa.not_(key_of(mapper).expression().in_(done)))


def delete_dependents(
    session: "RecordSession",
    mapper: Mapper[Any],
    parents: Any,
    way: OnTheWay,
    spared: Mapping[Mapper[Any], Sequence[Any]] | None = None,
) -> None:
    """Record and do what the database would do by itself when ``parents`` (keys, as a list or a
    selection) are deleted. ``spared``: keys, by model, of records that are deleted by themselves.
    """
    for dependent in dependents(mapper):
        belongs = has_related_key(dependent, mapper, parents)
        if spared and dependent.mapper in spared:
            others = sa.not_(key_of(dependent.mapper).among(spared[dependent.mapper]))
            belongs = sa.and_(belongs, others)
        if dependent.emptied:
            belongs = _not_on(session, way, dependent.mapper, belongs)
            update_rows(session, dependent.mapper, dict.fromkeys(dependent.emptied), belongs)
        else:
            delete_rows(session, dependent.mapper, belongs, way)


def has_related_key(dependent: Dependent, mapper: Mapper[Any], parents: Any) -> Any:
    """The condition that a row depends on records of ``mapper``: ``parents`` are their keys, as a
    list or a selection."""
    reference = dependent.reference
    (part,) = (one for one in parts_of(mapper) if one.table is reference.rule.referred_table)
    by_column = dict(zip(reference.referred, reference.columns.values(), strict=True))
    if set(by_column) == set(part.key.columns):
        own = [by_column[column] for column in part.key.columns]
        return _row(own).in_(parents)
    there = part.table.alias("parent")
    referred = sa.select(*(there.c[column.name] for column in by_column))
    return _row(list(by_column.values())).in_(
        referred.where(part.key.expression(there).in_(parents))
    )


def _row(columns: Sequence[Any]) -> Any:
    return columns[0] if len(columns) == 1 else sa.tuple_(*columns)


def update_rows(
    session: "RecordSession",
    mapper: Mapper[Any],
    values: Mapping[str, Any],
    condition: Any,
    *,
    alone: bool = False,
) -> int:
    """``update_where`` for a mapper, without a flush. ``alone``: no other column changes by itself
    (``onupdate``)."""
    columns = all_columns_of(mapper)
    for name in key_fields(mapper):
        if name in values:
            raise InvalidValue(name, KEY_IS_FIXED)
    dialect = session.dialect
    differs = sa.or_(
        *(
            sa.not_(sql_same(dialect, columns[name], columns[name], _bound(columns[name], value)))
            for name, value in values.items()
        )
    )
    mark = latest_change(session)
    if not alone:
        values = {**values, **_on_update(session, mapper, values)}
    number = record_rows(session, mapper, "update", sa.and_(condition, differs), values)
    if number:
        new = {name: _bound(columns[name], value) for name, value in values.items()}
        write_recorded(session, mapper, new, after=mark)
    return number


def _on_update(
    session: "RecordSession", mapper: Mapper[Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """What columns that change with every update (``onupdate``) get with this one: all rows the
    same. One that is made from the row's own values stays as it is."""
    found = {}
    for name, column in all_columns_of(mapper).items():
        default: Any = column.onupdate
        if name in values or default is None or name == version_field(mapper):
            continue
        if default.is_callable:
            found[name] = default.arg(None)
        elif default.is_scalar:
            found[name] = default.arg
        elif default.is_clause_element and not _reads_the_row(default.arg):
            asked = sa.type_coerce(default.arg, column.type)
            found[name] = session.connection().scalar(sa.select(asked))
    return found


_NO_COLUMN = re.compile(r"(CURRENT|LOCAL)_?\w+|\w+\(\d*\)", re.IGNORECASE)


def _reads_the_row(expression: Any) -> bool:
    return any(
        isinstance(element, sa.ColumnClause)
        or (isinstance(element, sa.TextClause) and not _NO_COLUMN.fullmatch(element.text.strip()))
        for element in sa.sql.visitors.iterate(expression)
    )


def write_recorded(
    session: "RecordSession", mapper: Mapper[Any], new: Mapping[str, Any], *, after: int
) -> None:
    """Write new values (expressions by field) to the rows whose updates were recorded, and raise
    their version; no other column changes."""
    version = version_column(mapper)
    for part in parts_of(mapper):
        sets: dict[Any, Any] = {
            column: new[name] for name, column in part.fields.items() if name in new
        }
        if version is not None and part.is_whole:
            sets[version] = version + 1
        if sets:
            these = among_recorded(session, part, "update", after=after)
            _write(session, sa.update(part.table).where(these).values(keep_others(part, sets)))


def _bound(column: sa.Column[Any], value: Any) -> Any:
    return sa.null() if value is None else sa.literal(value, column.type)


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
    table, columns = table_of(mapper), all_columns_of(mapper)
    condition = sa.and_(condition, is_of(mapper))
    live = live_from(mapper)
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
        whole = _whole(dialect, mapper, before, source)
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
    names_of = ["changeset_id", "model", "record_id", "label", "operation", "before", "after"]
    return _write(session, sa.insert(changes).from_select(names_of, record))


def _whole(dialect: str, mapper: Mapper[Any], before: Any, source: Mapping[str, Any]) -> Any:
    """A whole record, without the fields of models that inherit from its own or beside it."""
    whole = sql_object(dialect, before)
    kind, models = models_by_kind(mapper)
    if kind is None:
        return whole
    for name in before:
        having = [identity for identity, model in models.items() if name in columns_of(model)]
        if len(having) < len(models):
            others = sa.not_(source[kind].in_(having))
            whole = sql_without_field(dialect, whole, name, others)
    return whole


def recorded(
    session: "RecordSession", mapper: Mapper[Any], operation: str, *, after: int = 0
) -> Any:
    """The keys of the rows that this unit of work recorded, as a subquery."""
    return _recorded(session, parts_of(mapper)[0], operation, after)


def _recorded(session: "RecordSession", part: Part, operation: str, after: int) -> Any:
    parts = part.key.sql_parts(
        session.dialect, changes.c.record_id, changes.c.model == history_name(part.mapper)
    )
    return sa.select(*parts).where(*_mine(session, part.mapper, operation, after))


def _mine(session: "RecordSession", mapper: Mapper[Any], operation: str, after: int) -> list[Any]:
    return [
        changes.c.changeset_id == session.changeset_id(),
        changes.c.model == history_name(mapper),
        changes.c.operation == operation,
        changes.c.id > after,
    ]


def among_recorded(
    session: "RecordSession", part: Part, operation: str, *, after: int = 0
) -> ColumnElement[bool]:
    """The condition that a row was recorded by this unit of work.

    MariaDB asks a subquery in a DELETE again for each row; there the condition is a join.
    """
    if session.dialect not in MYSQL:
        among: ColumnElement[bool] = part.key.expression().in_(
            _recorded(session, part, operation, after)
        )
        return among
    mine = _mine(session, part.mapper, operation, after)
    is_row = part.key.sql_is(session.dialect, changes.c.record_id, where=mine[1])
    return sa.and_(is_row, *mine)


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


def _write(session: "RecordSession", statement: Any) -> int:
    """Run a recorded write past the guard that refuses unrecorded ones; returns its rows."""
    return session.connection().execute(statement).rowcount
