"""The one permission check, for Python code and for what a page shows."""

from typing import Any, cast

from sqladmin.authorization import GrantsAuthorizationBackend, matches_grant
from starlette.requests import Request

HISTORY = "action:history"
UNDO = "action:undo"

Grants = frozenset[tuple[str, str]]
"""(identity, action) pairs: what a person or role may do on which view."""

EVERYTHING: Grants = frozenset({("*", "*")})
"""A superuser's grants."""


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
        return matches_grant(cast(set[tuple[str, str]], grants), identity, action)

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


def grants_of(request: Request) -> Grants:
    """What the signed-in person was granted; empty if nobody is signed in."""
    signed_in = getattr(request.state, "signed_in", None)
    return signed_in.grants if signed_in is not None else frozenset()
