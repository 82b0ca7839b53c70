"""Numbers that somebody typed to compare with: ``>10``, ``10..20``, ``0``."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, literal

from backoffice.db.types import Money

_NUMBER = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)


class Unreadable(Exception):
    """A filter or a term means nothing; the text ends a sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Numbers between ``low`` and ``high`` (None for no bound), which belong to it if so said."""

    low: Decimal | None
    high: Decimal | None
    includes_low: bool = True
    includes_high: bool = True

    def condition(self, column: Any) -> ColumnElement[bool]:
        """Whether ``column`` lies between them."""
        conditions: list[ColumnElement[bool]] = []
        if self.low is not None:
            low = _literal(self.low, column)
            conditions.append(column >= low if self.includes_low else column > low)
        if self.high is not None:
            high = _literal(self.high, column)
            conditions.append(column <= high if self.includes_high else column < high)
        return and_(*conditions)


def read_bounds(operator: str, text: str) -> Bounds:
    """What ``price`` + operator + text asks for.

    Raises:
        Unreadable: the text is no number and no range.
    """
    if ".." in text:
        low_text, _, high_text = text.partition("..")
        low = read_number(low_text) if low_text else None
        high = read_number(high_text) if high_text else None
        if operator not in (":", "="):
            raise Unreadable("is compared with one number, or “:” and a range")
        if low is None and high is None:
            raise Unreadable("takes a number or a range, such as 10..20")
        if low is not None and high is not None and low > high:
            raise Unreadable(f"cannot be from {low_text} to {high_text}: the first is the larger")
        return Bounds(low, high)
    number = read_number(text)
    return {
        ":": Bounds(number, number),
        "=": Bounds(number, number),
        ">": Bounds(number, None, includes_low=False),
        ">=": Bounds(number, None),
        "<": Bounds(None, number, includes_high=False),
        "<=": Bounds(None, number),
    }[operator]


def read_number(text: str) -> Decimal:
    """A number as typed: 12, -3, 0.5; Unreadable if it is none."""
    if not _NUMBER.fullmatch(text.strip()):
        raise Unreadable(f"takes a number, such as 12.50: “{text[:40]}” is none")
    return Decimal(text.strip())


def _literal(number: Decimal, column: Any) -> Any:
    """The number as a parameter; not of the column's own type, which may have no such value."""
    if number == number.to_integral_value() and isinstance(column.type, Integer):
        return literal(int(number), Integer())
    return literal(number, Money(28, 9))
