"""An application whose items have actions, and ten of them."""

import pytest
from starlette.applications import Starlette

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category
from backoffice.web.app import create_app
from tests.admin.acting.steps import item_ids
from tests.admin.acting.views import ACTED_VIEWS
from tests.cast import add_items


@pytest.fixture
def app(settings: Settings, database: Database) -> Starlette:
    return create_app(settings, database, views=ACTED_VIEWS)


@pytest.fixture
def items(database: Database) -> list[int]:
    """The keys of ten items, "Item 0000" to "Item 0009", with as many pieces as their number."""
    add_items(database, 10)
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="Screws"))
    return item_ids(database)
