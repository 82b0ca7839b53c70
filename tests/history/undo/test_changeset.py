"""Any changeset can be undone, field by field, and says beforehand what cannot."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import load, unit_of_work, update_where
from backoffice.history.queries import undone_by
from backoffice.history.undo.changeset import NotUndoable
from backoffice.models import Category, Item, User
from tests.history.ledger import (
    category,
    changes_of,
    changesets,
    check_history,
    delete_category,
    edit,
    item,
    live,
    only_change,
    plan,
    shelf,
    skipped_records,
    take_back,
    write,
)


def test_a_created_record_goes_an_updated_one_goes_back_a_deleted_one_returns(
    database: Database,
) -> None:
    shelf(database, items=1)
    before = live(database, versions=False)
    for work in (
        lambda s: s.add(Category(name="Nuts")),
        lambda s: setattr(item(s, "Bolts 0"), "description", "Another"),
        lambda s: s.delete(item(s, "Bolts 0")),
    ):
        number = write(database, work)
        assert plan(database, number).number == 1
        assert skipped_records(plan(database, number)) == []
        undone = take_back(database, number)
        assert live(database, versions=False) == before
        with unit_of_work(database) as session:
            assert undone_by(session, [number, undone]) == {number: undone}
    check_history(database)


def test_a_category_comes_back_with_all_its_items_ids_kept_and_versions_raised(
    database: Database,
) -> None:
    shelf(database, items=30)
    edit(database, "Bolts 7", quantity=700)
    before = live(database)
    number = delete_category(database, "Bolts")
    planned = plan(database, number)
    assert [(step.model, step.needs, step.number) for step in planned.steps] == [
        ("categories", "create", 1),
        ("items", "create", 30),
    ]
    take_back(database, number)
    after = live(database)
    assert before.keys() == after.keys()
    for key, values in before.items():
        if key[0] in ("categories", "items"):
            assert after[key] == values | {"version": values["version"] + 1}
    check_history(database)


def test_versions_rise_above_every_one_a_record_ever_had(database: Database) -> None:
    shelf(database, items=1)
    first = write(database, lambda session: session.delete(item(session, "Bolts 0")))
    take_back(database, first)
    edit(database, "Bolts 0", quantity=5)
    edit(database, "Bolts 0", quantity=6)
    write(database, lambda session: session.delete(item(session, "Bolts 0")))
    change = only_change(database, take_back(database, first))
    assert change.after is not None
    assert (change.after["quantity"], change.after["version"]) == (0, 5)
    check_history(database)


def test_undo_and_redo_go_on_for_ever(database: Database) -> None:
    shelf(database, items=3)
    with_items = live(database, versions=False)
    number = delete_category(database, "Bolts")
    without = live(database, versions=False)
    for turn in range(6):
        number = take_back(database, number)
        expected = with_items if turn % 2 == 0 else without
        assert live(database, versions=False) == expected
    check_history(database)


def test_fields_changed_again_since_are_conflicts_and_stay(database: Database) -> None:
    shelf(database, items=1)
    number = edit(database, "Bolts 0", description="New", quantity=5, price="1.00")
    edit(database, "Bolts 0", quantity=6, price="1.00")
    planned = plan(database, number)
    (step,) = planned.steps
    (conflict,) = step.conflicts
    assert (conflict.label, conflict.field) == ("Bolts 0", "quantity")
    assert (conflict.before, conflict.after, conflict.now) == (0, 5, 6)
    assert planned.number == 1
    change = only_change(database, take_back(database, number))
    assert change.before == {"description": "New", "price": "1.00", "version": 3}
    assert change.after == {"description": "Number 0", "price": "0.00", "version": 4}
    check_history(database)


def test_a_conflict_is_overwritten_where_the_operator_says_so(database: Database) -> None:
    shelf(database, items=2)
    with unit_of_work(database, writes=True) as session:
        for one in session.scalars(sa.select(Item)):
            one.quantity, one.price = 50, Decimal(5)
        session.flush()
        number = session.changeset
    assert number is not None
    for name in ("Bolts 0", "Bolts 1"):
        edit(database, name, quantity=60, price="6.00")
    planned = plan(database, number)
    assert (planned.number, planned.possible) == (0, True)
    tokens = {
        (conflict.label, conflict.field): conflict.token
        for step in planned.steps
        for conflict in step.conflicts
    }
    assert len(tokens) == 4
    change = only_change(database, take_back(database, number, [tokens["Bolts 1", "price"]]))
    assert (change.label, change.after) == ("Bolts 1", {"price": "1.00", "version": 4})
    again = take_back(database, number, None)
    assert [change.after for change in changes_of(database, again)] == [
        {"quantity": 0, "price": "0.00", "version": 4},
        {"quantity": 1, "version": 5},
    ]
    check_history(database)


def test_when_every_field_is_a_conflict_nothing_is_written(database: Database) -> None:
    shelf(database, items=1)
    number = edit(database, "Bolts 0", quantity=5)
    edit(database, "Bolts 0", quantity=6)
    before = changesets(database)
    assert plan(database, number).number == 0
    assert take_back(database, number) == 0
    assert changesets(database) == before


def test_a_field_that_is_as_it_was_already_needs_nothing(database: Database) -> None:
    shelf(database, items=1)
    number = edit(database, "Bolts 0", quantity=5)
    edit(database, "Bolts 0", quantity=0)
    planned = plan(database, number)
    why = "it is already as it was before"
    assert skipped_records(planned) == [("items", why, 1, ("Bolts 0",))]
    assert not planned.possible
    assert take_back(database, number) == 0


def test_an_updated_record_that_is_gone_stays_gone(database: Database) -> None:
    shelf(database, items=2)
    number = write(database, lambda session: update_where(session, Item, {"quantity": 77}))
    write(database, lambda session: session.delete(item(session, "Bolts 0")))
    planned = plan(database, number)
    assert planned.number == 1
    assert skipped_records(planned) == [("items", "it has been deleted since", 1, ("Bolts 0",))]
    assert only_change(database, take_back(database, number)).label == "Bolts 1"
    check_history(database)


def test_several_writes_of_one_record_go_back_one_by_one(database: Database) -> None:
    shelf(database, items=1)
    before = live(database, versions=False)
    with unit_of_work(database, writes=True) as session:
        one = item(session, "Bolts 0")
        one.quantity = 5
        session.flush()
        one.quantity, one.description = 6, "Another"
        session.flush()
        session.delete(one)
        session.flush()
        passing = Category(name="Never seen")
        session.add(passing)
        session.flush()
        session.delete(passing)
        session.flush()
        number = session.changeset
    assert number is not None
    planned = plan(database, number)
    assert (planned.number, skipped_records(planned)) == (3, [])
    take_back(database, number)
    assert live(database, versions=False) == before
    check_history(database)


@pytest.mark.every_database
def test_redoing_a_move_and_a_delete_deletes_the_category_as_well(database: Database) -> None:
    """The item is restored into the category and then moved: only its own removal makes way."""
    shelf(database, "Bolts", items=1)
    shelf(database, "Nuts", items=1)
    with unit_of_work(database, writes=True) as session:
        item(session, "Bolts 0").category = category(session, "Nuts")
        session.flush()
        session.delete(category(session, "Nuts"))
        session.flush()
        number = session.changeset
    assert number is not None
    after = live(database, versions=False)

    undone = take_back(database, number)
    planned = plan(database, undone)
    redone = take_back(database, undone)

    assert len(changes_of(database, redone)) == planned.number == 4
    assert live(database, versions=False) == after
    check_history(database)


def test_what_was_changed_since_keeps_all_that_the_act_did_to_it(database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        bolts = Category(name="Bolts")
        session.add(bolts)
        session.flush()
        bolts.name = "Screws"
        session.flush()
        number = session.changeset
    assert number is not None
    assert plan(database, number).number == 2
    write(database, lambda session: setattr(category(session, "Screws"), "name", "Pins"))
    planned = plan(database, number)
    assert planned.number == 0
    why = "a later step of the same change can't be undone"
    assert skipped_records(planned) == [("categories", why, 1, ())]
    (conflict,) = planned.steps[0].conflicts
    assert take_back(database, number) == 0
    take_back(database, number, [conflict.token])
    assert ("categories", conflict.record_id) not in live(database)
    check_history(database)


def test_an_earlier_write_stays_where_the_last_one_has_to(database: Database) -> None:
    shelf(database, items=1)
    with unit_of_work(database, writes=True) as session:
        changed = item(session, "Bolts 0")
        changed.quantity = 7
        session.flush()
        changed.name = "Pins"
        session.flush()
        number = session.changeset
    assert number is not None
    edit(database, "Pins", name="Nails")

    assert plan(database, number).number == 0
    assert take_back(database, number) == 0
    with unit_of_work(database) as session:
        assert item(session, "Nails").quantity == 7
    check_history(database)


def test_a_restored_user_has_no_usable_password(database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        user = User(first_name="Ada", last_name="L", email="ada@x.org", password_hash="$argon2id$x")
        session.add(user)
        session.flush()
        key = user.id
    changed = write(
        database,
        lambda session: setattr(session.get_one(User, key), "password_hash", "$argon2id$y"),
    )
    (step,) = plan(database, changed).steps
    assert (step.number, step.secrets, step.skipped) == (0, 1, ())
    assert take_back(database, changed) == 0
    number = write(database, lambda session: session.delete(session.get_one(User, key)))
    take_back(database, number)
    with unit_of_work(database) as session:
        assert session.get_one(User, key).password_hash == "!"
    check_history(database)


@pytest.mark.databases("sqlite")
def test_a_load_and_what_is_not_there_cannot_be_undone(database: Database) -> None:
    with load(database) as session:
        session.add(Category(name="Bolts"))
        session.flush()
        number = session.changeset_id()
    for changeset, sentence in (
        (number, "This added many records at once"),
        (10**6, "does not exist"),
    ):
        with pytest.raises(NotUndoable, match=sentence):
            plan(database, changeset)
        with pytest.raises(NotUndoable, match=sentence):
            take_back(database, changeset)


@pytest.mark.databases("sqlite")
def test_many_conflicts_are_cut_short(database: Database) -> None:
    shelf(database, items=210)
    number = write(database, lambda session: update_where(session, Item, {"quantity": 1000}))
    write(database, lambda session: update_where(session, Item, {"quantity": 2000}))
    (step,) = plan(database, number).steps
    assert (len(step.conflicts), step.more_conflicts, step.number) == (200, True, 0)
    assert len(changes_of(database, take_back(database, number, None))) == 210
    check_history(database)
