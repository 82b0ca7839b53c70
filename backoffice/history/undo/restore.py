"""Restoring deleted records."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import (
    Part,
    all_columns_of,
    history_name,
    key_fields,
    parts_of,
    version_field,
)
from backoffice.history.encoding import sql_decode, sql_with_field
from backoffice.history.links import all_links_of
from backoffice.history.recording.rows import CHANGE_COLUMNS, execute_write, latest_change
from backoffice.history.references import references_of
from backoffice.history.session import RecordSession
from backoffice.history.undo.changed_records import (
    any_change,
    changes_to,
    changes_with_records,
    find_changes,
)
from backoffice.history.undo.identity_insert import insert_with_identity
from backoffice.history.undo.links import insert_links, with_links
from backoffice.history.undo.obstacles import is_missing, is_optional, none_of, obstacles_to_restore
from backoffice.models.tables import changes

# Restoring what was deleted -------------------------------------------------------------


def restore_deleted(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, *, circle: int | None = None
) -> int:
    """Bring back the deleted records that nothing bars, each with a version above its last.

    They are recorded first, as they were and with the new version, and made from that record.
    ``circle``: the changeset that is undone, if what refers to records that it deleted too may
    come back before them, the reference empty (``circles``).
    """
    dialect = session.dialect
    mine = changes_to(chosen, mapper, "delete")
    if not any_change(session, changes, mine):  # without the records, which a join would read
        return 0
    free = none_of(obstacles_to_restore(dialect, mapper, None, circle=circle))
    if not any_change(session, changes_with_records(dialect, mapper), mine, free):
        return 0
    mark = latest_change(session)
    after: Any = changes.c.before
    counted = version_field(mapper)
    if counted is not None:
        after = sql_with_field(dialect, after, counted, _next_version(dialect, mapper, counted))
    for reference in references_of(mapper) if circle is not None else ():
        if is_optional(reference):
            missing = is_missing(dialect, reference)
            for name in reference.columns:
                emptied = sql_with_field(dialect, after, name, sa.null())
                after = sa.case((missing, emptied), else_=after)
    links = all_links_of(mapper)
    if links:  # links to what is gone do not come back
        rows = find_changes(session, mapper, mine, free)
        for name in links:
            after = with_links(session, mapper, name, after, rows)
    record = (
        sa.select(
            sa.literal(session.changeset_id(), sa.BigInteger),
            changes.c.model,
            changes.c.record_id,
            changes.c.label,
            sa.literal("create"),
            sa.null(),
            after,
        )
        .select_from(changes_with_records(dialect, mapper))
        .where(mine, free)
    )
    number = execute_write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))
    if number:
        own = sa.and_(
            changes.c.changeset_id == session.changeset_id(),
            changes.c.id > mark,
            changes.c.model == history_name(mapper),
            changes.c.operation == "create",
        )
        for part in parts_of(mapper):
            _insert(session, part, own)
        if links:
            made = sa.select(changes.c.record_id, changes.c.after).where(own)
            for record_id, kept in session.execute(made).all():
                for name in links:
                    if name in kept:
                        insert_links(session, mapper, name, record_id, kept[name])
    return number


def _insert(session: RecordSession, part: Part, own: Any) -> None:
    """Make the rows of one table from what was recorded of them."""
    dialect = session.dialect
    base = parts_of(part.mapper)[0]
    fields = dict(part.fields)
    key: dict[str, Any] = {}
    if not part.is_base:
        names = key_fields(part.mapper)
        key = {
            column.name: sql_decode(dialect, of, changes.c.after, name)
            for column, of, name in zip(part.key.columns, base.key.columns, names, strict=True)
        }
        kind: Any = part.mapper.base_mapper.polymorphic_on
        (name,) = (name for name, column in base.fields.items() if column is kind)
        identities = [one.polymorphic_identity for one in part.mapper.self_and_descendants]
        own = sa.and_(own, sql_decode(dialect, kind, changes.c.after, name).in_(identities))
    values = {
        column.name: sql_decode(dialect, column, changes.c.after, name)
        for name, column in fields.items()
    }
    values |= key
    rows = sa.select(*values.values()).where(own)
    insert = insert_with_identity(dialect, part.table)
    execute_write(session, insert.from_select(list(values), rows, include_defaults=False))


def was_restored_here(session: RecordSession, mapper: Mapper[Any]) -> Any:
    """Whether this unit of work brought back the record of a change."""
    made = changes.alias("made")
    back = sa.exists().where(
        made.c.changeset_id == session.changeset_id(),
        made.c.model == history_name(mapper),
        made.c.operation == "create",
        made.c.record_id == changes.c.record_id,
    )
    return back.correlate(changes)


def _next_version(dialect: str, mapper: Mapper[Any], counted: str) -> Any:
    """One above the greatest version that a deleted record ever had."""
    ends = changes.alias("ends")
    version = sql_decode(dialect, all_columns_of(mapper)[counted], ends.c.before, counted)
    greatest = sa.select(sa.func.max(version)).where(
        ends.c.model == changes.c.model,
        ends.c.record_id == changes.c.record_id,
        ends.c.operation == "delete",
    )
    return greatest.correlate(changes).scalar_subquery() + 1
