"""Date and time, with and without a time zone."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from backoffice.columns.kind import Kind, Print
from backoffice.columns.registry import register
from backoffice.columns.sql import retyped
from backoffice.db.types import MYSQL, UTCDateTime
from backoffice.language import _, ngettext
from backoffice.language.dates import datetime_text, read_datetime


class _DateAndTime(Kind):
    """What both kinds have in common."""

    control = "moment"
    print: Print = "moment"
    facet = "period"
    example = "2026-03-31 14:30"

    def check(self, value: Any, dialect: str) -> None:
        check_fraction(self, value.microsecond, dialect)

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        return bool(value.microsecond % 10 ** (6 - fraction_digits(self, dialect)) == 0)

    def sql_key(self, dialect: str, value: Any) -> Any:
        return self.sql_encode(dialect, value)

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        return self._whole(dialect, first).is_not_distinct_from(self._whole(dialect, second))

    def sort_key(self, dialect: str, value: Any) -> Any:
        return self._whole(dialect, value)

    def _whole(self, dialect: str, value: Any) -> Any:
        """On SQLite, the text that SQLAlchemy writes for it.

        SQLite's own functions write no fraction of a second ("05:04:03"). Our own type is always
        written by SQLAlchemy."""
        if dialect != "sqlite" or isinstance(self.type, UTCDateTime):
            return value
        return retyped(with_fraction(value, 19), self.type)


class AwareDateTime(_DateAndTime):
    """With a time zone. Encoded in UTC, to the microsecond: "2026-11-23T05:04:03.000120Z".

    SQLite and MySQL have no zones: forms store UTC there, and what is read from them is UTC.
    """

    name = "moment"

    def key_length(self, dialect: str) -> int | None:
        return 27

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        local = _local(value, zone)
        if local.fold or local.tzinfo is not zone:  # without the zone it would be another time
            return _written(local)
        return _written(local.replace(tzinfo=None))

    def parse(self, text: str, zone: tzinfo = UTC) -> datetime:
        found = _parsed(text)
        try:
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        except OverflowError:
            raise ValueError(_("Enter a date between the years 1 and 9999.")) from None

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        local = _local(value, zone)
        return f"{datetime_text(local.replace(tzinfo=None))} {local:%Z}"

    def encode(self, value: Any) -> str:
        plain = _utc(value).replace(tzinfo=None)
        return f"{plain.isoformat(timespec='microseconds')}Z"

    def decode(self, encoded: Any) -> datetime:
        return _utc(datetime.fromisoformat(encoded))

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        if value.tzinfo is not None and value.utcoffset() and dialect != "postgresql":
            return isinstance(self.type, UTCDateTime)  # others store the clock without its zone
        return super().stores_exactly(value, dialect)

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        return _utc(first) == _utc(second)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "postgresql":
            utc = sa.func.timezone("UTC", value)
            return sa.func.to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        if dialect in MYSQL:
            return sa.func.date_format(value, "%Y-%m-%dT%H:%i:%s.%fZ")
        return sa.func.replace(self._whole(dialect, value), " ", "T").concat("Z")

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "postgresql":
            return sa.cast(text, sa.DateTime(timezone=True))
        return _sql_plain(dialect, text)


class NaiveDateTime(_DateAndTime):
    """Without a time zone. Encoded, typed and shown as it is: "2026-11-23T05:04:03.000120".

    Older releases had one kind for both, whose history has a Z at the end; both are read.
    """

    name = "naive datetime"
    print = "date"  # "3 hours ago" needs a zone

    def key_length(self, dialect: str) -> int | None:
        return 26

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return _written(value.replace(tzinfo=None))

    def parse(self, text: str, zone: tzinfo = UTC) -> datetime:
        found = _parsed(text)
        if found.tzinfo is not None:
            raise ValueError(
                _("Enter a date and time without a time zone, such as 2026-03-31 14:30.")
            )
        return found

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return datetime_text(value.replace(tzinfo=None))

    def from_utc(self, utc: datetime) -> datetime:
        return utc.replace(tzinfo=None)

    def encode(self, value: Any) -> str:
        return str(value.replace(tzinfo=None).isoformat(timespec="microseconds"))

    def decode(self, encoded: Any) -> datetime:
        return datetime.fromisoformat(encoded).replace(tzinfo=None)

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        if value.tzinfo is not None:  # PostgreSQL would move it to its own zone
            return False
        return super().stores_exactly(value, dialect)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "postgresql":
            return sa.func.to_char(value, 'YYYY-MM-DD"T"HH24:MI:SS.US')
        if dialect in MYSQL:
            return sa.func.date_format(value, "%Y-%m-%dT%H:%i:%s.%f")
        return sa.func.replace(self._whole(dialect, value), " ", "T")

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "postgresql":
            return sa.cast(sa.func.rtrim(text, "Z"), sa.DateTime(timezone=False))
        return _sql_plain(dialect, text)


def fraction_digits(kind: Kind, dialect: str) -> int:
    """The digits of a second's fraction that a column stores.

    It is the type's own number, else 6; on MySQL 0."""
    if dialect == "sqlite":
        return 6
    said = _PRECISION.search(kind.ddl(dialect))
    if said is not None:
        return int(said[1])
    return 0 if dialect in MYSQL else 6


def check_fraction(kind: Kind, microsecond: int, dialect: str) -> None:
    """Check that a column stores the fraction of a second.

    Raises:
        ValueError: it would cut it off.
    """
    digits = fraction_digits(kind, dialect)
    if microsecond % 10 ** (6 - digits):
        if not digits:
            raise ValueError(_("Enter whole seconds."))
        raise ValueError(
            ngettext(
                "Enter seconds with at most {count} digit after the point.",
                "Enter seconds with at most {count} digits after the point.",
                digits,
            )
        )


def with_fraction(value: Any, length: int) -> Any:
    """A time that SQLite stores as text, with all six digits of its fraction.

    ``length``: its characters without a fraction."""
    text = retyped(value, sa.String)
    zeros = sa.literal_column("'000000'", sa.String())
    point = sa.literal_column("'.'", sa.String())
    return sa.case(
        (sa.func.length(text) == length, text.concat(point).concat(zeros)),
        else_=sa.func.substr(text.concat(zeros), 1, length + 7, type_=sa.String),
    )


_PRECISION = re.compile(r"\((\d)\)")


def _sql_plain(dialect: str, text: Any) -> Any:
    """The text without "T" and "Z", as SQLite stores it and MySQL reads it."""
    plain = sa.func.replace(sa.func.replace(text, "T", " "), "Z", "")
    return plain if dialect == "sqlite" else sa.cast(plain, mysql.DATETIME(fsp=6))


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _local(value: datetime, zone: tzinfo) -> datetime:
    """The time in a zone; in UTC if the year there is not from 1 to 9999."""
    try:
        return _utc(value).astimezone(zone)
    except OverflowError:
        return _utc(value)


def _written(value: datetime) -> str:
    return value.isoformat(timespec="microseconds" if value.microsecond else "seconds")


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        found = read_datetime(text)
    if found is None:
        raise ValueError(_("Enter a date and time, such as 2026-03-31 14:30."))
    return found


def _of_type(type_: Any) -> Kind:
    return AwareDateTime(type_) if type_.timezone else NaiveDateTime(type_)


register(sa.DateTime, _of_type)
register(UTCDateTime, AwareDateTime)
