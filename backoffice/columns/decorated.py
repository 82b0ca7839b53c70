"""A company's own type over a known one: kept, compared and typed as what the database holds."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.types import TypeDecorator

from backoffice.columns.kind import Kind

_DIALECT = DefaultDialect()


def decorates(type_: TypeDecorator[Any]) -> bool:
    """Whether a decorated type's values are others than those of the type under it."""
    own = type(type_)
    return (
        own.process_bind_param is not TypeDecorator.process_bind_param
        or own.process_result_value is not TypeDecorator.process_result_value
    )


class Decorated(Kind):
    """``inner``: the kind of the stored values, which everything is asked of but the type's own
    conversion. That one is told the name of no database: a type whose values differ between them
    needs a kind of its own (``register``)."""

    name = "decorated"

    def __init__(self, type_: TypeDecorator[Any], inner: Kind) -> None:
        super().__init__(type_)
        self.decorator, self.inner = type_, inner
        self.control, self.print, self.align = inner.control, inner.print, inner.align
        self.kept_as_number, self.example = inner.kept_as_number, inner.example
        self.facet, self.editable, self.sortable = inner.facet, inner.editable, inner.sortable

    def _stored(self, value: Any) -> Any:
        return self.decorator.process_bind_param(value, _DIALECT)

    def _value(self, stored: Any) -> Any:
        return self.decorator.process_result_value(stored, _DIALECT)

    def _plain(self, expression: Any) -> Any:
        return sa.type_coerce(expression, self.inner.type)

    def problem(self, dialect: str) -> str:
        return self.inner.problem(dialect)

    def key_length(self, dialect: str) -> int | None:
        return self.inner.key_length(dialect)

    @property
    def longest(self) -> int | None:
        return self.inner.longest

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        return self.inner.choices

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        stored = self._stored(value)
        return "" if stored is None else self.inner.write(stored, zone)

    def parse(self, text: str, zone: tzinfo = UTC) -> Any:
        stored = self.inner.parse(text, zone)
        try:
            return self._value(stored)
        except Exception:
            # Whatever the type's own code raises: it does not take this text.
            raise ValueError("Enter a value that this field takes.") from None

    def at(self, moment: datetime) -> Any:
        return self._value(self.inner.at(moment))

    def tidy(self, text: str) -> str:
        return self.inner.tidy(text)

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        stored = self._stored(value)
        return "" if stored is None else self.inner.show(stored, zone)

    def check(self, value: Any, dialect: str) -> None:
        try:
            stored = self._stored(value)
        except Exception:
            raise ValueError("Enter a value that this field takes.") from None
        if stored is not None:
            self.inner.check(stored, dialect)

    def encode(self, value: Any) -> Any:
        stored = self._stored(value)
        return None if stored is None else self.inner.encode(stored)

    def decode(self, kept: Any) -> Any:
        return self._value(self.inner.decode(kept))

    def keeps(self, value: Any, dialect: str) -> bool:
        stored = self._stored(value)
        return stored is None or self.inner.keeps(stored, dialect)

    def same(self, one: Any, other: Any) -> bool:
        if one is None or other is None:
            return one is other
        return self.inner.same(self._stored(one), self._stored(other))

    def sql_encode(self, dialect: str, value: Any) -> Any:
        return self.inner.sql_encode(dialect, self._plain(value))

    def sql_decode(self, dialect: str, text: Any) -> Any:
        return self.inner.sql_decode(dialect, text)

    def sql_field(self, dialect: str, values: Any, name: str) -> Any:
        return self.inner.sql_field(dialect, values, name)

    def sql_key(self, dialect: str, value: Any) -> Any:
        return self.inner.sql_key(dialect, self._plain(value))

    def sql_same(self, dialect: str, one: Any, other: Any) -> Any:
        return self.inner.sql_same(dialect, self._plain(one), self._plain(other))

    def sort_key(self, dialect: str, value: Any) -> Any:
        plain = self._plain(value)
        key = self.inner.sort_key(dialect, plain)
        return value if key is plain else key

    def sql_words(self, dialect: str, value: Any) -> Any:
        plain = self._plain(value)
        words = self.inner.sql_words(dialect, plain)
        return value if words is plain else words
