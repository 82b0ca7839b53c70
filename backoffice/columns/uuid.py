"""Universally unique identifiers."""

from datetime import UTC, tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.db.types import MYSQL

_DASHES = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
"""Where the five parts begin in 32 digits, and how long they are."""


class Uuid(Kind):
    """Kept as people write it, in lower case with dashes. Databases without the type hold 32
    digits; MariaDB has it since 10.7, and what is written here in SQL holds for both."""

    name = "uuid"
    print = "code"
    example = "f47ac10b-58cc-4372-a567-0e02b2c3d479"

    def problem(self, dialect: str) -> str:
        if isinstance(self.type, sa.UUID) and dialect in ("sqlite", "mysql"):
            return "is a UUID, a type that this database lacks: write Uuid()"
        return ""

    def key_length(self, dialect: str) -> int | None:
        return 36

    @property
    def longest(self) -> int | None:
        return 45  # with "urn:uuid:" before it

    def parse(self, text: str, zone: tzinfo = UTC) -> Any:
        try:
            return self._value(UUID(text.strip()))
        except ValueError:
            raise ValueError(f"Enter a UUID like {self.example}.") from None

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return self.encode(value)

    def check(self, value: Any, dialect: str) -> None:
        try:
            self.encode(value)
        except ValueError:
            raise ValueError(f"Enter a UUID like {self.example}.") from None

    def encode(self, value: Any) -> str:
        return str(value if isinstance(value, UUID) else UUID(value))

    def decode(self, kept: Any) -> Any:
        if not isinstance(kept, str):
            raise ValueError(f"{kept!r} is no UUID")
        return self._value(UUID(kept))

    def same(self, one: Any, other: Any) -> bool:
        if one is None or other is None:
            return one is other
        return self.encode(one) == self.encode(other)

    def _value(self, found: UUID) -> Any:
        return found if getattr(self.type, "as_uuid", True) else str(found)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "postgresql":
            text = sa.cast(value, sa.String(36))
            return text if self._is_native else _dashed(text)
        text = sa.cast(value, sa.CHAR(36)) if dialect in MYSQL else sa.type_coerce(value, sa.String)
        return _dashed(sa.func.replace(text, _sql("'-'"), _sql("''")))

    def sql_key(self, dialect: str, value: Any) -> Any:
        return self.sql_encode(dialect, value)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "postgresql" and self._is_native:
            return sa.cast(text, sa.UUID)
        return sa.func.replace(text, _sql("'-'"), _sql("''"))

    @property
    def _is_native(self) -> bool:
        return bool(getattr(self.type, "native_uuid", True))


def _dashed(digits: Any) -> Any:
    text: Any = None
    for begin, length in _DASHES:
        part = sa.cast(sa.func.substr(digits, _sql(str(begin)), _sql(str(length))), sa.String(12))
        text = part if text is None else text.concat(_sql("'-'")).concat(part)
    return sa.func.lower(text)


def _sql(text: str) -> Any:
    return sa.literal_column(text, sa.String())


register(sa.Uuid, Uuid)
