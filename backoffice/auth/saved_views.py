"""Saved views with the names of their owners and roles, which the screens do not know."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from backoffice.db.queries.prepared import PreparedSelect
from backoffice.history import RecordSession
from backoffice.models import user_roles
from backoffice.models.tables import roles, saved_views, users

MOST_VISIBLE = 50
"""Views of one list that a person sees as tabs."""


Roles = Sequence[tuple[int, str]]
"""The ids and names of roles."""


class SavedViewRow(NamedTuple):
    """A saved view. ``first_name``, ``last_name``: of its owner; None if the account is gone.
    ``role``: the name of the role that it is shared with; None for nobody."""

    id: int
    name: str
    query: str
    owner_id: int | None
    role_id: int | None
    first_name: str | None
    last_name: str | None
    role: str | None


_SELECT = (
    sa.select(
        saved_views.c.id,
        saved_views.c.name,
        saved_views.c.query,
        saved_views.c.owner_id,
        saved_views.c.role_id,
        users.c.first_name,
        users.c.last_name,
        roles.c.name.label("role"),
    )
    .outerjoin_from(saved_views, users, users.c.id == saved_views.c.owner_id)
    .outerjoin(roles, roles.c.id == saved_views.c.role_id)
    .where(saved_views.c.identity == sa.bindparam("identity"), saved_views.c.deleted_at.is_(None))
)
_IS_OWN = saved_views.c.owner_id == sa.bindparam("person")
_IS_SHARED_WITH_ME = saved_views.c.role_id.in_(
    sa.select(user_roles.c.role_id).where(user_roles.c.user_id == sa.bindparam("person"))
)
_IS_NAMED = sa.and_(saved_views.c.id == sa.bindparam("named"), saved_views.c.role_id.is_not(None))


def _visible(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return (
        _SELECT.where(condition)
        # The person's own come first, so that the limit cannot drop them for what others share.
        .order_by(sa.case((_IS_OWN, 0), else_=1), saved_views.c.name, saved_views.c.id)
        .limit(MOST_VISIBLE)
    )


_SELECT_VISIBLE = PreparedSelect(_visible(sa.or_(_IS_OWN, _IS_SHARED_WITH_ME)))
# Every view has an id: the rows without one are the roles. The NULLs have no type of their own,
# since MySQL takes no UNION of texts that it would compare in different ways.
_SELECT_VISIBLE_AND_ROLES = PreparedSelect(
    sa.union_all(
        sa.select(*_visible(sa.or_(_IS_OWN, _IS_SHARED_WITH_ME, _IS_NAMED)).subquery().c),
        sa.select(
            sa.null(),
            sa.null(),
            sa.null(),
            sa.null(),
            roles.c.id,
            sa.null(),
            sa.null(),
            roles.c.name,
        ),
    )
)


def select_visible(session: RecordSession, identity: str, *, user_id: int) -> list[SavedViewRow]:
    """The views of a list that a person owns or shares a role with, ``MOST_VISIBLE`` at most; one
    prepared statement, since every list asks it."""
    parameters = {"identity": identity, "person": user_id}
    rows = _SELECT_VISIBLE.run(session.connection(), parameters)
    return [SavedViewRow(*tuple(row)) for row in rows]


def select_visible_and_roles(
    session: RecordSession, identity: str, *, user_id: int, named: int
) -> tuple[list[SavedViewRow], Roles]:
    """``select_visible`` with the shared view of id ``named`` (0 for none), and every role by name;
    one prepared statement for both. For superusers."""
    parameters = {"identity": identity, "person": user_id, "named": named}
    rows = [tuple(row) for row in _SELECT_VISIBLE_AND_ROLES.run(session.connection(), parameters)]
    found = [SavedViewRow(*row) for row in rows if row[0] is not None]
    every_role = [SavedViewRow(*row) for row in rows if row[0] is None]
    every_role.sort(key=lambda row: row.role or "")
    return found, tuple((row.role_id or 0, row.role or "") for row in every_role)


def select_shared_by_others(
    session: RecordSession, identity: str, *, user_id: int, limit: int
) -> list[SavedViewRow]:
    """The views of a list that anybody but this person shares with any role, by name."""
    statement = (
        _SELECT.where(
            saved_views.c.role_id.is_not(None),
            sa.func.coalesce(saved_views.c.owner_id, 0) != user_id,
        )
        .order_by(saved_views.c.name, saved_views.c.id)
        .limit(limit)
    )
    rows = session.execute(statement, {"identity": identity})
    return [SavedViewRow(*tuple(row)) for row in rows]


def select_roles(session: RecordSession) -> tuple[tuple[int, str], ...]:
    """The id and name of every role, by name."""
    rows = session.execute(sa.select(roles.c.id, roles.c.name).order_by(roles.c.name))
    return tuple((role_id, name) for role_id, name in rows)
