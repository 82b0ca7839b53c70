"""Classes that inherit columns: from a table of their own, or all in one."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tests.shapes.models.base import Named, Shapes


class Vehicle(Named, Shapes):
    __tablename__ = "vehicles"

    kind: Mapped[str] = mapped_column(sa.String(20))
    wheels: Mapped[int]

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "vehicle"}


class Car(Vehicle):
    """Joined, one level down."""

    __tablename__ = "cars"

    id: Mapped[int] = mapped_column(
        sa.ForeignKey("vehicles.id", ondelete="CASCADE"), primary_key=True
    )
    doors: Mapped[int]

    __mapper_args__ = {"polymorphic_identity": "car"}


class Taxi(Car):
    """Joined, two levels down."""

    __tablename__ = "taxis"

    id: Mapped[int] = mapped_column(sa.ForeignKey("cars.id", ondelete="CASCADE"), primary_key=True)
    licence: Mapped[str] = mapped_column(sa.String(40))

    __mapper_args__ = {"polymorphic_identity": "taxi"}


class Lorry(Vehicle):
    """Joined, beside the first."""

    __tablename__ = "lorries"

    id: Mapped[int] = mapped_column(
        sa.ForeignKey("vehicles.id", ondelete="CASCADE"), primary_key=True
    )
    load: Mapped[int | None]

    __mapper_args__ = {"polymorphic_identity": "lorry"}


class Paper(Named, Shapes):
    """Single-table inheritance."""

    __tablename__ = "papers"

    kind: Mapped[str] = mapped_column(sa.String(20))

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "paper"}


class Letter(Paper):
    recipient: Mapped[str | None] = mapped_column(sa.String(40))

    __mapper_args__ = {"polymorphic_identity": "letter"}


class Bill(Paper):
    total: Mapped[int | None]

    __mapper_args__ = {"polymorphic_identity": "bill"}
