"""Writing many rows at once, recorded by the same transaction and never loaded.

One statement locks the rows and records them as they are at that moment; the next one writes
exactly the rows that were recorded. What a colleague commits between the two waits, or is not
touched: an edit that was acknowledged is never lost unrecorded.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, class_mapper

from backoffice.history.audited import (
    all_columns_of,
    key_fields,
    key_of,
    parts_of,
    table_of,
    version_field,
)
from backoffice.history.encoding import sql_same
from backoffice.history.links import has_links
from backoffice.history.recording.rows import (
    bound,
    execute_write,
    is_recorded,
    latest_change,
    record_rows,
    recorded_keys,
    write_recorded,
)
from backoffice.history.recording.unlink import record_and_unlink
from backoffice.history.recording.values import KEY_IS_FIXED
from backoffice.history.references import Dependent, dependents
from backoffice.history.session import RecordSession
from backoffice.history.superusers import (
    check_no_lockout,
    lock_superusers,
    update_affects_superusers,
)
from backoffice.models import InvalidValue


def delete_where(session: RecordSession, model: type[Any], *conditions: Any) -> int:
    """Delete the records of ``model`` that the conditions choose, and all that goes with them.

    Returns how many records of ``model`` were deleted. Objects of the session that stood for them
    are expired. Users, roles and whatever else has links go one by one, for they are more than a
    row.
    """
    session.flush()
    mapper = class_mapper(model)
    if has_links(mapper):
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
    session: RecordSession, model: type[Any], values: Mapping[str, Any], *conditions: Any
) -> int:
    """Set ``values`` (by field name) on the records that the conditions choose.

    Records that hold them already are left alone. Returns how many were changed. Values are stored
    as given: clean them first, as the model would.

    Raises:
        InvalidValue: a field is part of the key.
    """
    session.flush()
    actor_id, before = session.audit_context.actor_id, None
    if update_affects_superusers(model, values):
        before = lock_superusers(session, actor_id)
    number = update_rows(session, class_mapper(model), values, sa.and_(True, *conditions))
    if before is not None:
        check_no_lockout(session, actor_id, before)
    session.expire_all()
    return number


InProgress = Mapping[Mapper[Any], int]
"""Models some of whose rows are recorded as deleted and not deleted yet, since what depends on them
goes first, with the last change before those."""


def delete_rows(
    session: RecordSession, mapper: Mapper[Any], condition: Any, way: InProgress | None = None
) -> int:
    """``delete_where`` without a flush: for the session's own use."""
    base, way = mapper.base_mapper, way or {}
    mark = latest_change(session)
    condition = _without_in_progress(session, way, base, condition)
    if has_links(base):
        number = record_and_unlink(session, mapper, condition)
    else:
        number = record_rows(session, mapper, "delete", condition)
    if number:
        parents = recorded_keys(session, base, "delete", after=mark)
        delete_dependents(session, base, parents, {base: mark, **way})
        for part in reversed(parts_of(base)):
            these = is_recorded(session, part, "delete", after=mark)
            execute_write(session, sa.delete(part.table).where(these))
    return number


def _without_in_progress(
    session: RecordSession, way: InProgress, mapper: Mapper[Any], condition: Any
) -> Any:
    """The condition, but for rows that are on the way already: in a tree, or a circle."""
    if mapper not in way:
        return condition
    done = recorded_keys(session, mapper, "delete", after=way[mapper])
    return sa.and_(condition, sa.not_(key_of(mapper).expression().in_(done)))


def delete_dependents(
    session: RecordSession,
    mapper: Mapper[Any],
    parents: Any,
    way: InProgress,
    spared: Mapping[Mapper[Any], Sequence[Any]] | None = None,
) -> None:
    """Record and do what the database would do by itself when ``parents`` (keys, as a list or a
    selection) are deleted. ``spared``: keys, by model, of records that are deleted by themselves.
    """
    for dependent in dependents(mapper):
        belongs = belongs_to(dependent, mapper, parents)
        if spared and dependent.mapper in spared:
            others = sa.not_(key_of(dependent.mapper).among(spared[dependent.mapper]))
            belongs = sa.and_(belongs, others)
        if dependent.set_null:
            belongs = _without_in_progress(session, way, dependent.mapper, belongs)
            update_rows(session, dependent.mapper, dict.fromkeys(dependent.set_null), belongs)
        else:
            delete_rows(session, dependent.mapper, belongs, way)


def belongs_to(dependent: Dependent, mapper: Mapper[Any], parents: Any) -> Any:
    """The condition that a row depends on records of ``mapper``: ``parents`` are their keys, as a
    list or a selection."""
    reference = dependent.reference
    (part,) = (one for one in parts_of(mapper) if one.table is reference.rule.referred_table)
    by_column = dict(zip(reference.referred, reference.columns.values(), strict=True))
    if set(by_column) == set(part.key.columns):
        own = [by_column[column] for column in part.key.columns]
        return _tuple(own).in_(parents)
    there = part.table.alias("parent")
    referred = sa.select(*(there.c[column.name] for column in by_column))
    return _tuple(list(by_column.values())).in_(
        referred.where(part.key.expression(there).in_(parents))
    )


def _tuple(columns: Sequence[Any]) -> Any:
    return columns[0] if len(columns) == 1 else sa.tuple_(*columns)


def update_rows(
    session: RecordSession,
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
            sa.not_(sql_same(dialect, columns[name], columns[name], bound(columns[name], value)))
            for name, value in values.items()
        )
    )
    mark = latest_change(session)
    if not alone:
        values = {**values, **_onupdate_values(session, mapper, values)}
    number = record_rows(session, mapper, "update", sa.and_(condition, differs), values)
    if number:
        new = {name: bound(columns[name], value) for name, value in values.items()}
        write_recorded(session, mapper, new, after=mark)
    return number


def _onupdate_values(
    session: RecordSession, mapper: Mapper[Any], values: Mapping[str, Any]
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
        elif default.is_clause_element and not _reads_columns(default.arg):
            asked = sa.type_coerce(default.arg, column.type)
            found[name] = session.connection().scalar(sa.select(asked))
    return found


_NO_COLUMN = re.compile(r"(CURRENT|LOCAL)_?\w+|\w+\(\d*\)", re.IGNORECASE)


def _reads_columns(expression: Any) -> bool:
    return any(
        isinstance(element, sa.ColumnClause)
        or (isinstance(element, sa.TextClause) and not _NO_COLUMN.fullmatch(element.text.strip()))
        for element in sa.sql.visitors.iterate(expression)
    )
