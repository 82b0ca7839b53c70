"""Universally unique identifiers."""

from datetime import UTC, tzinfo
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register, register_decorated
from backoffice.columns.sql import ddl, dialect_named, retyped
from backoffice.db.types import MYSQL
from backoffice.language import N_, _

_ONE = UUID(int=1)

_DASHES = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
"""The starts and lengths of the five parts in 32 digits."""


class Uuid(Kind):
    """Encoded as people write it, in lower case with dashes. Databases without the type store 32
    digits. MariaDB has the type since 10.7; the SQL here works with and without it."""

    name = "uuid"
    print = "code"
    example = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
    hint = N_("For example {example}.")

    def problem(self, dialect: str) -> str:
        if isinstance(self.type, sa.UUID) and dialect in ("sqlite", "mysql"):
            return "is a UUID, a type that this database does not have: write Uuid()"
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
            raise ValueError(_("Enter a UUID, such as {example}.", example=self.example)) from None

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return self.encode(value)

    def check(self, value: Any, dialect: str) -> None:
        try:
            self.encode(value)
        except ValueError:
            raise ValueError(_("Enter a UUID, such as {example}.", example=self.example)) from None

    def encode(self, value: Any) -> str:
        return str(value if isinstance(value, UUID) else UUID(value))

    def decode(self, encoded: Any) -> Any:
        if not isinstance(encoded, str):
            raise ValueError(f"{encoded!r} is not a UUID")
        return self._value(UUID(encoded))

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        return self.encode(first) == self.encode(second)

    def _value(self, found: UUID) -> Any:
        return found if getattr(self.type, "as_uuid", True) else str(found)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        stored = self._stored_on(dialect)
        text: Any
        if dialect == "postgresql":
            text = sa.cast(value, sa.String(36))
        elif stored == "bytes":
            text = sa.func.hex(value)
            if dialect == "sqlite":  # its hex(NULL) is ""
                text = sa.case((value.is_not(None), text))
        else:
            plain = retyped(value, sa.String)
            text = sa.cast(plain, sa.CHAR(36)) if dialect in MYSQL else plain
        if dialect == "postgresql" and stored == "uuid":
            return text
        return _dashed(sa.func.replace(text, _sql("'-'"), _sql("''")))

    def sql_key(self, dialect: str, value: Any) -> Any:
        return self.sql_encode(dialect, value)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        stored = self._stored_on(dialect)
        if dialect == "postgresql" and stored == "uuid":
            return sa.cast(text, sa.UUID)
        if stored == "dashes":
            return text
        digits = sa.func.replace(text, _sql("'-'"), _sql("''"))
        if stored == "bytes":
            return sa.func.unhex(digits) if dialect in MYSQL else sa.func.hex_bytes(digits)
        return digits

    def _stored_on(self, dialect: str) -> Literal["uuid", "digits", "dashes", "bytes"]:
        """How it is stored: a company's own type may have 36 characters or 16 bytes."""
        found = self.ddl(dialect)
        if "(36)" in found:
            return "dashes"
        if "BINARY" in found or "BLOB" in found:
            return "bytes"
        return "uuid" if found == "UUID" else "digits"


def _dashed(digits: Any) -> Any:
    text: Any = None
    for begin, length in _DASHES:
        part = sa.cast(sa.func.substr(digits, _sql(str(begin)), _sql(str(length))), sa.String(12))
        text = part if text is None else text.concat(_sql("'-'")).concat(part)
    return sa.func.lower(text)


def _sql(text: str) -> Any:
    return sa.literal_column(text, sa.String())


def is_uuid_elsewhere(type_: Any) -> bool:
    """Whether a decorated type is a UUID on PostgreSQL and characters or bytes elsewhere.

    This is a well-known recipe. Python cannot know its stored values without the database.
    """
    if ddl(type_, "postgresql") != "UUID" or isinstance(type_.impl_instance, sa.Uuid):
        return False
    try:
        return bool(type_.process_result_value(_ONE, dialect_named("postgresql")) == _ONE)
    except Exception:
        return False  # the type's own code converts it to something else


register(sa.Uuid, Uuid)
register_decorated(is_uuid_elsewhere, Uuid)
