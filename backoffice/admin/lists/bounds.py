"""Reading the values that a search or a filter compares with: ``>10``, ``10..20``, ``14:30``."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, literal

from backoffice.admin.lists.errors import InvalidCondition
from backoffice.admin.lists.search import shortened
from backoffice.columns import Kind
from backoffice.db.types import Money
from backoffice.language import _
from backoffice.language.numbers import PLAIN, number_style, plain_numbers

_NUMBER = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bound:
    """A value to compare with, in Python and as SQL."""

    value: Any
    sql: Any


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range from ``low`` to ``high``; None for an open end."""

    low: Bound | None
    high: Bound | None
    includes_low: bool = True
    includes_high: bool = True

    def condition(self, column: Any) -> ColumnElement[bool]:
        """The condition that ``column`` is in the range."""
        conditions: list[ColumnElement[bool]] = []
        if self.low is not None:
            low = self.low.sql
            conditions.append(column >= low if self.includes_low else column > low)
        if self.high is not None:
            high = self.high.sql
            conditions.append(column <= high if self.includes_high else column < high)
        return and_(*conditions)


def read_bounds(kind: Kind, dialect: str, operator: str, text: str) -> Bounds:
    """The range that a field's operator and text ask for: ``>`` and ``10``, ``:`` and ``10..20``.

    Raises:
        InvalidCondition: the text is neither a value of the kind nor a range.
    """
    if ".." in text:
        low_text, _dots, high_text = text.partition("..")
        low = read_value(kind, dialect, low_text) if low_text else None
        high = read_value(kind, dialect, high_text) if high_text else None
        if operator not in (":", "="):
            raise InvalidCondition(_("A range is written after “:”"))
        if low is None and high is None:
            raise InvalidCondition(_("A range needs a start or an end"))
        if low is not None and high is not None and low.value > high.value:
            raise InvalidCondition(
                _("{first} is larger than {last}", first=low_text, last=high_text)
            )
        return Bounds(low, high)
    value = read_value(kind, dialect, text)
    return {
        ":": Bounds(value, value),
        "=": Bounds(value, value),
        ">": Bounds(value, None, includes_low=False),
        ">=": Bounds(value, None),
        "<": Bounds(None, value, includes_high=False),
        "<=": Bounds(None, value),
    }[operator]


def read_value(kind: Kind, dialect: str, text: str) -> Bound:
    """A typed value. A number may be one that the column cannot store: it is compared anyway.

    Raises:
        InvalidCondition: the text is not a value of the kind.
    """
    try:
        with plain_numbers():
            value = kind.parse(kind.tidy(text))
        kind.check(value, dialect)
    except ValueError:
        if not kind.is_number:
            raise InvalidCondition(
                _(
                    "“{text}” is not a valid {kind}, such as {example}",
                    text=shortened(text),
                    kind=_(kind.name),
                    example=kind.example,
                )
            ) from None
        number = read_number(text)
        is_whole = number == number.to_integral_value() and abs(number) < 2**63
        if is_whole and kind.encoded_as_number:
            return Bound(number, literal(int(number), Integer()))
        return Bound(number, literal(number, Money(28, 9)))
    return Bound(value, kind.bound(dialect, value))


def typed_text(kind: Kind, plain: str) -> str:
    """A plain value, as addresses hold it, as the person would type it. What is no number is left
    as it is: it was typed so, and could not be read."""
    if not (kind.is_number and PLAIN.fullmatch(plain)):
        return plain
    return number_style().typed(plain)


def read_number(text: str) -> Decimal:
    """A typed number: 12, -3, 0.5.

    Raises:
        InvalidCondition: the text is not a number.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidCondition(_("“{text}” is not a number", text=shortened(text)))
    return Decimal(text.strip())
