"""The demo catalogue's rows, its twenty categories split into as many as the real parts have.

A mark in some descriptions gives a search that finds the same few rows however many there are.
"""

from collections.abc import Iterator
from itertools import count

from examples.demo.bulk import Row
from examples.demo.catalogue import CATEGORIES, catalogue

SHELVES = 209
"""Categories, as many as the real parts have."""

MARKED, MARK = 200, "Antarctic"
"""So many descriptions hold this word, however many rows there are."""


def shelves() -> list[str]:
    """The names of ``SHELVES`` categories."""
    return [
        f"{CATEGORIES[place]}, shelf {number:02}"
        for place in range(len(CATEGORIES))
        for number in range(1, _shelves_of(place) + 1)
    ]


def _shelves_of(place: int) -> int:
    return SHELVES // len(CATEGORIES) + (place < SHELVES % len(CATEGORIES))


def stock(items: int, ids: list[int]) -> Iterator[Row]:
    """``items`` rows; ``ids`` are those of the categories, in the order of ``shelves``.

    Raises:
        ValueError: there are fewer than ``MARKED`` rows to mark, or more than the catalogue holds.
    """
    if items < MARKED:
        raise ValueError(f"{items} items, of which {MARKED} are to be found by {MARK!r}")
    first = [0]
    for place in range(len(CATEGORIES)):
        first.append(first[-1] + _shelves_of(place))
    turns = [count() for _ in CATEGORIES]
    step, marked = items // MARKED, 0
    for number, (place, row) in enumerate(catalogue(items)):
        shelf = ids[first[place] + next(turns[place]) % _shelves_of(place)]
        description = row.description
        if marked < MARKED and number % step == 0:
            marked += 1
            description += f" {MARK} grade."
        yield shelf, row.name, description, row.cents, row.quantity
