"""docs/actions.md tells of the actions that are there, and its example does what it says."""

import inspect
import re
from typing import Any

from starlette.applications import Starlette

from backoffice.admin.actions import MOST, action
from backoffice.config import CHECKOUT, Settings
from backoffice.db import Database
from backoffice.models import Item
from backoffice.views import VIEWS
from backoffice.views.item import ItemView
from backoffice.web.app import create_app
from tests.admin.acting.steps import address, item_ids, post, values
from tests.cast import add_items, add_user, signed_in, text_of
from tests.docs.pages import blocks, section

PAGE = CHECKOUT / "docs" / "actions.md"


def declared(settings: Settings, database: Database) -> Starlette:
    """The application with the view of the page."""
    (code,) = (block.text for block in blocks(PAGE) if block.language == "python run")
    made: dict[str, Any] = {}
    exec(compile(code.partition("\napp = ")[0], str(PAGE), "exec"), made)
    views = [made["StockView"] if view is ItemView else view for view in VIEWS]
    return create_app(settings, database, views=views)


def test_the_example_previews_and_restocks(settings: Settings, database: Database) -> None:
    app = declared(settings, database)
    add_user(database, "ada@example.com", superuser=True)
    add_items(database, 4)
    ada, items = signed_in(app, "ada@example.com"), item_ids(database)
    shown = post(ada, ada.get(address("restock", *items)), "restock", "preview", level="2")
    assert "Item 0001 Quantity Before: 1 → After: 2" in text_of(shown)
    assert "Item 0003 Quantity" not in text_of(shown)
    assert post(ada, shown, "restock", level="2").status_code == 303
    assert values(database, Item.quantity) == [2, 2, 2, 3]
    assert "4 items have 2 pieces or more." in text_of(ada.get("/admin/item/list"))


def test_every_parameter_is_told() -> None:
    told = re.findall(r"^\| (`.+?`) \|", section(PAGE, "What `@action` takes"), re.MULTILINE)
    names = [name for cell in told for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(names) == sorted(inspect.signature(action).parameters)
    assert f"{MOST} by default" in section(PAGE, "What `@action` takes")
