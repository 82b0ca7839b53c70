"""An action asks, then acts once on all of its records or on none."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice.db import Database
from backoffice.models import Item
from tests.admin.acting.steps import (
    act,
    address,
    buttons,
    changes_in,
    changesets,
    hidden,
    item_ids,
    keys_used,
    post,
    values,
    write,
)
from tests.cast import ORIGIN, Browser, forms_of, links_of, somebody, statements, text_of


def test_asking_changes_nothing_and_acting_changes_all_in_one_changeset(
    ada: Browser, database: Database, items: list[int]
) -> None:
    before = len(changesets(database))

    page = ada.get(address("mark", *items[:3]))
    assert page.status_code == 200
    assert "Mark 3 items?" in text_of(page)
    assert "Their descriptions become “Marked”." in text_of(page)
    assert buttons(page) == ["Mark 3 items"]
    assert len(changesets(database)) == before

    done = post(ada, page, "mark")
    assert done.status_code == 303
    assert done.headers["location"] == "/admin/item/list"
    assert values(database, Item.description)[:4] == [*["Marked"] * 3, "Description of item 3"]
    (made,) = changesets(database)[before:]
    assert (made.source, made.reason) == ("web", "Mark")
    assert len(changes_in(database, made.id)) == 3
    landed = ada.get("/admin/item/list")
    assert "3 marked." in text_of(landed)
    assert f"/admin/changeset/undo/{made.id}" in forms_of(landed)


def test_one_undo_takes_all_of_it_back(ada: Browser, database: Database, items: list[int]) -> None:
    act(ada, "mark", *items)
    (undo,) = [h for h in forms_of(ada.get("/admin/item/list")) if "/undo/" in h]
    page = ada.get(undo)
    seen = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert seen
    assert ada.post(undo, {"seen": seen[1]}).status_code == 303
    assert "Marked" not in values(database, Item.description)


def test_a_get_with_the_fields_of_the_post_only_asks(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("mark", items[0]))
    again = ada.get(address("mark", items[0], more=f"&do=act&once={hidden(page)['once']}"))
    assert buttons(again) == ["Mark"]
    assert "Marked" not in values(database, Item.description)


def test_one_record_is_named_and_the_person_returns_to_its_page(
    ada: Browser, database: Database, items: list[int]
) -> None:
    details = ada.get(f"/admin/item/details/{items[4]}")
    (href,) = [href for href in links_of(details) if "/action/mark?" in href]
    page = ada.get(href)
    assert "Mark “Item 0004”?" in text_of(page)
    assert buttons(page) == ["Mark"]
    done = post(ada, page, "mark")
    assert done.headers["location"] == f"/admin/item/details/{items[4]}"

    form = ada.get(f"/admin/item/edit/{items[4]}")
    (href,) = [href for href in links_of(form) if "/action/mark?" in href]
    done = post(ada, ada.get(href), "mark")
    assert done.headers["location"] == f"/admin/item/edit/{items[4]}"


def test_a_record_that_the_action_deleted_is_not_returned_to(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("remove", items[4], more="&from=details"))
    assert post(ada, page, "remove").headers["location"] == "/admin/item/list"
    assert items[4] not in item_ids(database)


def test_the_person_returns_to_the_list_as_they_left_it(ada: Browser, items: list[int]) -> None:
    back = "/admin/item/list?search=item"
    page = ada.get("/admin/item/action/mark", params={"pks": items[:2], "next": back})
    assert back in links_of(page)
    assert post(ada, page, "mark").headers["location"] == back


def test_the_ticks_of_a_list_are_sent_to_its_actions(ada: Browser, items: list[int]) -> None:
    page = ada.get("/admin/item/list")
    offered = re.findall(r'<button type="submit" class="btn" formaction="([^"]+)"', page.text)
    assert "/admin/item/action/mark" in offered
    assert "/admin/item/action/nothing-at-all" in offered
    assert "/admin/item/action/labels" not in offered  # add_in_list=False
    details = ada.get(f"/admin/item/details/{items[0]}")
    assert "/action/labels?" in details.text
    assert "/action/nothing-at-all?" not in details.text  # add_in_detail=False
    assert ada.get("/admin/item/action/mark", params={"pks": items[:2]}).status_code == 200


def test_people_who_may_act_but_not_delete_can_select_rows(
    app: Starlette, database: Database, items: list[int]
) -> None:
    eve = somebody(app, database, "item:list", "item:action:mark")
    page = eve.get("/admin/item/list")
    assert 'name="pks"' in page.text
    assert "Delete selected" not in page.text
    assert re.search(r'<form id="bulk"[^>]*action="/admin/item/action/mark"', page.text)
    nobody = somebody(app, database, "item:list", email="nora@example.com")
    assert 'name="pks"' not in nobody.get("/admin/item/list").text


def test_no_records_and_too_many_are_told_with_a_way_back(
    ada: Browser, database: Database, items: list[int]
) -> None:
    none = ada.get("/admin/item/action/mark")
    assert none.status_code == 400
    assert "No items selected. Select some in the list, then press “Mark”." in text_of(none)
    assert "/admin/item/list" in links_of(none)

    page = ada.get(address("nothing-at-all", *items[:3]))
    assert page.status_code == 400
    assert "takes at most 2 items at once. You selected 3." in text_of(page)
    assert buttons(page) == []
    fewer = ada.get(address("nothing-at-all", *items[:2]))
    assert "Do nothing: 2 items?" in text_of(fewer)
    assert buttons(fewer) == ["Do nothing: 2 items"]
    posted = ada.post("/admin/item/action/nothing-at-all", {"pks": "1,2,3", "do": "act"})
    assert posted.status_code == 400
    assert ada.get(address("nothing-at-all", *items[:2])).status_code == 200


def test_records_that_do_not_exist_are_counted_and_the_others_can_be_acted_on(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("mark", *items[:2], 99_999, "abc"))
    assert "2 of the selected items no longer exist." in text_of(page)
    assert buttons(page) == ["Mark 2 items"]

    page = ada.get(address("mark", *items[:3]))
    ada.post("/admin/item/delete", {"pks": str(items[0])})
    late = post(ada, page, "mark")
    assert late.status_code == 409
    assert "1 of the selected items no longer exists." in text_of(late)
    assert "Marked" not in values(database, Item.description)
    assert post(ada, late, "mark").status_code == 303
    assert values(database, Item.description)[:2] == ["Marked", "Marked"]

    gone = ada.get(address("mark", 99_999))
    assert gone.status_code == 404
    assert ada.get("/admin/item/action/marc?pks=1").status_code == 404
    assert ada.get("/admin/nothing/action/mark?pks=1").status_code == 404


def test_records_that_the_person_does_not_see_do_not_exist(
    ada: Browser, database: Database, items: list[int]
) -> None:
    write(database, items[0], name="Hidden one")
    page = ada.get(address("mark", *items[:2]))
    assert "1 of the selected items no longer exists." in text_of(page)
    assert "Hidden one" not in page.text
    posted = ada.post("/admin/item/action/mark", {**hidden(page), "do": "act", "pks": items[0]})
    assert posted.status_code == 404
    assert "Marked" not in values(database, Item.description)


def test_an_action_that_writes_nothing_has_no_changeset_and_offers_no_undo(
    ada: Browser, database: Database, items: list[int]
) -> None:
    before = len(changesets(database))
    assert act(ada, "nothing-at-all", items[0]).status_code == 303
    page = ada.get("/admin/item/list")
    assert "Nothing was to be done." in text_of(page)
    assert not [href for href in forms_of(page) if "/undo/" in href]
    assert len(changesets(database)) == before


def test_a_file_is_sent_whole_with_the_usual_headers(ada: Browser, items: list[int]) -> None:
    sent = act(ada, "labels", *items[:2])
    assert sent.status_code == 200
    assert sent.text == "Item 0000\nItem 0001"
    assert sent.headers["content-disposition"] == 'attachment; filename="labels.txt"'
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in sent.headers


def test_a_redirect_to_a_page_of_this_site_is_followed_with_a_get(
    ada: Browser, database: Database, items: list[int]
) -> None:
    done = act(ada, "move", *items)
    assert done.status_code == 303
    assert done.headers["location"] == "/admin/category/list"
    landed = ada.get("/admin/category/list")
    assert "“Move” is done." in text_of(landed)
    assert [href for href in forms_of(landed) if "/undo/" in href]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("silent", "ActedView.silent returned None: return a sentence"),
        ("away", "ActedView.away leads to 'https://elsewhere.example/admin/'"),
        ("inline", "ActedView.inline returned"),
        ("stream", "ActedView.stream returned"),
        ("burst", "the action burst"),
        ("back", "the unit of work was rolled back"),
    ],
)
def test_what_no_action_may_do_is_told_in_the_log_and_leaves_nothing(
    ada: Browser,
    database: Database,
    items: list[int],
    app: Starlette,
    name: str,
    told: str,
) -> None:
    before = len(changesets(database))
    response = act(ada, name, *items[:2])
    assert response.status_code == 500
    assert "Something went wrong" in text_of(response)

    # What the application raises, the server logs with its traceback.
    cookies = ada.client.cookies
    ada.client = TestClient(app, base_url=ORIGIN, follow_redirects=False, cookies=cookies)
    with pytest.raises((TypeError, RuntimeError), match=re.escape(told)):
        act(ada, name, *items[:2])
    assert values(database, Item.description)[0] == "Description of item 0"
    assert len(changesets(database)) == before
    assert keys_used(database) == 0


def test_asking_costs_the_same_for_any_number_of_records(
    ada: Browser, database: Database, items: list[int]
) -> None:
    counted = []
    for number in (1, 10):
        ada.get(address("restock", *items[:number]))
        with statements(database) as seen:
            page = ada.get(address("restock", *items[:number]))
        asked = len(seen)
        with statements(database) as seen:
            post(ada, page, "restock", "preview", level="50")
        counted.append((asked, len(seen)))
    assert counted[0] == counted[1]


def test_acting_costs_the_same_for_any_number_of_records_beside_what_it_writes(
    ada: Browser, database: Database, items: list[int]
) -> None:
    counted = []
    for number in (2, 10):
        page = ada.get(address("mark-all", *items[:number]))
        with statements(database) as seen:
            assert post(ada, page, "mark-all").status_code == 303
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_the_records_are_locked_in_the_order_of_their_keys(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("mark", *reversed(items)))
    with statements(database) as seen:
        post(ada, page, "mark")
    (read,) = [text for text in seen if re.search(r"SELECT .*FROM items .*ORDER BY items.id", text)]
    if database.dialect != "sqlite":
        assert read.endswith("FOR UPDATE")
