"""The rule that prevents a lockout: somebody can always sign in and manage the others.

The last active superuser cannot be deleted, deactivated or demoted, and nobody can do so to their
own account. The rule is checked in the session, so it holds for forms, undos, commands and two
requests at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import PassiveFlag, Session, attributes

from backoffice.language import N_, _
from backoffice.models import InvalidValue, User
from backoffice.models.tables import users

LAST = N_("This is the last active superuser: make somebody else one first.")
OWN_DELETED = N_("You can't delete your own account. Ask another superuser to do it.")
OWN_INACTIVE = N_("You can't deactivate your own account. Ask another superuser to do it.")
OWN_DEMOTED = N_("You can't take this from your own account. Ask another superuser to do it.")

_FIELDS = ("is_active", "is_superuser")


@dataclass(frozen=True)
class SuperuserState:
    """The ids of the active superusers, and the actor's own (is active, is superuser).

    ``own`` is None if no user acts, or the actor's account is deleted.
    """

    superusers: frozenset[int]
    own: tuple[bool, bool] | None


def flush_affects_superusers(session: Session) -> bool:
    """Whether a flush is about to delete a user, or to change a field of this rule."""
    if any(isinstance(record, User) for record in session.deleted):
        return True
    return any(
        attributes.get_history(record, name, PassiveFlag.PASSIVE_NO_INITIALIZE).has_changes()
        for record in session.dirty
        if isinstance(record, User)
        for name in _FIELDS
    )


def update_affects_superusers(model: type[Any], fields: Collection[str]) -> bool:
    """Whether an update of these fields of a model changes a field of this rule."""
    return model is User and not set(_FIELDS).isdisjoint(fields)


def lock_superusers(session: Session, actor_id: int | None) -> SuperuserState:
    """Read the present state and lock all superusers, always in the same order.

    Of two requests that each would demote the other's superuser, one waits.
    """
    is_active_superuser = sa.and_(users.c.is_active, users.c.is_superuser)
    statement = (
        sa.select(users.c.id, users.c.is_active, users.c.is_superuser)
        .where(sa.or_(is_active_superuser, users.c.id == actor_id))
        .order_by(users.c.id)
        .with_for_update()
    )
    rows: list[Any] = list(session.connection().execute(statement))
    own = next((row for row in rows if row.id == actor_id), None)
    return SuperuserState(
        frozenset(row.id for row in rows if row.is_active and row.is_superuser),
        (bool(own.is_active), bool(own.is_superuser)) if own is not None else None,
    )


def check_no_lockout(session: Session, actor_id: int | None, before: SuperuserState) -> None:
    """Compare the present state with the state ``before`` a write.

    Raises:
        InvalidValue: no active superuser is left, or the actor has locked themselves out.
    """
    now = lock_superusers(session, actor_id)
    if before.own is not None:
        if now.own is None:
            raise InvalidValue("", _(OWN_DELETED))
        if before.own[0] and not now.own[0]:
            raise InvalidValue("is_active", _(OWN_INACTIVE))
        if before.own[1] and not now.own[1]:
            raise InvalidValue("is_superuser", _(OWN_DEMOTED))
    if before.superusers and not now.superusers:
        raise InvalidValue("", _(LAST))
