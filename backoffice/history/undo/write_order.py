"""Changesets that wrote one record several times, as undo goes through them: last write first."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

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
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]


def models_written(session: RecordSession, changeset_id: int) -> set[str]:
    """The names of the histories that a changeset wrote to; one statement."""
    named = sa.select(changes.c.model).where(changes.c.changeset_id == changeset_id).distinct()
    return set(session.scalars(named))


@dataclass(frozen=True)
class WriteOrder:
    """A changeset's changes by what came last: layer 0 is the last write of each record.

    Usually there is but one layer. A record whose last write cannot be taken back as a whole is
    stuck: what the act did to it before stays as well. A record that the act both created and
    deleted is none of its doing.
    """

    changeset_id: int
    number: int
    stuck: dict[str, list[str]]

    @classmethod
    def of(
        cls, session: RecordSession, changeset_id: int, overwrite: Collection[str] | None
    ) -> "WriteOrder":
        """The layers of a changeset, of which ``overwrite`` is to be set back in any case."""
        per_record = (
            sa.select(sa.func.count().label("times"))
            .where(changes.c.changeset_id == changeset_id)
            .group_by(changes.c.model, changes.c.record_id)
            .subquery()
        )
        number = session.scalar(sa.select(sa.func.max(per_record.c.times))) or 0
        layers = cls(changeset_id, number, {})
        if number < 2:
            return layers
        top = sa.and_(layers.chosen(0), layers._has_earlier())
        models = models_written(session, changeset_id)
        stuck = {
            name: _blocked_records(session, mapper, top, changeset_id, overwrite)
            for name, mapper in audited_mappers().items()
            if name in models
        }
        return cls(changeset_id, number, {name: ids for name, ids in stuck.items() if ids})

    def chosen(self, layer: int) -> Any:
        """The changes of one layer."""
        all_of_it = changes.c.changeset_id == self.changeset_id
        if self.number < 2:
            return all_of_it
        mine = sa.and_(all_of_it, self._number_later() == layer, self._lasting())
        return mine if layer == 0 else sa.and_(mine, sa.not_(self._is_stuck()))

    def groups(self, session: RecordSession) -> list[tuple[str, str, int, int, int]]:
        """(table, operation, changes, of these below layer 0, of these stuck), in undo's order."""
        below: Any = sa.false()
        if self.number > 1:
            below = self._number_later() > 0
        one = sa.case((below, 1), else_=0)
        stuck = sa.case((sa.and_(below, self._is_stuck()), 1), else_=0)
        each = sa.select(
            changes.c.model, changes.c.operation, one.label("below"), stuck.label("stuck")
        ).where(changes.c.changeset_id == self.changeset_id)
        if self.number > 1:
            each = each.where(self._lasting())
        source = each.subquery()
        rows = session.execute(
            sa.select(
                source.c.model,
                source.c.operation,
                sa.func.count(),
                sa.func.sum(source.c.below),
                sa.func.sum(source.c.stuck),
            ).group_by(source.c.model, source.c.operation)
        )
        order = {"delete": 0, "update": 1, "create": 2}
        return sorted(
            ((row[0], row[1], row[2], int(row[3]), int(row[4])) for row in rows),
            key=lambda row: (order[row[1]], row[0]),
        )

    def _is_stuck(self) -> Any:
        return sa.or_(
            sa.false(),
            *(
                sa.and_(changes.c.model == name, changes.c.record_id.in_(ids))
                for name, ids in self.stuck.items()
            ),
        )

    def _same(self, other: Any) -> Any:
        return sa.and_(
            other.c.changeset_id == self.changeset_id,
            other.c.model == changes.c.model,
            other.c.record_id == changes.c.record_id,
        )

    def _number_later(self) -> Any:
        """How many changes to the same record the changeset made after this one."""
        other = changes.alias("later")
        number = sa.select(sa.func.count()).select_from(other)
        number = number.where(self._same(other), other.c.id > changes.c.id)
        return number.correlate(changes).scalar_subquery()

    def _has_earlier(self) -> Any:
        other = changes.alias("earlier")
        earlier = sa.exists().where(self._same(other), other.c.id < changes.c.id)
        return earlier.correlate(changes)

    def _lasting(self) -> Any:
        """Whether the record was there before the changeset or is since: not made to be deleted."""
        ends = []
        for end, operation in ((sa.func.min, "create"), (sa.func.max, "delete")):
            other, outermost = changes.alias("other"), changes.alias("outermost")
            place = sa.select(end(other.c.id)).where(self._same(other)).correlate(changes)
            ends.append(
                sa.exists()
                .where(
                    outermost.c.id == place.scalar_subquery(),
                    outermost.c.operation == operation,
                )
                .correlate(changes)
            )
        return sa.not_(sa.and_(*ends))


def _blocked_records(
    session: RecordSession,
    mapper: Mapper[Any],
    top: Any,
    changeset_id: int,
    overwrite: Collection[str] | None,
) -> list[str]:
    """The records that were written several times and whose last write does not go as a whole."""
    dialect = session.dialect
    stuck: list[str] = []
    obstacles = {
        "delete": obstacles_to_restore(dialect, mapper, changeset_id),
        "create": obstacles_to_remove(dialect, mapper, changeset_id, edited=overwrite is None),
        "update": obstacles_to_revert(dialect, mapper),
    }
    for operation, some in obstacles.items():
        barred = sa.not_(none_of(some))
        mine = changes_to(top, mapper, operation)
        if operation == "update":
            stays = (
                sa.and_(
                    differs_from_before(dialect, mapper, name),
                    sa.not_(may_revert(dialect, mapper, name, overwrite, changeset_id)),
                )
                for name in updated_fields(session, mapper, mine)
            )
            barred = sa.or_(barred, *stays)
            going = link_reversals(session, mapper, mine, overwrite, changeset_id)
            linked = {(record_id, name) for record_id, name, _keys in going}
            stuck += [
                row.record_id
                for row, name, now, wanted in link_changes(session, mapper, mine, changeset_id)
                if now != wanted and (row.record_id, name) not in linked
            ]
        stuck += [row.record_id for row in find_changes(session, mapper, mine, barred)]
    return stuck
