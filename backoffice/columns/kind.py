"""What every kind of column says of itself. One file beside this one for each kind.

A kind is bound to one column type. It knows SQLAlchemy's types and nothing of records, forms or the
web: what needs to know something about a value asks it here, and looks at no type.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from backoffice.columns.sql import ddl, json_text

Control = Literal[
    "line", "text", "number", "money", "boolean", "choice", "moment", "date", "time", "code", "none"
]
"""What a form draws: "code" is a text of several lines in fixed-width letters, "none" nothing that
could be changed."""

Print = Literal["text", "long", "number", "money", "boolean", "moment", "date", "code"]
"""How a cell prints: "long" may run over many lines, "moment" is told relative to now."""

Align = Literal["left", "right"]

Facet = Literal["", "text", "range", "period", "choices", "yes_no"]
"""How lists are filtered by it: ``""`` not at all, ``"range"`` between two values that ``parse``
reads, ``"period"`` by a period of time, ``"choices"`` by ticking some of ``choices``."""


class Kind:
    """The base: a value that is kept, compared and written as text as it is.

    Everywhere below, ``value`` is what a record's attribute holds, never None; a *kept* value is
    what JSON holds in its place (history, cursors, posted originals, keys); a *text* is what a
    person reads and types. ``dialect`` is "sqlite", "postgresql", "mysql" or "mariadb".
    """

    name: ClassVar[str]
    control: Control = "line"
    print: Print = "text"
    align: Align = "left"
    facet: Facet = ""
    editable: bool = True
    """Whether a form may change it, and a new record be given one by a person."""
    sortable: bool = True
    is_number: bool = False
    """Whether its values are numbers, which compare with any other number and can be summed."""
    kept_as_number: bool = False
    """Whether JSON holds a number in its place, and not a text."""
    one_spelling: bool = True
    """Whether Python and every database write one value's kept form to the byte alike. If not,
    ``same_kept`` alone tells whether two kept values mean one value."""
    example: str = ""
    """A text that ``parse`` reads, for hints."""
    hint: str = ""
    """How to write a value, in a sentence that a form shows below the field; "" where a person
    knows."""
    blank: Any = None
    """The value of a blank text where the column takes no NULL; None where there is none."""

    def __init__(self, type_: TypeEngine[Any]) -> None:
        self.type = type_
        self._ddl: dict[str, str] = {}

    def ddl(self, dialect: str) -> str:
        """The type as the database's CREATE TABLE writes it, in capitals; "" where it has none."""
        if dialect not in self._ddl:
            self._ddl[dialect] = ddl(self.type, dialect) if dialect else ""
        return self._ddl[dialect]

    # What it cannot do ----------------------------------------------------------------

    def problem(self, dialect: str) -> str:
        """Why a database of that dialect cannot hold such values exactly, as the end of a sentence
        that begins with the column, and what to write instead; "" if it can."""
        return ""

    def key_length(self, dialect: str) -> int | None:
        """The most characters that a value takes as a key; None where it can be no key."""
        return None

    # As text --------------------------------------------------------------------------

    @property
    def longest(self) -> int | None:
        """The most characters that a text may have; None for no limit of its own."""
        return None

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        """All values there are, each as its text and its label, in order; empty where they cannot
        be listed."""
        return ()

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        """The value as a form shows it, to the last digit: ``parse(write(value))`` is the same
        value. ``zone``: the one in which moments are told."""
        return str(value)

    def parse(self, text: str, zone: tzinfo = UTC) -> Any:
        """The value that a text (never blank) means.

        Raises:
            ValueError: none; its text is a sentence that says what to enter.
        """
        return text

    def at(self, moment: datetime) -> Any:
        """The value that a moment, in UTC, is: of a kind whose facet is a period."""
        return moment

    def tidy(self, text: str) -> str:
        """What somebody typed, without what they cannot have meant, such as blanks at the ends."""
        return text.strip()

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        """The value for reading: numbers grouped, words for yes and no."""
        return self.write(value, zone)

    def too_long_to_edit(self, value: Any) -> bool:
        """Whether a form shows the value without an input, since it could not be edited there."""
        return False

    def check(self, value: Any, dialect: str) -> None:
        """See that a column of this type takes the value.

        Raises:
            ValueError: it does not; its text is a sentence that says what to enter.
        """

    # Kept -----------------------------------------------------------------------------

    def encode(self, value: Any) -> Any:
        """The kept value: what JSON holds in its place."""
        return value

    def decode(self, kept: Any) -> Any:
        """The value of a kept one, in every form that ``encode`` or ``sql_encode`` ever wrote.

        Raises:
            ValueError: it is none of them.
        """
        return kept

    def keeps(self, value: Any, dialect: str) -> bool:
        """Whether the database will hold the value just as it is. If not (more places than the
        column has), it has to be asked what it made of it."""
        return True

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values (None too) are one."""
        return bool(one == other)

    def same_kept(self, one: Any, other: Any) -> bool:
        """Whether two kept values (None too) mean the same value."""
        if one == other and type(one) is type(other):
            return True
        if one is None or other is None:
            return False
        try:
            return self.same(self.decode(one), self.decode(other))
        except (ValueError, TypeError, ArithmeticError):
            return False

    # In SQL ---------------------------------------------------------------------------

    def sql_encode(self, dialect: str, value: Any) -> Any:
        """``encode`` in SQL, of an expression of this type: what JSON functions take for the kept
        value. NULL stays NULL."""
        return value

    def sql_decode(self, dialect: str, text: Any) -> Any:
        """``decode`` in SQL, of a kept value as text (of JSON without its quotes, or of a key)."""
        return text

    def sql_field(self, dialect: str, values: Any, name: str) -> Any:
        """``decode`` in SQL, of the field ``name`` of the JSON column ``values``."""
        return self.sql_decode(dialect, json_text(dialect, values, name))

    def sql_key(self, dialect: str, value: Any) -> Any:
        """The kept value in SQL as a text: of a value that is a key."""
        return sa.cast(value, sa.String(500))

    def sql_same(self, dialect: str, one: Any, other: Any) -> Any:
        """``same`` in SQL, of two expressions of this type, either of which may be NULL."""
        return one.is_not_distinct_from(other)

    def sort_key(self, dialect: str, value: Any) -> Any:
        """What an ORDER BY and a cursor compare. Anything but ``value`` itself no index serves."""
        return value

    def sql_words(self, dialect: str, value: Any) -> Any:
        """The text in SQL that a search looks for words in. Anything but ``value`` itself no index
        serves."""
        return self.sql_key(dialect, value)

    def bound(self, dialect: str, value: Any) -> Any:
        """A value as a parameter to compare an expression of this type with."""
        return sa.literal(value, self.type)
