"""Whole numbers, in the range of their SQL type."""

import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from backoffice.columns.kind import Kind
from backoffice.columns.numbers import plain_number
from backoffice.columns.registry import register
from backoffice.db.types import MYSQL
from backoffice.language import _, number
from backoffice.language.numbers import number_style

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_DIGITS = re.compile(r"[+-]?[0-9]+", re.ASCII)
_LONGEST = 1000
"""Digits. Python refuses to read some thousand digits, and such a number is out of range anyway."""


class Integer(Kind):
    """Encoded as a number. "1,234", as lists show it, is read too."""

    name = "integer"
    control = "number"
    print = "number"
    align = "right"
    facet = "range"
    is_number = True
    encoded_as_number = True
    example = "12"

    def __init__(self, type_: Any) -> None:
        super().__init__(type_)
        bits = _bits(type_)
        self.least, self.most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        if getattr(type_, "unsigned", False):
            self.least, self.most = 0, 2**bits - 1

    def key_length(self, dialect: str) -> int | None:
        return 20

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return number_style().typed(str(value))

    def parse(self, text: str, zone: tzinfo = UTC) -> int:
        digits = plain_number(text)
        if not _DIGITS.fullmatch(digits):
            raise ValueError(_("Enter a whole number, such as 12."))
        if len(digits) > _LONGEST:
            digits = digits[0] + "9" * _LONGEST
        found = int(digits)
        self.check(found, "")
        return found

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return number(value)

    def formatter(self) -> Callable[[Any], str]:
        group = number_style().grouped
        return lambda value: group(f"{value:,}")

    def check(self, value: Any, dialect: str) -> None:
        if value > self.most:
            raise ValueError(_("Enter at most {most}.", most=number(self.most)))
        if value < self.least:
            raise ValueError(_("Enter at least {least}.", least=number(self.least)))

    def encode(self, value: Any) -> Any:
        return int(value)

    def decode(self, encoded: Any) -> int:
        if isinstance(encoded, str):
            if not _WHOLE.fullmatch(encoded):
                raise ValueError(f"{encoded!r} is not a whole number")
            encoded = int(encoded)
        if isinstance(encoded, bool) or not isinstance(encoded, int):
            raise ValueError(f"{encoded!r} is not a whole number")
        self.check(encoded, "")
        return encoded

    def sql_decode(self, dialect: str, text: Any) -> Any:
        # MariaDB casts to SIGNED or UNSIGNED, not to INTEGER; SQLAlchemy writes only the first.
        if dialect in MYSQL and self.most > 2**63:
            return sa.cast(text, mysql.BIGINT(unsigned=True))
        return sa.cast(text, sa.BigInteger)


def _bits(type_: Any) -> int:
    if isinstance(type_, sa.BigInteger):
        return 64
    if isinstance(type_, mysql.TINYINT):
        return 8
    if isinstance(type_, mysql.MEDIUMINT):
        return 24
    return 16 if isinstance(type_, sa.SmallInteger) else 32


register(sa.Integer, Integer)
