"""Ranges of ids: pairs of the first and the last one, both included."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

Range = Sequence[int]
"""The first and the last id, both included."""

RANGES_PER_STATEMENT = 100
"""SQLite refuses a condition with more than 1,000 alternatives."""


def in_any_range(column: Any, ranges: Sequence[Range]) -> Any:
    """The condition that a column's value lies in one of the ranges."""
    return sa.or_(
        sa.false(),
        *(
            column == first if first == last else column.between(first, last)
            for first, last in ranges
        ),
    )


def batches(values: Sequence[Range], size: int) -> Iterator[list[Range]]:
    """``values`` in lists of at most ``size``."""
    rest = iter(values)
    for first in rest:
        yield [first, *islice(rest, size - 1)]


def to_ranges(numbers: Sequence[int]) -> list[list[int]]:
    """Ascending numbers as ranges of consecutive ones."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def merge_ranges(ranges: Iterable[Range]) -> list[list[int]]:
    """Ranges in any order, merged into ascending ones with gaps in between."""
    found: list[list[int]] = []
    for first, last in sorted((start, end) for start, end in ranges):
        if found and first <= found[-1][1] + 1:
            found[-1][1] = max(last, found[-1][1])
        else:
            found.append([first, last])
    return found


def contains_key(ranges: Sequence[Sequence[Any]], record_id: str) -> bool:
    """Whether ascending ranges of keys, numbers or texts, contain a record's id."""
    if not ranges:
        return False
    key: Any = record_id
    if isinstance(ranges[0][0], int):
        if not record_id.removeprefix("-").isdecimal():
            return False
        key = int(record_id)
    place = bisect_right(ranges, key, key=lambda range_: range_[0]) - 1
    return bool(place >= 0 and key <= ranges[place][1])
