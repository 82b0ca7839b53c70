"""Fill the database with a believable hardware catalogue, the same one each time."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from backoffice.cli.bulk import insert_items
from backoffice.cli.catalogue import CATEGORIES, catalogue
from backoffice.cli.outcome import DONE, Refused
from backoffice.cli.people import PEOPLE, people
from backoffice.cli.progress import with_progress
from backoffice.config import load_settings
from backoffice.db import Database, open_database
from backoffice.history import RecordSession
from backoffice.history import load as load_records
from backoffice.models import Category, Item, User

NAME = "demo"
SUMMARY = "Fill the database with a believable hardware catalogue."

ITEMS = 2_000
MOST_ITEMS = 10_000_000
USERS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--items",
        type=_number(0, MOST_ITEMS),
        default=ITEMS,
        metavar="N",
        help=f"how many items (default {ITEMS:,}, at most {MOST_ITEMS:,})",
    )
    parser.add_argument(
        "--users",
        type=_number(0, PEOPLE),
        default=USERS,
        metavar="N",
        help=f"how many users, who cannot sign in until they get a password (default {USERS})",
    )
    parser.add_argument(
        "--add",
        action="store_true",
        help="add to what is there; names that exist are skipped",
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
    """How many records were made."""

    categories: int
    items: int
    users: int

    def __str__(self) -> str:
        return f"{self.categories} categories, {self.items:,} items and {self.users} users made"


def load(
    database: Database,
    *,
    items: int = ITEMS,
    users: int = USERS,
    add: bool = False,
    show_progress: bool = False,
) -> Loaded:
    """Make the demo records, all in one transaction.

    ``add``: to what is there, skipping names and e-mail addresses that exist.

    Raises:
        Refused: there are categories or items, and ``add`` was not asked for.
    """
    with load_records(database) as session:
        if not add and has_records(session):
            raise Refused(
                "The database holds categories or items already, and demo records would mix with "
                "them: use an empty database, or --add."
            )
        made_categories, ids = _categories(session)
        rows: Iterator[tuple[int, str, str, int, int]] = (
            (ids[place], name, description, cents, quantity)
            for place, (name, description, cents, quantity) in catalogue(items)
        )
        if show_progress:
            rows = with_progress(rows, items)
        made = insert_items(session, rows, items, skip_existing=add)
        if made.number:
            session.count_loaded("items", made.number, made.keys)
        made_users = _users(session, users)
    return Loaded(made_categories, made.number, made_users)


def has_records(session: RecordSession) -> bool:
    """Whether there is any category, and so perhaps an item."""
    return session.scalar(sa.select(sa.exists(sa.select(Category.id)))) is True or (
        session.scalar(sa.select(sa.exists(sa.select(Item.id)))) is True
    )


def _categories(session: RecordSession) -> tuple[int, list[int]]:
    """How many were made, and the ids of all in the order of ``CATEGORIES``."""
    named = {
        category.name: category
        for category in session.scalars(sa.select(Category).where(Category.name.in_(CATEGORIES)))
    }
    missing = [Category(name=name) for name in CATEGORIES if name not in named]
    session.add_all(missing)
    session.flush()
    named |= {category.name: category for category in missing}
    return len(missing), [named[name].id for name in CATEGORIES]


def _users(session: RecordSession, count: int) -> int:
    wanted = [
        User(first_name=first, last_name=last, email=email, is_active=is_active)
        for first, last, email, is_active in people(count)
    ]
    taken = set(
        session.scalars(
            sa.select(User.email).where(User.email.in_([user.email for user in wanted]))
        )
    )
    missing = [user for user in wanted if user.email not in taken]
    session.add_all(missing)
    session.flush()
    return len(missing)


def _number(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text.replace(",", "").replace("_", ""))
        if not lowest <= number <= highest:
            raise argparse.ArgumentTypeError(f"must be from {lowest:,} to {highest:,}")
        return number

    parse.__name__ = "number"  # argparse says "invalid number value"
    return parse
