"""Periods that somebody typed or chose."""

from datetime import UTC, datetime

import pytest

from backoffice.admin.lists.errors import InvalidCondition
from backoffice.admin.lists.periods import Period, read_period

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-02-28", at(2026, 2, 28), at(2026, 3, 1)),
        ("2026-12", at(2026, 12, 1), at(2027, 1, 1)),
        ("2026", at(2026, 1, 1), at(2027, 1, 1)),
        ("9999-12-31", at(9999, 12, 31), None),
        ("9999-12", at(9999, 12, 1), None),
        ("9999", at(9999, 1, 1), None),
        ("2026-01..9999-12-31", at(2026, 1, 1), None),
        ("9999-12-31..9999-12-31", at(9999, 12, 31), None),
    ],
)
def test_a_day_a_month_a_year_or_a_range_is_a_period(
    text: str, start: datetime, end: datetime | None
) -> None:
    assert read_period(text, NOW) == Period(start, end)


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13", "0000", "10000", "soon"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidCondition, match="is not a date"):
        read_period(text, NOW)
