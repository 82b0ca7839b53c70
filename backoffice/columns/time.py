"""Times of day."""

from datetime import UTC, time, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from backoffice.columns.datetime import check_fraction, fraction_digits, with_fraction
from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.columns.sql import retyped
from backoffice.db.types import MYSQL
from backoffice.language import _
from backoffice.language.dates import read_time, time_text


class Time(Kind):
    """Encoded as ISO 8601 to the microsecond: "14:30:00.000000"."""

    name = "time"
    control = "time"
    facet = "range"
    example = "14:30"

    def problem(self, dialect: str) -> str:
        if self.type.timezone:
            return "has a time zone but no date, so the time is ambiguous: write Time()"
        return ""

    def key_length(self, dialect: str) -> int | None:
        return 15

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        text: str = value.isoformat()
        return text

    def parse(self, text: str, zone: tzinfo = UTC) -> time:
        try:
            found: time | None = time.fromisoformat(text.strip())
        except ValueError:
            found = read_time(text)
        if found is None or found.tzinfo is not None:
            raise ValueError(_("Enter a time, such as 14:30."))
        return found

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        # What the languages' own forms leave out is written as ISO 8601 has it.
        return str(value.isoformat()) if value.microsecond else time_text(value)

    def check(self, value: Any, dialect: str) -> None:
        check_fraction(self, value.microsecond, dialect)

    def encode(self, value: Any) -> str:
        return str(value.isoformat(timespec="microseconds"))

    def decode(self, encoded: Any) -> time:
        return time.fromisoformat(encoded)

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        return bool(value.microsecond % 10 ** (6 - fraction_digits(self, dialect)) == 0)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "postgresql":
            return sa.func.to_char(value, "HH24:MI:SS.US")
        if dialect in MYSQL:
            return sa.func.time_format(value, "%H:%i:%s.%f")
        return with_fraction(value, 8)

    def sql_key(self, dialect: str, value: Any) -> Any:
        return retyped(self.sql_encode(dialect, value), sa.String)

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        if dialect == "sqlite":
            first, second = with_fraction(first, 8), with_fraction(second, 8)
        return first.is_not_distinct_from(second)

    def sort_key(self, dialect: str, value: Any) -> Any:
        if dialect != "sqlite":
            return value
        return retyped(with_fraction(value, 8), self.type)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "postgresql":
            return sa.cast(text, sa.Time)
        if dialect in MYSQL:
            return sa.cast(text, mysql.TIME(fsp=6))
        return text


register(sa.Time, Time)
