"""The views that tests of lists use."""

import pytest
from starlette.applications import Starlette

from backoffice.admin.view import RecordView


@pytest.fixture
def items(app: Starlette) -> RecordView:
    view: RecordView = app.state.site.find_view("item")
    return view


@pytest.fixture
def users(app: Starlette) -> RecordView:
    view: RecordView = app.state.site.find_view("user")
    return view
