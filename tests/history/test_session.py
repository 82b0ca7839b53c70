"""What would bypass the history is refused with a sentence."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import (
    UNRECORDED,
    RecordSession,
    UnrecordedWrite,
    delete_where,
    load,
    unit_of_work,
    update_where,
)
from backoffice.models import Category, Change, Grant, Item, Role, User, user_roles
from tests.cast import add_user
from tests.history.ledger import category, changesets, check_history, item, shelf

ITEMS: Any = Item.__table__
CATEGORIES: Any = Category.__table__
BOLTS = {"name": "Nuts"}

PAST_THE_HISTORY: dict[str, Callable[[RecordSession], object]] = {
    "an UPDATE of a model": lambda s: s.execute(sa.update(Item).values(quantity=9)),
    "a DELETE of a model": lambda s: s.execute(sa.delete(Item)),
    "an INSERT of a model": lambda s: s.execute(sa.insert(Category).values(BOLTS)),
    "an INSERT that returns": lambda s: s.scalars(
        sa.insert(Category).values(BOLTS).returning(Category)
    ),
    "an UPDATE by primary keys": lambda s: s.execute(sa.update(Category), [{"id": 1, **BOLTS}]),
    "an UPDATE of a table": lambda s: s.execute(sa.update(ITEMS).values(quantity=9)),
    "a DELETE of a table": lambda s: s.execute(sa.delete(ITEMS)),
    "an INSERT into a table": lambda s: s.execute(sa.insert(CATEGORIES).values(BOLTS)),
    "a query's update": lambda s: s.query(Item).update({"quantity": 9}),
    "a query's delete": lambda s: s.query(Item).delete(),
    "bulk_save_objects": lambda s: s.bulk_save_objects([Category(name="Nuts")]),
    "bulk_insert_mappings": lambda s: s.bulk_insert_mappings(Category, [BOLTS]),
    "bulk_update_mappings": lambda s: s.bulk_update_mappings(Category, [{"id": 1, **BOLTS}]),
    "links made by hand": lambda s: s.execute(sa.insert(user_roles).values(user_id=1, role_id=1)),
    "owned records made by hand": lambda s: s.execute(
        sa.insert(Grant).values(role_id=1, identity="item", action="x")
    ),
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("way", PAST_THE_HISTORY)
def test_writing_past_the_history_is_refused(database: Database, way: str) -> None:
    shelf(database, items=1)
    before = changesets(database)
    with (
        pytest.raises(UnrecordedWrite, match=r"backoffice\.history\.update_where, delete_where"),
        unit_of_work(database, writes=True) as session,
    ):
        PAST_THE_HISTORY[way](session)
    assert changesets(database) == before
    check_history(database)


@pytest.mark.databases("sqlite")
def test_a_statement_that_says_why_it_is_no_edit_is_let_through(database: Database) -> None:
    user = add_user(database, "ada@example.com")
    before = changesets(database)
    with unit_of_work(database, writes=True) as session:
        session.execute(
            sa.update(User).where(User.id == user).values(password_hash="rehashed"),
            execution_options={UNRECORDED: "the same password, hashed again"},
        )
    with unit_of_work(database) as session:
        assert session.get_one(User, user).password_hash == "rehashed"
    assert changesets(database) == before


@pytest.mark.databases("sqlite")
def test_a_grant_is_written_through_its_role(database: Database) -> None:
    def on_its_own(session: RecordSession) -> None:
        session.add(Grant(role_id=1, identity="item", action="fly"))

    def renamed(session: RecordSession) -> None:
        session.scalars(sa.select(Grant).limit(1)).one().action = "fly"

    def deleted(session: RecordSession) -> None:
        session.delete(session.scalars(sa.select(Grant)).first())

    for way in (on_its_own, renamed, deleted):
        with (
            pytest.raises(UnrecordedWrite, match=r"change Role\.grants instead"),
            unit_of_work(database, writes=True) as session,
        ):
            way(session)
    with unit_of_work(database, writes=True) as session:
        role = session.get_one(Role, 1)
        session.add(Grant(role=role, identity="item", action="fly"))
        session.flush()
        change = session.scalars(
            sa.select(Change).where(Change.changeset_id == session.changeset)
        ).one()
        assert change.after is not None
        assert "item:fly" in change.after["grants"]
        session.delete(role)
        session.flush()


@pytest.mark.databases("sqlite")
def test_a_load_only_adds(database: Database) -> None:
    shelf(database, items=1)
    ways: list[Callable[[RecordSession], object]] = [
        lambda s: setattr(item(s, "Bolts 0"), "quantity", 9),
        lambda s: s.delete(item(s, "Bolts 0")),
        lambda s: update_where(s, Item, {"quantity": 9}),
        lambda s: delete_where(s, Item),
    ]
    for way in ways:
        with (
            pytest.raises(UnrecordedWrite, match="A load only adds records"),
            load(database) as session,
        ):
            way(session)
    check_history(database)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_reader_cannot_write_many_rows(database: Database) -> None:
    shelf(database, items=1)

    def delete_and_flush(session: RecordSession) -> None:
        session.delete(category(session, "Bolts"))
        session.flush()

    ways: list[Callable[[RecordSession], object]] = [
        lambda s: update_where(s, Item, {"quantity": 9}),
        lambda s: delete_where(s, Item),
        delete_and_flush,
    ]
    for way in ways:
        with pytest.raises(RuntimeError, match="only reads"), unit_of_work(database) as session:
            way(session)
    check_history(database)
