"""Binary fractions: exact to the last bit, with NaN and infinities if the database has them."""

import math
import re
import struct
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from backoffice.columns.kind import Kind
from backoffice.columns.numbers import plain_number
from backoffice.columns.registry import register
from backoffice.db.types import MYSQL
from backoffice.language import N_, _
from backoffice.language.numbers import PLAIN, grouped, number_style

_FOUR_BYTES = re.compile(r"(FLOAT|REAL)(?:\((\d+)(?:, \d+)?\))?(?: UNSIGNED| ZEROFILL)*")
_NO_NAN = N_("Enter a number, such as {example}. This database has no NaN.")
_SINGLE_BITS = 24
"""Up to this precision a FLOAT takes four bytes, on PostgreSQL and MySQL."""


class Float(Kind):
    """Encoded as text with the shortest exact digits, "0.1": JSON has no NaN, and programs that
    read JSON may lose the last bit. Databases write "1e+300" differently, so ``same_encoded``
    compares. A negative zero is stored, and equals zero."""

    name = "float"
    control = "number"
    print = "number"
    align = "right"
    facet = "range"
    is_number = True
    has_one_encoding = False
    example = "0.125"

    def problem(self, dialect: str) -> str:
        if getattr(self.type, "asdecimal", False):
            return (
                "is a binary fraction that is read as a rounded decimal: write "
                "Numeric(precision, scale), or Double()"
            )
        if dialect in MYSQL and self._is_single(dialect):
            return "is a FLOAT of four bytes, which cannot be read back exactly: write Double()"
        return ""

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        text = _digits(repr(float(value)))
        # "1e+300", "inf" and "nan" are the same in every language.
        return number_style().typed(text) if PLAIN.fullmatch(text) else text

    def parse(self, text: str, zone: tzinfo = UTC) -> float:
        word = text.strip()
        plain = plain_number(word.replace("∞", "inf"))
        try:
            number = float(plain) if "_" not in word else None
        except ValueError:
            number = None
        if number is None or (math.isinf(number) and any(map(str.isdigit, word))):
            raise ValueError(_("Enter a number, such as {example}.", example=_example()))
        return number

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        number = float(value)
        if not math.isfinite(number):
            return str(number).replace("inf", "∞").replace("nan", "NaN")
        text = _digits(repr(number))
        return text if "e" in text else grouped(f"{Decimal(text):,f}")

    def check(self, value: Any, dialect: str) -> None:
        number = float(value)
        if dialect in MYSQL and not math.isfinite(number):
            raise ValueError(
                _(
                    "Enter a number, such as {example}. This database has no NaN and no infinity.",
                    example=_example(),
                )
            )
        if dialect == "sqlite" and math.isnan(number):
            raise ValueError(_(_NO_NAN, example=_example()))
        if math.isfinite(number) and self._is_single(dialect) and _single(number) is None:
            raise ValueError(_("Enter a number between -3.4e38 and 3.4e38."))

    def encode(self, value: Any) -> str:
        return repr(float(value))

    def decode(self, encoded: Any) -> Any:
        return float(encoded)

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        number = float(value)
        return (
            not self._is_single(dialect) or not math.isfinite(number) or _single(number) == number
        )

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        first, second = float(first), float(second)
        if self._is_single("postgresql"):
            first, second = (
                number if (nearest := _single(number)) is None else nearest
                for number in (first, second)
            )
        return first == second or (math.isnan(first) and math.isnan(second))

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "sqlite":
            return sa.func.float_text(value)
        return sa.cast(value, sa.CHAR if dialect in MYSQL else sa.Text)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "sqlite":
            return sa.func.text_float(text)
        if dialect in MYSQL:
            return sa.cast(text, mysql.DOUBLE())
        return sa.cast(text, sa.REAL if self._is_single(dialect) else sa.Double)

    def bound(self, dialect: str, value: Any) -> Any:
        if dialect == "postgresql" and self._is_single(dialect):
            # A parameter of eight bytes would not equal the same number in four.
            return sa.cast(sa.literal(value, self.type), sa.REAL)
        return super().bound(dialect, value)

    def _is_single(self, dialect: str) -> bool:
        found = _FOUR_BYTES.fullmatch(self.ddl(dialect)) if dialect != "sqlite" else None
        if found is None:
            return False
        name, precision = found.groups()
        if precision is not None:
            return name == "FLOAT" and int(precision) <= _SINGLE_BITS
        return (name == "FLOAT") == (dialect in MYSQL)


def _example() -> str:
    return number_style().typed("0.125")


def _single(number: float) -> float | None:
    """The nearest number of four bytes; None if it is too large."""
    try:
        (nearest,) = struct.unpack("<f", struct.pack("<f", number))
    except OverflowError:
        return None
    return float(nearest)


def _digits(text: str) -> str:
    """A whole number without ".0"."""
    return text.removesuffix(".0")


register(sa.Float, Float)
