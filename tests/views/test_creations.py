"""Adding a record: what it costs, what is refused, and two people at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Change, Changeset, Item
from tests.cast import (
    Browser,
    add_items,
    add_user,
    count,
    signed_in,
    statements,
    text_of,
)
from tests.history.ledger import check_history

FORM = "/admin/item/create"
TAKEN = "An item with this name already exists. Choose another."
GONE = "This category no longer exists. Choose another."


@pytest.fixture
def typed(database: Database) -> dict[str, str]:
    """A form that can be saved."""
    add_items(database, 0, ["Bolts"])
    with unit_of_work(database) as session:
        key = session.scalars(sa.select(Category.id)).one()
    return {
        "name": "Clip",
        "description": "Steel",
        "price": "1.50",
        "quantity": "2",
        "category": str(key),
    }


@pytest.mark.every_database
def test_a_creation_asks_who_and_which_category_and_writes_the_record_with_its_history(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    ada.get(FORM)
    before = count(database, Changeset)

    with statements(database) as seen:
        made = ada.post(FORM, typed)

    assert made.status_code == 303, text_of(made)
    # Sign-in, category, item, changeset and change: the last two are one on PostgreSQL.
    assert len(seen) == (4 if database.dialect == "postgresql" else 5), seen
    assert count(database, Changeset) == before + 1
    check_history(database)


@pytest.mark.every_database
def test_what_is_wrong_with_a_new_record_is_told_all_at_once(
    ada: Browser, database: Database, typed: dict[str, str]
) -> None:
    ada.get(FORM)
    before = count(database, Changeset)

    refused = ada.post(FORM, {**typed, "name": " ", "price": "abc", "category": "9999"})

    assert refused.status_code == 422
    for told in ("This field is required.", "Enter a number", GONE):
        assert told in text_of(refused)
    assert (count(database, Item), count(database, Changeset)) == (0, before)


@pytest.mark.every_database
def test_of_two_creations_of_one_name_at_once_one_is_told_that_it_is_taken(
    app: Starlette, database: Database, typed: dict[str, str]
) -> None:
    people = []
    for number in range(2):
        add_user(database, f"p{number}@example.com", superuser=True)
        people.append(signed_in(app, f"p{number}@example.com"))
        people[-1].get(FORM)
    before, together = count(database, Changeset), Barrier(2)

    def add(turn: int, person: Browser) -> str:
        together.wait()
        answer = person.post(FORM, {**typed, "name": f"Clip {turn}"})
        return "" if answer.status_code == 303 else text_of(answer)

    for turn in range(5):
        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(add, [turn, turn], people))
        assert told.count("") == 1, told
        assert TAKEN in max(told)

    assert (count(database, Item), count(database, Changeset)) == (5, before + 5)
    with unit_of_work(database) as session:
        labels = session.scalars(sa.select(Change.label).where(Change.model == "items")).all()
    assert sorted(labels) == [f"Clip {turn}" for turn in range(5)]
    check_history(database)
