"""Which records a load inserted: ranges of keys by table, stored with the counts in its changeset.

``{"items": [[1, 2000], [2005, 2010]]}``: ascending, both ends included. A key that is not a whole
number is a range of its own, as text. A table has all of its loaded keys or none: it is left out if
the load did not know them, or if they need too many ranges.
"""

from collections.abc import Iterable, Sequence
from typing import Any

KeyRange = Sequence[Any]
"""The first and the last key: two whole numbers, or the same key twice."""

MAX_RANGES = 1_000
"""The most ranges for one table, about ten kilobytes. A history screen reads them all."""


class LoadedRecords:
    """What a unit of work has loaded so far: how many records by table, and their keys if known."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._keys: dict[str, list[KeyRange] | None] = {}

    def add(self, table: str, number: int, keys: Iterable[KeyRange] | None) -> None:
        """Add ``number`` records of ``table``, with their keys; None if those are not known.

        Raises:
            ValueError: ``keys`` are not ``number`` keys.
        """
        known = self._keys.setdefault(table, [])
        if keys is None:
            self._keys[table] = None
        else:
            keys = list(keys)
            if _count_keys(keys) != number:
                raise ValueError(f"{number} records of {table} were loaded, and {keys} are others")
            if known is not None:
                self._keys[table] = _add_ranges(known, keys)
        self.numbers[table] = self.numbers.get(table, 0) + number

    def copy(self) -> "LoadedRecords":
        """An independent copy."""
        other = LoadedRecords()
        other.numbers = dict(self.numbers)
        other._keys = {
            table: None if keys is None else [(first, last) for first, last in keys]
            for table, keys in self._keys.items()
        }
        return other

    def keys(self) -> dict[str, list[list[Any]]] | None:
        """The value of the changeset's ``loaded_keys``; None if no table has known keys."""
        known = {
            table: _sorted_ranges(ranges)
            for table, ranges in self._keys.items()
            if ranges is not None
        }
        return {table: ranges for table, ranges in known.items() if ranges} or None


def _add_ranges(known: list[KeyRange], keys: Iterable[KeyRange]) -> list[KeyRange] | None:
    """Add ranges to the known ones; None if they are too many."""
    for first, last in keys:
        if known and isinstance(first, int) and known[-1][1] == first - 1:
            known[-1] = (known[-1][0], last)
        else:
            known.append((first, last))
        if len(known) > MAX_RANGES:
            known = list(_sorted_ranges(known))
            if len(known) > MAX_RANGES:
                return None
    return known


def _sorted_ranges(ranges: Sequence[KeyRange]) -> list[list[Any]]:
    if not all(isinstance(first, int) for first, _last in ranges):
        return sorted([str(first), str(last)] for first, last in ranges)
    found: list[list[Any]] = []
    for first, last in sorted(ranges, key=lambda range_: range_[0]):
        if found and first == found[-1][1] + 1:
            found[-1][1] = last
        else:
            found.append([first, last])
    return found


def _count_keys(ranges: Iterable[KeyRange]) -> int:
    return sum(last - first + 1 if isinstance(first, int) else 1 for first, last in ranges)
