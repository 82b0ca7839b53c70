"""The roles of other people and what these grant, read from the database.

The sign-in check reads the grants of the person themselves (``auth.sessions``).
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

import sqlalchemy as sa

from backoffice.auth.permissions import Grants, grants_of_role
from backoffice.history import RecordSession
from backoffice.models import user_roles
from backoffice.models.tables import grants, users

KEYS_PER_STATEMENT = 1000


def roles_of_people(session: RecordSession, user_ids: Collection[int]) -> dict[int, set[int]]:
    """The ids of the roles of each of these people; one statement for each thousand."""
    found: dict[int, set[int]] = {user_id: set() for user_id in user_ids}
    for batch in _batches(user_ids):
        statement = sa.select(user_roles).where(user_roles.c.user_id.in_(batch))
        for user_id, role_id in session.execute(statement):
            found[user_id].add(role_id)
    return found


def grants_of_roles(session: RecordSession, role_ids: Collection[int]) -> dict[int, Grants]:
    """The (identity, action) pairs of each of these roles; one statement for each thousand."""
    found: dict[int, set[tuple[str, str]]] = {role_id: set() for role_id in role_ids}
    for batch in _batches(role_ids):
        statement = sa.select(grants.c.role_id, grants.c.identity, grants.c.action)
        for role_id, identity, action in session.execute(
            statement.where(grants.c.role_id.in_(batch))
        ):
            found[role_id].add((identity, action))
    return {role_id: grants_of_role(frozenset(pairs)) for role_id, pairs in found.items()}


def grants_of_person(session: RecordSession, user_id: int) -> Grants:
    """What a person's roles grant, even to a superuser; one statement."""
    statement = (
        sa.select(grants.c.role_id, grants.c.identity, grants.c.action)
        .join(user_roles, user_roles.c.role_id == grants.c.role_id)
        .where(user_roles.c.user_id == user_id)
    )
    return add_up((row.role_id, row.identity, row.action) for row in session.execute(statement))


def add_up(rows: Iterable[tuple[int, str, str]]) -> Grants:
    """What several roles grant together. ``rows``: (role id, identity, action) of each grant."""
    by_role: dict[int, set[tuple[str, str]]] = {}
    for role_id, identity, action in rows:
        by_role.setdefault(role_id, set()).add((identity, action))
    none: Grants = frozenset()
    return none.union(*(grants_of_role(frozenset(pairs)) for pairs in by_role.values()))


def superusers_among(session: RecordSession, user_ids: Collection[int]) -> set[int]:
    """Those of these people who are superusers; one statement for each thousand."""
    found: set[int] = set()
    for batch in _batches(user_ids):
        statement = sa.select(users.c.id).where(users.c.id.in_(batch), users.c.is_superuser)
        found |= set(session.scalars(statement))
    return found


def _batches(keys: Iterable[int]) -> Iterator[list[int]]:
    remaining = iter(sorted(keys))
    while batch := list(islice(remaining, KEYS_PER_STATEMENT)):
        yield batch
