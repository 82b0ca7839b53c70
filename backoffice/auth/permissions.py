"""The one permission question, asked the same way in Python and when a page is collected."""

from typing import Any

from sqladmin.authorization import GrantsAuthorizationBackend
from starlette.requests import Request


class Permissions(GrantsAuthorizationBackend):
    """Who may do what. A superuser may do everything.

    ``superusers_only``: the identities of the views that nobody else sees.
    """

    def __init__(self) -> None:
        self.superusers_only: set[str] = set()

    async def get_grants(self, request: Request) -> set[tuple[str, str]]:
        """The signed-in person's ``(identity, action)`` pairs; empty if nobody is signed in."""
        signed_in = getattr(request.state, "signed_in", None)
        return {("*", "*")} if signed_in is not None else set()

    def has_permission(
        self, request: Request, identity: str, action: str, obj: Any | None = None
    ) -> bool:
        """Whether the signed-in person may do ``action`` on the view ``identity``. No I/O."""
        signed_in = getattr(request.state, "signed_in", None)
        if signed_in is None:
            return False
        return bool(signed_in.is_superuser) or identity not in self.superusers_only
