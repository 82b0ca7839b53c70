"""Which records a load made: ranges of keys by table, kept with the counts in its changeset.

``{"items": [[1, 2000], [2005, 2010]]}``: ascending, both ends included. A key that is no whole
number is a range of its own, as text. A table is there whole or not at all, so that what it does
not name was not loaded; it is left out if the load did not know, or would take too many ranges.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from backoffice.models import Changeset

if TYPE_CHECKING:
    from backoffice.history.unit import RecordSession

Keys = Sequence[Any]
"""The first and the last of some keys: two whole numbers, or the same key twice."""

MOST_RANGES = 1_000
"""Ranges that a load keeps of one table: a history's screen reads them, in some ten kilobytes."""

MOST_LOADS = 1_000
"""Loads, the newest, that are asked for one record."""


class Loaded:
    """What a unit of work has loaded so far: how many by table, and which, where it is said."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._keys: dict[str, list[Keys] | None] = {}

    def add(self, table: str, number: int, keys: Iterable[Keys] | None) -> None:
        """``number`` more records of ``table``; ``keys``: which, None if that is not known.

        Raises:
            ValueError: ``keys`` are of another number.
        """
        known = self._keys.setdefault(table, [])
        if keys is None:
            self._keys[table] = None
        else:
            keys = list(keys)
            if _number_of(keys) != number:
                raise ValueError(f"{number} records of {table} were loaded, and {keys} are others")
            if known is not None:
                self._keys[table] = _with(known, keys)
        self.numbers[table] = self.numbers.get(table, 0) + number

    def copy(self) -> "Loaded":
        """Another of the same content."""
        other = Loaded()
        other.numbers = dict(self.numbers)
        other._keys = {
            table: None if keys is None else [(first, last) for first, last in keys]
            for table, keys in self._keys.items()
        }
        return other

    def keys(self) -> dict[str, list[list[Any]]] | None:
        """What a changeset keeps as ``loaded_keys``."""
        kept = {
            table: _ascending(ranges) for table, ranges in self._keys.items() if ranges is not None
        }
        return {table: ranges for table, ranges in kept.items() if ranges} or None


def _with(known: list[Keys], keys: Iterable[Keys]) -> list[Keys] | None:
    """Ranges with some more; None if they are too many."""
    for first, last in keys:
        if known and isinstance(first, int) and known[-1][1] == first - 1:
            known[-1] = (known[-1][0], last)
        else:
            known.append((first, last))
        if len(known) > MOST_RANGES:
            known = list(_ascending(known))
            if len(known) > MOST_RANGES:
                return None
    return known


def _ascending(ranges: Sequence[Keys]) -> list[list[Any]]:
    if not all(isinstance(first, int) for first, _last in ranges):
        return sorted([str(first), str(last)] for first, last in ranges)
    found: list[list[Any]] = []
    for first, last in sorted(ranges, key=lambda one: one[0]):
        if found and first == found[-1][1] + 1:
            found[-1][1] = last
        else:
            found.append([first, last])
    return found


def _number_of(ranges: Iterable[Keys]) -> int:
    return sum(last - first + 1 if isinstance(first, int) else 1 for first, last in ranges)


@dataclass(frozen=True, slots=True)
class Load:
    """A load that put records into a table. ``ranges``: which; None if it did not say."""

    changeset_id: int
    at: datetime
    ranges: list[list[Any]] | None

    def made(self, record_id: str) -> bool:
        """Whether it says that it made this record."""
        return self.ranges is not None and lies_in(self.ranges, record_id)


def lies_in(ranges: Sequence[Sequence[Any]], record_id: str) -> bool:
    """Whether a record's key, as the history keeps it, lies in ascending ranges."""
    if not ranges:
        return False
    key: Any = record_id
    if isinstance(ranges[0][0], int):
        if not record_id.removeprefix("-").isdecimal():
            return False
        key = int(record_id)
    place = bisect_right(ranges, key, key=lambda one: one[0]) - 1
    return bool(place >= 0 and key <= ranges[place][1])


def loads_of(
    session: "RecordSession", table: str, *, before: int | None = None, most: int | None = None
) -> Iterator[Load]:
    """The loads into ``table``, the newest first, at most ``most``; one statement.

    ``before``: those before this changeset; None for all.
    """
    statement = (
        sa.select(Changeset.id, Changeset.at, Changeset.loaded_keys[table])
        .where(Changeset.source == "load", Changeset.loaded[table].as_integer().is_not(None))
        .order_by(Changeset.id.desc())
    )
    if before is not None:
        statement = statement.where(Changeset.id < before)
    if most is not None:
        statement = statement.limit(most)
    for number, at, ranges in session.execute(statement):
        yield Load(number, at, ranges)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record without a creation in its history came from, as far as can be told.

    ``load``: the load that made it. If none says so, ``silent`` are the loads into its table that
    did not say which records they made, the newest first: it may be of one of those.
    """

    load: Load | None
    silent: tuple[Load, ...] = ()


def origin_of(
    session: "RecordSession", table: str, record_id: str, *, before: int | None
) -> Origin:
    """Which load made a record; one statement. Only the newest ``MOST_LOADS`` are asked.

    ``before``: the first changeset that is known to have changed it; None if none has.
    """
    silent = []
    for load in loads_of(session, table, before=before, most=MOST_LOADS):
        if load.made(record_id):
            return Origin(load)
        if load.ranges is None:
            silent.append(load)
    return Origin(None, tuple(silent))
