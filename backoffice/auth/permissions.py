"""The one permission check, for Python code and for what a page shows."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

from sqladmin.authorization import WILDCARD, GrantsAuthorizationBackend, matches_grant
from starlette.requests import Request

HISTORY = "action:history"
UNDO = "action:undo"

READ = "read:"
"""The beginning of the action that permits one field to be read: ``read:price``. By itself, without
a field, it only says that the role's fields are limited."""

WRITE = "write:"
"""The beginning of the action that permits one field to be read and written."""

ALL = "*"
"""In place of a field: every field, also those that are added later. No row of ``role_grants``
grants it; ``grants_of_role`` adds it for a role whose fields are not limited."""

Access = Literal["read", "write"]

Grants = frozenset[tuple[str, str]]
"""(identity, action) pairs: what a person or role may do on which view. Those of fields are as
``grants_of_role`` returns them, so that the grants of several roles add up."""

EVERYTHING: Grants = frozenset({(WILDCARD, WILDCARD), (WILDCARD, "superuser")})
"""A superuser's grants. No role has the second one, whatever its rows are."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a view that somebody may read, or write. ``all``: also those added later."""

    names: frozenset[str] = frozenset()
    all: bool = False

    def __contains__(self, name: str) -> bool:
        return self.all or name in self.names


class Permissions(GrantsAuthorizationBackend):
    """Who may do what, by the grants of their roles, which the sign-in check reads.

    ``superusers_only``: the identities of views that only superusers see, whatever is granted.
    """

    def __init__(self) -> None:
        self.superusers_only: set[str] = set()

    async def get_grants(self, request: Request) -> set[tuple[str, str]]:
        """The signed-in person's ``(identity, action)`` pairs; empty if nobody is signed in."""
        return set(grants_of(request))

    def has_permission(
        self, request: Request, identity: str, action: str, obj: Any | None = None
    ) -> bool:
        """Whether the signed-in person may do ``action`` on the view ``identity``. No I/O."""
        return self.covers(grants_of(request), identity, action)

    def covers(self, grants: Grants, identity: str, action: str) -> bool:
        """Whether somebody who holds ``grants`` may do ``action`` on the view ``identity``."""
        if grants >= EVERYTHING:
            return True
        if identity in self.superusers_only:
            return False
        if is_of_field(action):
            access: Access = "read" if action.startswith(READ) else "write"
            name = action.removeprefix(READ).removeprefix(WRITE)
            fields = self.fields(grants, identity, access)
            return fields.all if name == ALL else not name or name in fields
        return matches_grant(cast(set[tuple[str, str]], grants), identity, action)

    def fields(self, grants: Grants, identity: str, access: Access) -> Fields:
        """The fields of the view ``identity`` that somebody who holds ``grants`` may read or write.
        Writing implies reading."""
        if grants >= EVERYTHING:
            return Fields(all=True)
        if identity in self.superusers_only:
            return Fields()
        permitted = _fields_in(grants)
        of_all = permitted.get((WILDCARD, access), Fields())
        return of_all if of_all.all else permitted.get((identity, access), Fields())

    def holds_any(self, grants: Grants, identity: str) -> bool:
        """Whether somebody who holds ``grants`` may do anything on the view ``identity``."""
        return identity not in self.superusers_only and any(
            of in (identity, WILDCARD) for of, _action in grants
        )

    def missing(self, grants: Grants, needed: Grants) -> list[tuple[str, str]]:
        """What ``needed`` allows and ``grants`` does not, in order.

        What only superusers may do is in neither, whatever was granted.
        """
        return sorted(
            (identity, action)
            for identity, action in needed
            if self.covers(needed, identity, action)
            if not self.covers(grants, identity, action)
        )


@lru_cache(maxsize=512)
def _fields_in(grants: Grants) -> dict[tuple[str, Access], Fields]:
    """The fields that grants permit, by the view's identity and by what is permitted of them."""
    names: dict[tuple[str, Access], set[str]] = {}
    for identity, action in grants:
        if is_of_field(action):
            name = action.removeprefix(READ).removeprefix(WRITE)
            names.setdefault((identity, "read"), set()).add(name)
            if action.startswith(WRITE):
                names.setdefault((identity, "write"), set()).add(name)
    return {key: Fields(frozenset(found - {ALL}), ALL in found) for key, found in names.items()}


def is_of_field(action: str) -> bool:
    """Whether an action is that of a field: "read:price"."""
    return action.startswith((READ, WRITE))


@lru_cache(maxsize=512)
def grants_of_role(rows: Grants) -> Grants:
    """What a role grants, from its rows of ``role_grants``: (identity, action) pairs.

    A role that may do anything on a view reads all its fields, and writes them if it may create or
    edit, unless it has rows for single fields: then only those. In a role that has such rows, a
    wildcard instead of a view gives no fields at all: it must not open what is limited.
    """
    limited = {identity for identity, action in rows if is_of_field(action)}
    # A row that names "*" instead of a field limits the role and grants nothing.
    nothing = (READ + ALL, WRITE + ALL, "superuser")
    granted = {(of, action) for of, action in rows if action not in nothing}
    unlimited = {identity for identity, _action in granted} - limited
    if limited:
        unlimited.discard(WILDCARD)
    fields = {(identity, READ + ALL) for identity in unlimited} | {
        (identity, WRITE + ALL)
        for identity in unlimited
        if any(matches_grant(granted, identity, action) for action in ("create", "edit"))
    }
    return frozenset(granted | fields)


def grants_of(request: Request) -> Grants:
    """What the signed-in person was granted; empty if nobody is signed in."""
    signed_in = getattr(request.state, "signed_in", None)
    return signed_in.grants if signed_in is not None else frozenset()
