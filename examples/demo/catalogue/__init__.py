"""A hardware catalogue made by rule: the same rows every time, up to ten million of them.

Standards, sizes and series are those that are sold; who makes what in which package is invented.
"""

from collections.abc import Iterator

from examples.demo.catalogue import (
    components,
    fixings,
    passives,
    rotating,
    screws,
    switching,
    wiring,
    workshop,
)
from examples.demo.catalogue.family import Row, in_turn, share

SHELVES = tuple(
    shelf
    for aisle in (
        screws,
        fixings,
        rotating,
        workshop,
        passives,
        components,
        wiring,
        switching,
    )
    for shelf in aisle.SHELVES
)

CATEGORIES = tuple(shelf.category for shelf in SHELVES)
CAPACITY = sum(shelf.capacity for shelf in SHELVES)


def catalogue(count: int) -> Iterator[tuple[int, Row]]:
    """``count`` things, each with the place of its category in ``CATEGORIES``.

    The categories take turns and hold about as many each; no name comes twice.

    Raises:
        ValueError: ``count`` is more than ``CAPACITY``.
    """
    counts = share(count, [shelf.capacity for shelf in SHELVES])

    def numbered(place: int) -> Iterator[tuple[int, Row]]:
        for row in SHELVES[place].rows(counts[place]):
            yield place, row

    return in_turn([numbered(place) for place in range(len(SHELVES))])
