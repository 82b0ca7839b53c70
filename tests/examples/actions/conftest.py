"""A back office with the actions of the examples."""

import pytest
from starlette.applications import Starlette

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.web.app import create_app
from examples.actions.views import WITH_ACTIONS


@pytest.fixture
def app(settings: Settings, database: Database) -> Starlette:
    return create_app(settings, database, views=WITH_ACTIONS)
