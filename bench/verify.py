"""The cost of verifying a long history: its chain, and the records against it."""

import argparse
import platform
from collections.abc import Callable
from itertools import count
from time import perf_counter, process_time

import sqlalchemy as sa

from backoffice.cli.demo import load
from backoffice.db import Database, open_database
from backoffice.history import unit_of_work, update_where
from backoffice.history.comparison.records import Comparison
from backoffice.history.seals.sealing import seal_all
from backoffice.history.seals.signing import HistoryKeys, history_keys
from backoffice.history.seals.verification import Verification
from backoffice.models import Change, Changeset, Item
from bench.history import forget_peak, fresh_settings, peak

SUMMARY = "verify-history on a million changes: the chain, and the records"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--items", type=int, default=100_000, help="items to load (100000)")
    parser.add_argument("--changes", type=int, default=1_000_000, help="changes to them (1000000)")
    parser.add_argument("--acts", type=int, default=200, help="changesets with these changes (200)")
    parser.add_argument(
        "--database", choices=("postgresql", "mariadb", "sqlite"), default="postgresql"
    )


def run(arguments: argparse.Namespace) -> None:
    """Measure, and print as it goes.

    Raises:
        tests.databases.Unavailable: there is no such server.
    """
    with fresh_settings(arguments.database) as settings:
        database = open_database(settings, for_migrations=True)
        try:
            _measure(database, history_keys(settings), arguments)
        finally:
            database.dispose()


def _measure(database: Database, keys: HistoryKeys, arguments: argparse.Namespace) -> None:
    load(database, items=arguments.items, users=0)
    start = perf_counter()
    _change(database, arguments.items, arguments.changes, arguments.acts)
    for _seal in seal_all(database, keys):
        pass
    with unit_of_work(database) as session:
        number = session.scalar(sa.select(sa.func.count()).select_from(Change))
        acts = session.scalar(sa.select(sa.func.count()).select_from(Changeset))
    print(
        f"{database.dialect}, Python {platform.python_version()}, SQLAlchemy {sa.__version__}: "
        f"{number:,} changes in {acts:,} changesets, made in {perf_counter() - start:.0f} s\n"
    )
    with unit_of_work(database) as session:
        verification = Verification(session, keys)
        _timed("verify the chain", lambda: sum(1 for _ in verification.steps()))
        comparison = Comparison(session)
        _timed("compare the records", lambda: sum(1 for _ in comparison.steps()))
    assert not comparison.differences, comparison.first_difference
    print()
    for line in comparison.report():
        print(line)


def _change(database: Database, items: int, changes: int, acts: int) -> None:
    """Set fields of some items at a time, with the product's own code, until there are so many."""
    each = max(1, changes // acts)
    starts = range(0, items, each)
    turn = count()
    made = 0
    while made < changes:
        for first in starts:
            number = next(turn)
            with unit_of_work(database, writes=True) as session:
                made += update_where(
                    session,
                    Item,
                    {"quantity": 10_000 + number, "price": f"{number}.25"},
                    Item.id > first,
                    Item.id <= min(first + each, first + changes - made),
                )
            if made >= changes:
                return


def _timed(what: str, work: Callable[[], int]) -> None:
    before, start, used = forget_peak(), perf_counter(), process_time()
    steps = work()
    taken, used = perf_counter() - start, process_time() - used
    print(
        f"{what:22} {taken:7.1f} s ({used:.1f} s of them this process)   {steps:,} steps   "
        f"peak {peak():.0f} MB (+{peak() - before:.0f})",
        flush=True,
    )
