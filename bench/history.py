"""What the history costs: for one save, and for deleting and restoring a hundred thousand rows."""

import argparse
import gc
import platform
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.history import AuditContext, delete_where, load, unit_of_work, update_where
from backoffice.history.undo.changeset import plan_undo, undo
from backoffice.models import Category, Change, Item
from tests import databases

SUMMARY = "what the history costs: a save with and without it, and large deletes and undos"

AIM_RATIO, AIM_SECONDS = 1.5, 10
"""The aims: a save costs at most so many times as much, a large change so many seconds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--items", type=int, default=100_000, help="items in the category (100000)")
    parser.add_argument("--saves", type=int, default=400, help="saves of each kind per round (400)")
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds (5)")
    parser.add_argument(
        "--database", choices=("postgresql", "mariadb", "sqlite"), default="postgresql"
    )


def run(arguments: argparse.Namespace) -> None:
    """Measure, and print as it goes.

    Raises:
        tests.databases.Unavailable: there is no such server.
    """
    with fresh_settings(arguments.database, database_statement_timeout=300) as settings:
        database = open_database(settings)
        try:
            _measure(database, arguments)
        finally:
            database.dispose()


@contextmanager
def fresh_settings(kind: databases.Kind, **others: Any) -> Iterator[Settings]:
    """Settings for a new database of that kind, which is dropped at the end.

    Raises:
        tests.databases.Unavailable: there is no such server.
    """
    databases.begin_run()
    try:
        with (
            TemporaryDirectory(prefix="bench-") as folder,
            databases.migrated_database(kind, Path(folder)) as url,
        ):
            yield databases.make_settings(url, **others)
    finally:
        databases.end_run()


def _measure(database: Database, arguments: argparse.Namespace) -> None:
    category_id = _load(database, arguments.items)
    with database.engine.connect() as connection:
        version = ".".join(str(part) for part in connection.dialect.server_version_info or ())
    print(
        f"{database.dialect} {version}, Python {platform.python_version()}, "
        f"SQLAlchemy {sa.__version__}; {arguments.items:,} items in one category\n"
    )
    _measure_saves(database, arguments.saves, arguments.rounds)
    print()
    _measure_acts(database, category_id, arguments.items)


def _load(database: Database, number: int) -> int:
    """A category with items, with fresh statistics for the planner."""
    with load(database) as session:
        category = Category(name="All of them")
        session.add(category)
        session.flush()
        rows = (
            {
                "name": f"Part {n:06}-{n * 7919 % 997:03}",
                "description": f"Resistor {n % 910 / 10:.1f} kΩ ± {n % 5 + 1} %, film, 1/4 W",
                "price": f"{n % 3307 / 100 + 0.01:.2f}",
                "quantity": n * 31 % 5000,
                "category_id": category.id,
            }
            for n in range(number)
        )
        while batch := list(islice(rows, 5000)):
            session.connection().execute(sa.insert(_items()), batch)
            session.count_loaded("items", len(batch))
        number = category.id
    _analyze(database)
    return number


def _items() -> sa.Table:
    table = Item.__table__
    assert isinstance(table, sa.Table)
    return table


def _analyze(database: Database) -> None:
    """Refresh the statistics, as a real database does by itself now and then."""
    tables = "items, categories, changes, changesets"
    with database.writer.connect() as connection:
        if database.dialect == "sqlite":
            connection.exec_driver_sql("ANALYZE")
        else:
            word = "ANALYZE" if database.dialect == "postgresql" else "ANALYZE TABLE"
            connection.exec_driver_sql(f"{word} {tables}").close()
        connection.commit()


# A single save --------------------------------------------------------------------------


@contextmanager
def _unrecorded(database: Database) -> Iterator[Session]:
    """SQLAlchemy's own session, as ``unit_of_work`` opens its own."""
    with Session(database.writer, autoflush=False, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def _recorded(database: Database) -> Iterator[Session]:
    audit_context = AuditContext(
        "web", 1, "Bench", request_id="0123456789abcdef", address="192.0.2.7"
    )
    with unit_of_work(database, writes=True, audit_context=audit_context) as session:
        yield session


def _measure_saves(database: Database, number: int, rounds: int) -> None:
    with unit_of_work(database) as session:
        ids = session.scalars(sa.select(Item.id).order_by(Item.id).limit(number)).all()
    times: dict[str, list[float]] = {"without history": [], "with history": []}
    medians: list[float] = []
    for turn in range(rounds + 1):
        taken: dict[str, list[float]] = {name: [] for name in times}
        for key in ids:  # in turn, so that other work on the machine affects both
            for name, opened in (("without history", _unrecorded), ("with history", _recorded)):
                start = perf_counter()
                with opened(database) as session:
                    item = session.get_one(Item, key)
                    item.quantity = (item.quantity + 1) % 5000
                    item.description = f"Saved in round {turn} {name}"
                taken[name].append(perf_counter() - start)
        if turn:  # the first one is a warm-up
            for name, some in taken.items():
                times[name] += some
            medians.append(median(taken["with history"]) / median(taken["without history"]))
    for name, some in times.items():
        print(f"a save {name:16} {median(some) * 1000:7.2f} ms  (median of {len(some)})")
    ratio = median(medians)
    spread = f"{min(medians):.2f} to {max(medians):.2f}"
    print(f"ratio {ratio:24.2f} ×   (rounds: {spread}; aim ≤ {AIM_RATIO})")


# A category and all its items ------------------------------------------------------------


def _measure_acts(database: Database, category_id: int, items: int) -> None:
    def delete() -> int:
        with unit_of_work(database, writes=True) as session:
            delete_where(session, Category, Category.id == category_id)
            return session.changeset_id()

    def take_back(number: int) -> Callable[[], int]:
        def work() -> int:
            with unit_of_work(
                database, writes=True, audit_context=AuditContext("undo", undoes_id=number)
            ) as session:
                done = undo(session, number)
                assert done >= items, f"{done} of {items} changes undone"
                return session.changeset_id()

        return work

    def look(number: int) -> Callable[[], int]:
        def work() -> int:
            with unit_of_work(database) as session:
                return plan_undo(session, number).number

        return work

    def edit() -> int:
        with unit_of_work(database, writes=True) as session:
            update_where(session, Item, {"quantity": 7000})
            return session.changeset_id()

    deleted = _timed("delete the category", delete)
    _analyze(database)
    _timed("plan its undo", look(deleted))
    restored = _timed("undo the delete", take_back(deleted))
    _analyze(database)
    _timed("plan the undo of that", look(restored))
    gone = _timed("undo the undo", take_back(restored))
    _timed("and undo that again", take_back(gone))
    _analyze(database)
    edited = _timed("set a field of all items", edit)
    _analyze(database)
    _timed("plan its undo", look(edited))
    _timed("undo it", take_back(edited))
    with unit_of_work(database) as session:
        number = session.scalar(sa.select(sa.func.count()).select_from(Change))
    print(
        f"\nrows of history: {number:,}; aim: delete and undo < {AIM_SECONDS} s each, memory flat"
    )


def _timed(what: str, work: Callable[[], int]) -> int:
    """Print the time that it takes, and the peak growth of memory during it."""
    before, start = forget_peak(), perf_counter()
    result = work()
    taken = perf_counter() - start
    print(f"{what:28} {taken:7.2f} s   memory +{peak() - before:.1f} MB", flush=True)
    return result


STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def forget_peak() -> float:
    """Reset the peak, where the system can; returns the memory used now, in MB."""
    gc.collect()
    if CLEAR.exists():
        CLEAR.write_text("5")
    return peak()


def peak() -> float:
    """The peak memory of the process since the reset, in MB; without a reset, since its start."""
    if CLEAR.exists():
        (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
