"""What undoing one model's changes would do now: how many go back, and why others do not."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import all_columns_of, history_name
from backoffice.history.encoding import encoded_object, is_secret, sql_has_field
from backoffice.history.links import all_links_of
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
    Obstacle,
    none_of,
    obstacles_to_field,
    obstacles_to_remove,
    obstacles_to_restore,
    obstacles_to_revert,
)
from backoffice.history.undo.revert import (
    differs_from_before,
    is_blocked,
    may_revert,
    updated_fields,
)
from backoffice.models.tables import changes

MAX_LABELS = 20
"""Records named of each kind of trouble; the rest are counted."""


MAX_CONFLICTS = 200
"""Field conflicts that are shown one by one, to choose from."""


NEEDS = {"delete": "create", "update": "edit", "create": "delete"}
"""What undoing an operation does, as the action whose permission it needs."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that was changed again since: ``before`` the act, ``after`` it, and ``now``."""

    model: str
    record_id: str
    label: str
    field: str
    before: Any
    after: Any
    now: Any

    @property
    def token(self) -> str:
        """This field's name in a form that chooses to overwrite it."""
        return f"{self.model}:{self.record_id}:{self.field}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why some records of a step stay as they are: how many, and the first names."""

    why: str
    number: int
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What the undo does to one model: the operation it takes back, and to how many records."""

    model: str
    operation: str
    number: int
    troubles: tuple[Trouble, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    more_conflicts: bool = False
    secrets: int = 0

    @property
    def needs(self) -> str:
        """The action whose permission it takes."""
        return NEEDS[self.operation]


def plan_step(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, changeset_id: int, operation: str
) -> Step:
    """What undoing the chosen changes of one model and operation would do."""
    mine = changes_to(chosen, mapper, operation)
    if operation == "update":
        return _plan_updates(session, mapper, mine, changeset_id)
    ask = obstacles_to_restore if operation == "delete" else obstacles_to_remove
    obstacles = ask(session.dialect, mapper, changeset_id)
    counted = _count_by_first(session, mapper, mine, obstacles)
    number = counted.get(-1, 0)
    troubles = _troubles(session, mapper, mine, obstacles, counted)
    if operation == "create" and all_links_of(mapper):
        free = find_changes(session, mapper, mine, none_of(obstacles))
        relinked = [row.label for row in free if _links_changed(session, mapper, row)]
        if relinked:
            number -= len(relinked)
            names = tuple(relinked[:MAX_LABELS])
            troubles.append(Trouble("it was changed since", len(relinked), names))
    return Step(history_name(mapper), operation, number, tuple(troubles))


def _links_changed(session: RecordSession, mapper: Mapper[Any], row: Any) -> bool:
    record = current_record(session, mapper, row.record_id)
    return links_changed(record, row.after)


def _count_by_first(
    session: RecordSession, mapper: Mapper[Any], mine: Any, obstacles: list[Obstacle]
) -> dict[int, int]:
    """How many changes meet each condition and none before it, by its place; -1 for none at all."""
    if not obstacles:
        return {}
    first = sa.case(
        *((condition, number) for number, (_why, condition) in enumerate(obstacles)), else_=-1
    )
    each = (
        sa.select(first.label("first"))
        .select_from(changes_with_records(session.dialect, mapper))
        .where(mine)
        .subquery()
    )
    counted = sa.select(each.c.first, sa.func.count()).group_by(each.c.first)
    return {row[0]: row[1] for row in session.execute(counted)}


def _troubles(
    session: RecordSession,
    mapper: Mapper[Any],
    mine: Any,
    obstacles: list[Obstacle],
    counted: dict[int, int],
) -> list[Trouble]:
    """What bars changes, with the first names: each change by its first obstacle."""
    troubles = []
    for number, (why, condition) in enumerate(obstacles):
        if counted.get(number):
            barred = sa.and_(mine, none_of(obstacles[:number]), condition)
            troubles.append(Trouble(why, counted[number], _labels(session, mapper, barred)))
    return troubles


def _labels(session: RecordSession, mapper: Mapper[Any], condition: Any) -> tuple[str, ...]:
    statement = (
        sa.select(changes.c.label)
        .select_from(changes_with_records(session.dialect, mapper))
        .where(condition)
    )
    return tuple(session.scalars(statement.order_by(changes.c.id).limit(MAX_LABELS)))


def _plan_updates(
    session: RecordSession, mapper: Mapper[Any], mine: Any, changeset_id: int
) -> Step:
    """Updates go back field by field; a record counts if one of its fields does."""
    dialect = session.dialect
    fields = updated_fields(session, mapper, mine)
    goes = sa.or_(
        sa.false(), *(may_revert(dialect, mapper, name, (), changeset_id) for name in fields)
    )
    differs = sa.or_(sa.false(), *(differs_from_before(dialect, mapper, name) for name in fields))
    held = sa.or_(sa.false(), *(sql_has_field(dialect, changes.c.after, name) for name in fields))
    # What is left then: conflicts and barred fields, named below; and secrets and links.
    classes = [
        *obstacles_to_revert(dialect, mapper),
        ("it is as it was before already", sa.and_(held, sa.not_(differs))),
    ]
    counted = _count_by_first(session, mapper, mine, [*classes, ("", goes)])
    number = counted.get(len(classes), 0)
    troubles = _troubles(session, mapper, mine, classes, counted)
    for name in fields:
        for why, condition in obstacles_to_field(dialect, mapper, name, changeset_id):
            barred = sa.and_(
                mine,
                record_exists(mapper),
                differs_from_before(dialect, mapper, name),
                condition,
            )
            statement = (
                sa.select(sa.func.count())
                .select_from(changes_with_records(session.dialect, mapper))
                .where(barred)
            )
            if count := session.scalar(statement):
                troubles.append(Trouble(why, count, _labels(session, mapper, barred)))
    conflicts, more = _conflicts(session, mapper, mine, fields, changeset_id)
    linked, link_conflicts = _plan_links(session, mapper, mine, changeset_id)
    if linked:
        going = {row.record_id for row in find_changes(session, mapper, mine, goes)}
        number += len(linked - going)
    return Step(
        model=history_name(mapper),
        operation="update",
        number=number,
        troubles=tuple(troubles),
        conflicts=(*conflicts, *link_conflicts),
        more_conflicts=more,
        secrets=_count_secrets(session, mapper, mine),
    )


def _plan_links(
    session: RecordSession, mapper: Mapper[Any], mine: Any, changeset_id: int
) -> tuple[set[str], list[Conflict]]:
    """The records whose link fields go back, and those fields that were changed since."""
    goes, conflicts = set(), []
    for row, name, now, wanted in link_changes(session, mapper, mine, changeset_id):
        if now is None or now == wanted:
            continue
        if now == row.after[name]:
            goes.add(row.record_id)
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
    return goes, conflicts


def _conflicts(
    session: RecordSession,
    mapper: Mapper[Any],
    mine: Any,
    fields: dict[str, sa.Column[Any]],
    changeset_id: int,
) -> tuple[tuple[Conflict, ...], bool]:
    """The fields that hold something else by now, at most ``MAX_CONFLICTS``."""
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
            .where(mine, _is_conflict(session.dialect, mapper, name, changeset_id))
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


def _count_secrets(session: RecordSession, mapper: Mapper[Any], mine: Any) -> int:
    """Updates that changed a secret, which nothing can bring back."""
    secret = [name for name, column in all_columns_of(mapper).items() if is_secret(column)]
    if not secret:
        return 0
    held = sa.or_(*(sql_has_field(session.dialect, changes.c.after, name) for name in secret))
    return session.scalar(sa.select(sa.func.count()).where(mine, held)) or 0
