"""Restoring records that refer to one another in a circle: a department to its head, who is of it.

Neither can come back before the other. One comes back with its reference empty, where it may be,
and gets it when the other one is there.
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
    """Bring back the records of one model that wait for others, which a changeset deleted too.

    Returns how many. To be called when nothing else can be brought back.
    """
    for mapper in mappers:
        if any(is_optional(reference) for reference in references_of(mapper)):
            number = restore_deleted(session, mapper, chosen, circle=changeset_id)
            if number:
                return number
    return 0


def fill_references(session: RecordSession, mappers: Sequence[Mapper[Any]], chosen: Any) -> None:
    """Fill the references that were left empty, now that what they refer to is there."""
    if session.changeset is None:
        return
    for mapper in mappers:
        mine = changes_to(chosen, mapper, "delete")
        for reference in references_of(mapper):
            if is_optional(reference):
                _fill_reference(session, mapper, reference, mine)


def _fill_reference(
    session: RecordSession, mapper: Mapper[Any], reference: Reference, mine: Any
) -> None:
    dialect, key = session.dialect, key_of(mapper)
    columns = reference.columns
    empty = [column.is_(None) for column in columns.values()]
    was_full = [
        sql_decode(dialect, column, changes.c.before, name).is_not(None)
        for name, column in columns.items()
    ]
    by_this = was_restored_here(session, mapper)
    for row in find_changes(
        session, mapper, mine, record_exists(mapper), *empty, *was_full, by_this
    ):
        values = {name: decode(column, row.before[name]) for name, column in columns.items()}
        parent = reference.rule.referred_table.alias("parent")
        there = sa.exists().where(
            *(
                parent.c[column.name] == value
                for column, value in zip(reference.referred, values.values(), strict=True)
            )
        )
        this = sa.and_(key.among([key.decode(row.record_id)]), there)
        update_rows(session, mapper, values, this, onupdate=False)
