"""Text, with or without a limit."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.db.types import MYSQL, exact_text
from backoffice.language import N_, _, number

LONGEST_TEXT = 200_000
"""Characters that a form accepts for a text without a limit of its own. With three bytes each, sent
as %XX%XX%XX, they fit into the default of MAX_BODY_BYTES."""

UNSTORABLE = N_("Remove the characters that cannot be stored, such as NUL.")

_MYSQL_BYTES = {"TINYTEXT": 2**8 - 1, "TEXT": 2**16 - 1, "MEDIUMTEXT": 2**24 - 1}


class Text(Kind):
    """Encoded as it is."""

    name = "text"
    facet = "text"
    blank = ""

    def __init__(self, type_: Any) -> None:
        super().__init__(type_)
        self.is_long = isinstance(type_, sa.Text)
        self.is_character = isinstance(type_, sa.CHAR)  # trailing blanks mean nothing
        if self.is_long:
            self.control, self.print = "text", "long"

    @property
    def longest(self) -> int | None:
        return self.type.length or LONGEST_TEXT

    def key_length(self, dialect: str) -> int | None:
        length: int | None = self.type.length
        return length

    def too_long_to_edit(self, value: Any) -> bool:
        return self.type.length is None and len(value) > LONGEST_TEXT

    def check(self, value: Any, dialect: str) -> None:
        if not is_storable(value):
            raise ValueError(_(UNSTORABLE))
        longest = self.longest
        if longest is not None and len(value) > longest:
            raise ValueError(too_many_characters(longest, len(value)))
        most = self._bytes(dialect)
        if most is not None and (size := len(value.encode())) > most:
            raise ValueError(too_many_bytes(most, size))

    def _bytes(self, dialect: str) -> int | None:
        """The bytes of a MySQL text column; None if its characters are the limit."""
        if dialect not in MYSQL or not self.is_long:
            return None
        return _MYSQL_BYTES.get(self.ddl(dialect).split(" ")[0])

    def decode(self, encoded: Any) -> str:
        if not isinstance(encoded, str):
            raise ValueError(f"{encoded!r} is not text")
        return encoded

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        return not self._is_padded(dialect) or len(value) == (self.type.length or 1)

    def same(self, first: Any, second: Any) -> bool:
        if self.is_character and first is not None and second is not None:
            return bool(first.rstrip(" ") == second.rstrip(" "))
        return bool(first == second)

    def sql_key(self, dialect: str, value: Any) -> Any:
        if self._is_padded(dialect):  # a cast to VARCHAR would drop the blanks
            return sa.func.rpad(sa.cast(value, sa.Text), self.type.length or 1)
        return super().sql_key(dialect, value)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        return sa.cast(text, self.type) if self._is_padded(dialect) else text

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        if dialect in MYSQL:  # whose collations treat "Ümlaut " and "umlaut" as equal
            first, second = exact_text(first), exact_text(second)
        elif isinstance(self.type, postgresql.CITEXT):  # which treats "A" and "a" as equal
            first, second = sa.cast(first, sa.Text), sa.cast(second, sa.Text)
        elif self.is_character and dialect == "sqlite":
            first, second = sa.func.rtrim(first), sa.func.rtrim(second)
        return first.is_not_distinct_from(second)

    def sql_words(self, dialect: str, value: Any) -> Any:
        return value

    def _is_padded(self, dialect: str) -> bool:
        """Whether the database pads a text with blanks to the column's length."""
        return self.is_character and dialect == "postgresql"


def too_many_characters(most: int, given: int) -> str:
    """The sentence for a text that is too long."""
    return _(
        "Shorten this to {most} characters. It has {given}.",
        most=number(most),
        given=number(given),
    )


def too_many_bytes(most: int, given: int) -> str:
    """The sentence for a value that takes too many bytes."""
    return _(
        "Shorten this to {most} bytes. It has {given}.", most=number(most), given=number(given)
    )


def is_storable(text: str) -> bool:
    """Whether the databases store all characters of a text: no NUL, no half of a surrogate pair."""
    if "\x00" in text:
        return False
    try:
        text.encode()  # fifty times as quick as to look at each character
    except UnicodeEncodeError:
        return False
    return True


register(sa.String, Text)
