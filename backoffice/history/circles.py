"""Restoring records that refer to one another in a circle: a department to its head, who is of it.

Neither can come back before the other. One comes back with its reference empty, where it may be,
and gets it when the other one is there.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history import relinking, restoring, setwise
from backoffice.history.audited import Reference, key_of, references_of
from backoffice.history.encoding import decode, sql_decode
from backoffice.history.obstacles import can_be_empty, is_there
from backoffice.history.unit import RecordSession
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]


def restore_one(
    session: RecordSession, mappers: Sequence[Mapper[Any]], chosen: Any, changeset_id: int
) -> int:
    """Bring back the records of one model that wait for others, which a changeset deleted too.

    Returns how many. To be called when nothing else can be brought back.
    """
    for mapper in mappers:
        if any(can_be_empty(reference) for reference in references_of(mapper)):
            number = restoring.restore(session, mapper, chosen, circle=changeset_id)
            if number:
                return number
    return 0


def close(session: RecordSession, mappers: Sequence[Mapper[Any]], chosen: Any) -> None:
    """Fill the references that were left empty, now that what they refer to is there."""
    if session.changeset is None:
        return
    for mapper in mappers:
        mine = restoring.mine_of(chosen, mapper, "delete")
        for reference in references_of(mapper):
            if can_be_empty(reference):
                _fill(session, mapper, reference, mine)


def _fill(session: RecordSession, mapper: Mapper[Any], reference: Reference, mine: Any) -> None:
    dialect, key = session.dialect, key_of(mapper)
    columns = reference.columns
    empty = [column.is_(None) for column in columns.values()]
    was_full = [
        sql_decode(dialect, column, changes.c.before, name).is_not(None)
        for name, column in columns.items()
    ]
    by_this = restoring.made_by(session, mapper)
    for row in relinking.find(session, mapper, mine, is_there(mapper), *empty, *was_full, by_this):
        values = {name: decode(column, row.before[name]) for name, column in columns.items()}
        parent = reference.rule.referred_table.alias("parent")
        there = sa.exists().where(
            *(
                parent.c[column.name] == value
                for column, value in zip(reference.referred, values.values(), strict=True)
            )
        )
        this = sa.and_(key.among([key.decode(row.record_id)]), there)
        setwise.update_rows(session, mapper, values, this, alone=True)
