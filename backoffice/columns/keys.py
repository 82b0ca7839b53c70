"""Primary keys as text, for URLs, history, cursors, selections and forms.

A key of one column is its encoded value: ``17``, ``DE``, ``2026-03-31``. A key of several is a JSON
array of them: ``[17,"DE"]``. Python and SQL write the same bytes, since history is found by them.
"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapper

from backoffice.columns.kind import Kind
from backoffice.columns.registry import kind_of
from backoffice.columns.sql import json_quote
from backoffice.db.types import MYSQL, exact_text

LONGEST_KEY = 500
"""Characters of a key that the history stores."""


class Key:
    """The primary key of a table. Its value is SQLAlchemy's: one column's value, or a tuple of
    several, in order."""

    def __init__(self, columns: Sequence[sa.Column[Any]]) -> None:
        self.columns = tuple(columns)
        self.kinds: tuple[Kind, ...] = tuple(kind_of(column) for column in columns)
        self.is_single = len(self.columns) == 1

    @classmethod
    def of(cls, mapper: Mapper[Any]) -> "Key":
        """The key that records of ``mapper`` are found by."""
        columns = [column for column in mapper.primary_key if isinstance(column, sa.Column)]
        return cls(columns)

    @property
    def longest(self) -> int | None:
        """The most characters of a key as text; None if a column can be no key."""
        lengths = [kind.key_length("") for kind in self.kinds]
        known = [length for length in lengths if length is not None]
        if len(known) < len(lengths):
            return None
        # A quote or a backslash is written with a backslash before it.
        return known[0] if self.is_single else sum(2 * length + 3 for length in known) + 2

    def parts(self, value: Any) -> tuple[Any, ...]:
        """A key's values, one for each column."""
        return (value,) if self.is_single else tuple(value)

    def value(self, parts: Sequence[Any]) -> Any:
        """The key from its values; the inverse of ``parts``."""
        return parts[0] if self.is_single else tuple(parts)

    def encode(self, value: Any) -> str:
        """A key as text."""
        parts = zip(self.kinds, self.parts(value), strict=True)
        encoded = [kind.encode(part) for kind, part in parts]
        if self.is_single:
            return str(encoded[0])
        return json.dumps(encoded, ensure_ascii=False, separators=(",", ":"))

    def decode(self, text: str) -> Any | None:
        """The key from its text; None if no record can have it."""
        if not 0 < len(text) <= LONGEST_KEY or "\x00" in text:
            return None
        encoded: Any = [text]
        try:
            if not self.is_single:
                encoded = json.loads(text)
                if not isinstance(encoded, list):
                    return None
            return self.value(
                [_part(kind, part) for kind, part in zip(self.kinds, encoded, strict=True)]
            )
        except (ValueError, TypeError, ArithmeticError, LookupError, RecursionError):
            return None

    # In SQL ---------------------------------------------------------------------------

    def expression(self, source: Any = None) -> Any:
        """The key of the rows of ``source`` (None: the table itself): a column or a row of them."""
        columns = self.of_source(source)
        return columns[0] if self.is_single else sa.tuple_(*columns)

    def of_source(self, source: Any = None) -> list[Any]:
        """The key's columns in an alias or subquery of its table."""
        if source is None:
            return list(self.columns)
        return [source.c[column.name] for column in self.columns]

    def sql_text(self, dialect: str, source: Any = None) -> Any:
        """``encode`` in SQL, of the rows of ``source``."""
        return self.sql_text_of(dialect, self.of_source(source))

    def sql_text_of(self, dialect: str, values: Sequence[Any]) -> Any:
        """``encode`` in SQL, of expressions instead of the key's columns."""
        texts = [
            kind.sql_key(dialect, value) for kind, value in zip(self.kinds, values, strict=True)
        ]
        if self.is_single:
            return texts[0]
        text: Any = sa.literal_column("'['", sa.String())
        for place, (kind, part) in enumerate(zip(self.kinds, texts, strict=True)):
            if place:
                text = text.concat(sa.literal_column("','", sa.String()))
            text = text.concat(part if kind.encoded_as_number else json_quote(dialect, part))
        return sa.cast(text.concat(sa.literal_column("']'", sa.String())), sa.String(LONGEST_KEY))

    def sql_parts(self, dialect: str, text: Any, where: Any) -> list[Any]:
        """``decode`` in SQL: one expression for each part of the text.

        ``where``: the condition for the text to be a key of this table. Other texts are not
        decoded: another table's key may be no number, which PostgreSQL would refuse to read.
        """
        decoded = []
        for place, kind in enumerate(self.kinds):
            part = text if self.is_single else _element(dialect, text, place)
            decoded.append(sa.case((where, kind.sql_decode(dialect, part))))
        return decoded

    def sql_is(self, dialect: str, text: Any, where: Any, source: Any = None) -> Any:
        """Whether ``text`` is the key of a row of ``source``; ``where``: as above."""
        parts = self.sql_parts(dialect, text, where)
        return sa.and_(
            *(column == part for column, part in zip(self.of_source(source), parts, strict=True))
        )

    def among(self, values: Sequence[Any], source: Any = None) -> Any:
        """Whether the key of a row of ``source`` is one of ``values``."""
        return self.expression(source).in_(list(values))


def _part(kind: Kind, encoded: Any) -> Any:
    """The value of one column. Raises ValueError if none of its values is encoded so."""
    if not isinstance(encoded, str) and not kind.encoded_as_number:
        raise ValueError(f"{encoded!r} is not text")
    value = kind.decode(encoded)
    kind.check(value, "")
    return value


def _element(dialect: str, text: Any, place: int) -> Any:
    """One element of a JSON array that is stored as text."""
    if dialect == "postgresql":
        return sa.cast(text, JSONB).op("->>")(sa.literal_column(str(place)))
    path: Any = sa.literal_column(f"'$[{place}]'")
    if dialect in MYSQL:
        return exact_text(sa.func.json_unquote(sa.func.json_extract(text, path)))
    return sa.func.json_extract(text, path)
