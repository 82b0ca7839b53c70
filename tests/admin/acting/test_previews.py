"""A preview shows what would change, and only that is done."""

import pytest
from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.models import Item
from tests.admin.acting.steps import (
    address,
    buttons,
    changesets,
    keys_used,
    post,
    values,
    write,
)
from tests.cast import Browser, somebody, statements, text_of


def test_the_preview_comes_first_and_names_each_change(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("restock", *items))
    assert buttons(page) == ["Preview"]
    assert "What will happen" not in text_of(page)
    before = len(changesets(database))

    shown = post(ada, page, "restock", "preview", level="8")
    assert shown.status_code == 200
    text = text_of(shown)
    assert "What will happen 2 stay as they are: they have 8 or more." in text
    assert "Item 0005 Quantity Before: 5 → After: 8" in text
    assert "Item 0008 Quantity" not in text
    assert buttons(shown) == ["Restock 10 items", "Preview again"]
    assert 'value="8"' in shown.text
    assert len(changesets(database)) == before
    assert values(database, Item.quantity) == list(range(10))

    done = post(ada, shown, "restock", level="8")
    assert done.status_code == 303
    assert values(database, Item.quantity) == [8] * 9 + [9]
    assert "8 items were restocked to 8." in text_of(ada.get("/admin/item/list"))


def test_what_is_wrong_in_the_form_is_told_instead_of_a_preview(
    ada: Browser, items: list[int]
) -> None:
    page = ada.get(address("restock", *items))
    wrong = post(ada, page, "restock", "preview", level="")
    assert wrong.status_code == 422
    assert "Enter the level." in text_of(wrong)
    assert buttons(wrong) == ["Preview"]
    assert post(ada, wrong, "restock", "preview", level="9").status_code == 200


def test_without_a_preview_it_does_not_act(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("restock", *items))
    early = post(ada, page, "restock", level="8")
    assert early.status_code == 409
    assert "What will happen" in text_of(early)
    assert values(database, Item.quantity) == list(range(10))
    assert post(ada, early, "restock", level="8").status_code == 303


def test_another_value_in_the_form_is_previewed_again(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("restock", *items))
    shown = post(ada, page, "restock", "preview", level="8")
    again = post(ada, shown, "restock", level="9")
    assert again.status_code == 409
    assert "Something changed after the preview." in text_of(again)
    assert "Before: 5 → After: 9" in text_of(again)
    assert values(database, Item.quantity) == list(range(10))
    assert keys_used(database) == 0
    assert post(ada, again, "restock", level="9").status_code == 303


@pytest.mark.parametrize("new", [{"quantity": 100}, {"description": "Another"}])
def test_records_that_somebody_changed_since_are_previewed_again(
    ada: Browser, database: Database, items: list[int], new: dict[str, object]
) -> None:
    page = ada.get(address("restock", *items))
    shown = post(ada, page, "restock", "preview", level="8")
    write(database, items[5], **new)
    again = post(ada, shown, "restock", level="8")
    assert again.status_code == 409
    assert "Something changed after the preview." in text_of(again)
    assert ("Item 0005 Quantity" in text_of(again)) is ("quantity" not in new)
    assert values(database, Item.quantity)[4] == 4
    assert post(ada, again, "restock", level="8").status_code == 303
    assert values(database, Item.quantity)[4] == 8


def test_a_record_that_somebody_else_changed_does_not_matter(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("restock", *items[:3]))
    shown = post(ada, page, "restock", "preview", level="8")
    write(database, items[5], quantity=100)
    assert post(ada, shown, "restock", level="8").status_code == 303


def test_without_a_form_the_page_opens_with_its_preview(
    ada: Browser, database: Database, items: list[int]
) -> None:
    page = ada.get(address("foresee", *items[1:3]))
    assert "The first has 1. and a trouble" in text_of(page)
    assert buttons(page) == ["Foresee 2 items"]
    write(database, items[1], quantity=50)
    again = post(ada, page, "foresee")
    assert again.status_code == 409
    assert "The first has 50." in text_of(again)
    assert post(ada, again, "foresee").status_code == 303
    assert values(database, Item.quantity)[1] == 99


def test_a_preview_cannot_write(ada: Browser, database: Database, items: list[int]) -> None:
    page = ada.get(address("meddle", items[0]))
    assert page.status_code == 500
    posted = ada.post("/admin/item/action/meddle", {"pks": str(items[0]), "do": "preview"})
    assert posted.status_code == 500
    assert values(database, Item.quantity)[0] == 0


def test_a_preview_leaves_nothing_of_what_it_set(
    ada: Browser,
    app: Starlette,
    database: Database,
    items: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sets(self: object, context: object, records: list[Item], form: object) -> list[object]:
        records[0].quantity = 77
        return []

    monkeypatch.setattr(type(app.state.site.find_view("item")), "foreseen", sets)
    posted = ada.post("/admin/item/action/foresee", {"pks": str(items[0]), "do": "preview"})
    assert posted.status_code == 200
    assert "Nothing will change." in text_of(posted)
    assert values(database, Item.quantity)[0] == 0


def test_fields_that_the_person_may_not_see_have_no_values_in_a_preview(
    app: Starlette, database: Database, items: list[int]
) -> None:
    tokens = ("item:list", "item:details", "item:action:refile")
    for more, seen in (((), False), (("category:list",), True)):
        email = f"eve{len(more)}@example.com"
        eve = somebody(app, database, *tokens, *more, email=email)
        page = eve.get(address("refile", *items[:2]))
        text = text_of(page)
        assert ("Category Before: Bolts → After: Screws" in text) is seen
        assert ("Category – not shown to you" in text) is not seen


def test_related_records_are_named_by_one_statement(
    ada: Browser, database: Database, items: list[int]
) -> None:
    counted = []
    for number in (1, 10):
        ada.get(address("refile", *items[:number]))
        with statements(database) as seen:
            page = ada.get(address("refile", *items[:number]))
        assert text_of(page).count("Before: Bolts → After: Screws") == number
        counted.append(len(seen))
    assert counted[0] == counted[1]
