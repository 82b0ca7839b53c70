"""Bytes."""

import pickle
from datetime import UTC, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from backoffice.columns.kind import Control, Kind
from backoffice.columns.registry import register
from backoffice.columns.sql import retyped
from backoffice.columns.text import too_many_bytes
from backoffice.db.types import MYSQL
from backoffice.language import N_, _, ngettext
from backoffice.language.numbers import grouped

MOST_EDITED = 4_096
"""The most bytes that can be edited in a form."""

_SHOWN = 16
_LONGEST_KEY = 250

_MYSQL_BYTES = {
    "TINYBLOB": 2**8 - 1,
    "BLOB": 2**16 - 1,
    "MEDIUMBLOB": 2**24 - 1,
}


class Binary(Kind):
    """Encoded as lower-case hexadecimal digits, which a form also shows."""

    name = "bytes"
    control: Control = "code"
    print = "code"
    example = "89504e47"
    blank: Any = b""
    hint = N_("Pairs of hexadecimal digits, for example 89504e47.")

    def __init__(self, type_: Any) -> None:
        super().__init__(type_)
        self.size: int | None = getattr(type_, "length", None)
        self.is_padded = isinstance(type_, sa.BINARY)
        self.is_short = isinstance(type_, sa.BINARY | sa.VARBINARY) and self.size is not None
        self.sortable = self.is_short and (self.size or 0) <= _LONGEST_KEY

    def problem(self, dialect: str) -> str:
        if dialect == "postgresql" and isinstance(self.type, sa.BINARY | sa.VARBINARY):
            return "is a type that PostgreSQL does not have: write LargeBinary()"
        return ""

    def key_length(self, dialect: str) -> int | None:
        return 2 * self.size if self.sortable and self.size else None

    @property
    def longest(self) -> int | None:
        return 3 * MOST_EDITED  # with a blank after each pair

    def too_long_to_edit(self, value: Any) -> bool:
        return len(value) > MOST_EDITED

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return self.encode(value)

    def parse(self, text: str, zone: tzinfo = UTC) -> bytes:
        digits = "".join(text.split())
        if not digits.isascii() or len(digits) % 2:
            raise ValueError(_(_HINT))
        try:
            return bytes.fromhex(digits)
        except ValueError:
            raise ValueError(_(_HINT)) from None

    def tidy(self, text: str) -> str:
        return "".join(text.split())

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        if not value:
            return _size(0)
        digits = bytes(value[:_SHOWN]).hex()
        return f"{_size(len(value))}: {digits}{'…' if len(value) > _SHOWN else ''}"

    def check(self, value: Any, dialect: str) -> None:
        most = self.size if self.is_short else None
        if most is None and dialect in MYSQL:
            most = _MYSQL_BYTES.get(self.ddl(dialect))
        if most is not None and len(value) > most:
            raise ValueError(too_many_bytes(most, len(value)))

    def encode(self, value: Any) -> str:
        return bytes(value).hex()

    def decode(self, encoded: Any) -> Any:
        if not isinstance(encoded, str):
            raise ValueError(f"{encoded!r} does not consist of hexadecimal digits")
        return bytes.fromhex(encoded)

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        # MySQL fills a BINARY up with zeros.
        return not (self.is_padded and dialect in MYSQL) or len(value) == (self.size or 1)

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        return self._whole(first) == self._whole(second)

    def _whole(self, value: Any) -> bytes:
        return bytes(value).rstrip(b"\x00") if self.is_padded else bytes(value)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "postgresql":
            return sa.func.encode(value, sa.literal_column("'hex'"))
        digits = sa.func.lower(sa.func.hex(value))
        # To SQLite hex(NULL) is "".
        return sa.case((value.is_not(None), digits)) if dialect == "sqlite" else digits

    def sql_key(self, dialect: str, value: Any) -> Any:
        return self.sql_encode(dialect, value)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "postgresql":
            return sa.func.decode(text, sa.literal_column("'hex'"), type_=sa.LargeBinary)
        if dialect in MYSQL:
            return sa.func.unhex(text, type_=sa.LargeBinary)
        return sa.func.hex_bytes(text, type_=sa.LargeBinary)


class Pickled(Binary):
    """A Python object that a program stored. Only its bytes are used: nothing here unpickles them.

    ``decode`` returns an SQL expression of the bytes, which a record's attribute accepts.
    """

    name = "pickled"
    control = "none"
    blank = None
    editable = False

    def __init__(self, type_: Any) -> None:
        super().__init__(type_)
        self.is_padded = self.is_short = self.sortable = False

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return super().show(self._bytes(value), zone)

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return self.show(value, zone)

    def check(self, value: Any, dialect: str) -> None:
        return

    def encode(self, value: Any) -> str:
        return self._bytes(value).hex()

    def decode(self, encoded: Any) -> Any:
        return sa.literal(super().decode(encoded), sa.LargeBinary())

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        return False  # another version of Python may write another pickle

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        return self._bytes(first) == self._bytes(second)

    def same_encoded(self, first: Any, second: Any) -> bool:
        return bool(first == second)

    def _bytes(self, value: Any) -> bytes:
        if isinstance(value, sa.BindParameter):
            return bytes(value.value or b"")
        pickler: Any = getattr(self.type, "pickler", pickle)
        return bytes(pickler.dumps(value, getattr(self.type, "protocol", None)))

    def sql_encode(self, dialect: str, value: Any) -> Any:
        return super().sql_encode(dialect, retyped(value, sa.LargeBinary))

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        first, second = (retyped(value, sa.LargeBinary) for value in (first, second))
        return first.is_not_distinct_from(second)


_HINT = N_("Enter bytes as pairs of hexadecimal digits, such as 89504e47.")


def _size(count: int) -> str:
    if count < 1000:
        return ngettext("{count} byte", "{count} bytes", count)
    size = float(count)
    for unit in ("KB", "MB"):
        size /= 1000
        if size < 999.95:
            return f"{grouped(f'{size:.1f}')} {unit}"
    return f"{grouped(f'{size / 1000:,.1f}')} GB"


for _type in (
    sa.LargeBinary, sa.BINARY, sa.VARBINARY, mysql.TINYBLOB, mysql.MEDIUMBLOB, mysql.LONGBLOB
):  # fmt: skip
    register(_type, Binary)
register(sa.PickleType, Pickled)
