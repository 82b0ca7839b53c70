"""The three things an undo does to records, each as SQL over the changes it takes back."""

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

# Setting back what was changed ----------------------------------------------------------


def revert_updates(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, overwrite: Collection[str] | None
) -> int:
    """Set fields back to what they held before, where they hold what the act put there.

    ``overwrite``: tokens of fields to set back whatever they hold; None for all. Returns how many
    records that changed.
    """
    dialect = session.dialect
    mine = changes_to(chosen, mapper, "update")
    if not any_change(session, changes, mine):  # without the records, which a join would read
        return 0
    lock_records(session, mapper, mine)
    fields = updated_fields(session, mapper, mine)
    goes = {name: may_revert(dialect, mapper, name, overwrite, None) for name in fields}
    same = none_of(obstacles_to_revert(dialect, mapper))
    any_goes = sa.and_(same, sa.or_(sa.false(), *goes.values()))
    number = 0
    linked = link_reversals(session, mapper, mine, overwrite, None)
    if linked:
        ids = [row.record_id for row in find_changes(session, mapper, mine, any_goes)]
        number += len({record_id for record_id, *_ in linked} - set(ids))
    if any_change(session, changes_with_records(dialect, mapper), mine, any_goes):
        mark = latest_change(session)
        before = {name: sql_encode(dialect, column, column) for name, column in fields.items()}
        after = {
            name: sql_encode(dialect, column, _new_value(dialect, column, name, goes[name]))
            for name, column in fields.items()
        }
        counted, version = version_field(mapper), version_column(mapper)
        if counted is not None and version is not None:
            before[counted], after[counted] = version, version + 1
        record = (
            sa.select(
                sa.literal(session.changeset_id(), sa.BigInteger),
                sa.literal(history_name(mapper)),
                changes.c.record_id,
                label_sql(mapper),
                sa.literal("update"),
                _only(dialect, sql_object(dialect, before), goes),
                _only(dialect, sql_object(dialect, after), goes),
            )
            .select_from(changes_with_records(dialect, mapper))
            .where(mine, record_exists(mapper), any_goes)
        )
        number += execute_write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))
        _apply(session, mapper, fields, mark)
    for record_id, name, keys in linked:
        set_links(session, mapper, record_id, name, keys)
    return number


def updated_fields(session: RecordSession, mapper: Mapper[Any], mine: Any) -> dict[str, Any]:
    """The fields that any of these updates changed: one statement, and shorter ones after it."""
    fields = revertible_columns(mapper)
    found = session.execute(
        sa.select(
            *(
                sa.func.max(sa.case((sql_has_field(session.dialect, changes.c.after, name), 1)))
                for name in fields
            )
        ).where(mine)
    ).one()
    return {name: fields[name] for name, held in zip(fields, found, strict=True) if held}


def differs_from_before(dialect: str, mapper: Mapper[Any], name: str) -> Any:
    """Whether a change has the field, and the live record does not hold what it was before."""
    column = all_columns_of(mapper)[name]
    has = sql_has_field(dialect, changes.c.after, name)
    return sa.and_(has, sa.not_(holds(dialect, column, column, changes.c.before, name)))


def is_blocked(dialect: str, mapper: Mapper[Any], name: str, changeset_id: int | None) -> Any:
    """Whether a field cannot go back, whoever chooses that it should."""
    return sa.not_(none_of(obstacles_to_field(dialect, mapper, name, changeset_id)))


def may_revert(
    dialect: str,
    mapper: Mapper[Any],
    name: str,
    overwrite: Collection[str] | None,
    changeset_id: int | None,
) -> Any:
    """The condition that a change has the field and the live row may take it back."""
    differs = differs_from_before(dialect, mapper, name)
    free = sa.not_(is_blocked(dialect, mapper, name, changeset_id))
    if overwrite is None:
        return sa.and_(differs, free)
    column = all_columns_of(mapper)[name]
    model = history_name(mapper)
    ids = []
    for token in overwrite:  # a record's key may hold a colon; tables and fields do not
        one_model, _, rest = token.partition(":")
        record_id, _, one_name = rest.rpartition(":")
        if (one_model, one_name) == (model, name):
            ids.append(record_id)
    allowed = holds(dialect, column, column, changes.c.after, name)
    if ids:
        allowed = sa.or_(allowed, changes.c.record_id.in_(ids))
    return sa.and_(differs, allowed, free)


def _new_value(dialect: str, column: sa.Column[Any], name: str, goes: Any) -> Any:
    old = sql_decode(dialect, column, changes.c.before, name)
    return sa.type_coerce(sa.case((goes, old), else_=column), column.type)


def _only(dialect: str, values: Any, goes: dict[str, Any]) -> Any:
    """An object without the fields that do not go back."""
    for name, condition in goes.items():
        values = sql_without_field(dialect, values, name, sa.not_(condition))
    return values


def _apply(
    session: RecordSession, mapper: Mapper[Any], fields: dict[str, sa.Column[Any]], mark: int
) -> None:
    """Give the rows recorded after ``mark`` the values recorded as their new ones."""
    dialect, version = session.dialect, version_column(mapper)
    own = changes.alias("own")
    for part in parts_of(mapper):
        this = sa.and_(
            own.c.changeset_id == session.changeset_id(),
            own.c.id > mark,
            own.c.model == history_name(mapper),
            own.c.operation == "update",
            is_row(dialect, part, own),
        )
        if dialect != "postgresql":  # the same the other way round: what comes first has an index
            this = sa.and_(this, own.c.record_id == part.key.sql_text(dialect))
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
            execute_write(session, sa.update(part.table).where(this).values(values))
