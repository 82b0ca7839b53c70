"""Columns that hold numbers."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from backoffice.db.types import Money
from tests.shapes.models.base import Named, PostgreSQLShapes, ServerShapes, Shapes


class Tally(Named, Shapes):
    """Whole numbers of each size."""

    __tablename__ = "tallies"

    small: Mapped[int] = mapped_column(sa.SmallInteger)
    small_or_none: Mapped[int | None] = mapped_column(sa.SmallInteger)
    normal: Mapped[int]
    normal_or_none: Mapped[int | None]
    big: Mapped[int] = mapped_column(sa.BigInteger)
    big_or_none: Mapped[int | None] = mapped_column(sa.BigInteger)


class Amount(Named, Shapes):
    """Decimals of several scales, and one that Python has as a float."""

    __tablename__ = "amounts"

    price: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2))
    price_or_none: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 2))
    rate: Mapped[Decimal] = mapped_column(sa.Numeric(10, 6))
    whole: Mapped[Decimal] = mapped_column(sa.Numeric(8, 0))
    loose: Mapped[float] = mapped_column(sa.Numeric(10, 4, asdecimal=False))
    loose_or_none: Mapped[float | None] = mapped_column(sa.Numeric(10, 4, asdecimal=False))
    money: Mapped[Decimal] = mapped_column(Money(12, 2))


class Fortune(Named, ServerShapes):
    """More digits than SQLite keeps."""

    __tablename__ = "fortunes"

    sum: Mapped[Decimal] = mapped_column(sa.Numeric(38, 10))
    sum_or_none: Mapped[Decimal | None] = mapped_column(sa.Numeric(38, 10))


class Ratio(Named, PostgreSQLShapes):
    """A decimal without a scale, which PostgreSQL alone keeps as it is."""

    __tablename__ = "ratios"

    value: Mapped[Decimal] = mapped_column(sa.Numeric())
    value_or_none: Mapped[Decimal | None] = mapped_column(sa.Numeric())


class Measure(Named, Shapes):
    """Floating point, to the last bit."""

    __tablename__ = "measures"

    value: Mapped[float] = mapped_column(sa.Double())
    value_or_none: Mapped[float | None] = mapped_column(sa.Double())
    plain: Mapped[float] = mapped_column(sa.Float(53))


class Celsius(TypeDecorator[Decimal]):
    """A company's own type: hundredths of a degree as a whole number."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        return None if value is None else int(value * 100)

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value) / 100


class Oven(Named, Shapes):
    """A company's own type over a whole number."""

    __tablename__ = "ovens"

    heat: Mapped[Decimal] = mapped_column(Celsius())
    heat_or_none: Mapped[Decimal | None] = mapped_column(Celsius())


class Switch(Named, Shapes):
    """Yes and no, and not known."""

    __tablename__ = "switches"

    is_on: Mapped[bool]
    is_on_or_none: Mapped[bool | None]
