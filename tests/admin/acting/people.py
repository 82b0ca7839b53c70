"""People with roles made for one test."""

from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Grant, Role
from tests.cast import Browser, add_user, signed_in


def somebody(
    app: Starlette, database: Database, *tokens: str, email: str = "eve@example.com"
) -> Browser:
    """Somebody with a role that grants just these, signed in."""
    with unit_of_work(database, writes=True) as session:
        role = Role(name=email)
        role.grants = [Grant.from_token(token) for token in tokens]
        session.add(role)
    add_user(database, email, role=email)
    return signed_in(app, email)
