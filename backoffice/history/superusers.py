"""The rule that somebody can always get in: it stands where every write comes by.

The last active superuser cannot be deleted, deactivated or demoted, nor anyone their own account,
by whatever way: a form, an undo, a command, two requests at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import PassiveFlag, attributes

from backoffice.models import InvalidValue, User

if TYPE_CHECKING:
    from backoffice.history.unit import RecordSession

users = cast(sa.Table, User.__table__)

LAST = "This is the last active superuser: make somebody else one first."
OWN_DELETED = "You cannot delete your own account. Ask another superuser to."
OWN_INACTIVE = "You cannot deactivate your own account. Ask another superuser to."
OWN_DEMOTED = "You cannot take this from your own account. Ask another superuser to."


@dataclass(frozen=True)
class Standing:
    """The active superusers' ids, and how the one who acts stands: (active, superuser), or None."""

    superusers: frozenset[int]
    own: tuple[bool, bool] | None


def is_touched(session: "RecordSession") -> bool:
    """Whether a flush is about to delete a user, or to change what this rule is about."""
    if any(isinstance(record, User) for record in session.deleted):
        return True
    return any(
        attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE).has_changes()
        for record in session.dirty
        if isinstance(record, User)
        for name in ("is_active", "is_superuser")
    )


def is_about(model: type[Any], fields: Collection[str]) -> bool:
    """Whether setting these fields of a model's records touches what this rule is about."""
    return model is User and not {"is_active", "is_superuser"}.isdisjoint(fields)


def standing(session: "RecordSession") -> Standing:
    """How things stand, with all superusers locked, in one order: of two who would, one waits."""
    statement = (
        sa.select(users.c.id, users.c.is_active, users.c.is_superuser)
        .where(
            sa.or_(
                sa.and_(users.c.is_active, users.c.is_superuser),
                users.c.id == session.act.actor_id,
            )
        )
        .order_by(users.c.id)
        .with_for_update()
    )
    rows: list[Any] = list(session.connection().execute(statement))
    own = next((row for row in rows if row.id == session.act.actor_id), None)
    return Standing(
        frozenset(row.id for row in rows if row.is_active and row.is_superuser),
        (bool(own.is_active), bool(own.is_superuser)) if own is not None else None,
    )


def check(session: "RecordSession", before: Standing) -> None:
    """Compare how things stand now with ``before``.

    Raises:
        InvalidValue: nobody could get in any more, or the one who acts has locked themselves out.
    """
    now = standing(session)
    if before.own is not None:
        if now.own is None:
            raise InvalidValue("", OWN_DELETED)
        if before.own[0] and not now.own[0]:
            raise InvalidValue("is_active", OWN_INACTIVE)
        if before.own[1] and not now.own[1]:
            raise InvalidValue("is_superuser", OWN_DEMOTED)
    if before.superusers and not now.superusers:
        raise InvalidValue("", LAST)
