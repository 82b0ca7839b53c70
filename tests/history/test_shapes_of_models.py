"""Models that inherit from one another, and columns of every sort, as the history keeps them."""

from collections.abc import Callable
from decimal import Decimal

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import RecordSession, delete_where, unit_of_work, update_where
from tests.history.comparison import compare
from tests.history.ledger import (
    changes_of,
    check_history,
    only_change,
    plan,
    take_back,
    write,
)
from tests.history.odd_models import (
    Animal,
    Ball,
    Bird,
    Blog,
    Counted,
    Dog,
    Fur,
    Odd,
    Slot,
    Toy,
    Wide,
)
from tests.history.odd_models import odd_live as live
from tests.history.test_references import undo_and_redo


def zoo(session: RecordSession) -> None:
    session.add(Blog(id=1, name="Blog"))
    session.flush()
    session.add(Animal(id=1, name="Some", blog_id=1))
    session.add(Dog(id=2, name="Rex", barks=3, blog_id=1))
    session.add(Bird(id=3, name="Tweety", wings=Decimal("1.50")))


def test_a_record_of_two_tables_is_one_change_under_the_name_of_the_first(odd: Database) -> None:
    number = write(odd, zoo)
    dog = next(change for change in changes_of(odd, number) if change.record_id == "2")
    assert (dog.model, dog.operation, dog.after) == (
        "odd_animals",
        "create",
        {"id": 2, "kind": "dog", "name": "Rex", "blog_id": 1, "barks": 3, "version": 1},
    )

    def edit(session: RecordSession) -> None:
        dog = session.get_one(Dog, 2)
        dog.name, dog.barks = "Rexy", 4

    change = only_change(odd, write(odd, edit))
    assert change.before == {"name": "Rex", "barks": 3, "version": 1}
    assert change.after == {"name": "Rexy", "barks": 4, "version": 2}
    only_second = only_change(odd, write(odd, lambda s: setattr(s.get_one(Dog, 2), "barks", 5)))
    assert only_second.after == {"barks": 5, "version": 3}
    check_history(odd)
    assert take_back(odd, number)
    check_history(odd)


def test_an_edit_of_both_tables_goes_back_in_both(odd: Database) -> None:
    def edit(session: RecordSession) -> None:
        dog, bird = session.get_one(Dog, 2), session.get_one(Bird, 3)
        dog.name, dog.barks, bird.wings = "Rexy", 4, Decimal("2.25")

    write(odd, zoo)
    undo_and_redo(odd, edit, 2)
    undo_and_redo(odd, lambda s: update_where(s, Dog, {"barks": 9, "name": "Nine"}), 1)
    undo_and_redo(odd, lambda s: update_where(s, Animal, {"blog_id": None}), 2)
    undo_and_redo(odd, lambda s: update_where(s, Bird, {"name": "X"}, Bird.wings > 1), 1)


def test_a_deleted_record_of_two_tables_comes_back_in_both(odd: Database) -> None:
    write(odd, zoo)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Animal, 2)), 1)
    undo_and_redo(odd, lambda session: delete_where(session, Animal), 3)
    undo_and_redo(odd, lambda session: delete_where(session, Bird, Bird.wings > 1), 1)
    undo_and_redo(odd, lambda session: delete_where(session, Dog), 1)
    undo_and_redo(odd, lambda session: delete_where(session, Blog), 3)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Blog, 1)), 3)


def test_what_plain_sql_wrote_to_the_second_table_is_found(odd: Database) -> None:
    write(odd, zoo)
    with odd.writer.begin() as connection:
        connection.execute(sa.update(Odd.metadata.tables["odd_dogs"]).values(barks=77))
    told = compare(odd).first_difference
    assert told.startswith("Animal #2 “Rex”: barks is 77, but the history says 3"), told


def test_models_of_one_table_keep_the_fields_of_their_own(odd: Database) -> None:
    def work(session: RecordSession) -> None:
        session.add(Toy(id=1, name="Doll"))
        session.add(Ball(id=2, name="Ball", fur=Fur.LONG))

    first, second = changes_of(odd, write(odd, work))
    assert first.after is not None
    assert second.after is not None
    assert (first.after["kind"], "fur" in first.after) == ("toy", False)
    assert (second.model, second.after["kind"], second.after["fur"]) == ("odd_toys", "ball", "LONG")
    undo_and_redo(odd, lambda session: setattr(session.get_one(Ball, 2), "fur", Fur.SHORT), 1)
    undo_and_redo(odd, lambda session: update_where(session, Ball, {"fur": None}), 1)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Toy, 2)), 1)
    undo_and_redo(odd, lambda session: delete_where(session, Toy), 2)
    undo_and_redo(odd, lambda session: delete_where(session, Ball), 1)


def test_a_model_without_a_counter_is_recorded_undone_and_compared(odd: Database) -> None:
    write(odd, lambda s: s.add(Counted(id=1, name="One", version="2.0", renamed="r")))

    def edit(session: RecordSession) -> None:
        record = session.get_one(Counted, 1)
        record.version, record.renamed = "2.1", None

    change = only_change(odd, write(odd, edit))
    assert change.before == {"version": "2.0", "renamed": "r", "changed": 0}
    assert change.after == {"version": "2.1", "renamed": None, "changed": 1}
    check_history(odd)
    undo_and_redo(odd, edit_of(price=Decimal("7.25")), 1)
    undo_and_redo(odd, lambda s: update_where(s, Counted, {"version": "3", "renamed": "x"}), 1)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Counted, 1)), 1)
    undo_and_redo(odd, lambda session: delete_where(session, Counted), 1)


def edit_of(**values: object) -> Callable[[RecordSession], None]:
    def edit(session: RecordSession) -> None:
        for name, value in values.items():
            setattr(session.get_one(Counted, 1), name, value)

    return edit


def test_what_is_written_and_is_no_change_is_not_recorded(odd: Database) -> None:
    write(odd, lambda s: s.add(Counted(id=1, name="One", version="2", price=Decimal("1.50"))))
    assert write(odd, edit_of(name="One")) == 0
    assert write(odd, edit_of(price=Decimal("1.500"))) == 0


def test_a_value_that_the_database_rounds_is_recorded_as_it_was_stored(odd: Database) -> None:
    write(odd, lambda s: s.add(Counted(id=1, name="One", version="2", price=Decimal("1.5"))))

    def edit_twice(session: RecordSession) -> None:
        record = session.get_one(Counted, 1)
        record.price = Decimal("2.126")
        session.flush()
        record.price = Decimal(3)

    first, second = changes_of(odd, write(odd, edit_twice))
    assert first.after is not None
    assert second.before is not None
    assert first.after["price"] == second.before["price"]
    check_history(odd)


def test_what_the_database_computes_is_not_kept(odd: Database) -> None:
    number = write(odd, lambda s: s.add(Counted(id=1, name="One", version="2")))
    after = only_change(odd, number).after
    assert after is not None
    assert (after["price"], "double" in after) == ("1.50", False)
    take_back(odd, take_back(odd, number))
    with unit_of_work(odd) as session:
        assert session.get_one(Counted, 1).double == 3


def test_a_key_that_the_database_alone_gives_comes_back(odd: Database) -> None:
    def work(session: RecordSession) -> None:
        session.add_all(Slot(name=f"S{room}", room=room, is_main=True) for room in (1, 2))
        session.add(Slot(name="Other", room=1, is_main=False))

    number = write(odd, work)
    undo_and_redo(odd, lambda session: session.delete(session.get_one(Slot, 1)), 1)
    undo_and_redo(odd, lambda session: delete_where(session, Slot, Slot.room == 1), 2)
    undo_and_redo(odd, lambda session: update_where(session, Slot, {"name": "N"}, Slot.id == 2), 1)
    take_back(odd, number)
    assert live(odd) == {}
    check_history(odd)


def test_an_index_of_some_rows_is_left_to_the_database(odd: Database) -> None:
    if odd.dialect not in ("sqlite", "postgresql"):
        pytest.skip("has no such index")
    write(odd, lambda session: session.add(Slot(name="One", room=1, is_main=True)))
    write(odd, lambda session: session.add(Slot(name="Two", room=2, is_main=True)))
    gone = write(odd, lambda session: delete_where(session, Slot, Slot.room == 1))
    write(odd, lambda session: session.add(Slot(name="Three", room=1, is_main=True)))
    before = live(odd)
    with pytest.raises(sa.exc.IntegrityError):
        take_back(odd, gone)
    assert live(odd) == before
    check_history(odd)


NAMES = ("50% off", "a.b", "it's", "next", "before", "after", "n89")


def test_a_field_may_have_any_name(odd_names: Database) -> None:
    values: dict[str, object] = dict.fromkeys(NAMES, 'it\'s 100% "new"') | {"n89": 7}
    others: dict[str, object] = dict.fromkeys(NAMES, "other") | {"n89": 8}

    def edit(session: RecordSession) -> None:
        record = session.get_one(Wide, 1)
        for name, value in values.items():
            setattr(record, name, value)

    write(odd_names, lambda session: session.add(Wide(id=1, name="Wide")))
    undo_and_redo(odd_names, edit, 1)
    undo_and_redo(odd_names, lambda session: update_where(session, Wide, values), 1)
    undo_and_redo(odd_names, lambda session: delete_where(session, Wide), 1)
    number = write(odd_names, edit)
    write(odd_names, lambda session: update_where(session, Wide, others))
    ((*conflicts,),) = (step.conflicts for step in plan(odd_names, number).steps)
    assert {conflict.field: conflict.before for conflict in conflicts} == dict.fromkeys(NAMES)
    assert {conflict.field: conflict.after for conflict in conflicts} == values
    assert {conflict.field: conflict.now for conflict in conflicts} == others
    take_back(
        odd_names, number, [conflict.token for conflict in conflicts if conflict.field != "a.b"]
    )
    left = live(odd_names)["odd wide", "1"]
    assert {name: left[name] for name in NAMES} == dict.fromkeys(NAMES) | {"a.b": "other"}
    check_history(odd_names)
