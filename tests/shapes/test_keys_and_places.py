"""Keys that people type, and records that can only be read."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.history import AuditContext, audit_context, unit_of_work
from backoffice.models import InvalidValue
from tests.shapes.models.inheritance import Bill, Letter, Paper
from tests.shapes.models.keys import Country, Diary, Seat
from tests.shapes.models.places import HeavyRow, Legacy, PlainRow
from tests.shapes.models.relations import Passport, Person
from tests.shapes.place import Place
from tests.shapes.reader import rows_of
from tests.shapes.walking import Walk, said, see

READ_ONLY = [PlainRow, Legacy, HeavyRow]


def walk_of(shapes: Place, model: type[Any]) -> Walk:
    return Walk(shapes, shapes.view_of(model))


def test_a_key_is_typed_at_creation_and_is_text_afterwards(shapes: Place) -> None:
    seats = walk_of(shapes, Seat)
    form = shapes.ada.form(seats.href("create"))
    seats.fill(form, {"hall": 900, "row": "A/1", "name": "By the window"})
    shapes.ada.send(form)
    assert seats.stored((900, "A/1")) is not None

    again = shapes.ada.form(seats.href("edit", (900, "A/1")))
    assert not {"hall", "row"} & set(again.names)
    see("A/1", seats.shown("edit", (900, "A/1")))

    again.controls[-1].value = "By the door"
    shapes.ada.post(again.action, {**again.data, "row": "B"}, 422)
    assert seats.stored((900, "B")) is None


def test_a_key_that_exists_is_told_at_its_field(shapes: Place) -> None:
    diary = walk_of(shapes, Diary)
    day = date(2001, 2, 3)
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Diary(day=day, name="First"))
    form = shapes.ada.form(diary.href("create"))
    diary.fill(form, {"day": day, "name": "Second"})
    page = shapes.ada.send(form, 422)
    see("already exists", said(page))
    stored = diary.stored(day)
    assert stored is not None
    assert stored["name"] == "First"


def test_a_session_that_changes_a_key_is_refused_with_a_sentence(shapes: Place) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Country(code="AA", name="Before"))
    with pytest.raises(InvalidValue, match="keeps its key"):
        rename(shapes, "AA", "BB")
    assert walk_of(shapes, Country).stored("BB") is None


def rename(shapes: Place, code: str, other: str) -> None:
    """Give a country another key, as a program may try to."""
    with unit_of_work(shapes.database, writes=True) as session:
        country = session.get(Country, code)
        assert country is not None
        country.code = other


def test_a_key_used_again_shows_both_lives_and_the_first_cannot_come_back(shapes: Place) -> None:
    countries = walk_of(shapes, Country)
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Country(code="JUG", name="Kingdom"))
    countries.delete("JUG")
    deleted = countries.latest()
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Country(code="JUG", name="Republic"))

    told = countries.shown("history", "JUG")
    assert "Kingdom" in told
    assert "Republic" in told
    see("exists again", said(shapes.ada.get(f"/admin/changeset/undo/{deleted}")))
    stored = countries.stored("JUG")
    assert stored is not None
    assert stored["name"] == "Republic"


def test_a_key_used_again_is_told_to_be_made_by_its_last_maker(shapes: Place) -> None:
    for actor in ("The first", "The second"):
        with audit_context(AuditContext(source="cli", actor=actor)):
            with unit_of_work(shapes.database, writes=True) as session:
                session.add(Country(code="SU", name=actor))
            if actor == "The first":
                with unit_of_work(shapes.database, writes=True) as session:
                    session.delete(session.get_one(Country, "SU"))
    see("Added by The second", walk_of(shapes, Country).shown("details", "SU"))


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_what_has_no_history_can_be_read_and_not_written(shapes: Place, model: type[Any]) -> None:
    walk = walk_of(shapes, model)
    walk.fill_up()
    (key, *_) = walk.keys()
    page = shapes.ada.get(walk.href("list"))
    assert "/create" not in page.text.partition("<main")[2]
    assert walk.key.encode(key) in rows_of(page)
    see("Row", walk.shown("details", key))

    shapes.ada.get(walk.href("create"), 403)
    shapes.ada.get(walk.href("edit", key), 403)
    shapes.ada.get(walk.href("history", key), 403)
    shapes.ada.post(walk.href("delete"), {"pks": walk.key.encode(key)}, 403)
    assert walk.stored(key) is not None


def test_one_to_one_is_shown_from_both_sides(shapes: Place) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        person = Person(name="Iris", passport=Passport(name="P 4711"))
        session.add(person)
        session.flush()
        key, of_passport = person.id, sa.inspect(person.passport).identity
    assert of_passport is not None
    see("P 4711", walk_of(shapes, Person).shown("details", key))
    see("Iris", walk_of(shapes, Passport).shown("details", of_passport[0]))


def test_one_table_of_several_classes_shows_each_its_own(shapes: Place) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        letter, bill = Letter(name="To Rome", recipient="Livia"), Bill(name="For wine", total=7)
        session.add_all([letter, bill])
        session.flush()
        of_letter, of_bill = str(letter.id), str(bill.id)
    found = {
        model: set(rows_of(shapes.ada.get(walk_of(shapes, model).href("list", pageSize="200"))))
        for model in (Paper, Letter, Bill)
    }
    assert {of_letter, of_bill} <= found[Paper]
    assert of_letter in found[Letter]
    assert of_bill not in found[Letter]
    assert of_bill in found[Bill]
