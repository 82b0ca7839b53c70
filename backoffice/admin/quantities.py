"""Values that somebody typed to compare with: ``>10``, ``10..20``, ``14:30``."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, literal

from backoffice.columns import Kind
from backoffice.db.types import Money

_NUMBER = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)


class Unreadable(Exception):
    """A filter or a term means nothing; the text ends a sentence that begins with its name."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Values of a kind between ``low`` and ``high`` (None for no bound), which belong to it if so
    said. Numbers are ``Decimal``, whatever the kind's own values are."""

    kind: Kind
    low: Any
    high: Any
    includes_low: bool = True
    includes_high: bool = True

    def condition(self, column: Any, dialect: str) -> ColumnElement[bool]:
        """Whether ``column`` lies between them."""
        conditions: list[ColumnElement[bool]] = []
        if self.low is not None:
            low = self._literal(self.low, dialect)
            conditions.append(column >= low if self.includes_low else column > low)
        if self.high is not None:
            high = self._literal(self.high, dialect)
            conditions.append(column <= high if self.includes_high else column < high)
        return and_(*conditions)

    def _literal(self, value: Any, dialect: str) -> Any:
        """The value as a parameter; a number not of the column's own type, which may have no such
        value."""
        if not self.kind.is_number:
            return self.kind.bound(dialect, value)
        if value == value.to_integral_value() and self.kind.kept_as_number:
            return literal(int(value), Integer())
        return literal(value, Money(28, 9))


def read_bounds(kind: Kind, operator: str, text: str) -> Bounds:
    """What ``price`` + operator + text asks for.

    Raises:
        Unreadable: the text is no value of the kind and no range.
    """
    word, example = ("number", "10..20") if kind.is_number else (kind.name, "")
    if ".." in text:
        low_text, _, high_text = text.partition("..")
        low = read_value(kind, low_text) if low_text else None
        high = read_value(kind, high_text) if high_text else None
        if operator not in (":", "="):
            raise Unreadable(f"is compared with one {word}, or “:” and a range")
        if low is None and high is None:
            example = example or f"{kind.example}..{kind.example}"
            raise Unreadable(f"takes a {word} or a range, such as {example}")
        if low is not None and high is not None and low > high:
            raise Unreadable(f"cannot be from {low_text} to {high_text}: the first is the larger")
        return Bounds(kind, low, high)
    value = read_value(kind, text)
    return {
        ":": Bounds(kind, value, value),
        "=": Bounds(kind, value, value),
        ">": Bounds(kind, value, None, includes_low=False),
        ">=": Bounds(kind, value, None),
        "<": Bounds(kind, None, value, includes_high=False),
        "<=": Bounds(kind, None, value),
    }[operator]


def read_value(kind: Kind, text: str) -> Any:
    """A value as typed: a number as 12, -3, 0.5, another as its kind reads it; Unreadable if it is
    none."""
    if kind.is_number:
        return read_number(text)
    try:
        return kind.parse(kind.tidy(text))
    except ValueError:
        raise Unreadable(
            f"takes a {kind.name}, such as {kind.example}: “{text[:40]}” is none"
        ) from None


def read_number(text: str) -> Decimal:
    """A number as typed: 12, -3, 0.5; Unreadable if it is none."""
    if not _NUMBER.fullmatch(text.strip()):
        raise Unreadable(f"takes a number, such as 12.50: “{text[:40]}” is none")
    return Decimal(text.strip())
