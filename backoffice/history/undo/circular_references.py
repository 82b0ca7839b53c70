"""Restoring records that refer to one another: a department and its head, who is in it.

Neither can be restored before the other. One is restored with an empty reference, where it is
optional, and the reference is filled when the other one exists.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import key_of
from backoffice.history.encoding import decode, sql_decode
from backoffice.history.recording.bulk import update_rows
from backoffice.history.references import Reference, references_of
from backoffice.history.session import RecordSession
from backoffice.history.undo.changed_records import changes_to, find_changes, record_exists
from backoffice.history.undo.obstacles import is_optional
from backoffice.history.undo.restore import restore_deleted, was_restored_here
from backoffice.models.tables import changes


def restore_with_empty_references(
    session: RecordSession, mappers: Sequence[Mapper[Any]], chosen: Any, changeset_id: int
) -> int:
    """Restore records of one model, whose optional references are filled later.

    To be called when nothing else of the changeset can be restored. Returns how many were.
    """
    for mapper in mappers:
        if any(is_optional(reference) for reference in references_of(mapper)):
            number = restore_deleted(session, mapper, chosen, circle=changeset_id)
            if number:
                return number
    return 0


def fill_references(session: RecordSession, mappers: Sequence[Mapper[Any]], chosen: Any) -> None:
    """Fill the references that were left empty, where the referred record exists now."""
    if session.changeset is None:
        return
    for mapper in mappers:
        selected = changes_to(chosen, mapper, "delete")
        for reference in references_of(mapper):
            if is_optional(reference):
                _fill_reference(session, mapper, reference, selected)


def _fill_reference(
    session: RecordSession, mapper: Mapper[Any], reference: Reference, selected: Any
) -> None:
    dialect, key = session.dialect, key_of(mapper)
    columns = reference.columns
    is_empty = [column.is_(None) for column in columns.values()]
    was_filled = [
        sql_decode(dialect, column, changes.c.before, name).is_not(None)
        for name, column in columns.items()
    ]
    restored_here = was_restored_here(session, mapper)
    for row in find_changes(
        session, mapper, selected, record_exists(mapper), *is_empty, *was_filled, restored_here
    ):
        values = {name: decode(column, row.before[name]) for name, column in columns.items()}
        parent = reference.rule.referred_table.alias("parent")
        exists = sa.exists().where(
            *(
                parent.c[column.name] == value
                for column, value in zip(reference.referred, values.values(), strict=True)
            )
        )
        condition = sa.and_(key.among([key.decode(row.record_id)]), exists)
        update_rows(session, mapper, values, condition, onupdate=False)
