"""Who changed a record is history: a conflict names them to who may see that, and to no other."""

import pytest
from starlette.applications import Starlette

from backoffice.db import Database
from tests.cast import FIRST_ITEM, Browser, add_items, somebody, text_of
from tests.cast import hidden_fields as hidden
from tests.views.test_two_people import EDIT

CLERK = ("item:list", "item:details", "item:edit", "item:create", "item:action:undo",
         "category:list")  # fmt: skip


@pytest.fixture
def clerk(app: Starlette, database: Database) -> Browser:
    """Somebody who edits items and may not see their history."""
    add_items(database, 1)
    return somebody(app, database, *CLERK)


def test_a_conflict_names_the_other_person_only_to_people_who_may_see_history(
    clerk: Browser, ed: Browser, max_: Browser
) -> None:
    mine, maxs = hidden(clerk.get(EDIT)), hidden(max_.get(EDIT))
    assert ed.post(EDIT, {**FIRST_ITEM, **hidden(ed.get(EDIT)), "price": "5.50"}).status_code == 303

    told = text_of(max_.post(EDIT, {**FIRST_ITEM, **maxs, "price": "7.00"}))
    asked = clerk.post(EDIT, {**FIRST_ITEM, **mine, "price": "7.00"})

    assert "Ed Tester changed this too" in told
    assert asked.status_code == 409
    assert "Somebody else changed this too." in text_of(asked)
    assert "Ed Tester" not in asked.text


def test_what_merged_by_itself_names_nobody_either(clerk: Browser, ed: Browser) -> None:
    mine = hidden(clerk.get(EDIT))
    assert ed.post(EDIT, {**FIRST_ITEM, **hidden(ed.get(EDIT)), "price": "5.50"}).status_code == 303

    assert clerk.post(EDIT, {**FIRST_ITEM, **mine, "description": "Mine"}).status_code == 303

    page = clerk.get("/admin/")
    assert "Somebody else changed Price to “5.50”" in text_of(page)
    assert "Ed Tester" not in page.text
    assert "/admin/changeset/undo/" not in page.text, "an undo shows history"


def test_a_deleted_record_does_not_say_who_deleted_it(clerk: Browser, max_: Browser) -> None:
    mine = hidden(clerk.get(EDIT))
    max_.get("/admin/item/delete?pks=1")
    assert max_.post("/admin/item/delete", {"pks": "1"}).status_code == 303

    gone = clerk.post(EDIT, {**FIRST_ITEM, **mine, "price": "7.00"})

    assert gone.status_code == 409
    assert "Somebody else deleted this item. Nothing was saved." in text_of(gone)
    assert "Max Tester" not in gone.text
