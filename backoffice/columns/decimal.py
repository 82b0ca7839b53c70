"""Decimal numbers: exact, with a fixed number of places if the column has one."""

from collections.abc import Callable
from datetime import UTC, tzinfo
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from backoffice.columns.kind import Kind
from backoffice.columns.numbers import plain_number
from backoffice.columns.registry import register
from backoffice.columns.sql import retyped
from backoffice.db.types import Money
from backoffice.language import _, ngettext, number
from backoffice.language.numbers import grouped, number_style

SQLITE_DIGITS = 15
"""Digits that SQLite, which stores decimals as binary fractions, returns unchanged."""

_EXACT = Context(200_000, ROUND_HALF_UP, MIN_EMIN, MAX_EMAX)
"""More digits than PostgreSQL has. Python's own context rounds to 28, even in ``number + 0``."""


class DecimalNumber(Kind):
    """Encoded as text at the column's scale, "19.90"; without trailing zeros if it has no scale."""

    name = "decimal"
    control = "money"
    print = "money"
    align = "right"
    facet = "range"
    is_number = True
    example = "12.50"

    def __init__(self, type_: Any) -> None:
        super().__init__(type_)
        plain: Any = type_.impl_instance if isinstance(type_, Money) else type_
        self.precision: int | None = plain.precision
        self.scale: int | None = plain.scale
        if self.precision is not None and self.scale is None:
            self.scale = 0
        self._last_place = Decimal(1).scaleb(-(self.scale or 0))
        if self.scale == 0:
            self.example = "12"
        self.as_decimal: bool = getattr(type_, "asdecimal", True)

    def problem(self, dialect: str) -> str:
        if self.scale is None and dialect != "postgresql":
            return "has no scale, and would be rounded: write Numeric(precision, scale)"
        if dialect == "sqlite" and (self.precision or 0) > SQLITE_DIGITS:
            return (
                f"has {self.precision} digits, but SQLite stores {SQLITE_DIGITS}: write "
                f"Numeric({SQLITE_DIGITS}, {self.scale}), or use PostgreSQL"
            )
        return ""

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return number_style().typed(f"{_decimal(value):f}")

    def parse(self, text: str, zone: tzinfo = UTC) -> Any:
        try:
            found = Decimal(plain_number(text))
        except InvalidOperation:
            raise ValueError(self._hint_for_number()) from None
        if self.scale is None and found.is_nan():
            return self._value(Decimal("NaN"))
        if not found.is_finite() or abs(found.adjusted()) > 1000:
            raise ValueError(self._hint_for_number())
        self._check(found)
        return self._value(found)

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return grouped(f"{_decimal(value):,f}")

    def formatter(self) -> Callable[[Any], str]:
        group = number_style().grouped
        return lambda value: group(f"{_decimal(value):,f}")

    def check(self, value: Any, dialect: str) -> None:
        found = _decimal(value)
        if found.is_finite():
            self._check(found)
        elif dialect != "postgresql" or not found.is_nan():  # psycopg2 makes NaN of infinity
            raise ValueError(self._hint_for_number())

    def _hint_for_number(self) -> str:
        example = number_style().typed(self.example)
        return _("Enter a number, such as {example}.", example=example)

    def _check(self, value: Decimal) -> None:
        if self.scale is None:
            return
        # Trailing zeros do not count: 12.500 is 12.50. Never round: that would change the value.
        if value != self._rounded(value):
            if not self.scale:
                raise ValueError(_("Enter a whole number."))
            raise ValueError(
                ngettext(
                    "Enter at most {count} decimal place.",
                    "Enter at most {count} decimal places.",
                    self.scale,
                )
            )
        limit = Decimal(10) ** ((self.precision or 1000) - self.scale)
        if value.copy_abs() >= limit:
            raise ValueError(_("Enter less than {limit}.", limit=number(int(limit))))

    def _value(self, number: Decimal) -> Any:
        return number if self.as_decimal else float(number)

    def encode(self, value: Any) -> str:
        number = _decimal(value)
        if not number.is_finite():
            return "NaN" if number.is_nan() else str(number)
        if self.scale is None:
            text = f"{_EXACT.plus(number):f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        return f"{self._rounded(number):f}"

    def _rounded(self, number: Decimal) -> Decimal:
        """Rounded like the databases do, and without the sign of a negative zero."""
        return _EXACT.plus(_EXACT.quantize(number, self._last_place))

    def decode(self, encoded: Any) -> Any:
        try:
            return self._value(Decimal(str(encoded)))
        except InvalidOperation:
            raise ValueError(f"{encoded!r} is not a number") from None

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        number = _decimal(value)
        if not number.is_finite():
            return number.is_nan()
        return self.scale is None or number == self._rounded(number)

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        first, second = _decimal(first), _decimal(second)
        return bool(first == second or (first.is_nan() and second.is_nan()))

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        if dialect != "sqlite":
            return first.is_not_distinct_from(second)
        # Two binary fractions may be one decimal. Mostly they are equal: compare them first.
        texts = (self.sql_encode(dialect, first), self.sql_encode(dialect, second))
        return sa.or_(first.is_not_distinct_from(second), texts[0].is_not_distinct_from(texts[1]))

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "sqlite":
            number = retyped(value, sa.Float) + 0.0  # no negative zero
            text = sa.func.printf(f"%.{self.scale}f", number)
            return sa.case((value.is_(None), sa.null()), else_=text)
        if self.scale is None:
            value = sa.func.trim_scale(value)
        return sa.cast(value, sa.String(1200 if self.scale is None else 80))

    def sql_sum(self, dialect: str, value: Any) -> Any:
        if dialect == "sqlite":  # where binary fractions would add up to 0.30000000000000004
            return sa.func.exact_sum(value, type_=sa.String)
        return sa.func.sum(value)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if self.scale is None:
            return sa.cast(text, sa.Numeric())
        return sa.cast(text, sa.Numeric(self.precision, self.scale))


def _decimal(value: Any) -> Decimal:
    """A number as a decimal; a float by its digits, not by its binary value."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


register(sa.Numeric, DecimalNumber)
register(Money, DecimalNumber)
