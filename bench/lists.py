"""Lists of a thousand to ten million items, beside the stock SQLAdmin and the smallest program.

Every size and side runs at the same time and they take turns, scenario by scenario and round by
round, so that other work on the machine affects all of them. Ratios are medians of the rounds'
ratios.
"""

import argparse
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bench import tour
from bench.aims import Aim, summary
from bench.client import run_all
from bench.datasets import DEMO
from bench.servers import serving
from bench.sides import Side, circumstances
from bench.stocked import Stock, stocked_database
from bench.tour import Tour
from tests import databases
from tests.databases import child_environment

SUMMARY = "lists of a thousand to ten million items, beside the stock SQLAdmin and a bare handler"

THOUSAND, MILLION, TEN_MILLIONS = 1_000, 1_000_000, 10_000_000
SIDES = {"ours": "backoffice.web.asgi:app", "bare": "bench.bare:app", "stock": "bench.stock:app"}

SLOW = 1.0
"""Seconds. If the second request takes longer too, there is no third: that time counts."""

TIMES_BARE = 4
AIMED = tuple(name for name in tour.LISTS if name != tour.MANY)
"""The lists that may take at most so many times as long as the bare one."""

FLAT = {MILLION: 1.2, THOUSAND: 1.3}
"""How many times as long as at that size a page may take with ten million items."""

RATE, EDIT, SAVE = 12, 0.6, 1.0
"""Beside the stock one: requests a second at least, a form's and a save's time at most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--items",
        type=lambda text: int(text.replace("_", "").replace(",", "")),
        nargs="+",
        default=[THOUSAND, MILLION, TEN_MILLIONS],
        help="sizes to measure (1000 1000000 10000000)",
    )
    parser.add_argument("--rounds", type=int, default=7, help="of all scenarios (7)")
    parser.add_argument("--requests", type=int, default=20, help="of a scenario in a round (20)")
    parser.add_argument(
        "--seconds", type=float, default=3.0, help="that a side may take for its turn (3)"
    )
    parser.add_argument("--connections", type=int, default=16, help="at once, for the rate (16)")
    parser.add_argument("--workers", type=int, default=2, help="processes of each server (2)")
    parser.add_argument(
        "--keep", action="store_true", help="keep the databases, and take those of an earlier run"
    )
    parser.add_argument(
        "--url", help="PostgreSQL's administrator (else TEST_POSTGRES_URL or a server of our own)"
    )


def run(arguments: argparse.Namespace) -> None:
    """Build, measure, and print as it goes.

    Raises:
        tests.databases.Unavailable: there is no PostgreSQL.
        UnexpectedAnswer: a server does not show or do what is measured.
    """
    # However it is stopped, the servers stop too, and the measured values are printed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    databases.begin_run()
    try:
        with ExitStack() as stack:
            server = arguments.url or databases.server_url("postgresql")
            stocks = []
            for items in sorted(set(arguments.items)):
                print(f"building {items:,} items", flush=True)
                keep: bool = arguments.keep
                stocks.append(stack.enter_context(stocked_database(server, DEMO, items, keep=keep)))
            print("\n" + circumstances(stocks[0].database))
            for stock in stocks:
                print(f"records: {stock.said}")
            print(
                f"settings: {arguments.workers} worker(s) each, {tour.PAGE_SIZE} rows a page; "
                f"times with one connection, {arguments.rounds} rounds of at most "
                f"{arguments.requests} requests, taking turns",
                flush=True,
            )
            _report(arguments, stocks)
    finally:
        databases.end_run()


def _report(arguments: argparse.Namespace, stocks: Sequence[Stock]) -> None:
    times: dict[Key, Times] = {}
    rates: Rates = {}
    try:
        with _touring(stocks, arguments.workers) as tours:
            _measure_times(arguments, tours, times)
        # One after the other: all at once would need more connections than a server usually allows.
        for stock in stocks:
            with _touring([stock], arguments.workers) as tours:
                rates |= _measure_rates(arguments, *tours[0])
    except KeyboardInterrupt:
        print("stopped; what was measured until then:")
    sizes = [stock.items for stock in stocks]
    aims = []
    for items in sizes:
        aims += _print_times(times, items)
    aims += _print_flatness(times, sizes)
    aims += _print_rates(rates, sizes, arguments.connections)
    print("\n" + summary(aims))


# Serving --------------------------------------------------------------------------------


@contextmanager
def _serving(stock: Stock, workers: int) -> Iterator[list[Side]]:
    """All sides over one database, signed in where that is possible."""
    environment = child_environment(stock.settings)
    with ExitStack() as stack:
        logs = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        sides: list[Side] = []
        for name, app in SIDES.items():
            server = stack.enter_context(
                # Ours writes a line for each request; so do the others.
                serving(
                    name,
                    app,
                    environment,
                    workers=workers,
                    log=logs / f"{name}.log",
                    access_log=name != "ours",
                )
            )
            side = Side(server, after_save=302 if name == "stock" else 303)
            if side.writes:
                side.sign_in()
            else:
                side.cookies = sides[0].cookies  # it looks up the session, as ours does
            sides.append(side)
        yield sides


@contextmanager
def _touring(stocks: Sequence[Stock], workers: int) -> Iterator[list[tuple[Tour, list[Side]]]]:
    """Every side over every database, checked to show the same."""
    with ExitStack() as stack:
        tours = []
        for stock in stocks:
            sides = stack.enter_context(_serving(stock, workers))
            one = Tour(stock, ours=sides[0])
            one.check_alike(sides)
            tours.append((one, sides))
        yield tours


# Times ----------------------------------------------------------------------------------

Key = tuple[int, str, str]
"""Items, scenario, side."""


@dataclass
class Times:
    """A scenario's rounds on one side, in ms."""

    rounds: dict[int, float] = field(default_factory=dict)
    """The median of each round that it took part in."""
    all: list[float] = field(default_factory=list)

    def add(self, turn: int, latencies: Sequence[float]) -> None:
        self.rounds[turn] = 1000 * median(latencies)
        self.all += [1000 * seconds for seconds in latencies]

    @property
    def p50(self) -> float:
        return median(self.all)

    @property
    def p95(self) -> float:
        return quantiles(self.all, n=20)[18] if len(self.all) > 1 else self.all[0]


def ratio_of(one: Times | None, other: Times | None) -> float | None:
    """How many times as long ``one`` takes: the median over the rounds that both took part in."""
    if one is None or other is None:
        return None
    both = one.rounds.keys() & other.rounds.keys()
    return median(one.rounds[turn] / other.rounds[turn] for turn in both) if both else None


def _measure_times(
    arguments: argparse.Namespace,
    tours: Sequence[tuple[Tour, list[Side]]],
    times: dict[Key, Times],
) -> None:
    """Put all rounds into ``times``, each as soon as it is measured, so that a stop loses none."""
    numbers: dict[Key, int] = {}
    began = time.monotonic()
    for turn in range(-1, arguments.rounds):  # the first warms up and does not count
        _measure_round(arguments, tours, turn, times, numbers)
        name = f"round {turn + 1} of {arguments.rounds}" if turn >= 0 else "warmed up"
        print(f"{name}: {time.monotonic() - began:.0f} s, {_load()}", flush=True)


def _measure_round(
    arguments: argparse.Namespace,
    tours: Sequence[tuple[Tour, list[Side]]],
    turn: int,
    times: dict[Key, Times],
    numbers: dict[Key, int],
) -> None:
    for scenario in tour.SCENARIOS:
        turns = [(one, side) for one, sides in tours for side in sides]
        # The first side changes, so that no side always runs just after the same other.
        turns = turns[turn % len(turns) :] + turns[: turn % len(turns)]
        for one, side in turns:
            key = (one.stock.items, scenario, side.server.name)
            number = numbers.get(key, 2)
            if not one.asked(scenario, side) or not number:
                continue
            latencies = _ask(one, scenario, side, number)
            if turn >= 0:
                times.setdefault(key, Times()).add(turn, latencies)
            elif min(latencies) >= SLOW:
                times.setdefault(key, Times()).add(0, latencies[1:])
                numbers[key] = 0
            else:
                most: int = arguments.requests
                numbers[key] = max(1, min(most, int(arguments.seconds / min(latencies))))


def _ask(one: Tour, scenario: str, side: Side, number: int) -> tuple[float, ...]:
    before = one.counted() if scenario in tour.WRITES else {}
    requests = one.requests(scenario, side, number)
    expect = one.expected(scenario, side)
    done = run_all(side.server.port, requests, connections=1, expect=expect)
    if scenario in tour.WRITES:
        one.check_written(scenario, number, before)
    return done.latencies


def _print_times(times: dict[Key, Times], items: int) -> list[Aim]:
    """Print a table of one size; returns the aims in it."""
    aims = []
    print(f"\n{f'{items:,} items: ms':<24}" + "".join(f"{name:>18}" for name in SIDES))
    print(" " * 24 + f"{'p50':>10}{'p95':>8}" * len(SIDES) + "  ours to bare, ours to stock")
    for scenario in tour.SCENARIOS:
        mine = {name: times.get((items, scenario, name)) for name in SIDES}
        line = f"{scenario:<24}"
        for one in mine.values():
            line += f"{one.p50:>10.1f}{one.p95:>8.1f}" if one else f"{'–':>10}{'–':>8}"
        bare, stock = ratio_of(mine["ours"], mine["bare"]), ratio_of(mine["ours"], mine["stock"])
        aim_bare = TIMES_BARE if scenario in AIMED else None
        aim_stock = {tour.EDIT: EDIT, tour.SAVE: SAVE}.get(scenario)
        for name, ratio, limit in (("bare", bare, aim_bare), ("stock", stock, aim_stock)):
            if ratio is None:
                line += "  –"
            # A thousand items have no aim beside the others: at that size everything is quick.
            elif limit is None or items < MILLION:
                line += f"  {ratio:.2f} ×"
            else:
                aims.append(Aim(f"{scenario} at {items:,}, ours to {name}", ratio, limit))
                line += f"  {aims[-1]}"
        print(line)
    return aims


def _print_flatness(times: dict[Key, Times], sizes: Sequence[int]) -> list[Aim]:
    """Print the cost of the largest size beside the others; returns the aims in it."""
    largest = max(sizes)
    aims = []
    for size in sizes:
        if size == largest:
            continue
        print(f"\nours at {largest:,} beside {size:,}")
        for scenario in tour.SCENARIOS:
            ratio = ratio_of(
                times.get((largest, scenario, "ours")), times.get((size, scenario, "ours"))
            )
            if ratio is None:
                continue
            if scenario in tour.PAGES and largest == TEN_MILLIONS and size in FLAT:
                aims.append(Aim(f"{scenario}, {largest:,} to {size:,}", ratio, FLAT[size]))
                print(f"{scenario:<24}{aims[-1]}")
            else:
                print(f"{scenario:<24}{ratio:.2f} ×")
    return aims


# Rates ----------------------------------------------------------------------------------

Rates = dict[tuple[int, str], list[float]]


def _measure_rates(arguments: argparse.Namespace, one: Tour, sides: Sequence[Side]) -> Rates:
    """Print the first pages per second of each side."""
    rates: Rates = {}
    connections: int = arguments.connections
    seconds: float = arguments.seconds
    numbers: dict[str, int] = {}
    for turn in range(-1, arguments.rounds):
        for side in sides if turn % 2 else list(reversed(sides)):
            name = side.server.name
            number = numbers.get(name, 2 * connections)
            if turn > 0 and not number:
                continue
            requests = one.requests(tour.FIRST, side, number or connections)
            done = run_all(side.server.port, requests, connections=connections, expect=200)
            if turn < 0:
                slow = connections / done.rate > 2 * seconds
                numbers[name] = 0 if slow else max(connections, int(done.rate * seconds))
            else:
                rates.setdefault((one.stock.items, name), []).append(done.rate)
    return rates


def _print_rates(rates: Rates, sizes: Sequence[int], connections: int) -> list[Aim]:
    aims = []
    sizes = [items for items in sizes if all((items, name) in rates for name in SIDES)]
    if not sizes:
        return []
    print(f"\nfirst pages a second, {connections} connections")
    print(" " * 24 + "".join(f"{name:>10}" for name in SIDES) + "  ours to bare, ours to stock")
    for items in sizes:
        mine = {name: median(rates[items, name]) for name in SIDES}
        line = f"{f'{items:,} items':<24}" + "".join(f"{rate:>10.1f}" for rate in mine.values())
        line += f"  {mine['ours'] / mine['bare']:.2f} ×"
        ratio = mine["ours"] / mine["stock"]
        if items == MILLION:
            aims.append(Aim(f"requests/s at {items:,}, ours to stock", ratio, RATE, at_least=True))
            line += f"  {aims[-1]}"
        else:
            line += f"  {ratio:.2f} ×"
        print(line)
    return aims


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
