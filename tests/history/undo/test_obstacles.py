"""Obstacles to an undo: named beforehand, and left as they are."""

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import delete_where, unit_of_work, update_where
from backoffice.models import Category, Item
from tests.history.ledger import (
    category,
    changes_of,
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


def test_a_name_taken_since_prevents_one_restore_and_the_rest_comes_back(
    database: Database,
) -> None:
    shelf(database, items=3)
    number = write(database, lambda session: delete_where(session, Item))
    shelf(database, "Nuts")
    write(
        database,
        lambda session: session.add(
            Item(
                name="Bolts 1",
                description="A new one",
                price=1,
                quantity=1,
                category=category(session, "Nuts"),
            )
        ),
    )
    planned = plan(database, number)
    assert planned.number == 2
    assert skipped_records(planned) == [
        ("items", "another record has its name now", 1, ("Bolts 1",))
    ]
    back = take_back(database, number)
    assert [change.label for change in changes_of(database, back)] == ["Bolts 0", "Bolts 2"]
    check_history(database)


def test_a_name_that_differs_in_case_or_trailing_space_alone_is_another(
    database: Database,
) -> None:
    shelf(database, items=1)
    number = edit(database, "Bolts 0", name="bolts 0", description="number 0")
    change = only_change(database, number)
    assert change.before == {"name": "Bolts 0", "description": "Number 0", "version": 1}
    assert plan(database, number).number == 1
    take_back(database, number)
    number = write(
        database, lambda session: update_where(session, Item, {"description": "NUMBER 0 "})
    )
    assert only_change(database, number).after == {"description": "NUMBER 0 ", "version": 4}
    edit(database, "Bolts 0", description="NUMBER 0")
    assert [conflict.now for conflict in plan(database, number).steps[0].conflicts] == ["NUMBER 0"]
    check_history(database)


def test_a_name_taken_since_prevents_the_undo_of_a_rename(database: Database) -> None:
    shelf(database, items=2)
    number = edit(database, "Bolts 0", name="Renamed", quantity=9)
    edit(database, "Bolts 1", name="Bolts 0")
    planned = plan(database, number)
    assert planned.number == 1
    assert skipped_records(planned) == [
        ("items", "another record has its name now", 1, ("Renamed",))
    ]
    assert planned.steps[0].conflicts == ()
    change = only_change(database, take_back(database, number, None))
    assert change.after == {"quantity": 0, "version": 3}
    check_history(database)


def test_names_handed_on_within_one_act_go_back(database: Database) -> None:
    shelf(database, items=2)
    before = live(database, versions=False)
    with unit_of_work(database, writes=True) as session:
        one, two = item(session, "Bolts 0"), item(session, "Bolts 1")
        for record, name in ((one, "Away"), (two, "Bolts 0"), (one, "Bolts 1")):
            record.name = name
            session.flush()
        number = session.changeset
    assert number is not None
    planned = plan(database, number)
    assert (planned.number, skipped_records(planned)) == (3, [])
    take_back(database, number)
    assert live(database, versions=False) == before
    check_history(database)


def test_a_record_replaced_by_another_of_its_name_returns_for_it(database: Database) -> None:
    shelf(database, items=1)
    before = live(database, versions=False)
    with unit_of_work(database, writes=True) as session:
        session.delete(category(session, "Bolts"))
        session.flush()
        session.add(Category(name="Bolts"))
        session.flush()
        number = session.changeset
    assert number is not None
    planned = plan(database, number)
    assert (planned.number, skipped_records(planned)) == (3, [])
    take_back(database, number)
    assert live(database, versions=False) == before
    check_history(database)


def test_an_item_whose_category_is_gone_cannot_return(database: Database) -> None:
    shelf(database, items=2)
    number = write(database, lambda session: session.delete(item(session, "Bolts 0")))
    gone = delete_category(database, "Bolts")
    planned = plan(database, number)
    assert planned.number == 0
    assert skipped_records(planned) == [("items", "its category is gone", 1, ("Bolts 0",))]
    assert take_back(database, number) == 0
    take_back(database, gone)
    assert plan(database, number).number == 1
    take_back(database, number)
    check_history(database)


def test_items_wait_for_a_category_that_cannot_return_itself(database: Database) -> None:
    shelf(database, items=2)
    number = delete_category(database, "Bolts")
    shelf(database, "Bolts")
    planned = plan(database, number)
    assert planned.number == 0
    assert skipped_records(planned) == [
        ("categories", "another record has its name now", 1, ("Bolts",)),
        ("items", "its category is gone", 2, ("Bolts 0", "Bolts 1")),
    ]
    assert take_back(database, number) == 0
    check_history(database)


def test_a_move_out_of_a_category_that_is_gone_does_not_go_back(database: Database) -> None:
    shelf(database, items=1)
    nuts = shelf(database, "Nuts")
    number = edit(database, "Bolts 0", category_id=nuts, quantity=4)
    delete_category(database, "Bolts")
    planned = plan(database, number)
    assert planned.number == 1
    assert skipped_records(planned) == [("items", "its category is gone", 1, ("Bolts 0",))]
    change = only_change(database, take_back(database, number, None))
    assert change.after == {"quantity": 0, "version": 3}
    check_history(database)


def test_a_created_record_that_was_edited_since_stays_unless_all_is_overwritten(
    database: Database,
) -> None:
    number = write(database, lambda session: session.add(Category(name="Bolts")))
    write(database, lambda session: setattr(category(session, "Bolts"), "name", "Screws"))
    planned = plan(database, number)
    assert planned.number == 0
    assert skipped_records(planned) == [("categories", "it was changed since", 1, ("Bolts",))]
    assert take_back(database, number) == 0
    assert only_change(database, take_back(database, number, None)).operation == "delete"
    assert skipped_records(plan(database, number))[0][1] == "it has been deleted since"
    check_history(database)


def test_a_created_category_with_items_added_since_stays_with_them(database: Database) -> None:
    number = write(database, lambda session: session.add(Category(name="Bolts")))
    write(
        database,
        lambda session: session.add(
            Item(
                name="M4",
                description="Hex",
                price=1,
                quantity=1,
                category=category(session, "Bolts"),
            )
        ),
    )
    why = "it has items that were added since"
    assert skipped_records(plan(database, number)) == [("categories", why, 1, ("Bolts",))]
    for overwrite in ((), None):
        assert take_back(database, number, overwrite) == 0
    check_history(database)


def test_a_category_created_with_items_stays_if_one_of_them_was_edited(database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        bolts = Category(name="Bolts")
        bolts.items = [
            Item(name=f"Bolt {n}", description="x", price=1, quantity=1) for n in range(3)
        ]
        session.add(bolts)
        session.flush()
        number = session.changeset
    assert number is not None
    assert plan(database, number).number == 4
    edit(database, "Bolt 1", quantity=2)
    planned = plan(database, number)
    assert planned.number == 2
    assert skipped_records(planned) == [
        ("categories", "it has items that were added since", 1, ("Bolts",)),
        ("items", "it was changed since", 1, ("Bolt 1",)),
    ]
    assert len(changes_of(database, take_back(database, number))) == 2
    with unit_of_work(database) as session:
        assert [one.name for one in session.scalars(sa.select(Item))] == ["Bolt 1"]
    check_history(database)


def test_a_move_into_a_new_category_goes_back_and_the_category_goes(database: Database) -> None:
    shelf(database, items=2)
    before = live(database, versions=False)
    with unit_of_work(database, writes=True) as session:
        nuts = Category(name="Nuts")
        session.add(nuts)
        session.flush()
        update_where(session, Item, {"category_id": nuts.id})
        delete_where(session, Category, Category.name == "Bolts")
        number = session.changeset
    assert number is not None
    planned = plan(database, number)
    assert (planned.number, skipped_records(planned)) == (4, [])
    take_back(database, number)
    assert live(database, versions=False) == before
    check_history(database)
