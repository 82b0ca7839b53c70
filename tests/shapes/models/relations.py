"""Relations of every kind."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backoffice.models.base import Audited
from tests.shapes.models.base import Named, Shapes
from tests.shapes.models.keys import Country, Gadget, Seat


class Worker(Named, Shapes):
    """A tree that falls apart: a person whose boss is deleted has none."""

    __tablename__ = "workers"

    boss_id: Mapped[int | None] = mapped_column(sa.ForeignKey("workers.id", ondelete="SET NULL"))

    boss: Mapped["Worker | None"] = relationship(back_populates="team", remote_side="Worker.id")
    team: Mapped[list["Worker"]] = relationship(back_populates="boss", passive_deletes=True)


class Folder(Named, Shapes):
    """A tree that goes with its root."""

    __tablename__ = "folders"

    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("folders.id", ondelete="CASCADE"))

    parent: Mapped["Folder | None"] = relationship(
        back_populates="folders", remote_side="Folder.id"
    )
    folders: Mapped[list["Folder"]] = relationship(
        back_populates="parent", cascade="all, delete-orphan", passive_deletes=True
    )


class Account(Named, Shapes):
    __tablename__ = "accounts"

    paid: Mapped[list["Transfer"]] = relationship(
        back_populates="payer", foreign_keys="Transfer.payer_id"
    )


class Transfer(Named, Shapes):
    """Two foreign keys to one table, one of which may be missing."""

    __tablename__ = "transfers"

    payer_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    payee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))

    payer: Mapped[Account] = relationship(back_populates="paid", foreign_keys=[payer_id])
    payee: Mapped[Account | None] = relationship(foreign_keys=[payee_id])


class Person(Named, Shapes):
    """One to one, from the side without a foreign key; friends among themselves."""

    __tablename__ = "persons"

    passport: Mapped["Passport | None"] = relationship(
        back_populates="person", cascade="all, delete-orphan", passive_deletes=True
    )
    friends: Mapped[list["Person"]] = relationship(
        secondary="friendships",
        primaryjoin="Person.id == friendships.c.person_id",
        secondaryjoin="Person.id == friendships.c.friend_id",
    )


friendships = sa.Table(
    "friendships",
    Shapes.metadata,
    sa.Column("person_id", sa.ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("friend_id", sa.ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
)


class Passport(Named, Shapes):
    """One to one, from the side with the foreign key."""

    __tablename__ = "passports"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("persons.id", ondelete="CASCADE"), unique=True
    )

    person: Mapped[Person] = relationship(back_populates="passport")


class Song(Named, Shapes):
    """Many to many through a plain table, a field of this side."""

    __tablename__ = "songs"

    labels: Mapped[list["SongLabel"]] = relationship(
        secondary="song_labels", back_populates="songs"
    )


class SongLabel(Named, Shapes):
    """The other side of it."""

    __tablename__ = "labels"

    songs: Mapped[list[Song]] = relationship(secondary="song_labels", back_populates="labels")


song_labels = sa.Table(
    "song_labels",
    Shapes.metadata,
    sa.Column("song_id", sa.ForeignKey("songs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("label_id", sa.ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True),
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
)


class Student(Named, Shapes):
    __tablename__ = "students"

    enrolments: Mapped[list["Enrolment"]] = relationship(
        back_populates="student", cascade="all, delete-orphan", passive_deletes=True
    )


class Course(Named, Shapes):
    __tablename__ = "courses"

    enrolments: Mapped[list["Enrolment"]] = relationship(
        back_populates="course", cascade="all, delete-orphan", passive_deletes=True
    )


class Enrolment(Audited, Shapes):
    """An association object: a link with a value of its own, whose key is both foreign keys."""

    __tablename__ = "enrolments"
    __table_args__ = {"sqlite_autoincrement": False}

    student_id: Mapped[int] = mapped_column(
        sa.ForeignKey("students.id", ondelete="CASCADE"), primary_key=True
    )
    course_id: Mapped[int] = mapped_column(
        sa.ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True
    )
    mark: Mapped[int | None]

    label_from = ("student_id", "course_id")

    student: Mapped[Student] = relationship(back_populates="enrolments")
    course: Mapped[Course] = relationship(back_populates="enrolments")


class City(Named, Shapes):
    """A foreign key that is a text; it becomes empty when its country goes."""

    __tablename__ = "cities"

    country_code: Mapped[str | None] = mapped_column(
        sa.String(20), sa.ForeignKey("countries.code", ondelete="SET NULL")
    )

    country: Mapped[Country | None] = relationship(passive_deletes=True)


class Part(Named, Shapes):
    """A foreign key that is a UUID."""

    __tablename__ = "parts"

    gadget_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("gadgets.id", ondelete="CASCADE"))

    gadget: Mapped[Gadget] = relationship()


class Reservation(Named, Shapes):
    """A foreign key of two columns."""

    __tablename__ = "reservations"
    __table_args__ = (sa.ForeignKeyConstraint(["hall", "row"], ["seats.hall", "seats.row"]),)

    hall: Mapped[int | None]
    row: Mapped[str | None] = mapped_column(sa.String(10))

    seat: Mapped[Seat | None] = relationship()
