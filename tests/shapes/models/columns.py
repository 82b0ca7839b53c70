"""Columns that are not quite what they seem."""

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, column_property, mapped_column

from backoffice.models.base import Audited
from tests.shapes.models.base import Named, PostgreSQLShapes, Shapes


class Parcel(Named, Shapes):
    """Values that the database gives where nobody does."""

    __tablename__ = "parcels"

    carrier: Mapped[str] = mapped_column(sa.String(40), server_default="post")
    weight: Mapped[int] = mapped_column(server_default=sa.text("10"))
    is_urgent: Mapped[bool] = mapped_column(server_default=sa.false())
    price: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), default=Decimal("4.50"))


class Box(Named, Shapes):
    """A column that the database computes, one that a SELECT does, and one that Python does."""

    __tablename__ = "boxes"

    width: Mapped[int]
    height: Mapped[int]
    area: Mapped[int] = mapped_column(sa.Computed("width * height", persisted=True))

    @hybrid_property
    def edge(self) -> int:
        return 2 * (self.width + self.height)


Box.sum = column_property(Box.__table__.c.width + Box.__table__.c.height)


class Counter(Audited, PostgreSQLShapes):
    """A key and a column that the database numbers always."""

    __tablename__ = "counters"

    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))


class Renamed(Audited, Shapes):
    """Attributes whose columns have other names."""

    __tablename__ = "renamed"

    key: Mapped[int] = mapped_column("id", primary_key=True)
    title: Mapped[str] = mapped_column("heading", sa.String(80))
    count: Mapped[int | None] = mapped_column("nr")

    label_from = ("title",)


class Bookmark(Named, Shapes):
    """Columns called as a list's address calls its own things."""

    __tablename__ = "bookmarks"

    next: Mapped[str | None] = mapped_column(sa.String(40))
    page: Mapped[int | None]
    saved: Mapped[bool] = mapped_column(default=False)
    sort: Mapped[int | None]
    search: Mapped[str | None] = mapped_column(sa.String(40))


class Software(Audited, Shapes):
    """A ``version`` of its own, which has nothing to do with ours."""

    __tablename__ = "software"
    versioned = False

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    version: Mapped[str] = mapped_column(sa.String(20))
