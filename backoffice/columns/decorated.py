"""A company's own type over a known one: stored, compared and typed like the known one."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.types import TypeDecorator

from backoffice.columns.kind import Kind
from backoffice.columns.sql import retyped
from backoffice.language import _

_DIALECT = DefaultDialect()


def decorates(type_: TypeDecorator[Any]) -> bool:
    """Whether a decorated type's values differ from those of the type under it."""
    return any(_overrides(type_, name) for name in ("process_bind_param", "process_result_value"))


def is_beyond_python(type_: TypeDecorator[Any]) -> bool:
    """Whether a decorated type converts in SQL or with processors of its own for each database.

    Python alone then does not know what is stored."""
    names = ("bind_expression", "column_expression", "bind_processor", "result_processor")
    return any(_overrides(type_, name) for name in names)


def _overrides(type_: TypeDecorator[Any], name: str) -> bool:
    return getattr(type(type_), name) is not getattr(TypeDecorator, name)


class Decorated(Kind):
    """``inner``: the kind of the stored values; the type itself only converts them.

    The conversion gets a dialect without a database's name. A type that converts differently for
    each database needs a kind of its own (``register``).
    """

    name = "decorated"

    def __init__(self, type_: TypeDecorator[Any], inner: Kind) -> None:
        super().__init__(type_)
        self.decorator, self.inner = type_, inner
        self.control, self.print, self.align = inner.control, inner.print, inner.align
        # Not ``is_number``: the stored number may differ from the value.
        self.example = inner.example if self._takes(inner.example) else ""
        self.hint = inner.hint if self.example else ""
        self.facet, self.editable, self.sortable = inner.facet, inner.editable, inner.sortable
        self.encoded_as_number = inner.encoded_as_number
        self.has_one_encoding = inner.has_one_encoding
        self.blank = self._blank()

    def _takes(self, text: str) -> bool:
        try:
            self.parse(text)
        except ValueError:
            return False
        return True

    def _blank(self) -> Any:
        try:
            return None if self.inner.blank is None else self._value(self.inner.blank)
        except Exception:
            return None  # the type's own code refuses a blank text

    def _stored(self, value: Any) -> Any:
        if not _overrides(self.decorator, "process_bind_param"):
            return value
        return self.decorator.process_bind_param(value, _DIALECT)

    def _value(self, stored: Any) -> Any:
        if not _overrides(self.decorator, "process_result_value"):
            return stored
        return self.decorator.process_result_value(stored, _DIALECT)

    def _plain(self, expression: Any) -> Any:
        return retyped(expression, self.inner.type)

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
            # The type's own code may raise anything: it refuses this text.
            raise ValueError(_("Enter a value that this field takes.")) from None

    def from_utc(self, utc: datetime) -> Any:
        return self._value(self.inner.from_utc(utc))

    def tidy(self, text: str) -> str:
        return self.inner.tidy(text)

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        stored = self._stored(value)
        return "" if stored is None else self.inner.show(stored, zone)

    def too_long_to_edit(self, value: Any) -> bool:
        stored = self._stored(value)
        return stored is not None and self.inner.too_long_to_edit(stored)

    def check(self, value: Any, dialect: str) -> None:
        try:
            stored = self._stored(value)
        except Exception:
            # As above: the type's own code may raise anything.
            raise ValueError(_("Enter a value that this field takes.")) from None
        if stored is not None:
            self.inner.check(stored, dialect)

    def encode(self, value: Any) -> Any:
        stored = self._stored(value)
        return None if stored is None else self.inner.encode(stored)

    def decode(self, encoded: Any) -> Any:
        return self._value(self.inner.decode(encoded))

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        stored = self._stored(value)
        return stored is None or self.inner.stores_exactly(stored, dialect)

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        return self.inner.same(self._stored(first), self._stored(second))

    def same_encoded(self, first: Any, second: Any) -> bool:
        return self.inner.same_encoded(first, second)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        return self.inner.sql_encode(dialect, self._plain(value))

    def sql_decode(self, dialect: str, text: Any) -> Any:
        return self.inner.sql_decode(dialect, text)

    def sql_field(self, dialect: str, values: Any, name: str) -> Any:
        return self.inner.sql_field(dialect, values, name)

    def sql_key(self, dialect: str, value: Any) -> Any:
        return self.inner.sql_key(dialect, self._plain(value))

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        return self.inner.sql_same(dialect, self._plain(first), self._plain(second))

    def sort_key(self, dialect: str, value: Any) -> Any:
        plain = self._plain(value)
        key = self.inner.sort_key(dialect, plain)
        return value if key is plain else key

    def bound(self, dialect: str, value: Any) -> Any:
        stored = None if type(self.inner).bound is Kind.bound else self._stored(value)
        return (
            super().bound(dialect, value) if stored is None else self.inner.bound(dialect, stored)
        )

    def sql_words(self, dialect: str, value: Any) -> Any:
        plain = self._plain(value)
        words = self.inner.sql_words(dialect, plain)
        return value if words is plain else words
