"""What the demo puts into a database."""

import pytest
import sqlalchemy as sa

from backoffice.cli.demo import MOST_ITEMS, MOST_USERS, load
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, User
from examples.demo.catalogue import CAPACITY, CATEGORIES, catalogue
from examples.demo.people import PEOPLE


def test_what_is_stored_is_what_the_catalogue_says(database: Database) -> None:
    load(database, items=400, users=0)
    with unit_of_work(database) as session:
        stored = {
            (
                item.category.name,
                item.name,
                item.description,
                int(item.price * 100),
                item.quantity,
                item.version,
            )
            for item in session.scalars(sa.select(Item).options(sa.orm.joinedload(Item.category)))
        }
    assert stored == {
        (CATEGORIES[place], row.name, row.description, row.cents, row.quantity, 1)
        for place, row in catalogue(400)
    }


def test_demo_users_cannot_sign_in_until_they_get_a_password(database: Database) -> None:
    load(database, items=0, users=3)
    with unit_of_work(database) as session:
        assert set(session.scalars(sa.select(User.password_hash))) == {"!"}
        assert not any(session.scalars(sa.select(User.is_superuser)))


def test_a_load_that_fails_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> int:
        raise RuntimeError("on the way")

    monkeypatch.setattr("examples.demo.records._users", fail)
    with pytest.raises(RuntimeError, match="on the way"):
        load(database, items=200)
    with unit_of_work(database) as session:
        for model in (Category, Item):
            assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_there_are_as_many_as_the_command_lets_one_ask_for() -> None:
    assert MOST_ITEMS <= CAPACITY
    assert MOST_USERS == PEOPLE
