"""Prints what was measured of the lists, and returns the aims in it."""

from collections.abc import Sequence
from statistics import median

from bench.aims import Aim
from bench.figures import Figures, ratio_of, ratios_of
from bench.list_aims import (
    MILLION,
    RATE,
    aim_beside,
    aim_in_seconds,
    aim_of_cpu,
    aim_of_growth,
    aim_of_small,
    slower_than_before,
)

WIDTH = 32
"""Characters of a scenario's name."""


def print_times(figures: Figures, data: str, items: int, sides: Sequence[str]) -> list[Aim]:
    """Print a table of one size of one set of rows; returns the aims in it."""
    others = [side for side in sides if side != "ours"]
    print(f"\n{f'{data}, {items:,} items: ms':<{WIDTH}}" + "".join(f"{one:>18}" for one in sides))
    said = ", ".join(f"ours to {one}" for one in others)
    print(" " * WIDTH + f"{'p50':>10}{'p95':>8}" * len(sides) + f"  {said}")
    aims: list[Aim] = []
    for scenario in figures.scenarios(data, items):
        key = (data, items, scenario, "ours")
        line = f"{scenario:<{WIDTH}}"
        for side in sides:
            times = figures.times.get((data, items, scenario, side))
            line += f"{times.p50:>10.1f}{times.p95:>8.1f}" if times else f"{'–':>10}{'–':>8}"
        for other in others:
            ratio = ratio_of(
                figures.times.get(key), figures.times.get((data, items, scenario, other))
            )
            aim = aim_beside(figures, key, other)
            aims += [aim] if aim is not None else []
            line += (
                f"  {aim}" if aim is not None else "  –" if ratio is None else f"  {ratio:.2f} ×"
            )
        if (aim := aim_in_seconds(figures, key)) is not None:
            aims.append(aim)
            line += f"  {aim}"
        for side in sides:
            if failure := figures.failures.get((data, items, scenario, side)):
                line += f"  [{side}: {failure}]"
        print(line)
    return aims


def print_cpu(figures: Figures, data: str, items: int, sides: Sequence[str]) -> None:
    """Print the CPU a request, of the web server and of the database apart."""
    title = f"{data}, {items:,} items: CPU ms"
    print(f"\n{title:<{WIDTH}}" + "".join(f"{one:>18}" for one in sides))
    print(" " * WIDTH + f"{'web':>10}{'db':>8}" * len(sides))
    for scenario in figures.scenarios(data, items):
        line = f"{scenario:<{WIDTH}}"
        for side in sides:
            times = figures.times.get((data, items, scenario, side))
            web, database = (times.cpu.web_ms, times.cpu.database_ms) if times else (None, None)
            line += f"{_number(web):>10}{_number(database):>8}"
        print(line)


def print_growth(figures: Figures, data: str) -> list[Aim]:
    """Print the cost of the largest size beside the others; returns the aims in it."""
    sizes = figures.sizes(data)
    aims: list[Aim] = []
    for size in sizes[:-1]:
        print(f"\n{data}: ours at {sizes[-1]:,} beside {size:,}")
        for scenario in figures.scenarios(data, size):
            ratio = ratio_of(
                figures.times.get((data, sizes[-1], scenario, "ours")),
                figures.times.get((data, size, scenario, "ours")),
            )
            if ratio is None:
                continue
            aim = aim_of_growth(figures, data, scenario, size, sizes[-1])
            aims += [aim] if aim is not None else []
            print(f"{scenario:<{WIDTH}}{aim if aim is not None else f'{ratio:.2f} ×'}")
    if (aim := aim_of_small(figures, data)) is not None:
        aims.append(aim)
        print(f"\n{aim.what}: {aim}")
    return aims


def print_rates(figures: Figures, data: str, sides: Sequence[str], connections: int) -> list[Aim]:
    """Print first pages per second, and the CPU for each of them; returns the aims in it."""
    sizes = [
        items
        for items in figures.sizes(data)
        if all((data, items, side) in figures.rates for side in sides)
    ]
    if not sizes:
        return []
    aims: list[Aim] = []
    print(f"\n{data}: first pages a second, {connections} connections; CPU ms of each: web, db")
    print(" " * WIDTH + "".join(f"{side:>10}{'web':>8}{'db':>8}" for side in sides))
    for items in sizes:
        rates = {side: figures.rates[data, items, side] for side in sides}
        mine = {side: median(rate.rounds) for side, rate in rates.items()}
        line = f"{f'{items:,} items':<{WIDTH}}"
        for side, rate in rates.items():
            line += f"{mine[side]:>10.1f}{_number(rate.cpu.web_ms):>8}"
            line += f"{_number(rate.cpu.database_ms):>8}"
        for other in sides[1:]:
            line += f"  {mine['ours'] / mine[other]:.2f} × {other}"
        own = [aim_of_cpu(figures, data, items)]
        if items == MILLION:
            what = f"{data}: requests/s at {items:,}, ours to stock"
            own.append(Aim(what, mine["ours"] / mine["stock"], RATE, at_least=True))
        print(line)
        for aim in own:
            if aim is not None:
                aims.append(aim)
                print(f"  {aim.what}: {aim}")
    return aims


def print_slower(figures: Figures) -> None:
    """Name what takes longer than at the earlier commit."""
    compared = sum(
        bool(ratios_of(times, figures.times.get((*key[:3], "before"))))
        for key, times in figures.times.items()
        if key[3] == "ours"
    )
    surely, perhaps = slower_than_before(figures)
    print(
        f"\n{len(surely)} of {compared} scenarios are slower than before, by more than 5 % and by "
        "more than the spread of the rounds"
    )
    for line in surely:
        print(line)
    if perhaps:
        print(f"{len(perhaps)} more by more than 5 % and in every round, within their spread")
    for line in perhaps:
        print(line)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
