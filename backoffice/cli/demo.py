"""Fill the database with a realistic hardware catalogue, the same one each time."""

import argparse
import importlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from backoffice.cli.outcome import DONE, Refused
from backoffice.config import load_settings
from backoffice.db import Database, open_database
from backoffice.history import RecordSession
from backoffice.history import load as load_records
from backoffice.models import Category, Item

NAME = "demo"
SUMMARY = "Fill an empty database with a realistic hardware catalogue."

EXAMPLE = "examples.demo"
"""The package with the records, beside this one."""

ITEMS = 2_000
MOST_ITEMS = 10_000_000
USERS = 5
MOST_USERS = 650


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--items",
        type=_number(0, MOST_ITEMS),
        default=ITEMS,
        metavar="N",
        help=f"number of items (default {ITEMS:,}, at most {MOST_ITEMS:,})",
    )
    parser.add_argument(
        "--users",
        type=_number(0, MOST_USERS),
        default=USERS,
        metavar="N",
        help=f"number of users (default {USERS}); to sign in, each needs set-password first",
    )
    parser.add_argument(
        "--add",
        action="store_true",
        help="add to existing records; names that exist are skipped",
    )


def run(arguments: argparse.Namespace) -> int:
    database = open_database(load_settings())
    started = time.monotonic()
    loaded = load(
        database,
        items=arguments.items,
        users=arguments.users,
        add=arguments.add,
        show_progress=sys.stderr.isatty(),
    )
    seconds = time.monotonic() - started
    print(f"{loaded} in {seconds:.1f} s.")
    return DONE


@dataclass(frozen=True)
class Loaded:
    """How many records were added."""

    categories: int
    items: int
    users: int

    def __str__(self) -> str:
        return f"Added {self.categories} categories, {self.items:,} items and {self.users} users"


class ExampleMissing(Refused):
    """The demo records are missing. The message says where they should be."""


class Example(Protocol):
    """What this command needs of ``examples.demo``."""

    def fill(
        self, session: RecordSession, *, items: int, users: int, add: bool, show_progress: bool
    ) -> Loaded: ...


def find_example() -> Example:
    """The demo records. They are not part of the package, so they are imported on demand.

    Raises:
        ExampleMissing: they are missing.
    """
    try:
        module: Any = importlib.import_module(EXAMPLE)
    except ModuleNotFoundError as error:
        if error.name not in (EXAMPLE, EXAMPLE.partition(".")[0]):
            raise
        raise ExampleMissing(
            "The demo records are missing: this copy of the back office has no folder "
            "examples/demo."
        ) from None
    example: Example = module
    return example


def load(
    database: Database,
    *,
    items: int = ITEMS,
    users: int = USERS,
    add: bool = False,
    show_progress: bool = False,
) -> Loaded:
    """Add the demo records, all in one transaction.

    ``add``: even if there are records; skips names and e-mail addresses that exist.

    Raises:
        ExampleMissing: the demo records are missing.
        Refused: there are categories or items, and ``add`` is False.
    """
    example = find_example()
    with load_records(database) as session:
        if not add and has_records(session):
            raise Refused(
                "The database already has categories or items. Use an empty database, or --add to "
                "add demo records to them."
            )
        return example.fill(session, items=items, users=users, add=add, show_progress=show_progress)


def has_records(session: RecordSession) -> bool:
    """Whether there is any category or item."""
    return session.scalar(sa.select(sa.exists(sa.select(Category.id)))) is True or (
        session.scalar(sa.select(sa.exists(sa.select(Item.id)))) is True
    )


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text.replace(",", "").replace("_", ""))
        if not lowest <= number <= highest:
            raise argparse.ArgumentTypeError(f"must be from {lowest:,} to {highest:,}")
        return number

    parse.__name__ = "number"  # argparse says "invalid number value"
    return parse
