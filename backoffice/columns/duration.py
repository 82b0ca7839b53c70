"""Lengths of time."""

import re
from datetime import UTC, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from backoffice.columns.datetime import check_fraction, fraction_digits
from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.columns.sql import retyped
from backoffice.db.types import MYSQL
from backoffice.language import N_, _, ngettext, number

_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000
_YEARS_1_TO_9999 = (timedelta(days=-719_162), timedelta(days=2_932_897) - _MICROSECOND)

_UNITS = {
    word: size
    for words, size in (
        ("w week weeks", 7 * _DAY),
        ("d day days", _DAY),
        ("h hr hrs hour hours", 3_600_000_000),
        ("m min mins minute minutes", 60_000_000),
        ("s sec secs second seconds", 1_000_000),
        ("ms millisecond milliseconds", 1_000),
        ("us µs μs microsecond microseconds", 1),
    )
    for word in words.split()
}
_CLOCK = r"(\d{1,12}):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?"
_PART = re.compile(
    rf"\s*(?:{_CLOCK}|(\d{{1,20}}(?:\.\d{{1,12}})?)\s*([a-zµμ]+))(?=[\s\d]|$)", re.IGNORECASE
)

_HINT = N_("Enter a length of time, such as 1 day 02:03:04, 02:03 or 90 min.")


class Duration(Kind):
    """Encoded as a whole number of microseconds. A minus sign in front is for all parts:
    "-1 day 02:00" is 26 hours less.

    PostgreSQL's months and years count like in psycopg2: 30 and 365 days.
    """

    name = "duration"
    align = "right"
    facet = "range"
    encoded_as_number = True
    example = "1 day 02:03:04"
    hint = N_("For example 1 day 02:03:04, 02:03 or 90 min.")

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        whole = value // _MICROSECOND
        days, rest = divmod(abs(whole), _DAY)
        seconds, fraction = divmod(rest, 1_000_000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        if fraction:
            clock += f".{fraction:06}"
        parts = [f"{days} day{'s' if days != 1 else ''}"] if days else []
        if rest or not days:
            parts.append(clock)
        return ("-" if whole < 0 else "") + " ".join(parts)

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        text = self.write(value, zone)
        days, word, clock = text.partition(" day")
        if not word:
            return text
        clock = clock.removeprefix("s")
        return ngettext("{count} day", "{count} days", abs(int(days)), count=days) + clock

    def parse(self, text: str, zone: tzinfo = UTC) -> timedelta:
        text = text.strip().replace("−", "-")
        sign = -1 if text.startswith("-") else 1
        text = text.removeprefix("-")
        total, place = Decimal(0), 0
        while place < len(text):
            part = _PART.match(text, place)
            if part is None:
                raise ValueError(_(_HINT))
            total += _microseconds(part)
            place = part.end()
        if not text or total != int(total):
            raise ValueError(_(_HINT))
        try:
            return timedelta(microseconds=sign * int(total))
        except OverflowError:
            raise ValueError(_("Enter less than a billion days.")) from None

    def check(self, value: Any, dialect: str) -> None:
        check_fraction(self, value.microseconds, dialect)
        if dialect in ("", "postgresql") and self._is_native:
            return
        least, most = _YEARS_1_TO_9999  # SQLAlchemy stores a datetime that far from 1970
        if not least <= value <= most:
            raise ValueError(
                _(
                    "Enter a length of time between {least} and {most} days.",
                    least=number(least.days),
                    most=number(most.days),
                )
            )

    def encode(self, value: Any) -> int:
        whole: int = value // _MICROSECOND
        return whole

    def decode(self, encoded: Any) -> timedelta:
        if isinstance(encoded, bool) or not isinstance(encoded, int | str):
            raise ValueError(f"{encoded!r} is not a whole number of microseconds")
        return timedelta(microseconds=int(encoded))

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        digits = fraction_digits(self, dialect)
        return bool(value.microseconds % 10 ** (6 - digits) == 0)

    @property
    def _is_native(self) -> bool:
        """Whether PostgreSQL stores an INTERVAL, and not a datetime that far from 1970."""
        return bool(getattr(self.type, "native", True))

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect == "sqlite":
            return _of_sqlite(value)
        if dialect in MYSQL:
            return sa.func.timestampdiff(_sql("MICROSECOND"), _sql("'1970-01-01'"), value)
        if self._is_native:
            return _of_interval(value)
        stored: Any = retyped(value, sa.DateTime())
        return sa.cast(sa.extract("epoch", stored) * _MILLION, _WHOLE)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect == "sqlite":
            return _as_sqlite(sa.cast(text, sa.Integer))
        if dialect in MYSQL:
            whole = sa.cast(text, sa.BigInteger)
            epoch = _sql("TIMESTAMP'1970-01-01 00:00:00'")
            return sa.func.timestampadd(_sql("MICROSECOND"), whole, epoch)
        length = _as_interval(sa.cast(text, _WHOLE))
        return length if self._is_native else _sql("TIMESTAMP '1970-01-01'").op("+")(length)

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        if dialect == "postgresql" and self._is_native:  # for which a year has 360 days
            first, second = self.sql_encode(dialect, first), self.sql_encode(dialect, second)
            return first.is_not_distinct_from(second)
        return first.is_not_distinct_from(second)


def _microseconds(part: re.Match[str]) -> Decimal:
    hours, minutes, seconds, fraction, amount, unit = part.groups()
    if amount is not None:
        if unit.lower() not in _UNITS:
            raise ValueError(_(_HINT))
        return Decimal(amount) * _UNITS[unit.lower()]
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds or 0)
    return Decimal(whole * 1_000_000 + int((fraction or "").ljust(6, "0")))


def _sql(text: str, type_: Any = None) -> Any:
    return sa.literal_column(text, type_)


_WHOLE = sa.Numeric(30, 0)
_MILLION = _sql("1000000", sa.Integer())
_MICROSECONDS_A_DAY = _sql(str(_DAY), sa.BigInteger())


def _of_sqlite(value: Any) -> Any:
    """The microseconds of a datetime that SQLAlchemy wrote: "1970-01-02 00:00:00.000000"."""
    text: Any = retyped(value, sa.String())
    seconds: Any = sa.func.strftime(_sql("'%s'"), sa.func.substr(text, 1, 19))
    fraction: Any = sa.cast(sa.func.substr(text, 21, 6), sa.Integer)
    return sa.cast(seconds, sa.Integer) * _MILLION + fraction


def _as_sqlite(whole: Any) -> Any:
    fraction = (whole % _MILLION + _MILLION) % _MILLION
    seconds = (whole - fraction) // _MILLION
    clock: Any = sa.func.strftime(_sql("'%Y-%m-%d %H:%M:%S'"), seconds, _sql("'unixepoch'"))
    return retyped(clock, sa.String()).concat(sa.func.printf(_sql("'.%06d'"), fraction))


def _of_interval(value: Any) -> Any:
    """The microseconds of PostgreSQL's INTERVAL, in whole numbers: floats have too few digits."""
    days = _part("year", value) * _sql("365") + _part("month", value) * _sql("30")
    hours = (days + _part("day", value)) * _sql("24") + _part("hour", value)
    minutes = hours * _sql("60") + _part("minute", value)
    return minutes * _sql("60000000") + _part("microseconds", value)  # with the whole seconds


def _part(name: str, value: Any) -> Any:
    return sa.cast(sa.extract(name, value), _WHOLE)


def _as_interval(whole: Any) -> Any:
    days = sa.cast(sa.func.div(whole, _MICROSECONDS_A_DAY), sa.Integer)
    rest: Any = sa.func.mod(whole, _MICROSECONDS_A_DAY)
    seconds = sa.cast(rest, sa.Numeric(30, 6)) / _MILLION
    zero = _sql("0")
    return sa.func.make_interval(zero, zero, zero, days, zero, zero, seconds)


register(sa.Interval, Duration)
register(postgresql.INTERVAL, Duration)
