"""Undoing a changeset."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import audited_mappers, history_name, parts_of
from backoffice.history.links import link_relations, relation_of
from backoffice.history.queries import pruned_up_to
from backoffice.history.references import references_of
from backoffice.history.session import RecordSession
from backoffice.history.superusers import check_no_lockout, lock_superusers
from backoffice.history.undo.changed_records import changes_to
from backoffice.history.undo.circular_references import (
    fill_references,
    restore_with_empty_references,
)
from backoffice.history.undo.plan import Step, Trouble, plan_step
from backoffice.history.undo.remove import remove_created
from backoffice.history.undo.restore import restore_deleted
from backoffice.history.undo.revert import revert_updates, updated_fields
from backoffice.history.undo.write_order import WriteOrder, models_written
from backoffice.models import Changeset
from backoffice.models.tables import changes


class NotUndoable(Exception):
    """A changeset that cannot be taken back at all. Its text says why."""


@dataclass(frozen=True)
class Plan:
    """What undoing a changeset would do now."""

    changeset: Changeset
    steps: tuple[Step, ...] = field(default=())

    @property
    def number(self) -> int:
        """Changes that would be taken back if no conflict is chosen."""
        return sum(step.number for step in self.steps)

    @property
    def possible(self) -> bool:
        """Whether anything can be done, if only by choosing a conflict."""
        return any(step.number or step.conflicts for step in self.steps)


def plan_undo(session: RecordSession, changeset_id: int) -> Plan:
    """Find out what undoing a changeset would do; a few statements for each model in it.

    Raises:
        NotUndoable: there is no such changeset, or it is a load, or nothing of it is kept.
    """
    changeset = _undoable(session, changeset_id)
    layers = WriteOrder.of(session, changeset_id, ())
    top = layers.chosen(0)
    steps = []
    for model, operation, number, earlier, stuck in layers.groups(session):
        mapper = audited_mappers().get(model)
        if mapper is None:
            trouble = Trouble("these records are no longer part of the product", number, ())
            steps.append(Step(model, operation, 0, (trouble,)))
            continue
        step = plan_step(session, mapper, top, changeset_id, operation)
        troubles = step.troubles
        if stuck:
            troubles += (Trouble("what the act did to it later has to stay", stuck, ()),)
        steps.append(replace(step, number=step.number + earlier - stuck, troubles=troubles))
    return Plan(changeset, tuple(steps))


def undo(
    session: RecordSession, changeset_id: int, *, overwrite: Collection[str] | None = ()
) -> int:
    """Take a changeset back in this unit of work, whose ``act`` should say what it undoes.

    ``overwrite``: tokens of the conflicts whose fields are to be set back all the same; None for
    all of them, and for created records that were changed since. Returns how many changes were
    taken back; if that is 0, nothing was written.

    Raises:
        NotUndoable: as ``plan_undo``.
        InvalidValue: it would lock everybody out, or the one who acts.
        sqlalchemy.exc.IntegrityError: something came between the plan and this.
    """
    _undoable(session, changeset_id)
    # Whatever an undo does to people, somebody must be able to get in after it.
    actor_id = session.audit_context.actor_id
    superusers = lock_superusers(session, actor_id)
    layers = WriteOrder.of(session, changeset_id, overwrite)
    mappers = _parents_first(models_written(session, changeset_id))
    done = 0
    for layer in range(layers.number):
        chosen = layers.chosen(layer)
        expected = _count(session, chosen)
        reached = 0
        while reached < expected:  # a name may be free once another record let go of it
            number = _undo_once(session, mappers, chosen, overwrite)
            if number == 0:
                number = restore_with_empty_references(session, mappers, chosen, changeset_id)
            if number == 0:
                break
            reached += number
        fill_references(session, mappers, chosen)
        done += reached
    check_no_lockout(session, actor_id, superusers)
    session.expire_all()
    return done


def _undoable(session: RecordSession, changeset_id: int) -> Changeset:
    changeset = session.get(Changeset, changeset_id)
    if changeset is None:
        if changeset_id <= pruned_up_to(session):
            raise NotUndoable("Nothing of this changeset is kept: the history was pruned since.")
        raise NotUndoable("This changeset does not exist.")
    if changeset.loaded is not None:
        raise NotUndoable("This was a load: its records were counted, not kept one by one.")
    kept = sa.select(changes.c.id).where(changes.c.changeset_id == changeset_id).limit(1)
    if session.scalar(kept) is None:
        raise NotUndoable("Nothing of this changeset is kept that could be taken back.")
    return changeset


def _undo_once(
    session: RecordSession,
    mappers: list[Mapper[Any]],
    chosen: Any,
    overwrite: Collection[str] | None,
) -> int:
    done = 0
    for mapper in mappers:
        done += restore_deleted(session, mapper, chosen)
    for mapper in mappers:
        done += revert_updates(session, mapper, chosen, overwrite)
    for mapper in reversed(mappers):
        done += remove_created(session, mapper, chosen, edited=overwrite is None)
    return done


def _count(session: RecordSession, condition: Any) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(changes).where(condition)) or 0


def _parents_first(models: Collection[str]) -> list[Mapper[Any]]:
    """These audited models, each after those that its foreign keys and its links lead to, as far
    as they lead in no circle."""
    parents: dict[str, set[str]] = {name: set() for name in audited_mappers()}
    owners = {
        part.table: name for name, mapper in audited_mappers().items() for part in parts_of(mapper)
    }
    for name, mapper in audited_mappers().items():
        for reference in references_of(mapper):
            parents[name].add(owners.get(reference.rule.referred_table, name))
    for owner, field_name, _table in link_relations():
        relation = relation_of(owner, field_name)
        if relation.secondary is not None:
            target = relation.mapper.base_mapper
            parents[history_name(owner)].add(history_name(target))
    ordered: dict[str, None] = {}

    def put(name: str, below: frozenset[str]) -> None:
        for parent in sorted(parents[name] - below - ordered.keys()):
            put(parent, below | {name})
        ordered.setdefault(name)

    for name in sorted(parents):
        put(name, frozenset({name}))
    return [audited_mappers()[name] for name in ordered if name in models and name in parents]


def fields_updated(session: RecordSession, changeset_id: int, table: str) -> set[str]:
    """The fields that a changeset's updates of records of ``table`` changed, but for secrets; one
    statement. Empty where no model has that table."""
    mapper = audited_mappers().get(table)
    if mapper is None:
        return set()
    mine = changes_to(changes.c.changeset_id == changeset_id, mapper, "update")
    return set(updated_fields(session, mapper, mine))


def iterate_tokens(plan: Plan) -> Iterator[str]:
    """The tokens of a plan's conflicts."""
    for step in plan.steps:
        for conflict in step.conflicts:
            yield conflict.token
