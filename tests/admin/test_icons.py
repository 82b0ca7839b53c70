"""Pictures are named by views and drawn by a template."""

import pytest

from backoffice.admin.pages.rendering import ENVIRONMENT
from backoffice.admin.view import RecordView
from backoffice.views import VIEWS


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_views_icon_is_drawn_by_name(view: type[RecordView]) -> None:
    drawn = ENVIRONMENT.get_template("macros/icons.html").module
    shapes, aliases = vars(drawn)["SHAPES"], vars(drawn)["ALIASES"]
    assert aliases.get(view.icon, view.icon) in shapes
