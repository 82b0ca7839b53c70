"""One of a list of values: a Python enumeration, or a list of strings."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.db.types import MYSQL
from backoffice.language import _


class Enumeration(Kind):
    """Encoded as the database stores it: by the member's name, unless the type has
    ``values_callable``. Forms and URLs use the same. People read the member's value if it is a
    text."""

    name = "enum"
    control = "choice"
    facet = "choices"

    def __init__(self, type_: Any) -> None:
        super().__init__(type_)
        self.stored: tuple[str, ...] = tuple(type_.enums)
        values: Sequence[Any] = self.stored
        if type_.enum_class is not None:
            read = type_.result_processor(DefaultDialect(), None)
            values = [read(stored) for stored in self.stored]
        self._values: dict[str, Any] = dict(zip(self.stored, values, strict=True))
        self._stored: dict[Any, str] = {value: stored for stored, value in self._values.items()}

    def key_length(self, dialect: str) -> int | None:
        return max(map(len, self.stored), default=1)

    @property
    def choices(self) -> Sequence[tuple[str, str]]:
        return tuple((stored, _label(value)) for stored, value in self._values.items())

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return self._stored_as(value)

    def parse(self, text: str, zone: tzinfo = UTC) -> Any:
        if text not in self._values:
            labels = {_label(value).lower(): value for value in self._values.values()}
            if text.strip().lower() not in labels:
                raise ValueError(_("Choose one of the list."))
            return labels[text.strip().lower()]
        return self._values[text]

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return _label(self._values.get(value, value) if isinstance(value, str) else value)

    def check(self, value: Any, dialect: str) -> None:
        if value not in self._stored and value not in self._values:
            raise ValueError(_("Choose one of the list."))

    def encode(self, value: Any) -> str:
        return self._stored_as(value)

    def decode(self, encoded: Any) -> Any:
        """The member; the text itself if the enumeration no longer has such a member."""
        return self._values.get(encoded, encoded)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        return sa.cast(value, sa.String(255))

    def sql_key(self, dialect: str, value: Any) -> Any:
        return self.sql_encode(dialect, value)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "postgresql" and self.type.native_enum:
            return sa.cast(text, self.type)
        return text

    def sort_key(self, dialect: str, value: Any) -> Any:
        # MySQL's own enumerations sort by position, but compare by name.
        if dialect in MYSQL and self.type.native_enum:
            return sa.cast(value, sa.CHAR(255))
        return value

    def _stored_as(self, value: Any) -> str:
        stored = self._stored.get(value)
        if stored is not None:
            return stored
        return value.name if isinstance(value, Enum) else str(value)


def _label(value: Any) -> str:
    """What people read: the member's value if it is a text, else its name in words."""
    if isinstance(value, Enum):
        if isinstance(value.value, str):
            return _(value.value)
        return _(value.name.replace("_", " ").capitalize())
    return _(str(value))


register(sa.Enum, Enumeration)
