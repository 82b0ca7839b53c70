"""Periods of time, typed or chosen: a day, a month, "the last 7 days". All in UTC."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_

from backoffice.admin.lists.errors import InvalidCondition
from backoffice.admin.lists.search import shortened
from backoffice.columns import kind_of
from backoffice.language import N_, _

PRESETS = {
    "today": N_("Today"),
    "yesterday": N_("Yesterday"),
    "7d": N_("Last 7 days"),
    "30d": N_("Last 30 days"),
    "month": N_("This month"),
    "last-month": N_("Last month"),
    "year": N_("This year"),
}
"""The periods that a facet offers, each with its text, for ``_``."""

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?", re.ASCII)
_DAYS = re.compile(r"([0-9]{1,4})d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` up to, and without, ``end``; None for an open end."""

    start: datetime | None
    end: datetime | None

    def condition(self, column: Any, dialect: str) -> ColumnElement[bool]:
        """The condition that a column's datetime or date is in the period."""
        kind = kind_of(column)
        compared = kind.sort_key(dialect, column)
        conditions = []
        for end, compare in ((self.start, compared.__ge__), (self.end, compared.__lt__)):
            if end is not None:
                conditions.append(compare(kind.bound(dialect, kind.from_utc(end))))
        return and_(*conditions) if conditions else column.is_not(None)


def read_period(text: str, now: datetime) -> Period:
    """The period that ``text`` names: a preset, "2026", "2026-01", "2026-01-31", "7d" (the last 7
    days), or a range of dates ("2026-01..2026-03"). ``now``: the time that presets refer to.

    Raises:
        InvalidCondition: the text names no period.
    """
    try:
        if text in PRESETS:
            return _PRESET_PERIODS[text](now)
        if days := _DAYS.fullmatch(text):
            return _last_days(int(days[1]))(now)
    except (ValueError, OverflowError):
        raise InvalidCondition(
            _("“{text}” is outside the calendar", text=shortened(text))
        ) from None
    first, dots, last = text.partition("..")
    if not dots:
        return _read_date(text)
    if not first and not last:
        raise InvalidCondition(_("A range needs a start or an end"))
    start = _read_date(first).start if first else None
    end = _read_date(last).end if last else None
    if start is not None and end is not None and start >= end:
        raise InvalidCondition(_("{first} is later than {last}", first=first, last=last))
    return Period(start, end)


def _read_date(text: str) -> Period:
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        start = datetime(year, month or 1, day or 1, tzinfo=UTC)
    except ValueError:
        raise InvalidCondition(
            _(
                "“{text}” is not a date, such as 2026-01-31, 2026-01 or 2026",
                text=shortened(text),
            )
        ) from None
    try:
        if day is not None:
            return Period(start, start + timedelta(days=1))
        return Period(start, _next_month(start) if month is not None else _month(year + 1, 1))
    except (ValueError, OverflowError):  # it ends with the calendar, at 9999-12-31
        return Period(start, None)


def _month(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


def _next_month(start: datetime) -> datetime:
    return _month(start.year + start.month // 12, start.month % 12 + 1)


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _last_days(days: int) -> Callable[[datetime], Period]:
    """The last ``days`` days, including today."""
    return lambda now: Period(_midnight(now) - timedelta(days=max(days, 1) - 1), None)


def _days_ago(days: int) -> Callable[[datetime], Period]:
    def period(now: datetime) -> Period:
        start = _midnight(now) - timedelta(days=days)
        return Period(start, start + timedelta(days=1))

    return period


def _months_ago(months: int) -> Callable[[datetime], Period]:
    def period(now: datetime) -> Period:
        start = _month(now.year, now.month)
        for _month_back in range(months):
            start = (start - timedelta(days=1)).replace(day=1)
        return Period(start, _next_month(start))

    return period


_PRESET_PERIODS: dict[str, Callable[[datetime], Period]] = {
    "today": _days_ago(0),
    "yesterday": _days_ago(1),
    "7d": _last_days(7),
    "30d": _last_days(30),
    "month": _months_ago(0),
    "last-month": _months_ago(1),
    "year": lambda now: Period(_month(now.year, 1), _month(now.year + 1, 1)),
}
