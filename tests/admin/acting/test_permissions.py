"""An action has a permission of its own, and records of which each is asked about."""

import pytest
from starlette.applications import Starlette

from backoffice.admin.view import Context
from backoffice.db import Database
from backoffice.models import Item
from tests.admin.acting.steps import (
    act,
    address,
    buttons,
    changesets,
    keys_used,
    post,
    values,
    write,
)
from tests.admin.acting.views import ActedView
from tests.cast import Browser, add_user, signed_in, somebody, text_of


def test_only_superusers_may_until_it_is_ticked_in_a_role(
    app: Starlette, max_: Browser, database: Database, items: list[int]
) -> None:
    refused = max_.get(address("mark", items[0]))
    assert refused.status_code == 403
    assert (
        "You don't have permission to use “Mark” on items. "
        "Ask an administrator for the permission “Items: Mark”." in text_of(refused)
    )
    assert "/action/mark" not in max_.get("/admin/item/list").text
    assert "/action/mark" not in max_.get(f"/admin/item/details/{items[0]}").text
    posted = max_.post("/admin/item/action/mark", {"pks": str(items[0]), "do": "act"})
    assert posted.status_code == 403

    eve = somebody(app, database, "item:list", "item:action:mark")
    assert act(eve, "mark", items[0]).status_code == 303
    assert eve.get(address("move", items[0])).status_code == 403
    assert values(database, Item.description)[:2] == ["Marked", "Description of item 1"]


def test_an_action_may_take_the_permission_of_another(
    app: Starlette, vera: Browser, ed: Browser, items: list[int]
) -> None:
    assert vera.get(address("discontinue", items[0])).status_code == 403
    assert "“Items: Edit”" in text_of(vera.get(address("discontinue", items[0])))
    assert act(ed, "discontinue", items[0], reason="Broken").status_code == 303


def test_without_a_session_nobody_gets_there(mallory: Browser, items: list[int]) -> None:
    assert mallory.get(address("mark", items[0])).status_code in (302, 303)
    assert mallory.post(address("mark", items[0]), {"do": "act"}).status_code in (
        302,
        303,
        401,
        403,
    )


def test_a_post_without_the_browsers_token_is_refused(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("mark", items[0]))
    assert post(ada, page, "mark", csrf_token="forged").status_code == 403
    assert "Marked" not in values(database, Item.description)
    assert keys_used(database) == 0


def test_records_that_may_not_be_acted_on_are_named_and_left_out(
    ada: Browser, database: Database, items: list[int]
) -> None:
    write(database, items[1], name="Locked 1")
    write(database, items[3], name="Locked 3")
    page = ada.get(address("mark", *items[:4]))
    assert page.status_code == 200
    assert "2 of 4 items will be left out:" in text_of(page)
    assert "Locked 1 It is being counted until noon." in text_of(page)
    assert "Locked 3 It is being counted until noon." in text_of(page)
    assert buttons(page) == ["Mark 2 items"]
    assert post(ada, page, "mark").status_code == 303
    assert values(database, Item.description).count("Marked") == 2


def test_nothing_is_done_if_one_of_them_is_refused_since(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("mark", *items[:3]))
    write(database, items[1], name="Locked 1")
    before = len(changesets(database))
    refused = post(ada, page, "mark")
    assert refused.status_code == 403
    assert "Nothing was done, because it can't be done to all of them." in text_of(refused)
    assert "1 of 3 items will be left out: Locked 1" in text_of(refused)
    assert len(changesets(database)) == before
    assert keys_used(database) == 0
    assert buttons(refused) == ["Mark 2 items"]
    assert post(ada, refused, "mark").status_code == 303
    assert values(database, Item.description).count("Marked") == 2


def test_if_all_of_them_are_refused_there_is_only_the_way_back(
    ada: Browser, database: Database, items: list[int]
) -> None:
    write(database, items[0], name="Locked 0")
    page = ada.get(address("mark", items[0]))
    assert page.status_code == 403
    assert "Not possible for this item: Locked 0" in text_of(page)
    assert buttons(page) == []
    assert "Back" in text_of(page)
    details = ada.get(f"/admin/item/details/{items[0]}")
    assert "/action/mark?" not in details.text
    assert "/action/move?" in details.text


def test_a_view_may_leave_the_button_out_of_a_records_page(
    ada: Browser, items: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def offers(self: ActedView, context: Context, action: str, record: Item) -> bool:
        return action != "action:move"

    monkeypatch.setattr(ActedView, "offers", offers)
    details = ada.get(f"/admin/item/details/{items[0]}").text
    assert "/action/move?" not in details
    assert "/action/mark?" in details


def test_the_matrix_of_roles_offers_it(ada: Browser, app: Starlette, database: Database) -> None:
    form = ada.get("/admin/role/create")
    assert 'value="item:action:mark"' in form.text
    assert 'value="item:action:mark-all"' in form.text
    assert 'value="item:action:discontinue"' not in form.text  # it takes "edit"
    assert 'value="category:action:mark"' not in form.text

    granted = ["item:list", "item:action:mark"]
    assert ada.post("/admin/role/create", {"name": "Markers", "grants": granted}).status_code == 303
    permitted = ada.get("/admin/role/details/4").text.partition("<main")[2]
    assert "Mark" in permitted.partition("Permissions")[2]
    add_user(database, "mark@example.com", role="Markers")
    assert signed_in(app, "mark@example.com").get(address("mark", 1)).status_code == 404


def test_a_person_can_grant_only_an_action_that_they_have(
    app: Starlette, database: Database
) -> None:
    lead = somebody(app, database, "role:list", "role:create", "item:list")
    lead.get("/admin/role/create")
    refused = lead.post("/admin/role/create", {"name": "New", "grants": ["item:action:mark"]})
    assert refused.status_code == 422
    assert "You cannot grant “Items (mark)”: you do not have it." in text_of(refused)
