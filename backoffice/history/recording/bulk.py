"""Bulk updates and deletes: many rows, recorded in the same transaction and never loaded.

One statement locks the rows and records their values. The next one writes exactly the recorded
rows. Another transaction's edit waits for the lock, or its row is not written: no committed edit is
overwritten without a record of it.
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
    """Delete the records of ``model`` that meet the conditions, and cascade to dependent rows.

    Returns how many records of ``model`` were deleted. All objects of the session are expired.
    Records with links, such as users and roles, are loaded and deleted one by one.
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
    """Set ``values`` (by field name) on the records of ``model`` that meet the conditions.

    Returns how many records were changed: those that have the values already are not. Values are
    stored as given, without the model's validation: clean them first.

    Raises:
        InvalidValue: a field is part of the key, or no superuser would be left.
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
"""Models with rows that are recorded as deleted and not deleted yet, because dependent rows are
deleted first. The number is the last change before their deletion was recorded."""


def delete_rows(
    session: RecordSession,
    mapper: Mapper[Any],
    condition: Any,
    in_progress: InProgress | None = None,
) -> int:
    """``delete_where`` for a mapper, without a flush and without loading records with links.

    ``in_progress``: the deletes that this one is part of.
    """
    base, in_progress = mapper.base_mapper, in_progress or {}
    last_change = latest_change(session)
    condition = _without_in_progress(session, in_progress, base, condition)
    if has_links(base):
        number = record_and_unlink(session, mapper, condition)
    else:
        number = record_rows(session, mapper, "delete", condition)
    if number:
        parents = recorded_keys(session, base, "delete", after=last_change)
        delete_dependents(session, base, parents, {base: last_change, **in_progress})
        for part in reversed(parts_of(base)):
            recorded = is_recorded(session, part, "delete", after=last_change)
            execute_write(session, sa.delete(part.table).where(recorded))
    return number


def _without_in_progress(
    session: RecordSession, in_progress: InProgress, mapper: Mapper[Any], condition: Any
) -> Any:
    """The condition, without rows that a cascade comes back to while it deletes them."""
    if mapper not in in_progress:
        return condition
    recorded = recorded_keys(session, mapper, "delete", after=in_progress[mapper])
    return sa.and_(condition, sa.not_(key_of(mapper).expression().in_(recorded)))


def delete_dependents(
    session: RecordSession,
    mapper: Mapper[Any],
    parents: Any,
    in_progress: InProgress,
    excluded: Mapping[Mapper[Any], Sequence[Any]] | None = None,
) -> None:
    """Record and execute the cascade of a delete, before the database would do it unrecorded.

    ``parents``: the keys of the deleted records, as a list or a SELECT. ``excluded``: keys, by
    model, of records that the caller deletes itself.
    """
    for dependent in dependents(mapper):
        condition = _refers_to(dependent, mapper, parents)
        if excluded and dependent.mapper in excluded:
            is_excluded = key_of(dependent.mapper).among(excluded[dependent.mapper])
            condition = sa.and_(condition, sa.not_(is_excluded))
        if dependent.set_null:
            condition = _without_in_progress(session, in_progress, dependent.mapper, condition)
            update_rows(session, dependent.mapper, dict.fromkeys(dependent.set_null), condition)
        else:
            delete_rows(session, dependent.mapper, condition, in_progress)


def _refers_to(dependent: Dependent, mapper: Mapper[Any], parents: Any) -> Any:
    """The condition that a dependent row refers to one of ``parents``, keys of ``mapper``."""
    reference = dependent.reference
    (part,) = (part for part in parts_of(mapper) if part.table is reference.rule.referred_table)
    by_column = dict(zip(reference.referred, reference.columns.values(), strict=True))
    if set(by_column) == set(part.key.columns):
        own = [by_column[column] for column in part.key.columns]
        return _tuple(own).in_(parents)
    parent = part.table.alias("parent")
    referred = sa.select(*(parent.c[column.name] for column in by_column))
    return _tuple(list(by_column.values())).in_(
        referred.where(part.key.expression(parent).in_(parents))
    )


def _tuple(columns: Sequence[Any]) -> Any:
    return columns[0] if len(columns) == 1 else sa.tuple_(*columns)


def update_rows(
    session: RecordSession,
    mapper: Mapper[Any],
    values: Mapping[str, Any],
    condition: Any,
    *,
    onupdate: bool = True,
) -> int:
    """``update_where`` for a mapper, without a flush and the check of superusers.

    ``onupdate``: whether columns with ``onupdate`` get a new value, as with any other update.
    """
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
    last_change = latest_change(session)
    if onupdate:
        values = {**values, **_onupdate_values(session, mapper, values)}
    number = record_rows(session, mapper, "update", sa.and_(condition, differs), values)
    if number:
        new_values = {name: bound(columns[name], value) for name, value in values.items()}
        write_recorded(session, mapper, new_values, after=last_change)
    return number


def _onupdate_values(
    session: RecordSession, mapper: Mapper[Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The new values of columns with ``onupdate``: the same for all rows.

    A column whose ``onupdate`` reads the row's own columns keeps its value.
    """
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
            value = sa.type_coerce(default.arg, column.type)
            found[name] = session.connection().scalar(sa.select(value))
    return found


_NO_COLUMN = re.compile(r"(CURRENT|LOCAL)_?\w+|\w+\(\d*\)", re.IGNORECASE)


def _reads_columns(expression: Any) -> bool:
    return any(
        isinstance(element, sa.ColumnClause)
        or (isinstance(element, sa.TextClause) and not _NO_COLUMN.fullmatch(element.text.strip()))
        for element in sa.sql.visitors.iterate(expression)
    )
