"""What an undo would do to the first records of each step, field by field."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.encoding import Values
from backoffice.history.session import RecordSession
from backoffice.history.undo.changed_records import changes_with_records
from backoffice.history.undo.obstacles import Obstacle, none_of
from backoffice.models.tables import changes

MAX_PREVIEWS = 20
"""How many records are shown with their fields for each model and operation."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an undo does to one record: the fields that it writes, now and afterwards, encoded.

    ``operation``: what the undo does; a record that it restores has no ``before``, and one that it
    deletes no ``after``.
    """

    model: str
    record_id: str
    label: str
    operation: Literal["create", "update", "delete"]
    before: Values | None
    after: Values | None


def preview_whole(
    session: RecordSession,
    mapper: Mapper[Any],
    selected: Any,
    obstacles: list[Obstacle],
    operation: str,
) -> tuple[Preview, ...]:
    """The first records that the undo restores or deletes; one statement.

    ``selected``: the condition for the changes. ``obstacles``: what they must not meet.
    ``operation``: the one that is undone, "delete" or "create".
    """
    rows = _first_changes(session, mapper, sa.and_(selected, none_of(obstacles)))
    is_restored = operation == "delete"
    return tuple(
        Preview(
            row.model,
            row.record_id,
            row.label,
            "create" if is_restored else "delete",
            None if is_restored else row.after,
            row.before if is_restored else None,
        )
        for row in rows
    )


def preview_updates(
    session: RecordSession, mapper: Mapper[Any], selected: Any, reverts: dict[str, Any]
) -> list[Preview]:
    """The first records that the undo reverts, with those of their fields that it does; one
    statement.

    ``reverts``: by field, the condition that it is reverted. Then the record still has the value
    that the change gave it.
    """
    any_reverts = sa.or_(sa.false(), *reverts.values())
    flags = [sa.case((condition, 1), else_=0) for condition in reverts.values()]
    previews = []
    for row in _first_changes(session, mapper, sa.and_(selected, any_reverts), flags):
        names = [name for name, flag in zip(reverts, row[5:], strict=True) if flag]
        now = {name: row.after[name] for name in names}
        then = {name: row.before[name] for name in names}
        previews.append(Preview(row.model, row.record_id, row.label, "update", now, then))
    return previews


def _first_changes(
    session: RecordSession, mapper: Mapper[Any], condition: Any, more: Sequence[Any] = ()
) -> Sequence[Any]:
    columns = ("model", "record_id", "label", "before", "after")
    statement = (
        sa.select(*(changes.c[name] for name in columns), *more)
        .select_from(changes_with_records(session.dialect, mapper))
        .where(condition)
    )
    return session.execute(statement.order_by(changes.c.id).limit(MAX_PREVIEWS)).all()


def with_links(previews: list[Preview], linked: list[Preview]) -> tuple[Preview, ...]:
    """``previews`` with the link fields that are reverted too, ``linked``; of at most
    ``MAX_PREVIEWS`` records."""
    found = {preview.record_id: preview for preview in previews}
    for link in linked:
        known = found.get(link.record_id)
        if known is None and len(found) >= MAX_PREVIEWS:
            continue
        found[link.record_id] = replace(
            link,
            before={**((known and known.before) or {}), **(link.before or {})},
            after={**((known and known.after) or {}), **(link.after or {})},
        )
    return tuple(found.values())
