"""The interface of a kind of column. Each kind has a file beside this one.

A kind belongs to one column type. It knows SQLAlchemy's types, but nothing of records, forms or the
web. No other code looks at a column's type.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from backoffice.columns.sql import ddl, json_text
from backoffice.language import _

Control = Literal[
    "line", "text", "number", "money", "boolean", "choice", "moment", "date", "time", "code", "none"
]
"""A form's input: "code" is a text of several lines in fixed-width letters, "none" for no input."""

Print = Literal["text", "long", "number", "money", "boolean", "moment", "date", "code"]
"""How a cell prints: "long" may have many lines, "moment" is a time relative to now."""

Align = Literal["left", "right"]

Facet = Literal["", "text", "range", "period", "choices", "yes_no"]
"""How lists are filtered by it: ``""`` not at all, ``"range"`` between two values that ``parse``
reads, ``"period"`` by a period of time, ``"choices"`` by some of ``choices``."""


class Kind:
    """The base: a value that is encoded, compared and written as it is.

    Everywhere below, ``value`` is a record's attribute, never None. An *encoded* value is what JSON
    holds for it (in history, cursors, posted originals and keys). A *text* is what a person reads
    and types, in the current language; within ``plain_numbers()`` it is one that every language
    reads, as addresses need. ``dialect`` is "sqlite", "postgresql", "mysql" or "mariadb".
    """

    name: ClassVar[str]
    control: Control = "line"
    print: Print = "text"
    align: Align = "left"
    facet: Facet = ""
    editable: bool = True
    """Whether a form may set it."""
    sortable: bool = True
    is_number: bool = False
    """Whether its values are numbers, which can be compared and summed."""
    encoded_as_number: bool = False
    """Whether the encoded value is a number, and not a text."""
    has_one_encoding: bool = True
    """Whether Python and every database encode a value in the same bytes. If not, compare encoded
    values by ``same_encoded``."""
    example: str = ""
    """A text that ``parse`` reads, for hints."""
    hint: str = ""
    """How to write a value: a sentence that a form shows below the field; "" if it is obvious. It
    may have a place for ``{example}``; ``help`` is the text that people read."""
    blank: Any = None
    """The value of a blank text if the column takes no NULL; None if there is none."""

    def __init__(self, type_: TypeEngine[Any]) -> None:
        self.type: Any = type_
        self._ddl: dict[str, str] = {}

    def ddl(self, dialect: str) -> str:
        """The type in the database's CREATE TABLE, in capitals; "" if the database has none."""
        if dialect not in self._ddl:
            self._ddl[dialect] = ddl(self.type, dialect) if dialect else ""
        return self._ddl[dialect]

    # What it cannot do ----------------------------------------------------------------

    def problem(self, dialect: str) -> str:
        """Why the database cannot store such values exactly, and what to write instead.

        The end of a sentence that begins with the column; "" if the database can."""
        return ""

    def key_length(self, dialect: str) -> int | None:
        """The most characters of a value as a key; None if it can be no key."""
        return None

    @property
    def help(self) -> str:
        """The hint in the current language."""
        if "{example}" in self.hint:
            return _(self.hint, example=self.example)
        return _(self.hint)

    # As text --------------------------------------------------------------------------

    @property
    def longest(self) -> int | None:
        """The most characters of a text; None for no limit."""
        return None

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        """All values, each as text and label, in order; empty if they cannot be listed."""
        return ()

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        """The value as a form shows it, to the last digit: ``parse(write(value))`` is the same
        value in every language. ``zone``: for dates with a time."""
        return str(value)

    def parse(self, text: str, zone: tzinfo = UTC) -> Any:
        """The value of a text, which is never blank: one that ``write`` or ``show`` would write in
        the current language, or a plain one, such as 1234.5 and 2026-03-31.

        Raises:
            ValueError: it has none, or it could mean two; the error is a sentence that says what to
                enter.
        """
        return text

    def from_utc(self, utc: datetime) -> Any:
        """The value of a time in UTC, for a kind whose facet is a period."""
        return utc

    def tidy(self, text: str) -> str:
        """A typed text without what the person cannot mean, such as blanks at the ends."""
        return text.strip()

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        """The value for people: with grouped digits, and words for yes and no."""
        return self.write(value, zone)

    def formatter(self) -> Callable[[Any], str]:
        """The function that ``show``s values in the current language, made once for a column of
        many rows. Only for kinds that need no time zone."""
        return self.show

    def too_long_to_edit(self, value: Any) -> bool:
        """Whether the value is too long for a form's input."""
        return False

    def check(self, value: Any, dialect: str) -> None:
        """Check that a column of this type accepts the value.

        Raises:
            ValueError: it does not; the error is a sentence that says what to enter.
        """

    # Encoded --------------------------------------------------------------------------

    def encode(self, value: Any) -> Any:
        """The encoded value: what JSON holds for it."""
        return value

    def decode(self, encoded: Any) -> Any:
        """The value of an encoded one, in every form that ``encode`` or ``sql_encode`` ever wrote.

        Raises:
            ValueError: it has none of these forms.
        """
        return encoded

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        """Whether the database stores the value unchanged. If not (it has more places than the
        column), read it back."""
        return True

    def same(self, first: Any, second: Any) -> bool:
        """Whether two values, or None, are equal."""
        return bool(first == second)

    def same_encoded(self, first: Any, second: Any) -> bool:
        """Whether two encoded values, or None, mean the same value."""
        if first == second and type(first) is type(second):
            return True
        if first is None or second is None:
            return False
        try:
            return self.same(self.decode(first), self.decode(second))
        except (ValueError, TypeError, ArithmeticError):
            return False

    # In SQL ---------------------------------------------------------------------------

    def sql_encode(self, dialect: str, value: Any) -> Any:
        """``encode`` in SQL: what JSON functions turn into the encoded value. NULL stays NULL."""
        return value

    def sql_decode(self, dialect: str, text: Any) -> Any:
        """``decode`` in SQL, of an encoded value as text: from JSON without quotes, or a key."""
        return text

    def sql_field(self, dialect: str, values: Any, name: str) -> Any:
        """``decode`` in SQL, of the field ``name`` of the JSON column ``values``."""
        return self.sql_decode(dialect, json_text(dialect, values, name))

    def sql_key(self, dialect: str, value: Any) -> Any:
        """The encoded value as text in SQL, for a key."""
        return sa.cast(value, sa.String(500))

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        """``same`` in SQL, of two expressions of this type, which may be NULL."""
        return first.is_not_distinct_from(second)

    def sql_sum(self, dialect: str, value: Any) -> Any:
        """The sum of an expression of this type, a kind of numbers: a number in SQL, or the text of
        one."""
        return sa.func.sum(value)

    def sort_key(self, dialect: str, value: Any) -> Any:
        """What ORDER BY and cursors compare. Only ``value`` itself can use an index."""
        return value

    def sql_words(self, dialect: str, value: Any) -> Any:
        """The text in SQL that a search looks at. Only ``value`` itself can use an index."""
        return self.sql_key(dialect, value)

    def bound(self, dialect: str, value: Any) -> Any:
        """A value as a parameter, to compare with an expression of this type."""
        return sa.literal(value, self.type)
