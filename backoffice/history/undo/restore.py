"""Restoring deleted records, by SQL over the changes that deleted them."""

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


def restore_deleted(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, *, circle: int | None = None
) -> int:
    """Restore the deleted records without obstacles, each with a version above its last.

    Their creation is recorded first, and the rows are inserted from that record. ``chosen``: the
    condition for the changes to undo. ``circle``: the changeset that is undone, if records may be
    restored with an empty reference to another of its records (``undo.circular_references``).
    Returns how many were restored.
    """
    dialect = session.dialect
    selected = changes_to(chosen, mapper, "delete")
    if not any_change(session, changes, selected):  # without the records, which a join would read
        return 0
    free = none_of(obstacles_to_restore(dialect, mapper, None, circle=circle))
    if not any_change(session, changes_with_records(dialect, mapper), selected, free):
        return 0
    last_change = latest_change(session)
    after: Any = changes.c.before
    version_name = version_field(mapper)
    if version_name is not None:
        after = sql_with_field(
            dialect, after, version_name, _next_version(dialect, mapper, version_name)
        )
    for reference in references_of(mapper) if circle is not None else ():
        if is_optional(reference):
            missing = is_missing(dialect, reference)
            for name in reference.columns:
                without_reference = sql_with_field(dialect, after, name, sa.null())
                after = sa.case((missing, without_reference), else_=after)
    links = all_links_of(mapper)
    if links:  # links to records that do not exist are left out
        rows = find_changes(session, mapper, selected, free)
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
        .where(selected, free)
    )
    number = execute_write(session, sa.insert(changes).from_select(CHANGE_COLUMNS, record))
    if number:
        own = sa.and_(
            changes.c.changeset_id == session.changeset_id(),
            changes.c.id > last_change,
            changes.c.model == history_name(mapper),
            changes.c.operation == "create",
        )
        for part in parts_of(mapper):
            _insert(session, part, own)
        if links:
            created = sa.select(changes.c.record_id, changes.c.after).where(own)
            for record_id, values in session.execute(created).all():
                for name in links:
                    if name in values:
                        insert_links(session, mapper, name, record_id, values[name])
    return number


def _insert(session: RecordSession, part: Part, own: Any) -> None:
    """Insert the rows of one table from the changes ``own``, which record their creation."""
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
        discriminator: Any = part.mapper.base_mapper.polymorphic_on
        (name,) = (name for name, column in base.fields.items() if column is discriminator)
        identities = [model.polymorphic_identity for model in part.mapper.self_and_descendants]
        identity = sql_decode(dialect, discriminator, changes.c.after, name)
        own = sa.and_(own, identity.in_(identities))
    values = {
        column.name: sql_decode(dialect, column, changes.c.after, name)
        for name, column in fields.items()
    }
    values |= key
    rows = sa.select(*values.values()).where(own)
    insert = insert_with_identity(dialect, part.table)
    execute_write(session, insert.from_select(list(values), rows, include_defaults=False))


def was_restored_here(session: RecordSession, mapper: Mapper[Any]) -> Any:
    """The condition that this unit of work restored the record of a change."""
    created = changes.alias("created")
    restored = sa.exists().where(
        created.c.changeset_id == session.changeset_id(),
        created.c.model == history_name(mapper),
        created.c.operation == "create",
        created.c.record_id == changes.c.record_id,
    )
    return restored.correlate(changes)


def _next_version(dialect: str, mapper: Mapper[Any], version_name: str) -> Any:
    """One above the greatest version that a deleted record ever had."""
    deletions = changes.alias("deletions")
    version = sql_decode(
        dialect, all_columns_of(mapper)[version_name], deletions.c.before, version_name
    )
    greatest = sa.select(sa.func.max(version)).where(
        deletions.c.model == changes.c.model,
        deletions.c.record_id == changes.c.record_id,
        deletions.c.operation == "delete",
    )
    return greatest.correlate(changes).scalar_subquery() + 1
