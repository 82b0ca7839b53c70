"""More people than there are roles."""

import pytest
from starlette.applications import Starlette

from backoffice.db import Database
from tests.cast import Browser, add_user, signed_in


@pytest.fixture
def bob(app: Starlette, database: Database) -> Browser:
    """Bob, an Editor as ed is, signed in."""
    add_user(database, "bob@example.com", role="Editor")
    return signed_in(app, "bob@example.com")
