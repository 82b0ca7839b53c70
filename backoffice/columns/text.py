"""Text, with or without a longest length."""

from typing import Any

import sqlalchemy as sa

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.db.types import MYSQL, exact_text

LONGEST_TEXT = 1_000_000
"""Characters of a text without a limit of its own that a form takes."""

_MYSQL_BYTES = {"TINYTEXT": 2**8 - 1, "TEXT": 2**16 - 1, "MEDIUMTEXT": 2**24 - 1}


class Text(Kind):
    """Kept as it is, to the byte."""

    name = "text"
    facet = "text"

    def __init__(self, type_: Any) -> None:
        super().__init__(type_)
        self.is_long = isinstance(type_, sa.Text)
        if self.is_long:
            self.control, self.print = "text", "long"

    @property
    def longest(self) -> int | None:
        return self.type.length or LONGEST_TEXT  # type: ignore[attr-defined]

    def key_length(self, dialect: str) -> int | None:
        length: int | None = self.type.length  # type: ignore[attr-defined]
        return length

    def check(self, value: Any, dialect: str) -> None:
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("Remove the characters that cannot be stored (such as NUL).")
        longest = self.longest
        if longest is not None and len(value) > longest:
            raise ValueError(f"Shorten this to {longest:,} characters (it has {len(value):,}).")
        most = self._bytes(dialect)
        if most is not None and (size := len(value.encode())) > most:
            raise ValueError(f"Shorten this to {most:,} bytes (it has {size:,}).")

    def _bytes(self, dialect: str) -> int | None:
        """What a MySQL text column holds; None where the length in characters is the limit."""
        if dialect not in MYSQL or not self.is_long:
            return None
        type_ = self.type.dialect_impl(_dialect(dialect))
        return _MYSQL_BYTES.get(type(type_).__name__.upper())

    def sql_same(self, dialect: str, one: Any, other: Any) -> Any:
        if dialect in MYSQL:  # whose collations take "Ümlaut " and "umlaut" for one
            return exact_text(one).is_not_distinct_from(exact_text(other))
        return one.is_not_distinct_from(other)

    def sql_words(self, dialect: str, value: Any) -> Any:
        return value


def _dialect(name: str) -> Any:
    return sa.engine.url.URL.create(name).get_dialect()()


register(sa.String, Text)
