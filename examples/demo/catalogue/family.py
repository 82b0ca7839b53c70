"""How a catalogue is made by rule: families of things that differ along axes.

    Family("%s %s", "Hex bolt to %s, %s.", price=0.05, stock=400, axes=(standards, sizes))

has as many rows as its axes have combinations, and gives any number of them, each once, spread over
the whole family, always the same ones. Nothing is held in memory but the axes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice
from math import gcd, prod
from typing import NamedTuple, TypeVar

T = TypeVar("T")

GOLDEN_RATIO = 0.6180339887498949
"""Steps of this part of a family visit it evenly, however many are taken (Knuth, TAOCP 3, 6.4)."""

KNUTH = 2_654_435_761
"""Multiplicative hashing's constant for 32 bits, from the same section."""


class Part(NamedTuple):
    """One place on an axis: in a name, in a description, and as a factor on the price."""

    name: str
    text: str
    factor: float = 1.0


Axis = Sequence[Part]

CERTIFICATES = (
    Part("certificate 3.1", "With inspection certificate 3.1 to EN 10204.", 1.12),
    Part("certificate 2.2", "With test report 2.2 to EN 10204.", 1.05),
    Part("certificate 2.1", "With declaration of compliance 2.1 to EN 10204.", 1.02),
)


class Row(NamedTuple):
    """One thing. ``cents``: its price in hundredths of the currency."""

    name: str
    description: str
    cents: int
    quantity: int


@dataclass(frozen=True)
class Family:
    """Things of one kind.

    ``name`` and ``description`` hold a ``%s`` for each axis, in the order of ``axes``. ``price`` is
    that of a thing whose factors are all 1, in the currency. ``stock``: a usual quantity.
    """

    name: str
    description: str
    price: float
    stock: int
    axes: tuple[Axis, ...]

    @cached_property
    def capacity(self) -> int:
        return prod(len(axis) for axis in self.axes)

    def extended(self, *axes: Axis) -> "Family":
        """This family along more axes, named after what it is already named by."""
        return Family(
            self.name + ", %s" * len(axes),
            self.description + " %s" * len(axes),
            self.price,
            self.stock,
            self.axes + axes,
        )

    def rows(self, count: int) -> Iterator[Row]:
        """``count`` different rows, at most ``capacity``; the same ones each time."""
        capacity, cents, stock = self.capacity, self.price * 100, self.stock
        step = _coprime_step(capacity)
        axes = [(len(axis), axis) for axis in self.axes]
        at = 0
        for _ in range(count):
            # step and capacity have no common divisor, so this meets every place once.
            at = (at + step) % capacity
            rest, price, names, texts = at, cents, [], []
            for length, axis in axes:
                rest, place = divmod(rest, length)
                name, text, factor = axis[place]
                names.append(name)
                texts.append(text)
                price *= factor
            yield Row(
                self.name % tuple(names),
                self.description % tuple(texts),
                max(1, round(price)),
                _quantity(at, stock),
            )


def _coprime_step(capacity: int) -> int:
    step = max(1, int(capacity * GOLDEN_RATIO))
    while gcd(step, capacity) != 1:
        step += 1
    return step


def _quantity(place: int, stock: int) -> int:
    """What is left of it: about three in a hundred are out, eight are low."""
    noise = (place + stock) * KNUTH & 0xFFFFFFFF
    hundredth = (noise >> 7) % 100
    if hundredth < 3:
        return 0
    if hundredth < 11:
        return 1 + (noise >> 16) % 9
    return 10 + stock * ((noise >> 14) % 40) // 10


def one_of(values: Sequence[str | tuple[str, float]], text: str = "%s") -> list[Part]:
    """An axis from names, or names with factors; ``text`` puts each name into the description."""
    pairs = [(value, 1.0) if isinstance(value, str) else value for value in values]
    return [Part(name, text % name, factor) for name, factor in pairs]


def packs(*sizes: int) -> list[Part]:
    """An axis of package sizes; the larger the cheaper each piece."""
    return [
        Part(f"pack of {size:,}", f"Pack of {size:,}.", size * (0.95 - 0.05 * place))
        for place, size in enumerate(sizes)
    ]


def table(text: str) -> list[Part]:
    """An axis from lines of ``name | text`` or ``name | text | factor``."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [Part(name, words, *map(float, factor)) for name, words, *factor in rows]


def makers(names: str) -> list[Part]:
    """An axis of who made it, by names between commas; a little dearer or cheaper each."""
    return [
        Part(name, f"Made by {name}.", 0.9 + 0.07 * (place * 5 % 7))
        for place, name in enumerate(names.split(", "))
    ]


@dataclass(frozen=True)
class Shelf:
    """A category's things: the plain ones, then by maker, by package, by both, with papers."""

    category: str
    families: tuple[Family, ...]
    makers: Axis
    packs: Axis

    @cached_property
    def tiers(self) -> tuple[tuple[Family, ...], ...]:
        return (
            self.families,
            tuple(family.extended(self.makers) for family in self.families),
            tuple(family.extended(self.packs) for family in self.families),
            tuple(family.extended(self.makers, self.packs) for family in self.families),
            tuple(
                family.extended(self.makers, self.packs, CERTIFICATES) for family in self.families
            ),
        )

    @cached_property
    def capacity(self) -> int:
        return sum(family.capacity for tier in self.tiers for family in tier)

    def rows(self, count: int) -> Iterator[Row]:
        """``count`` different rows, the plainest things first."""
        for tier in self.tiers:
            capacities = [family.capacity for family in tier]
            counts = share(min(count, sum(capacities)), capacities)
            count -= sum(counts)
            yield from in_turn(
                [family.rows(some) for family, some in zip(tier, counts, strict=True)]
            )


def share(total: int, capacities: Sequence[int]) -> list[int]:
    """``total`` divided as evenly as ``capacities`` allow, in whole numbers.

    Raises:
        ValueError: ``total`` is more than all of them hold.
    """
    if total > sum(capacities):
        raise ValueError(f"{total:,} is more than the {sum(capacities):,} there can be")
    counts = [0] * len(capacities)
    # The smallest first: what it cannot take is left for the larger ones.
    by_size = sorted(range(len(capacities)), key=lambda place: (capacities[place], -place))
    for done, place in enumerate(by_size):
        counts[place] = min(capacities[place], total // (len(capacities) - done))
        total -= counts[place]
    return counts


def in_turn(iterators: Sequence[Iterator[T]]) -> Iterator[T]:
    """One of each in turn until all have ended (the ``roundrobin`` recipe of itertools)."""
    turn: Iterator[Iterator[T]] = iter(iterators)
    for running in range(len(iterators), 0, -1):
        turn = cycle(islice(turn, running))
        yield from map(next, turn)
