"""Queries of the history: of one record, of one changeset, of the newest changesets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backoffice.columns.sql import json_text
from backoffice.history.secrets import is_restorable
from backoffice.history.session import RecordSession
from backoffice.models import Change, Changeset, HistoryAnchor
from backoffice.models.tables import changes


@dataclass(frozen=True, slots=True)
class Summary:
    """What a changeset did to one model's records: how many, and one record's label and id.

    ``readable``: how many of them a person may read; ``label`` and ``record_id`` are of one of
    those, "" if there is none. ``change_id``: of the first of those, 0 if there is none.
    ``restorable``: how many have something that an undo could restore, possible or not.
    """

    model: str
    operation: str
    number: int
    label: str
    record_id: str
    readable: int
    change_id: int = 0
    restorable: int = 1


def record_history(
    session: RecordSession, table: str, record_id: str, *, before: int | None, limit: int
) -> list[tuple[Change, Changeset]]:
    """A record's changes with their changesets, newest first.

    ``before``: only changes before the one with this id; None for all.
    """
    statement = (
        sa.select(Change, Changeset)
        .join(Changeset, Changeset.id == Change.changeset_id)
        .where(Change.model == table, Change.record_id == record_id)
        .order_by(Change.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Change.id < before)
    return [(row[0], row[1]) for row in session.execute(statement)]


def first_and_last(
    session: RecordSession, table: str, record_id: str
) -> list[tuple[Change, Changeset]]:
    """A record's first and last change, with their changesets; one statement.

    Where a deleted record's key was used again, the first is the newer record's creation.
    """
    version = sa.cast(json_text(session.dialect, Change.after, "version"), sa.String(20))
    # A record that an undo or a form restored, with a version above its last, is not a new one.
    is_new = sa.and_(
        Change.operation == "create",
        Changeset.undoes_id.is_(None),
        sa.func.coalesce(version, "1") == "1",
    )
    began = sa.func.max(sa.case((is_new, Change.id)))
    ends = (
        sa.select(
            sa.func.coalesce(began, sa.func.min(Change.id)).label("first"),
            sa.func.max(Change.id).label("last"),
        )
        .join(Changeset, Changeset.id == Change.changeset_id)
        .where(Change.model == table, Change.record_id == record_id)
        .subquery()
    )
    statement = (
        sa.select(Change, Changeset)
        .join(Changeset, Changeset.id == Change.changeset_id)
        .join(ends, sa.or_(Change.id == ends.c.first, Change.id == ends.c.last))
        .order_by(Change.id)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def changes_of(
    session: RecordSession, changeset_id: int, readable: sa.ColumnElement[bool], limit: int
) -> list[Change]:
    """The first changes of a changeset that meet the condition ``readable``, in their order."""
    statement = (
        sa.select(Change)
        .where(Change.changeset_id == changeset_id, readable)
        .order_by(Change.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def summaries(
    session: RecordSession,
    changeset_ids: Sequence[int],
    readable: sa.ColumnElement[bool] | None = None,
) -> dict[int, list[Summary]]:
    """What each of these changesets did, by model and operation; one statement.

    ``readable``: the condition for the changes that a person may read; None for all.
    """
    if not changeset_ids:
        return {}

    restorable = is_restorable(session.dialect)
    statement: Any = _select_parts(changeset_ids, None, restorable)
    if readable is not None:
        # Two SELECTs, so that the condition is asked once of each change, and not in each column.
        statement = sa.union_all(statement, _select_parts(changeset_ids, readable, restorable))
    whole: dict[tuple[int, str, str], Any] = {}
    shown: dict[tuple[int, str, str], Any] = {} if readable is not None else whole
    for row in session.execute(statement):
        of_shown = shown if row.is_shown else whole
        of_shown[(row.changeset_id, row.model, row.operation)] = row
    found: dict[int, list[Summary]] = {}
    for key in sorted(whole):
        changeset_id, model, operation = key
        label, record_id, number, change_id = shown[key][3:7] if key in shown else ("", "", 0, 0)
        summary = Summary(
            model,
            operation,
            whole[key].number,
            label,
            record_id,
            number,
            change_id,
            int(whole[key].restorable),
        )
        found.setdefault(changeset_id, []).append(summary)
    return found


def _select_parts(
    changeset_ids: Sequence[int],
    readable: sa.ColumnElement[bool] | None,
    restorable: sa.ColumnElement[bool],
) -> sa.Select[*tuple[Any, ...]]:
    """SELECT what changesets did by model and operation, from the changes that meet ``readable``;
    None for all."""
    statement = (
        sa.select(
            Change.changeset_id,
            Change.model,
            Change.operation,
            sa.func.min(Change.label).label("label"),
            sa.func.min(Change.record_id).label("record_id"),
            sa.func.count().label("number"),
            sa.func.min(Change.id).label("change_id"),
            sa.func.sum(sa.case((restorable, 1), else_=0)).label("restorable"),
            sa.literal(0 if readable is None else 1).label("is_shown"),
        )
        .where(Change.changeset_id.in_(changeset_ids))
        .group_by(Change.changeset_id, Change.model, Change.operation)
    )
    return statement if readable is None else statement.where(readable)


def undone_by(
    session: RecordSession,
    changeset_ids: Collection[int],
    readable: sa.ColumnElement[bool] | None = None,
) -> dict[int, int]:
    """The changesets that undid these: by the id of the undone one, the newest that undid it.

    ``readable``: only undos with a change that meets this condition; None for all.
    """
    statement = (
        sa.select(Changeset.undoes_id, sa.func.max(Changeset.id))
        .where(Changeset.undoes_id.in_(changeset_ids))
        .group_by(Changeset.undoes_id)
    )
    if readable is not None:
        wrote = sa.and_(changes.c.changeset_id == Changeset.id, readable)
        statement = statement.where(sa.exists().where(wrote))
    return {undone: by for undone, by in session.execute(statement) if undone is not None}


def pruned_up_to(session: RecordSession) -> int:
    """The id of the last changeset that ``prune-history`` removed; 0 if none."""
    return session.scalar(sa.select(sa.func.max(HistoryAnchor.up_to))) or 0
