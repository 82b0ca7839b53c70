"""What was measured, and how two sides of it compare."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from bench.processes import Cpu

Key = tuple[str, int, str, str]
"""Set of rows, items, scenario, side."""


@dataclass
class Times:
    """A scenario's rounds on one side, in ms."""

    rounds: dict[int, float] = field(default_factory=dict)
    """The median of each round that it took part in."""
    all: list[float] = field(default_factory=list)
    cpu: Cpu = field(default_factory=Cpu)

    def add(self, turn: int, latencies: Sequence[float]) -> None:
        self.rounds[turn] = 1000 * median(latencies)
        self.all += [1000 * seconds for seconds in latencies]

    @property
    def p50(self) -> float:
        return median(self.all)

    @property
    def p95(self) -> float:
        return quantiles(self.all, n=20)[18] if len(self.all) > 1 else self.all[0]


@dataclass
class Rate:
    """A side's rounds under load: first pages per second, and the CPU of all."""

    rounds: list[float] = field(default_factory=list)
    cpu: Cpu = field(default_factory=Cpu)


@dataclass
class Figures:
    """All of a run. ``failures``: what is wrong with the answers of a scenario on a side."""

    times: dict[Key, Times] = field(default_factory=dict)
    rates: dict[tuple[str, int, str], Rate] = field(default_factory=dict)
    failures: dict[Key, str] = field(default_factory=dict)

    def sizes(self, data: str) -> list[int]:
        """The numbers of items that were measured of a set of rows, the smallest first."""
        return sorted({items for own, items, _scenario, _side in self.times if own == data})

    def scenarios(self, data: str, items: int) -> list[str]:
        """The scenarios that were measured at that size, in their order."""
        own = [key[2] for key in self.times if key[:2] == (data, items)]
        return list(dict.fromkeys(own))


def ratios_of(one: Times | None, other: Times | None) -> list[float]:
    """How many times as long ``one`` takes, in each round that both took part in."""
    if one is None or other is None:
        return []
    return [one.rounds[turn] / other.rounds[turn] for turn in one.rounds if turn in other.rounds]


def ratio_of(one: Times | None, other: Times | None) -> float | None:
    """How many times as long ``one`` takes: the median over the rounds that both took part in."""
    ratios = ratios_of(one, other)
    return median(ratios) if ratios else None


def is_slower(ratios: Sequence[float], most: float = 1.0) -> bool:
    """Whether something takes longer, by more than ``most``, in every round.

    The rounds alternate, so each ratio is of two measurements that followed each other. By chance
    some of them are above 1 and some below; all of seven are above it once in 128 times.
    """
    return bool(ratios) and median(ratios) > most and min(ratios) > 1


def is_slower_than_spread(ratios: Sequence[float], most: float) -> bool:
    """Whether something takes longer by more than ``most`` and by more than the rounds' spread,
    which is from the lowest ratio to the highest."""
    return is_slower(ratios, most) and median(ratios) - 1 > max(ratios) - min(ratios)
