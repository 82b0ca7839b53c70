"""Undoing a changeset: what it would do, and doing it.

The plan is made by SQL, before anything is written, and says what cannot be undone.
"""

from collections.abc import Collection
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
from backoffice.history.undo.plan import SkippedRecords, Step, plan_step
from backoffice.history.undo.remove import remove_created
from backoffice.history.undo.restore import restore_deleted
from backoffice.history.undo.revert import revert_updates, updated_fields
from backoffice.history.undo.write_order import WriteOrder, models_written
from backoffice.language import _
from backoffice.models import Changeset
from backoffice.models.tables import changes


class NotUndoable(Exception):
    """A changeset that cannot be undone at all. The message gives the reason."""


@dataclass(frozen=True)
class Plan:
    """What the undo of a changeset would do now.

    It is an estimate where the changeset wrote one record several times: it looks at what is stored
    now, and not at what is stored once the later writes are undone.
    """

    changeset: Changeset
    steps: tuple[Step, ...] = field(default=())

    @property
    def number(self) -> int:
        """How many changes would be undone if no conflict is overwritten."""
        return sum(step.number for step in self.steps)

    @property
    def possible(self) -> bool:
        """Whether anything can be undone, if only by overwriting a conflict."""
        return any(step.number or step.conflicts for step in self.steps)


def plan_undo(session: RecordSession, changeset_id: int) -> Plan:
    """Plan the undo of a changeset; a few statements for each of its models. It writes nothing.

    Raises:
        NotUndoable: there is no such changeset, or it is a load, or it has no changes.
    """
    changeset = _undoable(session, changeset_id)
    order = WriteOrder.of(session, changeset_id, ())
    last_writes = order.changes_at(0)
    steps = []
    for model, operation, number, earlier, blocked in order.counts(session):
        mapper = audited_mappers().get(model)
        if mapper is None:
            reason = _("these records are no longer part of the back office")
            steps.append(Step(model, operation, 0, (SkippedRecords(reason, number, ()),)))
            continue
        step = plan_step(session, mapper, last_writes, changeset_id, operation)
        skipped = step.skipped
        if blocked:
            reason = _("a later step of the same change can't be undone")
            skipped += (SkippedRecords(reason, blocked, ()),)
        steps.append(replace(step, number=step.number + earlier - blocked, skipped=skipped))
    return Plan(changeset, tuple(steps))


def undo(
    session: RecordSession, changeset_id: int, *, overwrite: Collection[str] | None = ()
) -> int:
    """Undo a changeset in this unit of work, whose audit context should name it (``undoes_id``).

    ``overwrite``: tokens of conflicts (``Conflict.token``) to revert as well; None for all of them,
    and to remove created records that were changed since. Returns how many changes were undone; if
    that is 0, nothing was written.

    Raises:
        NotUndoable: as ``plan_undo``.
        InvalidValue: no superuser would be left, or the actor would be locked out.
        sqlalchemy.exc.IntegrityError: another transaction wrote a conflicting row.
    """
    _undoable(session, changeset_id)
    actor_id = session.audit_context.actor_id
    superusers = lock_superusers(session, actor_id)
    order = WriteOrder.of(session, changeset_id, overwrite)
    mappers = _parents_first(models_written(session, changeset_id))
    undone = 0
    for depth in range(order.depths):
        chosen = order.changes_at(depth)
        expected = _count(session, chosen)
        undone_here = 0
        while undone_here < expected:  # a unique value may be free after the first round
            number = _undo_once(session, mappers, chosen, overwrite)
            if number == 0:
                number = restore_with_empty_references(session, mappers, chosen, changeset_id)
            if number == 0:
                break
            undone_here += number
        fill_references(session, mappers, chosen)
        undone += undone_here
    # What another record's earlier write was in the way of: a category can be removed once the item
    # is that was restored into it and then moved.
    while order.depths > 1 and (
        number := _undo_once(session, mappers, order.single_writes(), overwrite)
    ):
        undone += number
    check_no_lockout(session, actor_id, superusers)
    session.expire_all()
    return undone


def _undoable(session: RecordSession, changeset_id: int) -> Changeset:
    """The changeset, if it can be undone at all; raises NotUndoable if not."""
    changeset = session.get(Changeset, changeset_id)
    if changeset is None:
        if changeset_id <= pruned_up_to(session):
            raise NotUndoable(_("Nothing of this change is kept: the history was pruned since."))
        raise NotUndoable(_("This change does not exist."))
    if changeset.loaded is not None:
        raise NotUndoable(
            _("This added many records at once. They were counted, not kept one by one.")
        )
    change = sa.select(changes.c.id).where(changes.c.changeset_id == changeset_id).limit(1)
    if session.scalar(change) is None:
        raise NotUndoable(_("Nothing of this change is kept that could be undone."))
    return changeset


def _undo_once(
    session: RecordSession,
    mappers: list[Mapper[Any]],
    chosen: Any,
    overwrite: Collection[str] | None,
) -> int:
    """Undo the chosen changes that have no obstacle now; returns how many.

    ``mappers``: parents before their children, so that children are restored after them.
    """
    number = 0
    for mapper in mappers:
        number += restore_deleted(session, mapper, chosen)
    for mapper in mappers:
        number += revert_updates(session, mapper, chosen, overwrite)
    for mapper in reversed(mappers):
        number += remove_created(session, mapper, chosen, edited=overwrite is None)
    return number


def _count(session: RecordSession, condition: Any) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(changes).where(condition)) or 0


def _parents_first(models: Collection[str]) -> list[Mapper[Any]]:
    """The audited models with these names, each after those that it refers to by key or link.

    Where references form a circle, the order within it is that of the names.
    """
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

    def add(name: str, descendants: frozenset[str]) -> None:
        for parent in sorted(parents[name] - descendants - ordered.keys()):
            add(parent, descendants | {name})
        ordered.setdefault(name)

    for name in sorted(parents):
        add(name, frozenset({name}))
    return [audited_mappers()[name] for name in ordered if name in models and name in parents]


def fields_updated(session: RecordSession, changeset_id: int, table: str) -> set[str]:
    """The fields that a changeset's updates changed in one table, without secrets; one statement.

    Empty if no audited model has the table.
    """
    mapper = audited_mappers().get(table)
    if mapper is None:
        return set()
    selected = changes_to(changes.c.changeset_id == changeset_id, mapper, "update")
    return set(updated_fields(session, mapper, selected))
