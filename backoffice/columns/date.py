"""Dates."""

from datetime import UTC, date, datetime, tzinfo
from typing import Any

import sqlalchemy as sa

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.columns.sql import retyped
from backoffice.language import _
from backoffice.language.dates import date_text, read_date


class Date(Kind):
    """Encoded as ISO 8601: "2026-03-31"."""

    name = "date"
    control = "date"
    print = "date"
    facet = "period"
    example = "2026-03-31"

    def key_length(self, dialect: str) -> int | None:
        return 10

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return _day(value).isoformat()

    def parse(self, text: str, zone: tzinfo = UTC) -> date:
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            found = read_date(text)
        if found is None:
            raise ValueError(_("Enter a date, such as 2026-03-31."))
        return found

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return date_text(_day(value))

    def from_utc(self, utc: datetime) -> date:
        return utc.date()

    def encode(self, value: Any) -> str:
        return _day(value).isoformat()

    def decode(self, encoded: Any) -> date:
        return date.fromisoformat(encoded)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        return sa.cast(value, sa.String(10)) if dialect != "sqlite" else value

    def sql_key(self, dialect: str, value: Any) -> Any:
        return retyped(self.sql_encode(dialect, value), sa.String)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        return sa.cast(text, sa.Date) if dialect != "sqlite" else text


def _day(value: Any) -> date:
    """The day: SQLAlchemy also accepts a datetime for a date column."""
    day: date = value.date() if isinstance(value, datetime) else value
    return day


register(sa.Date, Date)
