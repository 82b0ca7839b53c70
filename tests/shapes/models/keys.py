"""Keys of every kind."""

import enum
import uuid
from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backoffice.models.base import Audited
from tests.shapes.models.base import Shapes

if TYPE_CHECKING:
    from tests.shapes.models.relations import Reservation


class Country(Audited, Shapes):
    """A natural key, which may have any character that an address must write otherwise."""

    __tablename__ = "countries"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))


class Gadget(Audited, Shapes):
    """A UUID that nobody types."""

    __tablename__ = "gadgets"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(sa.String(80))


class Diary(Audited, Shapes):
    """A date."""

    __tablename__ = "diary"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))


class Tier(enum.Enum):
    """More than the tests make records of in one run, in whichever order they are run."""

    GOLD = "Gold"
    SILVER = "Silver"
    BRONZE = "Bronze"
    TIN = "Tin"
    LEAD = "Lead"
    CLAY = "Clay"
    STRAW = "Straw"
    AIR = "Air"
    DUST = "Dust"
    SALT = "Salt"
    SAND = "Sand"
    SNOW = "Snow"
    WOOD = "Wood"
    WOOL = "Wool"
    SILK = "Silk"
    CORK = "Cork"
    GLASS = "Glass"
    STONE = "Stone"
    PEARL = "Pearl"
    AMBER = "Amber"
    IRON = "Iron"
    STEEL = "Steel"
    BRASS = "Brass"
    PAPER = "Paper"


class Discount(Audited, Shapes):
    """An enumeration."""

    __tablename__ = "discounts"

    tier: Mapped[Tier] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))


class Star(Audited, Shapes):
    """A big number, from a catalogue of somebody else."""

    __tablename__ = "stars"
    __table_args__ = {"sqlite_autoincrement": False}

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(80))


class Event(Audited, Shapes):
    """A big number that the database gives."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True
    )
    name: Mapped[str] = mapped_column(sa.String(80))


class Seat(Audited, Shapes):
    """A number and a text."""

    __tablename__ = "seats"
    # SQLite numbers single keys alone.
    __table_args__ = {"sqlite_autoincrement": False}

    hall: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    row: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))

    reservations: Mapped[list["Reservation"]] = relationship(viewonly=True)


class Reading(Audited, Shapes):
    """Three columns: text, date and number."""

    __tablename__ = "readings"
    __table_args__ = {"sqlite_autoincrement": False}

    meter: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int | None]

    label_from = ("meter", "day", "turn")
