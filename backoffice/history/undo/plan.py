"""What undoing one model's changes would do now: how many are undone, why others are not."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import all_columns_of, history_name
from backoffice.history.encoding import encoded_object, is_secret, sql_has_field
from backoffice.history.links import all_links_of
from backoffice.history.secrets import has_secrets
from backoffice.history.session import RecordSession
from backoffice.history.undo.changed_records import (
    changes_to,
    changes_with_records,
    current_record,
    find_changes,
    holds,
    record_exists,
)
from backoffice.history.undo.links import link_changes, links_changed
from backoffice.history.undo.obstacles import (
    CHANGED_SINCE,
    Obstacle,
    none_of,
    obstacles_to_field,
    obstacles_to_remove,
    obstacles_to_restore,
    obstacles_to_revert,
)
from backoffice.history.undo.previews import Preview, preview_updates, preview_whole, with_links
from backoffice.history.undo.revert import (
    differs_from_before,
    is_blocked,
    may_revert,
    updated_fields,
)
from backoffice.language import _
from backoffice.models.tables import changes

MAX_LABELS = 20
"""How many skipped records are named for each reason; the rest are counted."""

MAX_CONFLICTS = 200
"""How many conflicting fields are listed, for the operator to choose from."""

NEEDS = {"delete": "create", "update": "edit", "create": "delete"}
"""The action whose permission the undo of an operation needs."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that was changed again: its values before the changeset, after it, and now."""

    model: str
    record_id: str
    label: str
    field: str
    before: Any
    after: Any
    now: Any

    @property
    def token(self) -> str:
        """The field's name in a form, where the operator chooses to overwrite it."""
        return f"{self.model}:{self.record_id}:{self.field}"


@dataclass(frozen=True, slots=True)
class SkippedRecords:
    """How many records a step leaves unchanged for one reason, and the labels of the first."""

    reason: str
    number: int
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What an undo does to one model: the operation that it undoes, for how many records.

    ``skipped``: the records that it leaves unchanged. ``conflicts``: fields that were changed
    again, at most ``MAX_CONFLICTS``; ``more_conflicts``: whether there are more. ``secrets``: how
    many updates changed a secret, which is not stored and stays. ``previews``: what happens to the
    first ``MAX_PREVIEWS`` records, without what becomes of conflicts.
    """

    model: str
    operation: str
    number: int
    skipped: tuple[SkippedRecords, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    more_conflicts: bool = False
    secrets: int = 0
    previews: tuple[Preview, ...] = ()

    @property
    def needs(self) -> str:
        """The action whose permission the step needs."""
        return NEEDS[self.operation]


def plan_step(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, changeset_id: int, operation: str
) -> Step:
    """Plan the undo of one model's changes by one operation. It writes nothing.

    ``chosen``: the condition for the changes. ``changeset_id``: their changeset.
    """
    selected = changes_to(chosen, mapper, operation)
    if operation == "update":
        return _plan_updates(session, mapper, selected, changeset_id)
    obstacles_of = obstacles_to_restore if operation == "delete" else obstacles_to_remove
    obstacles = obstacles_of(session.dialect, mapper, changeset_id)
    counted = _count_by_first(session, mapper, selected, obstacles)
    number = counted.get(-1, 0)
    skipped = _skipped(session, mapper, selected, obstacles, counted)
    previews = preview_whole(session, mapper, selected, obstacles, operation) if number else ()
    if operation == "create" and all_links_of(mapper):
        free = find_changes(session, mapper, selected, none_of(obstacles))
        relinked = [row.label for row in free if _links_changed(session, mapper, row)]
        if relinked:
            number -= len(relinked)
            names = tuple(relinked[:MAX_LABELS])
            skipped.append(SkippedRecords(_(CHANGED_SINCE), len(relinked), names))
            previews = ()
    return Step(history_name(mapper), operation, number, tuple(skipped), previews=previews)


def _links_changed(session: RecordSession, mapper: Mapper[Any], row: Any) -> bool:
    record = current_record(session, mapper, row.record_id)
    return links_changed(record, row.after)


def _count_by_first(
    session: RecordSession, mapper: Mapper[Any], selected: Any, obstacles: list[Obstacle]
) -> dict[int, int]:
    """How many changes meet each condition and none before it, by its index; -1: meet none."""
    if not obstacles:
        return {}
    first = sa.case(
        *((condition, index) for index, (_reason, condition) in enumerate(obstacles)), else_=-1
    )
    each = (
        sa.select(first.label("first"))
        .select_from(changes_with_records(session.dialect, mapper))
        .where(selected)
        .subquery()
    )
    counted = sa.select(each.c.first, sa.func.count()).group_by(each.c.first)
    return {row[0]: row[1] for row in session.execute(counted)}


def _skipped(
    session: RecordSession,
    mapper: Mapper[Any],
    selected: Any,
    obstacles: list[Obstacle],
    counted: dict[int, int],
) -> list[SkippedRecords]:
    """The changes that cannot be undone, each counted under its first obstacle."""
    skipped = []
    for index, (reason, condition) in enumerate(obstacles):
        if counted.get(index):
            blocked = sa.and_(selected, none_of(obstacles[:index]), condition)
            labels = _labels(session, mapper, blocked)
            skipped.append(SkippedRecords(reason, counted[index], labels))
    return skipped


def _labels(session: RecordSession, mapper: Mapper[Any], condition: Any) -> tuple[str, ...]:
    statement = (
        sa.select(changes.c.label)
        .select_from(changes_with_records(session.dialect, mapper))
        .where(condition)
    )
    return tuple(session.scalars(statement.order_by(changes.c.id).limit(MAX_LABELS)))


def _plan_updates(
    session: RecordSession, mapper: Mapper[Any], selected: Any, changeset_id: int
) -> Step:
    """Plan a revert, field by field; a record counts if any of its fields is reverted."""
    dialect = session.dialect
    fields = updated_fields(session, mapper, selected)
    reverted_fields = {name: may_revert(dialect, mapper, name, (), changeset_id) for name in fields}
    reverts = sa.or_(sa.false(), *reverted_fields.values())
    differs = sa.or_(sa.false(), *(differs_from_before(dialect, mapper, name) for name in fields))
    has_field = sa.or_(
        sa.false(), *(sql_has_field(dialect, changes.c.after, name) for name in fields)
    )
    # The rest are conflicts and blocked fields, which are listed below, and secrets and links.
    obstacles = [
        *obstacles_to_revert(dialect, mapper),
        (_("it is already as it was before"), sa.and_(has_field, sa.not_(differs))),
    ]
    counted = _count_by_first(session, mapper, selected, [*obstacles, ("", reverts)])
    number = counted.get(len(obstacles), 0)
    previews = []
    if number:
        exists = sa.and_(selected, none_of(obstacles))
        previews = preview_updates(session, mapper, exists, reverted_fields)
    skipped = _skipped(session, mapper, selected, obstacles, counted)
    for name in fields:
        for reason, condition in obstacles_to_field(dialect, mapper, name, changeset_id):
            blocked = sa.and_(
                selected,
                record_exists(mapper),
                differs_from_before(dialect, mapper, name),
                condition,
            )
            statement = (
                sa.select(sa.func.count())
                .select_from(changes_with_records(session.dialect, mapper))
                .where(blocked)
            )
            if count := session.scalar(statement):
                skipped.append(SkippedRecords(reason, count, _labels(session, mapper, blocked)))
    conflicts, more = _conflicts(session, mapper, selected, fields, changeset_id)
    linked, link_conflicts = _plan_links(session, mapper, selected, changeset_id)
    if linked:
        reverted = {row.record_id for row in find_changes(session, mapper, selected, reverts)}
        number += len({preview.record_id for preview in linked} - reverted)
    return Step(
        model=history_name(mapper),
        operation="update",
        number=number,
        skipped=tuple(skipped),
        conflicts=(*conflicts, *link_conflicts),
        more_conflicts=more,
        secrets=_count_secrets(session, mapper, selected),
        previews=with_links(previews, linked),
    )


def _plan_links(
    session: RecordSession, mapper: Mapper[Any], selected: Any, changeset_id: int
) -> tuple[list[Preview], list[Conflict]]:
    """The link fields to revert, and the conflicts of link fields."""
    reverted, conflicts = [], []
    for row, name, now, wanted in link_changes(session, mapper, selected, changeset_id):
        if now is None or now == wanted:
            continue
        if now == row.after[name]:
            reverted.append(
                Preview(row.model, row.record_id, row.label, "update", {name: now}, {name: wanted})
            )
        else:
            conflicts.append(
                Conflict(
                    row.model,
                    row.record_id,
                    row.label,
                    name,
                    row.before[name],
                    row.after[name],
                    now,
                )
            )
    return reverted, conflicts


def _conflicts(
    session: RecordSession,
    mapper: Mapper[Any],
    selected: Any,
    fields: dict[str, sa.Column[Any]],
    changeset_id: int,
) -> tuple[tuple[Conflict, ...], bool]:
    """The fields that were changed again, at most ``MAX_CONFLICTS``, and whether there are more."""
    model = history_name(mapper)
    found: list[Conflict] = []
    for name, column in fields.items():
        statement = (
            sa.select(
                changes.c.record_id,
                changes.c.label,
                changes.c.before,
                changes.c.after,
                encoded_object(session.dialect, {name: column}),
            )
            .select_from(changes_with_records(session.dialect, mapper))
            .where(selected, _is_conflict(session.dialect, mapper, name, changeset_id))
            .order_by(changes.c.id)
            .limit(MAX_CONFLICTS + 1 - len(found))
        )
        found += [
            Conflict(
                model,
                row[0],
                row[1],
                name,
                row[2].get(name),
                row[3].get(name),
                row[4][name],
            )
            for row in session.execute(statement)
        ]
        if len(found) > MAX_CONFLICTS:
            break
    return tuple(found[:MAX_CONFLICTS]), len(found) > MAX_CONFLICTS


def _is_conflict(dialect: str, mapper: Mapper[Any], name: str, changeset_id: int) -> Any:
    column = all_columns_of(mapper)[name]
    return sa.and_(
        record_exists(mapper),
        differs_from_before(dialect, mapper, name),
        sa.not_(holds(dialect, column, column, changes.c.after, name)),
        sa.not_(is_blocked(dialect, mapper, name, changeset_id)),
    )


def _count_secrets(session: RecordSession, mapper: Mapper[Any], selected: Any) -> int:
    """How many updates changed a secret, which an undo cannot revert."""
    if not has_secrets(mapper):
        return 0
    secret = [name for name, column in all_columns_of(mapper).items() if is_secret(column)]
    has_field = sa.or_(*(sql_has_field(session.dialect, changes.c.after, name) for name in secret))
    return session.scalar(sa.select(sa.func.count()).where(selected, has_field)) or 0
