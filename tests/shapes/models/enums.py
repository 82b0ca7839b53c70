"""Columns that hold one of a list."""

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tests.shapes.models.base import Named, Shapes


class State(enum.Enum):
    """Stored by its names; people read its values."""

    NEW = "New"
    PAID = "Paid in full"
    LOST = "Lost & gone"


class Size(enum.StrEnum):
    SMALL = "small"
    LARGE = "large"


class Level(enum.Enum):
    """Values that are no texts."""

    LOW = 1
    HIGH = 2


def _values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


class Ticket(Named, Shapes):
    """Every way to write an enumeration."""

    __tablename__ = "tickets"

    state: Mapped[State]
    state_or_none: Mapped[State | None]
    size: Mapped[Size] = mapped_column(sa.Enum(Size, name="ticket_size"))
    level: Mapped[Level] = mapped_column(sa.Enum(Level, name="ticket_level"))
    word: Mapped[str] = mapped_column(sa.Enum("red", "green", "deep blue", name="ticket_word"))
    word_or_none: Mapped[str | None] = mapped_column(
        sa.Enum("red", "green", "deep blue", name="ticket_word")
    )
    by_value: Mapped[State] = mapped_column(
        sa.Enum(State, name="ticket_by_value", values_callable=_values)
    )
    as_text: Mapped[State] = mapped_column(sa.Enum(State, native_enum=False, length=30))
