"""Who made a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request

from backoffice.auth.permissions import Grants


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person who made a request, as far as a page needs to know them.

    ``grants``: the (identity, action) pairs of their roles; a superuser's is the wildcard.
    ``roles``: the ids and names of their roles, by name. ``preferences``: what
    ``auth.preferences`` reads. ``password_is_temporary``: another person chose it, and they must
    change it before they can do anything else.
    """

    user_id: int
    name: str
    email: str
    is_superuser: bool
    token_hash: str
    signed_in_at: datetime
    last_seen_at: datetime
    grants: Grants = frozenset()
    roles: tuple[tuple[int, str], ...] = ()
    preferences: Mapping[str, Any] = field(default_factory=dict)
    password_is_temporary: bool = False


def signed_in(request: Request) -> SignedIn | None:
    """Who made ``request``; None for nobody. The guard has found it out (``web.middleware``)."""
    person = request.scope.get("state", {}).get("signed_in")
    assert person is None or isinstance(person, SignedIn)
    return person
