"""The actions of the examples do what their pages say, and are undone as one."""

import re

from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.models import Item
from tests.admin.acting.steps import (
    act,
    address,
    buttons,
    changes_in,
    changesets,
    item_ids,
    post,
    values,
)
from tests.cast import Browser, add_items, forms_of, text_of


def test_items_are_restocked_to_a_level_and_those_above_it_stay(
    ada: Browser, database: Database
) -> None:
    add_items(database, 6)
    items = item_ids(database)
    shown = post(ada, ada.get(address("restock", *items)), "restock", "preview", level="4")
    assert "2 stay as they are: they have 4 or more." in text_of(shown)
    assert "Item 0003 Quantity Before: 3 → After: 4" in text_of(shown)
    assert "Item 0004 Quantity" not in text_of(shown)

    assert post(ada, shown, "restock", level="4").status_code == 303
    assert values(database, Item.quantity) == [4, 4, 4, 4, 4, 5]
    made = changesets(database)[-1]
    assert (made.reason, len(changes_in(database, made.id))) == ("Restock", 4)

    landed = ada.get("/admin/item/list")
    assert "4 items were restocked to 4." in text_of(landed)
    page = ada.get(f"/admin/changeset/undo/{made.id}")
    assert f"/admin/changeset/undo/{made.id}" in forms_of(landed)
    seen = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert seen
    ada.post(f"/admin/changeset/undo/{made.id}", {"seen": seen[1]})
    assert values(database, Item.quantity) == [0, 1, 2, 3, 4, 5]


def test_a_level_below_all_of_them_changes_nothing(ada: Browser, database: Database) -> None:
    add_items(database, 2)
    items = item_ids(database)
    shown = post(ada, ada.get(address("restock", *items)), "restock", "preview", level="0")
    assert "2 stay as they are: they have 0 or more." in text_of(shown)
    before = len(changesets(database))
    assert post(ada, shown, "restock", level="0").status_code == 303
    assert len(changesets(database)) == before


def test_the_reason_for_discontinuing_is_in_the_history(ed: Browser, database: Database) -> None:
    add_items(database, 3)
    items = item_ids(database)
    page = ed.get(address("discontinue", *items[1:]))
    assert "Their quantity becomes 0, and their description begins with" in text_of(page)
    assert buttons(page) == ["Discontinue 2 items"]
    blank = post(ed, page, "discontinue", reason=" ")
    assert blank.status_code == 422
    assert "Enter the reason." in text_of(blank)

    assert post(ed, page, "discontinue", reason="No longer made").status_code == 303
    assert values(database, Item.quantity) == [0, 0, 0]
    assert values(database, Item.description)[2] == "Discontinued. Description of item 2"
    assert changesets(database)[-1].reason == "Discontinued: No longer made"
    assert "Discontinued: No longer made" in text_of(ed.get(f"/admin/item/history/{items[1]}"))


def test_what_was_discontinued_is_not_marked_twice(ada: Browser, database: Database) -> None:
    add_items(database, 1)
    (item,) = item_ids(database)
    for reason in ("First", "Second"):
        assert act(ada, "discontinue", item, reason=reason).status_code == 303
    assert values(database, Item.description) == ["Discontinued. Description of item 0"]


def test_an_editor_discontinues_and_does_not_restock(
    app: Starlette, ed: Browser, vera: Browser, database: Database
) -> None:
    add_items(database, 1)
    text = ed.get("/admin/item/list").text
    assert "/action/discontinue" in text
    assert "/action/restock" not in text
    assert "/action/" not in vera.get("/admin/item/list").text
