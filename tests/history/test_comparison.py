"""What was written by plain SQL is found, on each database, and nothing else is."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.cli.demo import load as load_demo
from backoffice.columns import kind_of
from backoffice.db import Database
from backoffice.db.types import MYSQL
from backoffice.history import RecordSession, load, unit_of_work, update_where
from backoffice.history.audited import audited_mappers, columns_of, key_of, table_of
from backoffice.history.comparison.records import Comparison
from backoffice.history.encoding import is_secret
from backoffice.models import Category, Grant, Item, Role, User
from tests.history.comparison import by_plain_sql, compare, difference
from tests.history.ledger import category, check_history, item, shelf, take_back, write
from tests.history.undo.test_changeset_property import act


def people(database: Database) -> None:
    """A role with grants, and a person who has it."""

    def work(session: Any) -> None:
        role = Role(name="Packer", grants=[Grant(identity="item", action="list")])
        session.add(User(first_name="Ada", last_name="L", email="ada@example.com", roles=[role]))

    write(database, work)


def test_records_written_by_the_product_alone_do_not_differ(database: Database) -> None:
    chance = random.Random(8)
    whats = ["add", "rename", "move", "count", "delete", "count all", "delete where"]
    done = []
    for _ in range(60):
        steps = [
            (
                chance.choice(whats),
                chance.choice([Category, Item]),
                chance.choice("ABCD"),
                chance.choice("ABCD"),
                chance.randrange(4),
            )
            for _ in range(chance.randint(1, 3))
        ]
        if number := act(database, steps):
            done.append(number)
        if done and chance.random() < 0.2:
            take_back(database, chance.choice(done))
    people(database)
    write(database, lambda session: setattr(session.get_one(User, 1), "roles", []))
    comparison = compare(database)
    assert comparison.first_difference == ""
    assert comparison.first_unrecorded == ""
    assert comparison.counts.unknown_records == 3  # the roles that a migration made
    assert comparison.counts.secrets == 2  # a password, and whether somebody else chose it
    check_history(database)


def test_hostile_values_do_not_differ(database: Database) -> None:
    texts = ["é" * 300, "a\u0301 🔩", "line\nline", '"\\', "null", "  two  ", "{}", "0.10"]

    def work(session: Any) -> None:
        for place, text in enumerate(texts):
            made = Item(
                name=f"I{place}", description=text, price="9999999999.99", quantity=2**31 - 1
            )
            shelf_.items.append(made)

    with unit_of_work(database, writes=True) as session:
        shelf_ = Category(name="Straße ẞ")
        session.add(shelf_)
        work(session)
        for microsecond in (0, 1, 120, 999_999):
            at = datetime(2026, 1, 2, 3, 4, 5, microsecond, tzinfo=UTC)
            email = f"m{microsecond}@example.com"
            session.add(User(first_name="M", last_name="M", email=email, created_at=at))
        session.add(User(first_name="Server", last_name="Default", email="s@example.com"))
    with unit_of_work(database, writes=True) as session:
        update_where(session, Item, {"price": 0}, Item.name == "I1")
        session.get_one(User, 1).is_active = False
    assert difference(database) == ""


OTHERS = {"text": "'changed'", "integer": "7", "decimal": "7.5", "boolean": "{column} = {false}"}


def test_each_field_changed_by_plain_sql_is_found(database: Database) -> None:
    """Of every model, every column that the history keeps."""
    shelf(database, "Bolts", items=1)
    shelf(database, "Nuts")
    people(database)
    false = "false" if database.dialect == "postgresql" else "0"
    moment = "2001-02-03 04:05:06.000007"
    with database.writer.connect() as connection:
        before = [
            connection.execute(sa.select(table_of(mapper))).all()
            for mapper in audited_mappers().values()
        ]
    assert difference(database) == ""
    found = 0
    for mapper in audited_mappers().values():
        table, (key,) = table_of(mapper), key_of(mapper).columns
        with database.writer.connect() as connection:
            record = connection.scalar(sa.select(sa.func.max(key)))
        for name, column in columns_of(mapper).items():
            if is_secret(column) or column is key:
                continue
            new = OTHERS.get(kind_of(column).name, f"'{moment}'").format(column=column, false=false)
            if column.foreign_keys:
                new = "2"
            with database.writer.begin() as connection:
                change = sa.update(table).where(key == record)
                connection.execute(change.values({column: sa.literal_column(new)}))
                told = difference_within(connection, database)
                connection.rollback()
            assert told.startswith(f"{mapper.class_.__name__} #{record} “"), told
            assert f": {name} is " in told, told
            assert told.endswith("It was changed by plain SQL."), told
            found += 1
    assert found == 2 + 6 + 2 + 7
    with database.writer.connect() as connection:
        after = [
            connection.execute(sa.select(table_of(mapper))).all()
            for mapper in audited_mappers().values()
        ]
    assert after == before


def difference_within(connection: sa.Connection, database: Database) -> str:
    """What is found within a transaction that is rolled back afterwards."""
    session = RecordSession(bind=connection, writes=False)
    session.begin()
    comparison = Comparison(session)
    for _ in comparison.steps():
        pass
    session.close()
    return comparison.first_difference


def test_the_sentence_says_what_is_and_what_was_known(database: Database) -> None:
    shelf(database, "Bolts", items=2)

    def reprice(session: Any) -> None:
        item(session, "Bolts 1").price = Decimal(10)

    number = write(database, reprice)
    by_plain_sql(database, "UPDATE items SET price = 12 WHERE name = 'Bolts 1'")
    assert difference(database) == (
        "Item #2 “Bolts 1”: price is 12.00, but the history says 10.00 "
        f"(changeset #{number}). It was changed by plain SQL."
    )


def test_links_changed_by_plain_sql_are_found(database: Database) -> None:
    people(database)
    by_plain_sql(database, "DELETE FROM user_roles")
    told = difference(database)
    assert told.startswith("User #1 “Ada L”: roles is none, but the history says 4 (")
    by_plain_sql(database, "INSERT INTO user_roles (user_id, role_id) VALUES (1, 4)")
    assert difference(database) == ""
    by_plain_sql(
        database,
        "INSERT INTO role_grants (role_id, identity, action) VALUES (4, 'user', 'edit')",
    )
    told = difference(database)
    assert told.startswith("Role #4 “Packer”: grants is item:list, user:edit, but the history")


def test_a_record_that_went_or_came_by_plain_sql_is_found(database: Database) -> None:
    shelf(database, "Bolts", items=3)
    write(database, lambda session: session.delete(item(session, "Bolts 0")))
    by_plain_sql(database, "DELETE FROM items WHERE name = 'Bolts 1'")
    told = difference(database)
    assert told.startswith("Item #2 “Bolts 1” is gone, but the history has it")
    assert told.endswith("It was deleted by plain SQL.")
    by_plain_sql(
        database,
        "INSERT INTO items (id, name, description, price, quantity, category_id) "
        "VALUES (1, 'Bolts 0', 'Back', 1, 1, 1)",
    )
    comparison = compare(database)
    assert comparison.differences == 2
    assert comparison.first_difference.startswith(
        "Item #1 “Bolts 0” exists, but the history says that it was deleted"
    )


def test_a_record_added_by_plain_sql_is_counted_as_a_stranger(database: Database) -> None:
    shelf(database, "Bolts", items=1)
    by_plain_sql(database, "INSERT INTO categories (name) VALUES ('Nuts')")
    comparison = compare(database)
    assert comparison.first_difference == ""
    assert comparison.counts.unknown_records == 3 + 1


def test_loaded_records_are_known_to_be_there_and_compared_as_far_as_they_changed(
    database: Database,
) -> None:
    load_demo(database, items=300, users=2)
    edited = write(
        database, lambda session: update_where(session, Item, {"quantity": 5}, Item.id <= 10)
    )
    write(database, lambda session: session.delete(session.get_one(Item, 20)))
    take_back(database, edited)
    check_history(database)
    comparison = compare(database)
    counts = comparison.counts
    assert comparison.first_difference == ""
    assert (counts.loaded_records, counts.unknown_records) == (20 + 300 + 2 - 11, 3)
    assert counts.records == 10
    assert counts.fields + counts.loaded_fields == 10 * 7

    by_plain_sql(database, "UPDATE items SET name = 'Other' WHERE id = 5")  # nobody can know
    assert difference(database) == ""
    by_plain_sql(database, "UPDATE items SET quantity = 4321 WHERE id = 5")
    assert "Item #5 “" in difference(database)
    assert "quantity is 4321, but the history says" in difference(database)
    take_back(database, edited)

    by_plain_sql(database, "DELETE FROM items WHERE id IN (200, 201)")
    comparison = compare(database)
    assert comparison.differences == 3
    by_plain_sql(database, "DELETE FROM items WHERE id = 5")
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="More"))
    assert "Item #5 “" in difference(database)


def test_a_loaded_record_that_plain_sql_deleted_is_named(database: Database) -> None:
    load_demo(database, items=1_200, users=0)
    write(database, lambda session: session.delete(session.get_one(Item, 2)))
    by_plain_sql(database, "DELETE FROM items WHERE id IN (1100, 1101)")
    comparison = compare(database)
    assert comparison.differences == 2
    assert comparison.first_difference == (
        "Item #1100 is gone, but changeset #2, a load, added it. It was deleted by plain SQL."
    )


def test_a_value_written_past_the_history_and_changed_since_is_told(database: Database) -> None:
    shelf(database, "Bolts", items=1)
    by_plain_sql(database, "UPDATE items SET quantity = 8")
    number = write(database, lambda session: setattr(item(session, "Bolts 0"), "quantity", 9))
    comparison = compare(database)
    assert comparison.first_difference == ""
    assert comparison.first_unrecorded == (
        f"Item #1 “Bolts 0”: quantity was 8 before changeset #{number}, but the history said 0 "
        f"(changeset #{number - 1})."
    )


def test_more_records_than_one_page_or_batch_holds_are_all_compared(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.history.comparison.records.CHANGES_PER_PAGE", 7)
    monkeypatch.setattr("backoffice.history.comparison.records.RECORDS_PER_BATCH", 3)
    monkeypatch.setattr("backoffice.history.encoding.FIELDS_AT_ONCE", 2)
    shelf(database, "Bolts", items=23)
    for quantity in range(40, 44):
        write(database, lambda session: update_where(session, Item, {"quantity": quantity}))  # noqa: B023 - called at once
    assert compare(database).counts.records == 24
    for name in ("Bolts 0", "Bolts 22", "Bolts 9"):
        by_plain_sql(database, f"UPDATE items SET quantity = 1 WHERE name = '{name}'")
    assert compare(database).differences == 3


@pytest.mark.databases("sqlite")
def test_what_sqlite_lets_plain_sql_put_into_a_column_is_told(database: Database) -> None:
    people(database)
    by_plain_sql(database, "UPDATE users SET created_at = 'yesterday'")
    assert "created_at is yesterdayZ" in difference(database)
    by_plain_sql(database, "UPDATE users SET email = x'ff00'")
    assert "(unreadable)" in difference(database)


def test_history_of_a_table_that_is_no_more_is_counted(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO changes (changeset_id, model, record_id, label, operation) "
                "VALUES (1, 'zones', '1', 'North', 'create')"
            )
        )
    comparison = compare(database)
    assert comparison.first_difference == ""
    assert comparison.counts.unknown_changes == 1
    assert "1 changes to tables or fields that no longer exist" in " ".join(comparison.report())


def test_records_whose_first_changes_were_pruned_are_compared_as_far_as_they_are_known(
    database: Database,
) -> None:
    shelf(database, "Bolts", items=2)
    number = write(database, lambda session: setattr(item(session, "Bolts 1"), "quantity", 9))
    with database.writer.begin() as connection:
        connection.execute(sa.text(f"INSERT INTO history_pruning VALUES ({number - 1})"))
        connection.execute(sa.text(f"DELETE FROM changes WHERE changeset_id < {number}"))
        connection.execute(sa.text(f"DELETE FROM changesets WHERE id < {number}"))
        connection.execute(sa.text("DELETE FROM history_pruning"))
    comparison = compare(database)
    assert comparison.first_difference == ""
    assert (comparison.counts.records, comparison.counts.fields) == (1, 2)
    assert (comparison.counts.early_fields, comparison.counts.unknown_records) == (5, 3 + 2)
    by_plain_sql(database, "UPDATE items SET quantity = 1 WHERE name = 'Bolts 1'")
    assert "quantity is 1, but the history says 9" in difference(database)


def test_a_load_that_reuses_a_deleted_record_s_key_starts_it_again(database: Database) -> None:
    shelf_id = shelf(database, "Bolts", items=1)
    write(database, lambda session: session.delete(item(session, "Bolts 0")))
    with load(database) as session:
        values = {"id": 1, "name": "New", "description": "-", "price": 1, "quantity": 1}
        row = {**values, "category_id": shelf_id}
        session.connection().execute(sa.insert(table_of(sa.inspect(Item))), [row])
        session.count_loaded("items", 1, [(1, 1)])
    assert difference(database) == ""
    write(database, lambda session: session.delete(category(session, "Bolts")))
    assert difference(database) == ""


def test_a_decimal_that_was_kept_with_fewer_places_is_the_same_number(database: Database) -> None:
    """A later release gave the column more places."""
    shelf(database, "Bolts", items=2)
    statement = (
        "INSERT INTO changes (changeset_id, model, record_id, label, operation, before, after) "
        "SELECT max(id), 'items', '2', 'Bolts 1', 'update', :before, :after FROM changesets"
    )
    if database.dialect in MYSQL:
        statement = statement.replace("before,", "`before`,", 1)
    values = {"before": '{"price": "1.000"}', "after": '{"price": "1.0"}'}
    if database.dialect == "postgresql":
        statement = statement.replace(
            ":before, :after", "cast(:before AS jsonb), cast(:after AS jsonb)"
        )
    by_plain_sql(database, statement, **values)
    comparison = compare(database)
    assert (comparison.first_difference, comparison.first_unrecorded) == ("", "")
    by_plain_sql(database, "UPDATE items SET price = 1.01 WHERE id = 2")
    assert "price is 1.01, but the history says 1.0 (" in difference(database)
