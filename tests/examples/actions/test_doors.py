"""Actions are doors as well: nothing is told there of a field that is not permitted."""

import pytest
import sqlalchemy as sa

from backoffice.admin.options import actions_of
from backoffice.columns import kind_of
from tests.admin.acting.steps import hidden
from tests.cast import text_of
from tests.views.doors import DOORS, Opened
from tests.views.test_doors import FIELDS, door, everything, plain, told

__all__ = ["door", "everything"]

ITEMS = [field for field in FIELDS if field[0] == "item"]
ROUTES = [route for route in DOORS if "/action/" in route[1]]

pytestmark = [
    pytest.mark.databases("sqlite"),
    pytest.mark.parametrize("door", ITEMS, indirect=True, ids=".".join),
]


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_no_action_tells_of_a_field_that_is_not_permitted(
    door: Opened, route: tuple[str, str]
) -> None:
    assert "action:restock" in actions_of(door.view)
    answers = dict(DOORS[route](door))
    assert len(answers) >= 2
    for path, response in answers.items():
        assert response.status_code in (200, 303, 422), path
        assert told(door, path, response) == [], path
        assert plain(response)


def test_an_action_with_a_borrowed_permission_writes_no_field_that_is_not_permitted(
    door: Opened,
) -> None:
    """Restocking has a permission of its own, which covers the quantity; discontinuing has not."""
    answers = dict(DOORS[("POST", "/admin/{identity}/action/{name}")](door))
    (restocked, discontinued) = (
        next(answer for path, answer in answers.items() if name in path and path.endswith("act"))
        for name in ("restock", "discontinue")
    )
    is_done = door.field not in ("quantity", "description")
    assert discontinued.status_code == (303 if is_done else 422)
    if not is_done:
        assert "which you don't have permission to change" in text_of(discontinued)
    assert restocked.status_code == 303, text_of(restocked)


def test_a_preview_is_not_asked_about_a_field_that_is_not_shown(door: Opened) -> None:
    """Else its key would be a digest of the hidden value, and a refusal would tell of a change."""
    path = door.at("action", "/restock")
    page = door.browser.get(f"{path}?pks={door.key}")
    typed = {"level": "3", "pks": door.key}
    preview = door.browser.post(path, {**hidden(page), **typed, "do": "preview"})
    column = door.view.mapper.columns[door.field]
    value = kind_of(column).parse(door.words[1])
    with door.database.writer.begin() as connection:
        connection.execute(
            sa.update(column.table)
            .where(column.table.c.id == int(door.key))
            .values({column: value})
        )
    done = door.browser.post(path, {**hidden(preview), **typed, "do": "act"})
    assert done.status_code == 303, text_of(done)
