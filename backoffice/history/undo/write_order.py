"""The order of undo where a changeset wrote one record several times: the last write comes first.

A write has a depth: how many times the changeset wrote the same record after it. Depth 0, the last
write of each record, is undone first. Usually there is no other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import audited_mappers
from backoffice.history.session import RecordSession
from backoffice.history.undo.changed_records import changes_to, find_changes
from backoffice.history.undo.links import link_changes, link_reversals
from backoffice.history.undo.obstacles import (
    none_of,
    obstacles_to_remove,
    obstacles_to_restore,
    obstacles_to_revert,
)
from backoffice.history.undo.revert import differs_from_before, may_revert, updated_fields
from backoffice.models.tables import changes


def models_written(session: RecordSession, changeset_id: int) -> set[str]:
    """The models that a changeset wrote to, by the names of their histories; one statement."""
    models = sa.select(changes.c.model).where(changes.c.changeset_id == changeset_id).distinct()
    return set(session.scalars(models))


class WriteCount(NamedTuple):
    """How many changes a changeset made to one model's records by one operation.

    ``earlier``: those below depth 0. ``blocked``: those of ``earlier`` that cannot be undone.
    """

    model: str
    operation: str
    number: int
    earlier: int
    blocked: int


@dataclass(frozen=True)
class WriteOrder:
    """A changeset's changes by depth, of which there are ``depths``.

    ``blocked``: by model, the ids of records whose last write cannot be undone completely. Their
    earlier writes stay as well. Records that the changeset both created and deleted are left out.
    """

    changeset_id: int
    depths: int
    blocked: dict[str, list[str]]

    @classmethod
    def of(
        cls, session: RecordSession, changeset_id: int, overwrite: Collection[str] | None
    ) -> "WriteOrder":
        """The write order of a changeset; ``overwrite`` as for ``undo``."""
        per_record = (
            sa.select(sa.func.count().label("writes"))
            .where(changes.c.changeset_id == changeset_id)
            .group_by(changes.c.model, changes.c.record_id)
            .subquery()
        )
        depths = session.scalar(sa.select(sa.func.max(per_record.c.writes))) or 0
        order = cls(changeset_id, depths, {})
        if depths < 2:
            return order
        last_of_several = sa.and_(order.changes_at(0), order._has_earlier())
        models = models_written(session, changeset_id)
        blocked = {
            name: _blocked_records(session, mapper, last_of_several, changeset_id, overwrite)
            for name, mapper in audited_mappers().items()
            if name in models
        }
        return cls(changeset_id, depths, {name: ids for name, ids in blocked.items() if ids})

    def changes_at(self, depth: int) -> Any:
        """The condition for the changes of one depth that can be undone."""
        is_of_changeset = changes.c.changeset_id == self.changeset_id
        if self.depths < 2:
            return is_of_changeset
        selected = sa.and_(is_of_changeset, self._depth() == depth, self._is_lasting())
        return selected if depth == 0 else sa.and_(selected, sa.not_(self._is_blocked()))

    def single_writes(self) -> Any:
        """The condition for the only changes of their records in the changeset.

        They can be tried again after all depths: nothing else of the changeset is about them.
        """
        return sa.and_(self.changes_at(0), sa.not_(self._has_earlier()))

    def counts(self, session: RecordSession) -> list[WriteCount]:
        """The changes by model and operation, in the order of undo; one statement."""
        is_earlier: Any = sa.false()
        if self.depths > 1:
            is_earlier = self._depth() > 0
        earlier = sa.case((is_earlier, 1), else_=0)
        blocked = sa.case((sa.and_(is_earlier, self._is_blocked()), 1), else_=0)
        each = sa.select(
            changes.c.model, changes.c.operation, earlier.label("earlier"), blocked.label("blocked")
        ).where(changes.c.changeset_id == self.changeset_id)
        if self.depths > 1:
            each = each.where(self._is_lasting())
        source = each.subquery()
        rows = session.execute(
            sa.select(
                source.c.model,
                source.c.operation,
                sa.func.count(),
                sa.func.sum(source.c.earlier),
                sa.func.sum(source.c.blocked),
            ).group_by(source.c.model, source.c.operation)
        )
        order = {"delete": 0, "update": 1, "create": 2}
        return sorted(
            (WriteCount(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in rows),
            key=lambda count: (order[count.operation], count.model),
        )

    def _is_blocked(self) -> Any:
        return sa.or_(
            sa.false(),
            *(
                sa.and_(changes.c.model == name, changes.c.record_id.in_(ids))
                for name, ids in self.blocked.items()
            ),
        )

    def _is_same_record(self, other: Any) -> Any:
        return sa.and_(
            other.c.changeset_id == self.changeset_id,
            other.c.model == changes.c.model,
            other.c.record_id == changes.c.record_id,
        )

    def _depth(self) -> Any:
        """How many changes to the same record the changeset made after a change."""
        later = changes.alias("later")
        number = sa.select(sa.func.count()).select_from(later)
        number = number.where(self._is_same_record(later), later.c.id > changes.c.id)
        return number.correlate(changes).scalar_subquery()

    def _has_earlier(self) -> Any:
        earlier = changes.alias("earlier")
        found = sa.exists().where(self._is_same_record(earlier), earlier.c.id < changes.c.id)
        return found.correlate(changes)

    def _is_lasting(self) -> Any:
        """The condition that the changeset did not both create and delete a change's record."""
        is_first_or_last = []
        for extreme, operation in ((sa.func.min, "create"), (sa.func.max, "delete")):
            other, outermost = changes.alias("other"), changes.alias("outermost")
            id_ = sa.select(extreme(other.c.id)).where(self._is_same_record(other))
            is_first_or_last.append(
                sa.exists()
                .where(
                    outermost.c.id == id_.correlate(changes).scalar_subquery(),
                    outermost.c.operation == operation,
                )
                .correlate(changes)
            )
        return sa.not_(sa.and_(*is_first_or_last))


def _blocked_records(
    session: RecordSession,
    mapper: Mapper[Any],
    last_of_several: Any,
    changeset_id: int,
    overwrite: Collection[str] | None,
) -> list[str]:
    """The ids of records that were written several times, whose last write cannot be undone."""
    dialect = session.dialect
    blocked: list[str] = []
    obstacles = {
        "delete": obstacles_to_restore(dialect, mapper, changeset_id),
        "create": obstacles_to_remove(dialect, mapper, changeset_id, edited=overwrite is None),
        "update": obstacles_to_revert(dialect, mapper),
    }
    for operation, of_operation in obstacles.items():
        is_blocked = sa.not_(none_of(of_operation))
        selected = changes_to(last_of_several, mapper, operation)
        if operation == "update":
            fields_stay = (
                sa.and_(
                    differs_from_before(dialect, mapper, name),
                    sa.not_(may_revert(dialect, mapper, name, overwrite, changeset_id)),
                )
                for name in updated_fields(session, mapper, selected)
            )
            is_blocked = sa.or_(is_blocked, *fields_stay)
            reversals = link_reversals(session, mapper, selected, overwrite, changeset_id)
            reverted = {(record_id, name) for record_id, name, _links in reversals}
            blocked += [
                row.record_id
                for row, name, now, wanted in link_changes(session, mapper, selected, changeset_id)
                if now != wanted and (row.record_id, name) not in reverted
            ]
        blocked += [row.record_id for row in find_changes(session, mapper, selected, is_blocked)]
    return blocked
