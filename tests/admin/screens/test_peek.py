"""A record beside its list: the facts of its page, and nothing more."""

import pytest

from backoffice.db import Database
from tests.cast import Browser, add_items, hidden_fields, statements, text_of

pytestmark = pytest.mark.databases("sqlite")


def test_a_peek_has_the_facts_of_the_details_page_and_no_shell(
    ed: Browser, database: Database
) -> None:
    add_items(database, 1)
    peek = ed.get("/admin/item/peek/1?next=/admin/item/list?search=item")
    assert "<html" not in peek.text
    for told in ("Item 0000", "Description of item 0", "Category", "ID"):
        assert told in text_of(peek)
    assert 'href="/admin/item/edit/1?next=%2Fadmin%2Fitem%2Flist%3Fsearch%3Ditem"' in peek.text


def test_a_peek_costs_no_more_than_the_details_page(ed: Browser, database: Database) -> None:
    add_items(database, 1)
    with statements(database) as of_details:
        ed.get("/admin/item/details/1")
    with statements(database) as of_peek:
        ed.get("/admin/item/peek/1")
    assert len(of_peek) <= len(of_details)


def test_a_peek_asks_the_permission_of_the_details_page(
    ed: Browser, vera: Browser, rolf: Browser, database: Database
) -> None:
    add_items(database, 1)
    peek = vera.get("/admin/item/peek/1")
    assert "/admin/item/edit/" not in peek.text, "she may only look"
    assert rolf.get("/admin/item/peek/1").status_code == 403
    assert ed.get("/admin/item/peek/9").status_code == 404
    assert ed.get("/admin/item/peek/x").status_code == 404
    assert ed.get("/admin/changeset/peek/1").status_code == 404


def test_the_notices_stay_for_the_page(ed: Browser, database: Database) -> None:
    add_items(database, 1)
    form = ed.get("/admin/item/edit/1")
    ed.post("/admin/item/edit/1", {**hidden_fields(form), "save": "Save"})
    ed.get("/admin/item/peek/1")
    assert "Item 0000" in text_of(ed.get("/admin/item/list"))


def test_the_row_that_was_just_saved_is_marked_once(ed: Browser, database: Database) -> None:
    add_items(database, 3)
    form = ed.get("/admin/item/edit/2")
    changed = {**hidden_fields(form), "name": "Item 0001b", "description": "d", "price": "1"}
    ed.post("/admin/item/edit/2", {**changed, "quantity": "1", "category": "1", "save": "Save"})
    first, second = ed.get("/admin/item/list").text, ed.get("/admin/item/list").text
    assert first.count('<tr class="saved">') == 1
    marked = first.partition('<tr class="saved">')[2].partition("</tr>")[0]
    assert "Item 0001b" in marked
    assert 'class="saved"' not in second


def test_a_list_offers_peeks_to_those_who_may_open_records(
    ed: Browser, ada: Browser, database: Database
) -> None:
    add_items(database, 1)
    assert 'data-peek="/admin/item/peek/"' in ed.get("/admin/item/list").text
    assert "data-peek=" not in ada.get("/admin/changeset/list").text
