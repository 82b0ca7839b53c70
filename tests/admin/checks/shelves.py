"""Models and views in which one thing at a time is wrong."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Computed, ForeignKey, Identity, Numeric, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship

from backoffice.admin.view import RecordView
from backoffice.models import Audited

Start = Callable[..., list[str]]
"""What the fixture ``problems`` is: views in, sentences out."""


class Point(sa.types.UserDefinedType[Any]):
    """A type that nothing here knows."""

    cache_ok = True

    def get_col_spec(self, **options: Any) -> str:
        return "POINT"


class Shelves(DeclarativeBase):
    """The models of these tests, which no database ever sees."""


class Room(Audited, Shelves):
    __tablename__ = "rooms"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))


memberships = sa.Table(
    "memberships",
    Shelves.metadata,
    sa.Column("shelf_id", ForeignKey("shelves.id"), primary_key=True),
    sa.Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Tag(Audited, Shelves):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))


class Shelf(Audited, Shelves):
    """A record with one column of each shape that something here refuses."""

    __tablename__ = "shelves"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    width: Mapped[int] = mapped_column()
    price_from: Mapped[int | None] = mapped_column()
    price: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    place: Mapped[Any | None] = mapped_column(Point())
    area: Mapped[int | None] = mapped_column(sa.Integer, Computed("width * width"))
    number: Mapped[int | None] = mapped_column(sa.Integer, Identity())
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    above_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))

    room: Mapped[Room | None] = relationship()
    above: Mapped["Shelf | None"] = relationship(remote_side="Shelf.id", back_populates="below")
    below: Mapped[list["Shelf"]] = relationship(back_populates="above")
    tags: Mapped[list[Tag]] = relationship(secondary=memberships)
    seen_tags: Mapped[list[Tag]] = relationship(secondary=memberships, viewonly=True)

    @hybrid_property
    def double(self) -> int:
        return self.width * 2


Shelf.half = column_property(Shelf.width / 2)


class Lamp(Shelves):
    """A record without history."""

    __tablename__ = "lamps"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))


GOOD: dict[str, Any] = {
    "column_list": ["name"],
    "column_details_list": ["name"],
    "form_columns": ["name", "width"],
}
"""A view of shelves that starts."""


def view(model: type[Any], name: str = "", **options: Any) -> type[RecordView]:
    """A view class with these options."""
    name = name or f"{model.__name__}View"
    metaclass: Any = type(RecordView)
    made: type[RecordView] = metaclass(name, (RecordView,), options, model=model)
    return made


def shelf(**options: Any) -> list[type[RecordView]]:
    """A view of shelves with these options, besides views of what it leads to."""
    return [view(Shelf, **(GOOD | options)), ROOMS, TAGS]


PLAIN: dict[str, Any] = {"column_details_list": ["name"], "form_columns": ["name"]}
ROOMS, TAGS = view(Room, **PLAIN), view(Tag, **PLAIN)


def made(name: str, columns: dict[str, Any], **more: Any) -> type[Any]:
    """An audited model with these columns, on a base of its own."""

    class Own(DeclarativeBase):
        pass

    body = {"__tablename__": name.lower(), **columns, **more}
    return type(name, (Audited, Own), body)


def named(**columns: Any) -> dict[str, Any]:
    return {
        "id": mapped_column(sa.Integer, primary_key=True),
        "name": mapped_column(String(50), nullable=False),
        **columns,
    }


def nothing(*_arguments: Any) -> Any:
    return ()
