"""What a session writes, it records: who, what, and what stood there before."""

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import AuditContext, RecordSession, audit_context, unit_of_work
from backoffice.models import Category, Change, Changeset, Item, User
from tests.history.ledger import (
    category,
    changes_of,
    changesets,
    check_history,
    item,
    only_change,
    shelf,
    take_back,
    write,
)


def test_a_creation_keeps_the_whole_record(database: Database) -> None:
    shelf(database)
    change = only_change(database, 2 if changesets(database) == 2 else 1)
    assert (change.model, change.operation, change.label) == ("categories", "create", "Bolts")
    assert change.before is None
    assert change.after == {"id": int(change.record_id), "name": "Bolts", "version": 1}


def test_an_update_keeps_the_fields_that_changed_and_the_version(database: Database) -> None:
    shelf(database, items=1)

    def work(session: RecordSession) -> None:
        one = item(session, "Bolts 0")
        one.price, one.quantity, one.description = "2.50", 0, "Number 0"  # type: ignore[assignment]  # as typed

    change = only_change(database, write(database, work))
    assert change.before == {"price": "0.00", "version": 1}
    assert change.after == {"price": "2.50", "version": 2}
    check_history(database)


def test_a_deletion_keeps_the_whole_record_as_it_was_stored(database: Database) -> None:
    shelf(database, items=1)
    with unit_of_work(database, writes=True) as session:
        one = item(session, "Bolts 0")
        one.name, one.quantity = "Never written", 99
        session.delete(one)
        session.flush()
        number = session.changeset
    assert number is not None
    change = only_change(database, number)
    assert change.after is None
    assert change.before is not None
    assert change.before["name"] == "Bolts 0"
    assert change.before["price"] == "0.00"
    assert change.before["quantity"] == 0
    check_history(database)


def test_a_save_that_changes_nothing_makes_no_changeset(database: Database) -> None:
    shelf(database, items=1)
    before = changesets(database)
    with unit_of_work(database, writes=True) as session:
        one = item(session, "Bolts 0")
        one.name, one.price = one.name, "0.0"  # type: ignore[assignment]  # as typed
        one.quantity = 7
        one.quantity = 0
    assert changesets(database) == before
    check_history(database)


def test_a_field_assigned_without_being_loaded_is_recorded_with_what_it_held(
    database: Database,
) -> None:
    shelf(database, items=1)
    with unit_of_work(database, writes=True) as session:
        one = item(session, "Bolts 0")
        session.expire(one, ["description", "price"])
        one.description = "Another"
        one.price = "0.00"  # type: ignore[assignment]  # as typed
        session.flush()
        number = session.changeset
    assert number is not None
    assert only_change(database, number).before == {"description": "Number 0", "version": 1}
    check_history(database)


def test_a_value_given_as_sql_is_recorded_as_what_it_came_to(database: Database) -> None:
    shelf(database, items=1)
    with unit_of_work(database, writes=True) as session:
        one = item(session, "Bolts 0")
        # Past the validator, which takes values alone.
        sa.orm.attributes.flag_modified(one, "quantity")
        one.__dict__["quantity"] = Item.quantity + 12
        session.flush()
        number = session.changeset
    assert number is not None
    change = only_change(database, number)
    assert change.before is not None
    assert change.after is not None
    assert (change.before["quantity"], change.after["quantity"]) == (0, 12)
    check_history(database)


def test_giving_a_record_another_parent_records_the_key(database: Database) -> None:
    old, new = shelf(database, items=2), shelf(database, "Nuts")
    with unit_of_work(database, writes=True) as session:
        item(session, "Bolts 0").category = category(session, "Nuts")
        category(session, "Nuts").items.append(item(session, "Bolts 1"))
        session.flush()
        number = session.changeset
    assert number is not None
    for change in changes_of(database, number):
        assert change.before == {"category_id": old, "version": 1}
        assert change.after == {"category_id": new, "version": 2}
    assert len(changes_of(database, number)) == 2
    check_history(database)


def test_an_orphan_is_recorded_as_deleted(database: Database) -> None:
    shelf(database, items=2)
    with unit_of_work(database, writes=True) as session:
        bolts = category(session, "Bolts")
        bolts.items.remove(item(session, "Bolts 1"))
        session.flush()
        number = session.changeset
    assert number is not None
    change = only_change(database, number)
    assert (change.operation, change.label) == ("delete", "Bolts 1")
    check_history(database)
    take_back(database, number)
    check_history(database)


def test_several_flushes_are_one_changeset(database: Database) -> None:
    before = changesets(database)
    with unit_of_work(database, writes=True) as session:
        bolts = Category(name="Bolts")
        session.add(bolts)
        session.flush()
        bolts.name = "Screws"
        session.flush()
        session.delete(bolts)
    assert changesets(database) == before + 1
    check_history(database)


def test_a_changeset_says_who_when_from_where_and_why(database: Database) -> None:
    context = AuditContext("web", 7, "Ada Tester", "Because", "r-1", "192.0.2.7", 3)
    start = datetime.now(UTC)
    number = write(
        database,
        lambda session: session.add(Category(name="Bolts")),
        source=context.source,
        actor_id=context.actor_id,
        actor=context.actor,
        reason=context.reason,
        request_id=context.request_id,
        address=context.address,
        undoes_id=context.undoes_id,
    )
    with unit_of_work(database) as session:
        kept = session.get_one(Changeset, number)
        assert start <= kept.at <= datetime.now(UTC)
        assert context == AuditContext(
            kept.source,
            kept.actor_id,
            kept.actor,
            kept.reason,
            kept.request_id,
            kept.address,
            kept.undoes_id,
        )
        assert (kept.transaction is not None) == (database.dialect == "postgresql")


@pytest.mark.databases("sqlite")
def test_what_acts_around_a_unit_of_work_is_in_its_changeset(database: Database) -> None:
    with audit_context(AuditContext("cli", actor="nightly import" * 20, reason="x" * 5000)):
        number = write(database, lambda session: session.add(Category(name="Bolts")))
        with audit_context(AuditContext("import")):
            inner = write(database, lambda session: session.add(Category(name="Nuts")))
    after = write(database, lambda session: session.add(Category(name="Pins")))
    with unit_of_work(database) as session:
        kept = session.get_one(Changeset, number)
        assert kept.actor == ("nightly import" * 20)[:160]
        assert (kept.source, len(kept.reason)) == ("cli", 5000)
        assert session.get_one(Changeset, inner).source == "import"
        assert session.get_one(Changeset, after).source == "script"


def test_a_savepoint_that_is_rolled_back_leaves_no_history_of_it(database: Database) -> None:
    before = changesets(database)
    with unit_of_work(database, writes=True) as session:
        inner = session.begin_nested()
        session.add(Category(name="Never"))
        session.flush()
        inner.rollback()
        session.add(Category(name="Bolts"))
        session.flush()
        with session.begin_nested():
            session.add(Category(name="Nuts"))
        inner = session.begin_nested()
        category(session, "Nuts").name = "Never again"
        session.flush()
        inner.rollback()
    assert changesets(database) == before + 1
    assert check_history(database) == 2


def test_a_savepoint_within_a_savepoint_takes_the_changeset_along(database: Database) -> None:
    before = changesets(database)
    with unit_of_work(database, writes=True) as session:
        outer = session.begin_nested()
        with session.begin_nested():
            session.add(Category(name="Never"))
        outer.rollback()
        assert session.changeset is None
        with session.begin_nested():
            session.add(Category(name="Bolts"))
            session.flush()
            inner = session.begin_nested()
            session.add(Category(name="Never"))
            session.flush()
            inner.rollback()
        session.add(Category(name="Nuts"))
    assert changesets(database) == before + 1
    assert check_history(database) == 2


def test_a_flush_that_fails_in_a_savepoint_leaves_nothing(database: Database) -> None:
    shelf(database)
    before = changesets(database)

    def fail(session: RecordSession) -> None:
        with session.begin_nested():
            session.add(Category(name="Never"))
            session.flush()
            session.add(Category(name="Bolts"))
            session.flush()

    with unit_of_work(database, writes=True) as session:
        with pytest.raises(sa.exc.IntegrityError):
            fail(session)
        session.add(Category(name="Nuts"))
    assert changesets(database) == before + 1
    assert check_history(database) == 2


def test_a_unit_that_is_rolled_back_leaves_nothing(database: Database) -> None:
    before = changesets(database)

    def fail(session: RecordSession) -> None:
        session.add(Category(name="Never"))
        session.flush()
        raise KeyError

    with pytest.raises(KeyError):
        write(database, fail)
    assert changesets(database) == before
    check_history(database)


def test_what_the_database_fills_in_is_in_the_creation(database: Database) -> None:
    def work(session: RecordSession) -> None:
        session.add(User(first_name="Ada", last_name="L", email="ada@x.org"))

    change = only_change(database, write(database, work))
    assert change.after is not None
    assert set(change.after) == {
        "id",
        "first_name",
        "last_name",
        "email",
        "password_hash",
        "password_is_temporary",
        "is_active",
        "is_superuser",
        "created_at",
        "version",
        "roles",
    }
    assert datetime.fromisoformat(change.after["created_at"]).tzinfo == UTC
    assert change.after["is_active"] is True
    assert change.label == "Ada L"
    check_history(database)


def test_secrets_never_enter_the_history(database: Database) -> None:
    secret = "$argon2id$the-hash-of-a-password"

    def make(session: RecordSession) -> None:
        user = User(first_name="Ada", last_name="L", email="ada@x.org", password_hash=secret)
        session.add(user)

    write(database, make)
    with unit_of_work(database, writes=True) as session:
        user = session.scalars(sa.select(User)).one()
        user.password_hash = f"{secret}-2"
        session.flush()
        number = session.changeset
        user.first_name = "Eve"
        session.flush()
        session.delete(user)
    assert number is not None
    told = changes_of(database, number)[0]
    assert told.before == {"password_hash": "(not kept)", "version": 1}
    assert told.after == {"password_hash": "(not kept)", "version": 2}
    with unit_of_work(database) as session:
        for change in session.scalars(sa.select(Change)):
            assert "argon2" not in json.dumps([change.before, change.after, change.label])
    check_history(database)


@pytest.mark.databases("sqlite")
def test_long_names_are_cut_in_labels(database: Database) -> None:
    number = write(database, lambda session: session.add(Category(name="é" * 255)))
    assert only_change(database, number).label == "é" * 255


@pytest.mark.databases("sqlite", "postgresql")
def test_a_reader_cannot_write(database: Database) -> None:
    shelf(database)
    with unit_of_work(database) as session:
        category(session, "Bolts").name = "Screws"
        with pytest.raises(RuntimeError, match="only reads: open it with writes=True"):
            session.flush()
    assert check_history(database) == 1


def test_history_that_cannot_be_written_stops_the_change(database: Database) -> None:
    shelf(database, items=1)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE changes RENAME TO elsewhere")
    with pytest.raises(sa.exc.DBAPIError), unit_of_work(database, writes=True) as session:
        item(session, "Bolts 0").quantity = 9
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO changes")
    check_history(database)
