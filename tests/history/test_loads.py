"""A load keeps which keys it made, and a replay of history begins from there."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.cli.demo import load as load_demo
from backoffice.db import Database
from backoffice.history import load, unit_of_work
from backoffice.history.audited import table_of
from backoffice.history.loaded_records import MAX_RANGES, LoadedRecords
from backoffice.history.loads import Load, loads_of, origin_of
from backoffice.history.ranges import contains_key
from backoffice.models import Category, Changeset, Item, User
from examples.demo.bulk import Row, insert_items
from tests.history.comparison import compare
from tests.history.ledger import category, check_history, item, shelf, take_back, write


def keys_of(database: Database) -> dict[str, Any] | None:
    """What the last changeset keeps of the keys that it loaded."""
    with unit_of_work(database) as session:
        newest = sa.select(Changeset.loaded_keys).order_by(Changeset.id.desc()).limit(1)
        return session.scalar(newest)


def rows(shelf_id: int, first: int, number: int, name: str = "Part") -> Iterator[Row]:
    return ((shelf_id, f"{name} {n}", "-", n, n) for n in range(first, first + number))


def ids(database: Database, name: str) -> set[int]:
    with unit_of_work(database) as session:
        return set(session.scalars(sa.select(Item.id).where(Item.name.like(f"{name} %"))))


def test_a_demo_load_keeps_the_keys_of_all_that_it_made(database: Database) -> None:
    load_demo(database, items=300, users=4)
    assert keys_of(database) == {"categories": [[1, 20]], "items": [[1, 300]], "users": [[1, 4]]}
    load_demo(database, items=450, users=4, add=True)
    # What was there already has used up no key.
    assert keys_of(database) == {"items": [[301, 450]]}


@pytest.mark.parametrize("skip", [False, True])
def test_items_that_others_insert_at_the_same_time_are_not_the_load_s(
    database: Database, skip: bool
) -> None:
    """Where two can write at once, another program inserts between the rows of the load."""
    shelf_id = shelf(database)
    shared = threading.Event()

    def interrupted() -> Iterator[Row]:
        for place, row in enumerate(rows(shelf_id, 0, 30_000)):
            if place in (100, 12_000, 20_000) and database.dialect != "sqlite":
                other(place)
            yield row

    def other(place: int) -> None:
        with database.writer.begin() as connection:
            for n in range(3):
                insert = sa.insert(table_of(sa.inspect(Item))).values(
                    name=f"Other {place + n}", description="-", price=1, quantity=1,
                    category_id=shelf_id,
                )  # fmt: skip
                connection.execute(insert)
        shared.set()

    with load(database) as session:
        made = insert_items(session, interrupted(), 40_000, skip_existing=skip)
        session.count_loaded("items", made.number, made.keys)
    assert made.number == 30_000
    kept = (keys_of(database) or {})["items"]
    told = {key for first, last in kept for key in range(first, last + 1)}
    assert told == ids(database, "Part")
    assert shared.is_set() == (database.dialect != "sqlite")
    assert compare(database).counts.unknown_records == 3 + len(ids(database, "Other"))


@pytest.mark.databases("postgresql", "mariadb")
def test_a_name_that_somebody_takes_during_a_load_is_skipped_and_not_claimed(
    database: Database,
) -> None:
    shelf_id = shelf(database)

    def interrupted() -> Iterator[Row]:
        for place, row in enumerate(rows(shelf_id, 0, 12_000)):
            if place == 11_000:
                with database.writer.begin() as connection:
                    insert = sa.insert(table_of(sa.inspect(Item))).values(
                        name="Part 11900", description="Mine", price=1, quantity=1,
                        category_id=shelf_id,
                    )  # fmt: skip
                    connection.execute(insert)
            yield row

    with load(database) as session:
        # On MariaDB the transaction sees what was there when it began.
        session.scalar(sa.select(sa.func.count()).select_from(Item))
        made = insert_items(session, interrupted(), 12_000, skip_existing=True)
        session.count_loaded("items", made.number, made.keys)
    assert made.number == 11_999
    with unit_of_work(database) as session:
        mine = item(session, "Part 11900")
        assert mine.description == "Mine"
        (kept,) = loads_of(session, "items")
        assert not kept.made(str(mine.id))
    assert compare(database).first_difference == ""


def test_fewer_rows_than_were_announced_claim_no_more_keys(database: Database) -> None:
    shelf_id = shelf(database)
    with load(database) as session:
        made = insert_items(session, rows(shelf_id, 0, 5), 100, skip_existing=False)
        session.count_loaded("items", made.number, made.keys)
        assert not insert_items(session, iter([]), 100, skip_existing=False).number
    told = {key for first, last in (keys_of(database) or {})["items"] for key in (first, last)}
    assert ids(database, "Part") == set(range(min(told), max(told) + 1))
    assert made.number == 5


def test_objects_of_a_load_note_their_own_keys_flushed_by_hand_or_not(database: Database) -> None:
    with load(database) as session:
        session.add(Category(name="A"))
        session.flush()
        session.add_all([Category(name="B"), User(first_name="U", last_name="U", email="u@x.org")])
    assert keys_of(database) == {"categories": [[1, 2]], "users": [[1, 1]]}


def test_what_a_savepoint_takes_away_was_not_loaded(database: Database) -> None:
    with load(database) as session:
        session.add(Category(name="Kept"))
        session.flush()
        with session.begin_nested() as savepoint:
            session.add(Category(name="Gone"))
            session.flush()
            savepoint.rollback()
        with session.begin_nested():
            session.add(User(first_name="U", last_name="U", email="u@example.com"))
    with unit_of_work(database) as session:
        newest = sa.select(Changeset.loaded).order_by(Changeset.id.desc()).limit(1)
        assert session.scalar(newest) == {"categories": 1, "users": 1}
    assert keys_of(database) == {"categories": [[1, 1]], "users": [[1, 1]]}
    assert compare(database).first_difference == ""


def test_a_load_that_says_no_keys_keeps_its_counts_alone(database: Database) -> None:
    with load(database) as session:
        session.add(Category(name="A"))
        session.flush()
        session.count_loaded("items", 5, [(1, 5)])
        session.count_loaded("items", 2)
        session.count_loaded("items", 1, [(9, 9)])
    assert keys_of(database) == {"categories": [[1, 1]]}
    with load(database) as session:
        session.count_loaded("items", 5)
    assert keys_of(database) is None


def test_keys_of_another_number_than_the_records_are_refused() -> None:
    with pytest.raises(ValueError, match="3 records of items were loaded, and"):
        LoadedRecords().add("items", 3, [(1, 2)])


def test_ranges_are_joined_and_too_many_leave_the_table_out() -> None:
    loaded = LoadedRecords()
    loaded.add("a", 3, [(5, 6), (1, 1)])
    loaded.add("a", 3, [(2, 4)])
    loaded.add("b", 2, [("y", "y"), ("x", "x")])
    assert loaded.keys() == {"a": [[1, 6]], "b": [["x", "x"], ["y", "y"]]}
    for key in range(2 * MAX_RANGES, 0, -2):
        loaded.add("c", 1, [(key, key)])
    assert len((loaded.keys() or {})["c"]) == MAX_RANGES
    for key in range(1, 2 * MAX_RANGES, 2):
        loaded.add("d", 1, [(key + 1, key + 1)])
        loaded.add("d", 1, [(key, key)])
    assert (loaded.keys() or {})["d"] == [[1, 2 * MAX_RANGES]]
    loaded.add("c", 1, [(3 * MAX_RANGES, 3 * MAX_RANGES)])
    loaded.add("c", 1, [(1, 1)])
    assert "c" not in (loaded.keys() or {})
    assert loaded.numbers["c"] == MAX_RANGES + 2


@pytest.mark.parametrize(
    ("ranges", "within", "without"),
    [
        ([[1, 3], [5, 5]], ["1", "3", "5"], ["0", "4", "6", "-1", "x", "", "1.0", "²"]),
        ([[-4, -2]], ["-3"], ["3", "-5"]),
        ([["b", "b"], ["d", "d"]], ["b", "d"], ["a", "c", "e", "1"]),
        ([], [], ["1"]),
    ],
)
def test_a_key_lies_in_its_range_and_in_no_other(
    ranges: list[list[Any]], within: list[str], without: list[str]
) -> None:
    assert [key for key in within if not contains_key(ranges, key)] == []
    assert [key for key in without if contains_key(ranges, key)] == []


def test_a_replay_begins_with_a_load(database: Database) -> None:
    load_demo(database, items=50, users=0)

    def edit(session: Any) -> None:
        session.get_one(Item, 3).quantity = 77

    edited = write(database, edit)
    write(database, lambda session: session.delete(session.get_one(Item, 4)))
    check_history(database)
    write(database, lambda session: session.delete(session.get_one(Item, 3)))
    check_history(database)
    with unit_of_work(database) as session:
        last = session.scalar(sa.select(sa.func.max(Changeset.id))) or 0
    take_back(database, last)
    take_back(database, edited)
    check_history(database)
    assert compare(database).first_difference == ""


def test_where_a_record_came_from_is_found_among_many_loads(database: Database) -> None:
    shelf_id = shelf(database)
    with load(database) as session:
        session.count_loaded("items", 1)
    made = []
    for turn in range(3):
        with load(database) as session:
            one = insert_items(session, rows(shelf_id, turn * 10, 10), 10, skip_existing=False)
            session.count_loaded("items", one.number, one.keys)
            made.append((session.changeset_id(), one.keys))
    with unit_of_work(database) as session:
        for number, keys in made:
            for one_key in (keys or [])[0]:
                origin = origin_of(session, "items", str(one_key), before=None)
                assert isinstance(origin.load, Load)
                assert origin.load.changeset_id == number
        (_, first), (before, _), _ = made
        assert first
        key = str(first[0][0])
        assert origin_of(session, "items", key, before=before).load is not None
        assert origin_of(session, "items", key, before=made[0][0]).load is None
        unknown = origin_of(session, "items", "424242", before=None)
        assert (unknown.load, len(unknown.silent)) == (None, 1)
        assert origin_of(session, "users", "1", before=None).silent == ()
    with unit_of_work(database, writes=True) as session:
        session.delete(category(session, "Bolts"))
    check_history(database)
    assert compare(database).first_difference == ""
