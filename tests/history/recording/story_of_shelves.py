"""A model whose key becomes NULL when its parent goes; run by itself, with a database's URL."""

import sys
from datetime import date
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backoffice.db import open_database
from backoffice.history import RecordSession, delete_where, load, unit_of_work
from backoffice.history.loads import loads_of
from backoffice.models import Audited, Base
from tests.databases import make_settings
from tests.history.comparison import by_plain_sql, compare
from tests.history.ledger import check_history, live, plan, take_back, write


class Height(Enum):
    LOW = "low"
    HIGH = "high"


class Room(Audited, Base):
    __tablename__ = "rooms"
    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True
    )
    name: Mapped[str] = mapped_column(sa.String(50))


class Shelf(Audited, Base):
    __tablename__ = "shelves"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    height: Mapped[Height] = mapped_column(
        sa.Enum(Height, values_callable=lambda heights: [one.value for one in heights])
    )
    built: Mapped[date | None]
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id", ondelete="SET NULL"))


class Box(Audited, Base):
    __tablename__ = "boxes"
    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    shelf_id: Mapped[int] = mapped_column(sa.ForeignKey("shelves.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rooms.id"))
    notes: Mapped[list["Note"]] = relationship(cascade="all, delete-orphan")


class Note(Audited, Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    box_code: Mapped[str] = mapped_column(sa.ForeignKey("boxes.code"))


def main(url: str) -> None:
    database = open_database(make_settings(url))
    Base.metadata.create_all(database.engine)
    with unit_of_work(database, writes=True) as session:
        rooms = [Room(id=2**31 + n, name=f"Room {n}") for n in range(2)]
        if database.dialect == "sqlite":
            rooms[0].id, rooms[1].id = 1, 2
        session.add_all(rooms)
        session.flush()
        for number in range(6):
            height = Height.HIGH if number % 2 else Height.LOW
            built = date(2026, 1, 1 + number) if number else None
            room = rooms[number % 2].id
            session.add(Shelf(name=f"S{number}", height=height, built=built, room_id=room))
        session.flush()
        session.add(Box(code="a:1", name="Box", shelf_id=1, notes=[Note(name="Mind the lid")]))
        session.flush()
        session.add(Box(code="b", name="Box", shelf_id=2))
    check_history(database)
    start = live(database, versions=False)

    with unit_of_work(database, writes=True) as session:
        dirty = session.get_one(Shelf, 1)
        dirty.name = "Dirty"
        kept = session.get_one(Shelf, 3)
        session.delete(session.get_one(Room, rooms[0].id))
        session.flush()
        assert kept.room_id is None
        assert (kept.version, dirty.version) == (2, 3)
        number = session.changeset or 0
    check_history(database)
    assert plan(database, number).number == 5
    take_back(database, number)
    check_history(database)
    assert live(database, versions=False) == start

    def by_condition(session: RecordSession) -> None:
        delete_where(session, Room, Room.name == "Room 1")

    number = write(database, by_condition)
    check_history(database)
    take_back(database, number)
    assert live(database, versions=False) == start

    # A related list without a way back moves a key that nobody assigned.
    with unit_of_work(database, writes=True) as session:
        box, other = session.get_one(Box, "a:1"), session.get_one(Box, "b")
        note = box.notes[0]
        other.notes.append(note)
        box.notes.remove(note)
    check_history(database)
    with unit_of_work(database, writes=True) as session:
        box = session.get_one(Box, "b")
        box.notes.clear()
        session.flush()
        number = session.changeset or 0
    check_history(database)
    take_back(database, number)
    check_history(database)

    # What is below a created record keeps it, whatever the database would do to it.
    number = write(database, lambda session: session.add(Room(id=9, name="New")))
    write(database, lambda session: setattr(session.get_one(Box, "a:1"), "room_id", 9))
    (step,) = plan(database, number).steps
    assert [skipped.reason for skipped in step.skipped] == ["it has boxes that were added since"]
    assert take_back(database, number) == 0

    number = write(database, lambda session: setattr(session.get_one(Box, "a:1"), "name", "X"))
    write(database, lambda session: setattr(session.get_one(Box, "a:1"), "name", "Y"))
    (conflict,) = plan(database, number).steps[0].conflicts
    take_back(database, number, [conflict.token])
    with unit_of_work(database) as session:
        assert session.get_one(Box, "a:1").name == "Box"
    check_history(database)

    # Whole numbers beyond 32 bits, text as a key, an enumeration and a day are compared as well.
    assert compare(database).first_difference == ""
    with load(database) as session:
        session.add(Box(code="c", name="Loaded", shelf_id=1))
        session.add(Box(code="a", name="Loaded", shelf_id=1))
    with unit_of_work(database) as session:
        (made,) = loads_of(session, "boxes")
    assert made.ranges == [["a", "a"], ["c", "c"]]
    comparison = compare(database)
    assert (comparison.first_difference, comparison.counts.loaded_records) == ("", 2)
    for statement, told in (  # the last table and record first, for the first one is told
        (
            "UPDATE shelves SET built = '2001-02-03' WHERE id = 2",
            "built is 2001-02-03, but the hist",
        ),
        ("UPDATE shelves SET height = 'high' WHERE id = 1", "height is “high”, but the history"),
        ("UPDATE rooms SET name = 'Other' WHERE id = 9", "Room #9 “New”: name is “Other”, but"),
        ("DELETE FROM boxes WHERE code = 'c'", "Box #c is gone, but changeset #"),
    ):
        by_plain_sql(database, statement)
        found = compare(database)
        assert told in found.first_difference, found.first_difference
    database.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
