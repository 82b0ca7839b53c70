"""Many rows at once: recorded as they are, each once, and never loaded."""

import subprocess
import sys
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.config import CHECKOUT
from backoffice.db import Database
from backoffice.history import delete_where, unit_of_work, update_where
from backoffice.history.undo.changeset import undo
from backoffice.models import Category, Change, InvalidValue, Item, User
from tests.cast import add_user, statements
from tests.history.ledger import (
    category,
    changes_of,
    changesets,
    check_history,
    item,
    live,
    only_change,
    shelf,
    take_back,
    write,
)

pytestmark = pytest.mark.every_database  # each updates and deletes many rows in its own way


def told(database: Database, changeset: int) -> list[tuple[str, str, str]]:
    """(table, operation, label) of what a changeset did."""
    return [
        (change.model, change.operation, change.label) for change in changes_of(database, changeset)
    ]


def test_an_update_keeps_the_fields_it_sets_and_leaves_rows_that_hold_them(
    database: Database,
) -> None:
    shelf(database, items=3)
    number = write(
        database,
        lambda session: update_where(
            session, Item, {"quantity": 1, "price": Decimal("1.5")}, Item.name != "Bolts 2"
        ),
    )
    assert [change.before for change in changes_of(database, number)] == [
        {"price": "0.00", "quantity": 0, "version": 1},
        {"price": "1.00", "quantity": 1, "version": 1},
    ]
    after = {"price": "1.50", "quantity": 1, "version": 2}
    assert [change.after for change in changes_of(database, number)] == [after, after]
    again = write(
        database,
        lambda session: update_where(
            session, Item, {"quantity": 1, "price": Decimal("1.50")}, Item.name != "Bolts 2"
        ),
    )
    assert again == 0
    check_history(database)


def test_texts_that_a_database_may_take_for_one_are_two(database: Database) -> None:
    shelf(database, items=1)
    for text in ("Größe", "größe", "grosse", "grosse ", "", "\\'\"", "é", "e\u0301", "🔩", "null"):
        values = {"description": text}
        number = write(database, partial(update_where, model=Item, values=values))
        change = only_change(database, number)
        assert change.after is not None
        assert change.after["description"] == text
    check_history(database)


def test_a_delete_takes_along_what_is_below_and_records_each_once(database: Database) -> None:
    shelf(database, items=3)
    shelf(database, "Nuts", items=1)
    with statements(database) as seen:
        number = write(
            database, lambda session: delete_where(session, Category, Category.name == "Bolts")
        )
    assert told(database, number) == [
        ("categories", "delete", "Bolts"),
        *[("items", "delete", f"Bolts {n}") for n in range(3)],
    ]
    assert len(seen) < 15
    check_history(database)


def test_nothing_chosen_makes_no_changeset(database: Database) -> None:
    before = changesets(database)
    with unit_of_work(database, writes=True) as session:
        assert delete_where(session, Category, Category.name == "Bolts") == 0
        assert delete_where(session, User, User.email == "nobody@x.org") == 0
        assert update_where(session, Item, {"quantity": 1}) == 0
    assert changesets(database) == before


def test_a_category_is_deleted_with_items_loaded_changed_moved_and_never_seen(
    database: Database,
) -> None:
    shelf(database, items=8)
    nuts = shelf(database, "Nuts", items=3)
    with unit_of_work(database, writes=True) as session:
        bolts, other = category(session, "Bolts"), category(session, "Nuts")
        loaded = item(session, "Bolts 0")
        changed = item(session, "Bolts 1")
        changed.quantity = 1000
        moved = item(session, "Bolts 2")
        moved.category = other
        moved_by_key = item(session, "Bolts 3")
        moved_by_key.category_id = nuts
        session.delete(item(session, "Bolts 4"))
        arriving = item(session, "Nuts 0")
        arriving.category = bolts
        arriving_by_key = item(session, "Nuts 1")
        arriving_by_key.category_id = bolts.id
        new = Item(name="New", description="x", price=1, quantity=1, category_id=bolts.id)
        session.add(new)
        session.delete(bolts)
        session.flush()
        assert loaded.name == "Bolts 0"
        number = session.changeset
    assert number is not None
    deleted = {label for _, operation, label in told(database, number) if operation == "delete"}
    assert deleted == {
        "Bolts",
        *(f"Bolts {n}" for n in (0, 1, 4, 5, 6, 7)),
        "Nuts 0",
        "Nuts 1",
        "New",
    }
    once = [label for _, operation, label in told(database, number) if operation == "delete"]
    assert len(once) == len(deleted)
    assert not any(label == "Bolts 1" and op == "update" for _, op, label in told(database, number))
    with unit_of_work(database) as session:
        left = set(session.scalars(sa.select(Item.name)))
    assert left == {"Bolts 2", "Bolts 3", "Nuts 2"}
    check_history(database)
    before = live(database)
    take_back(database, number)
    check_history(database)
    assert before != live(database)
    with unit_of_work(database) as session:
        back = {one.name: one.category.name for one in session.scalars(sa.select(Item))}
        assert item(session, "Bolts 1").quantity == 1
    assert back == {
        **{f"Bolts {n}": "Bolts" for n in range(8)},
        **{f"Nuts {n}": "Nuts" for n in range(3)},
    }


def test_a_category_deleted_with_all_its_items_loaded_is_recorded_once(database: Database) -> None:
    shelf(database, items=3)
    with unit_of_work(database, writes=True) as session:
        bolts = category(session, "Bolts")
        for one in bolts.items:
            one.quantity += 1
        session.delete(bolts)
        session.flush()
        number = session.changeset
    assert number is not None
    assert sorted(told(database, number)) == [
        ("categories", "delete", "Bolts"),
        *[("items", "delete", f"Bolts {n}") for n in range(3)],
    ]
    check_history(database)


def test_deleting_again_what_came_back_in_the_same_unit_leaves_others_alone(
    database: Database,
) -> None:
    shelf(database, items=1)
    shelf(database, "Nuts", items=1)
    number = write(database, lambda s: delete_where(s, Category, Category.name == "Bolts"))
    with unit_of_work(database, writes=True) as session:
        undo(session, number)
        delete_where(session, Category, Category.name == "Nuts")
    with unit_of_work(database) as session:
        assert session.scalars(sa.select(Item.name)).all() == ["Bolts 0"]
    check_history(database)


@pytest.mark.databases("sqlite")
def test_the_last_superuser_cannot_be_demoted_with_many_others(database: Database) -> None:
    add_user(database, "ada@example.com", superuser=True)
    for field in ("is_superuser", "is_active"):
        with (
            pytest.raises(InvalidValue, match="last active superuser"),
            unit_of_work(database, writes=True) as session,
        ):
            update_where(session, User, {field: False})
    check_history(database)


def test_booleans_and_names_are_recorded_as_the_session_records_them(database: Database) -> None:
    add_user(database, "ada@example.com", superuser=True)
    ed = add_user(database, "ed@example.com")
    number = write(
        database, lambda session: update_where(session, User, {"is_active": False}, User.id == ed)
    )
    change = only_change(database, number)
    assert change.before is not None
    assert change.before["is_active"] is True
    assert change.after == {"is_active": False, "version": 2}
    assert change.label == "Ed Tester"
    take_back(database, number)
    check_history(database)
    with unit_of_work(database) as session:
        assert "argon2" not in str(
            [[change.before, change.after] for change in session.scalars(sa.select(Change))]
        )


def test_rows_whose_key_the_database_empties_are_recorded(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """In a process of its own, for a model once declared cannot be taken away again."""
    story = Path(__file__).with_name("story_of_shelves.py")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(story), database_url],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
