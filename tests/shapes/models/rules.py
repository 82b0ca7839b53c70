"""Records with rules: some of them are seen by some people only, some are locked."""

import enum
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tests.shapes.models.base import Named, Shapes


class Warehouse(Named, Shapes):
    """Seen by its keepers."""

    __tablename__ = "warehouses"

    stock: Mapped[list["Stock"]] = relationship(back_populates="warehouse", passive_deletes=True)


keepers = sa.Table(
    "keepers",
    Shapes.metadata,
    sa.Column("email", sa.String(100), primary_key=True),
    sa.Column("warehouse_id", sa.ForeignKey("warehouses.id"), primary_key=True),
    mysql_engine="InnoDB",
    mariadb_engine="InnoDB",
    info={"housekeeping": True},
)
"""Who keeps which warehouse: a table of the company's own, which no view shows."""


class Stock(Named, Shapes):
    """What is in a warehouse, seen by those who keep it."""

    __tablename__ = "stock"

    price: Mapped[Decimal] = mapped_column(sa.Numeric(10, 2))
    quantity: Mapped[int]
    warehouse_id: Mapped[int] = mapped_column(sa.ForeignKey("warehouses.id", ondelete="CASCADE"))

    warehouse: Mapped[Warehouse] = relationship(back_populates="stock")


class Progress(enum.Enum):
    """Where an order is."""

    OPEN = "Open"
    CLOSED = "Closed"


class Order(Named, Shapes):
    """Read-only for most people once it is closed."""

    __tablename__ = "orders"

    progress: Mapped[Progress]
    note: Mapped[str | None] = mapped_column(sa.String(200))

    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order", cascade="all, delete-orphan", passive_deletes=True
    )


class OrderLine(Named, Shapes):
    """Part of an order, out of one warehouse: its rule asks the order."""

    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id", ondelete="CASCADE"))
    warehouse_id: Mapped[int | None] = mapped_column(sa.ForeignKey("warehouses.id"))

    order: Mapped[Order] = relationship(back_populates="lines")
    warehouse: Mapped[Warehouse | None] = relationship()


class Pact(Named, Shapes):
    """Locked by a rule that only Python can ask."""

    __tablename__ = "pacts"

    text: Mapped[str | None] = mapped_column(sa.String(200))
