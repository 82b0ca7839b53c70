"""Removing created records, by SQL over the changes that created them."""

from typing import Any

from sqlalchemy.orm import Mapper

from backoffice.history.audited import key_of
from backoffice.history.links import all_links_of
from backoffice.history.recording.bulk import delete_rows
from backoffice.history.session import RecordSession
from backoffice.history.undo.changed_records import (
    any_change,
    changes_to,
    changes_with_records,
    current_record,
    find_changes,
    lock_records,
    record_keys,
)
from backoffice.history.undo.links import links_changed
from backoffice.history.undo.obstacles import none_of, obstacles_to_remove
from backoffice.models.tables import changes


def remove_created(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, *, edited: bool
) -> int:
    """Delete created records that nobody changed since; with ``edited``, changed ones too.

    ``chosen``: the condition for the changes to undo. Returns how many were deleted.
    """
    selected = changes_to(chosen, mapper, "create")
    if not any_change(session, changes, selected):  # without the records, which a join would read
        return 0
    lock_records(session, mapper, selected)
    free = none_of(obstacles_to_remove(session.dialect, mapper, None, edited=edited))
    if all_links_of(mapper):
        number = 0
        for row in find_changes(session, mapper, selected, free):
            record = current_record(session, mapper, row.record_id)
            if edited or not links_changed(record, row.after):
                session.delete(record)
                number += 1
        session.flush()
        return number
    keys = record_keys(session.dialect, mapper).select_from(
        changes_with_records(session.dialect, mapper)
    )
    is_removed = key_of(mapper).expression().in_(keys.where(selected, free))
    return delete_rows(session, mapper, is_removed)
