"""The rules that hold for every write hold for what an action writes."""

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item, Role
from tests.admin.acting.steps import (
    act,
    address,
    changesets,
    hidden,
    keys_used,
    post,
    values,
)
from tests.cast import Browser, somebody, text_of
from tests.read_only import taking_no_changes


def test_the_rules_of_the_views_are_asked_after_the_action(
    app: Starlette, ada: Browser, database: Database, items: list[int]
) -> None:
    with unit_of_work(database) as session:
        viewer = session.scalars(sa.select(Role.id).where(Role.name == "Viewer")).one()
    eve = somebody(app, database, "role:list", "role:edit", "role:action:widen")
    path = f"/admin/role/action/widen?pks={viewer}"
    before = len(changesets(database))
    page = eve.get(path)
    refused = eve.post("/admin/role/action/widen", {**hidden(page), "do": "act"})
    assert refused.status_code == 422
    assert "You cannot grant" in text_of(refused)
    assert len(changesets(database)) == before
    assert keys_used(database) == 0

    page = ada.get(path)  # a superuser may
    assert ada.post("/admin/role/action/widen", {**hidden(page), "do": "act"}).status_code == 303


def test_a_record_stays_in_sight(ada: Browser, database: Database, items: list[int]) -> None:
    refused = act(ada, "hide", items[0])
    assert refused.status_code == 422
    assert "You don't have permission to see items like this." in text_of(refused)
    assert values(database, Item.name)[0] == "Item 0000"


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("overfill", 422, "The database refuses one of these values. Check them."),
        ("collide", 409, "Somebody changed one of these items at the same moment."),
    ],
)
def test_what_the_database_refuses_is_a_sentence(
    ada: Browser, database: Database, items: list[int], name: str, status: int, told: str
) -> None:
    refused = act(ada, name, items[0])
    assert refused.status_code == status
    assert told in text_of(refused)
    assert values(database, Item.description)[0] == "Description of item 0"
    assert keys_used(database) == 0


@pytest.mark.every_database
def test_a_database_that_takes_no_changes_says_so_and_the_page_can_be_sent_again(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("mark", *items[:2]))
    with taking_no_changes(database):
        assert ada.get(address("mark", items[0])).status_code == 200
        refused = post(ada, page, "mark")
        assert refused.status_code == 503
        assert "The database is read-only right now" in text_of(refused)
        assert hidden(page)["once"] in refused.text
    assert "Marked" not in values(database, Item.description)
    assert post(ada, page, "mark").status_code == 303


def test_a_person_may_do_to_a_field_what_the_action_does_and_sees_it_only_if_they_may(
    app: Starlette, database: Database, items: list[int]
) -> None:
    tokens = ("item:list", "item:details", "item:action:restock", "item:read:name")
    eve = somebody(app, database, *tokens)
    shown = post(eve, eve.get(address("restock", *items)), "restock", "preview", level="8")
    assert "Item 0005 Quantity – not shown to you" in text_of(shown)
    assert post(eve, shown, "restock", level="8").status_code == 303
    assert values(database, Item.quantity) == [8] * 9 + [9]


def test_the_notice_offers_no_undo_to_those_who_may_not_undo(
    app: Starlette, database: Database, items: list[int]
) -> None:
    eve = somebody(app, database, "item:list", "item:action:mark")
    act(eve, "mark", *items)
    page = eve.get("/admin/item/list")
    assert "10 marked." in text_of(page)
    assert "/changeset/undo/" not in page.text
