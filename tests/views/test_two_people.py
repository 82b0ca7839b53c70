"""Two people, one record: nothing is overwritten in silence."""

import html
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Change, Item
from tests.cast import FIRST_ITEM, Browser, add_items, add_user, signed_in, text_of
from tests.cast import hidden_fields as hidden

EDIT = "/admin/item/edit/1"


@pytest.fixture
def typed(database: Database) -> dict[str, str]:
    add_items(database, 1)
    return dict(FIRST_ITEM)


def item(database: Database) -> Item:
    with unit_of_work(database) as session:
        return session.get_one(Item, 1)


def test_fields_that_only_one_side_touched_merge_by_themselves(
    ada: Browser, ed: Browser, database: Database, typed: dict[str, str]
) -> None:
    mine = hidden(ada.get(EDIT))
    theirs = hidden(ed.get(EDIT))
    assert ed.post(EDIT, {**typed, **theirs, "price": "5.50"}).status_code == 303

    saved = ada.post(EDIT, {**typed, **mine, "description": "Mine"})

    assert saved.status_code == 303
    told = text_of(ada.get("/admin/"))
    assert "Ed Tester changed Price to “5.50” while you were editing." in told
    now = item(database)
    assert (str(now.price), now.description) == ("5.50", "Mine")


@pytest.mark.parametrize(("choice", "price"), [("theirs", "5.50"), ("mine", "7.00")])
def test_fields_that_both_touched_are_asked_about(
    ada: Browser,
    ed: Browser,
    database: Database,
    typed: dict[str, str],
    choice: str,
    price: str,
) -> None:
    mine = hidden(ada.get(EDIT))
    assert ed.post(EDIT, {**typed, **hidden(ed.get(EDIT)), "price": "5.50"}).status_code == 303

    asked = ada.post(EDIT, {**typed, **mine, "price": "7.00"})
    assert asked.status_code == 409
    assert "Ed Tester" in text_of(asked)
    undecided = ada.post(EDIT, {**typed, **hidden(asked), "price": "7.00"})
    assert undecided.status_code == 409
    saved = ada.post(EDIT, {**typed, **hidden(asked), "price": "7.00", "choice_price": choice})

    assert saved.status_code == 303
    assert str(item(database).price) == price


def test_a_form_without_what_it_was_opened_with_overwrites_nothing(
    ada: Browser, ed: Browser, database: Database, typed: dict[str, str]
) -> None:
    assert ed.post(EDIT, {**typed, **hidden(ed.get(EDIT)), "price": "5.50"}).status_code == 303
    ada.get(EDIT)

    assert ada.post(EDIT, {**typed, "version": "1", "price": "7.00"}).status_code == 409
    assert str(item(database).price) == "5.50"


def test_a_record_deleted_since_can_be_restored_with_the_typed_values(
    ada: Browser, max_: Browser, database: Database, typed: dict[str, str]
) -> None:
    mine = hidden(ada.get(EDIT))
    max_.get("/admin/item/delete?pks=1")
    assert max_.post("/admin/item/delete", {"pks": "1"}).status_code == 303

    gone = ada.post(EDIT, {**typed, **mine, "price": "7.00"})
    assert gone.status_code == 409
    assert "Max Tester deleted this item" in text_of(gone)
    back = ada.post(EDIT, {**typed, **hidden(gone), "price": "7.00", "save": "Restore and save"})

    assert back.status_code == 303
    now = item(database)
    assert str(now.price) == "7.00"
    assert now.version > 2


def test_a_form_opened_before_a_delete_and_a_restore_is_still_stale(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    mine = hidden(ada.get(EDIT))
    ada.post("/admin/item/delete", {"pks": "1"})
    with unit_of_work(database) as session:
        number = session.scalar(sa.select(sa.func.max(Change.changeset_id)))
    page = ada.get(f"/admin/changeset/undo/{number}")
    seen = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert seen
    assert (
        ada.post(f"/admin/changeset/undo/{number}", {"seen": html.unescape(seen[1])}).status_code
        == 303
    )
    assert int(mine["version"]) < item(database).version


def test_two_deltas_both_count_and_conflict_with_nothing(
    ada: Browser, ed: Browser, database: Database, typed: dict[str, str]
) -> None:
    mine, theirs = hidden(ada.get(EDIT)), hidden(ed.get(EDIT))

    assert ed.post(EDIT, {**typed, **theirs, "quantity": "+12"}).status_code == 303
    assert ada.post(EDIT, {**typed, **mine, "quantity": "+5", "price": "1.00"}).status_code == 303

    assert item(database).quantity == 17


def test_a_delta_never_goes_below_zero_and_a_new_item_takes_no_sign(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    form = hidden(ada.get(EDIT))
    below = ada.post(EDIT, {**typed, **form, "quantity": "-3"})
    assert below.status_code == 422
    assert "Only 0 left" in text_of(below)
    assert 'value="-3"' in below.text
    ada.get("/admin/item/create")
    new = ada.post("/admin/item/create", {**typed, "name": "New", "quantity": "+3"})
    assert new.status_code == 422
    assert "without a sign" in text_of(new)


@pytest.mark.databases("postgresql")
def test_of_many_racing_edits_none_is_lost_and_none_overwritten_in_silence(
    app: Starlette, database: Database, typed: dict[str, str]
) -> None:
    people = []
    for number in range(5):
        add_user(database, f"p{number}@example.com", superuser=True)
        people.append(signed_in(app, f"p{number}@example.com"))
    forms = [hidden(person.get(EDIT)) for person in people]

    def edit(attempt: int) -> tuple[int, str]:
        person = people[attempt % 5]
        name = f"{attempt + 1}.00"
        fields = {**typed, **forms[attempt % 5], "price": name}
        return person.post(EDIT, fields).status_code, name

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(edit, range(50)))

    saved = [name for status, name in answers if status == 303]
    assert {status for status, _name in answers} <= {303, 409}
    with unit_of_work(database) as session:
        changes = session.scalars(
            sa.select(Change).where(Change.model == "items", Change.operation == "update")
        ).all()
        recorded = [change.after["price"] for change in changes if change.after]
    assert sorted(saved) == sorted(recorded)
    assert len(saved) == 1  # the others' forms were all opened before it
