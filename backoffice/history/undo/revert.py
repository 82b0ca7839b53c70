"""Reverting updates field by field, by SQL over the changes that made them."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import (
    all_columns_of,
    history_name,
    keep_onupdate_columns,
    label_sql,
    parts_of,
    version_column,
    version_field,
)
from backoffice.history.encoding import (
    sql_decode,
    sql_encode,
    sql_has_field,
    sql_object,
    sql_without_field,
)
from backoffice.history.recording.rows import CHANGE_COLUMNS, execute_write, latest_change
from backoffice.history.session import RecordSession
from backoffice.history.undo.changed_records import (
    any_change,
    changes_to,
    changes_with_records,
    find_changes,
    holds,
    is_row,
    lock_records,
    record_exists,
    revertible_columns,
)
from backoffice.history.undo.links import link_reversals, set_links
from backoffice.history.undo.obstacles import none_of, obstacles_to_field, obstacles_to_revert
from backoffice.models.tables import changes


def revert_updates(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, overwrite: Collection[str] | None
) -> int:
    """Set fields back to their values before an update, where they still have the values after it.

    ``chosen``: the condition for the changes to undo. ``overwrite``: tokens of conflicting fields
    (``Conflict.token``) to revert as well; None for all. Returns how many records were changed.
    """
    dialect = session.dialect
    selected = changes_to(chosen, mapper, "update")
    if not any_change(session, changes, selected):  # without the records, which a join would read
        return 0
    lock_records(session, mapper, selected)
    fields = updated_fields(session, mapper, selected)
    reverts = {name: may_revert(dialect, mapper, name, overwrite, None) for name in fields}
    free = none_of(obstacles_to_revert(dialect, mapper))
    any_reverts = sa.and_(free, sa.or_(sa.false(), *reverts.values()))
    number = 0
    linked = link_reversals(session, mapper, selected, overwrite, None)
    if linked:
        ids = [row.record_id for row in find_changes(session, mapper, selected, any_reverts)]
        number += len({record_id for record_id, *_ in linked} - set(ids))
    if any_change(session, changes_with_records(dialect, mapper), selected, any_reverts):
        last_change = latest_change(session)
        before = {name: sql_encode(dialect, column, column) for name, column in fields.items()}
        after = {
            name: sql_encode(dialect, column, _value_after(dialect, column, name, reverts[name]))
            for name, column in fields.items()
        }
        version_name, version = version_field(mapper), version_column(mapper)
        if version_name is not None and version is not None:
            before[version_name], after[version_name] = version, version + 1
        record = (
            sa.select(
                sa.literal(session.changeset_id(), sa.BigInteger),
                sa.literal(history_name(mapper)),
                changes.c.record_id,
                label_sql(mapper),
                sa.literal("update"),
                _reverted_fields(dialect, sql_object(dialect, before), reverts),
                _reverted_fields(dialect, sql_object(dialect, after), reverts),
            )
            .select_from(changes_with_records(dialect, mapper))
            .where(selected, record_exists(mapper), any_reverts)
        )
        number += execute_write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))
        _write_reverted(session, mapper, fields, last_change)
    for record_id, name, keys in linked:
        set_links(session, mapper, record_id, name, keys)
    return number


def updated_fields(session: RecordSession, mapper: Mapper[Any], selected: Any) -> dict[str, Any]:
    """The columns that any of these updates changed, by field name; one statement.

    Later statements are shorter for it.
    """
    fields = revertible_columns(mapper)
    found = session.execute(
        sa.select(
            *(
                sa.func.max(sa.case((sql_has_field(session.dialect, changes.c.after, name), 1)))
                for name in fields
            )
        ).where(selected)
    ).one()
    return {name: fields[name] for name, held in zip(fields, found, strict=True) if held}


def differs_from_before(dialect: str, mapper: Mapper[Any], name: str) -> Any:
    """The condition that a change has the field, and the record not its value before the change."""
    column = all_columns_of(mapper)[name]
    has = sql_has_field(dialect, changes.c.after, name)
    return sa.and_(has, sa.not_(holds(dialect, column, column, changes.c.before, name)))


def is_blocked(dialect: str, mapper: Mapper[Any], name: str, changeset_id: int | None) -> Any:
    """The condition that a field cannot be reverted, even if an operator wants to overwrite it."""
    return sa.not_(none_of(obstacles_to_field(dialect, mapper, name, changeset_id)))


def may_revert(
    dialect: str,
    mapper: Mapper[Any],
    name: str,
    overwrite: Collection[str] | None,
    changeset_id: int | None,
) -> Any:
    """The condition that a change has the field, and it is to be reverted."""
    differs = differs_from_before(dialect, mapper, name)
    free = sa.not_(is_blocked(dialect, mapper, name, changeset_id))
    if overwrite is None:
        return sa.and_(differs, free)
    column = all_columns_of(mapper)[name]
    model = history_name(mapper)
    ids = []
    for token in overwrite:  # a record's key may contain a colon; tables and fields do not
        token_model, _, rest = token.partition(":")
        record_id, _, token_name = rest.rpartition(":")
        if (token_model, token_name) == (model, name):
            ids.append(record_id)
    allowed = holds(dialect, column, column, changes.c.after, name)
    if ids:
        allowed = sa.or_(allowed, changes.c.record_id.in_(ids))
    return sa.and_(differs, allowed, free)


def _value_after(dialect: str, column: sa.Column[Any], name: str, reverts: Any) -> Any:
    old = sql_decode(dialect, column, changes.c.before, name)
    return sa.type_coerce(sa.case((reverts, old), else_=column), column.type)


def _reverted_fields(dialect: str, values: Any, reverts: dict[str, Any]) -> Any:
    """A JSON object without the fields that are not reverted."""
    for name, condition in reverts.items():
        values = sql_without_field(dialect, values, name, sa.not_(condition))
    return values


def _write_reverted(
    session: RecordSession, mapper: Mapper[Any], fields: dict[str, sa.Column[Any]], last_change: int
) -> None:
    """Write the values of the updates that were recorded after the change ``last_change``."""
    dialect, version = session.dialect, version_column(mapper)
    own = changes.alias("own")
    for part in parts_of(mapper):
        is_recorded = sa.and_(
            own.c.changeset_id == session.changeset_id(),
            own.c.id > last_change,
            own.c.model == history_name(mapper),
            own.c.operation == "update",
            is_row(dialect, part, own),
        )
        if dialect != "postgresql":  # the same condition from the other side, to use an index
            is_recorded = sa.and_(is_recorded, own.c.record_id == part.key.sql_text(dialect))
        values: dict[Any, Any] = {
            column: sa.case(
                (
                    sql_has_field(dialect, own.c.after, name),
                    sql_decode(dialect, column, own.c.after, name),
                ),
                else_=column,
            )
            for name, column in fields.items()
            if name in part.fields
        }
        if version is not None and part.is_base:
            values[version] = version + 1
        if values:
            values = keep_onupdate_columns(part, values)
            execute_write(session, sa.update(part.table).where(is_recorded).values(values))
