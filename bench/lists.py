"""Lists of a thousand to ten million items, beside the stock SQLAdmin and the smallest program.

On two sets of rows, so that no aim is met on one kind alone: the demo's catalogue, where neighbours
are alike, and scattered ones (``bench.rows``). Every size and side of a set runs at the same time
and they take turns, scenario by scenario and round by round, so that other work on the machine
affects all of them. Ratios are medians of the rounds' ratios. With another commit beside ours,
"before" is its code on a copy of each database, with the schema that its own migrations make.
"""

import argparse
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from backoffice.config import CHECKOUT
from bench.aims import Aim, summary
from bench.commits import checkout_of, commit_id
from bench.datasets import SETS
from bench.earlier import stock_at
from bench.figures import Figures
from bench.list_aims import MILLION, THOUSAND
from bench.rounds import measure_rates, measure_times
from bench.scenarios import PAGE_SIZE
from bench.servers import serving
from bench.sides import Side, circumstances
from bench.stocked import Stock, stocked_database
from bench.tables import print_cpu, print_growth, print_rates, print_slower, print_times
from bench.tour import COUNTED, Tour
from tests import databases
from tests.databases import child_environment

SUMMARY = "lists of a thousand to ten million items, beside stock SQLAdmin and a minimal handler"

SIZES = [THOUSAND, 200_000, MILLION]
"""Building these and measuring them takes half an hour; ten million take half an hour more to
build, for each set of rows."""

OURS = "backoffice.web.asgi:app"
SIDES = {"ours": OURS, "bare": "bench.bare:app", "stock": "bench.stock:app"}

Pair = tuple[Stock, Stock | None]
"""A database, and the earlier commit's with the same rows."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--items",
        type=lambda text: int(text.replace("_", "").replace(",", "")),
        nargs="+",
        default=SIZES,
        help="sizes to measure (1000 200000 1000000)",
    )
    parser.add_argument(
        "--data", choices=SETS, nargs="+", default=list(SETS), help="sets of rows (both)"
    )
    parser.add_argument("--beside", metavar="COMMIT", help="also compare with this commit")
    parser.add_argument("--rounds", type=int, default=7, help="number of rounds (7)")
    parser.add_argument(
        "--requests", type=int, default=12, help="requests per scenario and round (12)"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="longest turn of a side (2)")
    parser.add_argument(
        "--connections", type=int, default=16, help="connections at once, for the rate (16)"
    )
    parser.add_argument(
        "--workers", type=int, default=2, help="processes of each server, for the rate (2)"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the databases, and reuse those of an earlier run"
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
            checkout = None
            if arguments.beside is not None:
                checkout = stack.enter_context(checkout_of(arguments.beside))
            pairs = {
                data: [
                    _built(stack, arguments, data, items, checkout) for items in _sizes(arguments)
                ]
                for data in arguments.data
            }
            _print_settings(arguments, pairs)
            _report(arguments, pairs, checkout)
    finally:
        databases.end_run()


def _sizes(arguments: argparse.Namespace) -> list[int]:
    return sorted(set(arguments.items))


def _built(
    stack: ExitStack, arguments: argparse.Namespace, data: str, items: int, checkout: Path | None
) -> Pair:
    server = arguments.url or databases.server_url("postgresql")
    keep: bool = arguments.keep
    print(f"building {items:,} items ({data})", flush=True)
    stock = stack.enter_context(stocked_database(server, SETS[data], items, keep=keep))
    before = None
    if checkout is not None:
        copied = stock_at(server, stock, commit_id(arguments.beside), checkout, keep=keep)
        before = stack.enter_context(copied)
    return stock, before


def _print_settings(arguments: argparse.Namespace, pairs: Mapping[str, Sequence[Pair]]) -> None:
    stocks = [stock for some in pairs.values() for stock, _before in some]
    print("\n" + circumstances(stocks[0].database))
    for stock in stocks:
        print(f"records: {stock.said}")
    print(
        f"settings: {PAGE_SIZE} rows a page; times with one worker and one connection, "
        f"{arguments.rounds} rounds of at most {arguments.requests} requests, taking turns; "
        f"rates with {arguments.workers} worker(s)",
        flush=True,
    )


def _report(
    arguments: argparse.Namespace, pairs: Mapping[str, Sequence[Pair]], checkout: Path | None
) -> None:
    figures = Figures()
    try:
        for some in pairs.values():
            # One set after the other, and for the rates one size: all at once would need more
            # connections than a server usually allows.
            with _touring(some, checkout, workers=1) as tours:
                for one in tours:
                    _print_checks(one, figures)
                measure_times(arguments, tours, figures)
            for pair in some:
                with _touring([pair], checkout, workers=arguments.workers) as tours:
                    measure_rates(arguments, tours[0], figures)
    except KeyboardInterrupt:
        print("stopped; what was measured until then:")
    sides = [name for name in ("ours", "before", *SIDES) if name != "before" or checkout]
    print("\n" + summary(_print_all(figures, list(pairs), list(dict.fromkeys(sides)), arguments)))


def _print_all(
    figures: Figures, sets: Sequence[str], sides: Sequence[str], arguments: argparse.Namespace
) -> list[Aim]:
    aims: list[Aim] = []
    for data in sets:
        for items in figures.sizes(data):
            aims += print_times(figures, data, items, sides)
            print_cpu(figures, data, items, sides)
        aims += print_growth(figures, data)
        aims += print_rates(figures, data, sides, arguments.connections)
    if "before" in sides:
        print_slower(figures)
    return aims


def _print_checks(one: Tour, figures: Figures) -> None:
    """Check that the sides show the same, and print how many rows each list has."""
    one.check_alike()
    data, items = one.stock.data.name, one.stock.items
    hits = (
        f"{name} {min(number, COUNTED):,}{'+' if number > COUNTED else ''}"
        for name, number in one.hits.items()
    )
    print(f"rows of {data}, {items:,} items: {'; '.join(hits)}", flush=True)
    for note in one.notes:
        print(f"  {note}")
    for (scenario, side), failure in one.failures.items():
        figures.failures[data, items, scenario, side] = failure


# Serving --------------------------------------------------------------------------------


@contextmanager
def _serving(pair: Pair, checkout: Path | None, workers: int) -> Iterator[list[Side]]:
    """All sides over one database, the earlier commit over its own; signed in where possible."""
    stock, before = pair
    with ExitStack() as stack:
        logs = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        sides: list[Side] = []
        served = [(name, app, stock, CHECKOUT) for name, app in SIDES.items()]
        if before is not None and checkout is not None:
            served.insert(1, ("before", OURS, before, checkout))
        for name, app, own, place in served:
            server = stack.enter_context(
                serving(
                    name,
                    app,
                    child_environment(own.settings),
                    workers=workers,
                    log=logs / f"{name}.log",
                    # Ours writes a line for each request; so do the others.
                    access_log=app != OURS,
                    checkout=place,
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
def _touring(pairs: Sequence[Pair], checkout: Path | None, *, workers: int) -> Iterator[list[Tour]]:
    """Every side over every database."""
    with ExitStack() as stack:
        tours = []
        for stock, before in pairs:
            sides = stack.enter_context(_serving((stock, before), checkout, workers))
            tours.append(Tour(stock, sides, before))
        yield tours
