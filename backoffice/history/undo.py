"""Taking a changeset back, by a new one: planned in SQL, done in SQL, however many rows it has.

A deleted record comes back with its id, its values and a version above any it had. An update goes
back field by field, where the field still holds what the update put there. A created record goes,
if nobody changed it since. What cannot be done is known before anything is.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history import obstacles, restoring, setwise, superusers
from backoffice.history.audited import audited_mappers, columns_of, key_column, table_of
from backoffice.history.encoding import encode, is_secret
from backoffice.history.unit import RecordSession
from backoffice.models import Base, Change, Changeset

FIRST = 20
"""Records named of each kind of trouble; the rest are counted."""

MOST_CONFLICTS = 200
"""Field conflicts that are shown one by one, to choose from."""

NEEDS = {"delete": "create", "update": "edit", "create": "delete"}
"""What undoing an operation does, as the action whose permission it needs."""

changes: sa.Table = Change.__table__  # type: ignore[assignment]


class NotUndoable(Exception):
    """A changeset that cannot be taken back at all. Its text says why."""


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


@dataclass(frozen=True)
class Plan:
    """What undoing a changeset would do now."""

    changeset: Changeset
    steps: tuple[Step, ...] = field(default=())

    @property
    def number(self) -> int:
        """Records that would change."""
        return sum(step.number for step in self.steps)


def plan_undo(session: RecordSession, changeset_id: int) -> Plan:
    """Find out what undoing a changeset would do; a few statements for each model in it.

    Raises:
        NotUndoable: there is no such changeset, or it is a load, or nothing of it is kept.
    """
    changeset = session.get(Changeset, changeset_id)
    if changeset is None:
        raise NotUndoable("This changeset does not exist.")
    if changeset.loaded is not None:
        raise NotUndoable("This was a load: its records were counted, not kept one by one.")
    chosen = _layer(changeset_id, 0, _layers(session, changeset_id))
    steps = []
    for model, operation, number in _groups(session, changeset_id):
        mapper = audited_mappers().get(model)
        if mapper is None:
            trouble = Trouble("these records are no longer part of the product", number, ())
            steps.append(Step(model, operation, 0, (trouble,)))
        else:
            steps.append(_plan_step(session, chosen, changeset_id, mapper, operation, number))
    if not steps:
        raise NotUndoable("Nothing of this changeset is kept that could be taken back.")
    return Plan(changeset, tuple(steps))


def undo(
    session: RecordSession, changeset_id: int, *, overwrite: Collection[str] | None = ()
) -> int:
    """Take a changeset back in this unit of work, whose ``act`` should say what it undoes.

    ``overwrite``: tokens of the conflicts whose fields are to be set back all the same; None for
    all of them. Returns how many changes were made.

    Raises:
        NotUndoable: as ``plan_undo``.
        InvalidValue: it would lock everybody out, or the one who acts.
        sqlalchemy.exc.IntegrityError: something came between the plan and this.
    """
    plan_undo(session, changeset_id)
    done = 0
    layers = _layers(session, changeset_id)
    # Whatever an undo does to people, somebody must be able to get in after it.
    standing = superusers.standing(session)
    for layer in range(layers):
        chosen = _layer(changeset_id, layer, layers)
        for mapper in _parents_first():
            done += restoring.restore(session, mapper, chosen)
        for mapper in _parents_first():
            done += restoring.set_back(session, mapper, chosen, overwrite)
        for mapper in reversed(_parents_first()):
            done += _remove(session, mapper, chosen, overwrite)
    superusers.check(session, standing)
    session.expire_all()
    return done


def _groups(session: RecordSession, changeset_id: int) -> list[tuple[str, str, int]]:
    """(table, operation, records) of a changeset, in the order in which they are undone."""
    rows = session.execute(
        sa.select(changes.c.model, changes.c.operation, sa.func.count())
        .where(changes.c.changeset_id == changeset_id)
        .group_by(changes.c.model, changes.c.operation)
    ).all()
    order = {"delete": 0, "update": 1, "create": 2}
    return sorted(
        ((row[0], row[1], row[2]) for row in rows), key=lambda row: (order[row[1]], row[0])
    )


def _plan_step(
    session: RecordSession,
    chosen: Any,
    changeset_id: int,
    mapper: Mapper[Any],
    operation: str,
    number: int,
) -> Step:
    mine = sa.and_(chosen, changes.c.model == table_of(mapper).name)
    mine = sa.and_(mine, changes.c.operation == operation)
    if operation == "delete":
        barriers = obstacles.obstacles_to_restore(session.dialect, mapper, changeset_id)
    elif operation == "update":
        barriers = obstacles.obstacles_to_set_back(mapper)
    else:
        barriers = obstacles.obstacles_to_remove(session.dialect, mapper, changeset_id)
    troubles = []
    earlier: list[Any] = []
    for why, condition in barriers:
        trouble = _count(session, why, sa.and_(mine, condition, *(sa.not_(e) for e in earlier)))
        earlier.append(condition)
        if trouble.number:
            troubles.append(trouble)
            number -= trouble.number
    if operation != "update":
        return Step(table_of(mapper).name, operation, max(0, number), tuple(troubles))
    conflicts, more = _conflicts(session, mapper, mine)
    return Step(
        model=table_of(mapper).name,
        operation=operation,
        number=max(0, number),
        troubles=tuple(troubles),
        conflicts=conflicts,
        more_conflicts=more,
        secrets=_count_secrets(session, mapper, mine),
    )


def _count(session: RecordSession, why: str, condition: Any) -> Trouble:
    number = session.scalar(sa.select(sa.func.count()).select_from(changes).where(condition)) or 0
    labels: tuple[str, ...] = ()
    if number:
        statement = sa.select(changes.c.label).where(condition).order_by(changes.c.id).limit(FIRST)
        labels = tuple(session.scalars(statement))
    return Trouble(why, number, labels)


def _conflicts(
    session: RecordSession, mapper: Mapper[Any], mine: Any
) -> tuple[tuple[Conflict, ...], bool]:
    """The fields that hold something else by now, at most ``MOST_CONFLICTS``."""
    dialect = session.dialect
    table = table_of(mapper)
    found: list[Conflict] = []
    for name, column in obstacles.revertible(mapper).items():
        condition = sa.and_(
            mine,
            obstacles.has_field(dialect, changes.c.after, name),
            sa.not_(obstacles.holds(dialect, column, changes.c.after, name)),
            sa.not_(obstacles.holds(dialect, column, changes.c.before, name)),
        )
        statement = (
            sa.select(
                changes.c.record_id,
                changes.c.label,
                changes.c.before,
                changes.c.after,
                table.c[column.name],
            )
            .join(table, obstacles.is_record(dialect, mapper, changes))
            .where(condition)
            .order_by(changes.c.id)
            .limit(MOST_CONFLICTS + 1)
        )
        found += [
            Conflict(
                table.name,
                row[0],
                row[1],
                name,
                row[2].get(name),
                row[3].get(name),
                encode(column, row[4]),
            )
            for row in session.execute(statement)
        ]
    return tuple(found[:MOST_CONFLICTS]), len(found) > MOST_CONFLICTS


def _count_secrets(session: RecordSession, mapper: Mapper[Any], mine: Any) -> int:
    """Updates that changed a secret, which nothing can bring back."""
    secret = [name for name, column in columns_of(mapper).items() if is_secret(column)]
    if not secret:
        return 0
    held = sa.or_(*(obstacles.has_field(session.dialect, changes.c.after, name) for name in secret))
    return session.scalar(sa.select(sa.func.count()).where(mine, held)) or 0


def _remove(
    session: RecordSession, mapper: Mapper[Any], chosen: Any, overwrite: Collection[str] | None
) -> int:
    """Delete the records that the act created and nobody touched since."""
    table = table_of(mapper)
    created = sa.and_(chosen, changes.c.model == table.name, changes.c.operation == "create")
    untouched = sa.and_(
        *(
            obstacles.holds(session.dialect, column, changes.c.after, name)
            for name, column in obstacles.revertible(mapper).items()
        )
    )
    key_type = sa.Integer if isinstance(key_column(mapper).type, sa.Integer) else sa.String(64)
    keys = sa.select(sa.cast(changes.c.record_id, key_type)).where(created)
    if overwrite is not None:
        live = sa.exists().where(obstacles.is_record(session.dialect, mapper, changes), untouched)
        keys = keys.where(live)
    if session.scalar(sa.select(sa.literal(1)).where(keys.exists())) is None:
        return 0
    if mapper.class_.links:  # few, and more than rows of one table
        records = session.scalars(
            sa.select(mapper.class_).where(key_column(mapper).in_(keys))
        ).all()
        for record in records:
            session.delete(record)
        session.flush()
        return len(records)
    return setwise.delete_rows(session, mapper, key_column(mapper).in_(keys))


def _layers(session: RecordSession, changeset_id: int) -> int:
    """How often the changeset wrote one and the same record, at most; usually once."""
    per_record = (
        sa.select(sa.func.count().label("times"))
        .where(changes.c.changeset_id == changeset_id)
        .group_by(changes.c.model, changes.c.record_id)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.max(per_record.c.times))) or 0


def _layer(changeset_id: int, layer: int, layers: int) -> Any:
    """The changes of a changeset that are the last (0), last but one (1) … of their record."""
    if layers == 1:
        return changes.c.changeset_id == changeset_id
    later = changes.alias("later")
    number_later = (
        sa.select(sa.func.count())
        .select_from(later)
        .where(
            later.c.changeset_id == changeset_id,
            later.c.model == changes.c.model,
            later.c.record_id == changes.c.record_id,
            later.c.id > changes.c.id,
        )
        .correlate(changes)
        .scalar_subquery()
    )
    return sa.and_(changes.c.changeset_id == changeset_id, number_later == layer)


def _parents_first() -> list[Mapper[Any]]:
    """The audited models, each after those that its foreign keys lead to."""
    by_table = {table_of(mapper): mapper for mapper in audited_mappers().values()}
    return [by_table[table] for table in Base.metadata.sorted_tables if table in by_table]


def undone_by(session: RecordSession, changeset_ids: Collection[int]) -> dict[int, int]:
    """For each of these changesets that was undone, the (latest) one that did it."""
    rows = session.execute(
        sa.select(Changeset.undoes_id, sa.func.max(Changeset.id))
        .where(Changeset.undoes_id.in_(changeset_ids))
        .group_by(Changeset.undoes_id)
    )
    return {undone: by for undone, by in rows if undone is not None}


def iterate_tokens(plan: Plan) -> Iterator[str]:
    """The tokens of a plan's conflicts."""
    for step in plan.steps:
        for conflict in step.conflicts:
            yield conflict.token
