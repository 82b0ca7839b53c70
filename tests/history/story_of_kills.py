"""Kills a process in the middle of its writes, again and again, and compares records and history.

Run by itself, with a database's URL and the number of kills: it forks.
"""

import os
import random
import signal
import sys
import time
from decimal import Decimal

import sqlalchemy as sa

from backoffice.db import Database, open_database
from backoffice.history import RecordSession, delete_where, unit_of_work, update_where
from backoffice.models import Category, Change, Item
from tests.databases import make_settings
from tests.history.ledger import check_history

ACTS = 10
"""So many acts of a process are done before it is killed, however slow the machine is."""


def write_for_ever(database: Database, seed: int, told: int) -> None:
    """One act after another, of every kind; a byte goes to the pipe ``told`` after each."""
    chance = random.Random(seed)
    number = 0
    while True:
        number += 1
        with unit_of_work(database, writes=True) as session:
            for _ in range(chance.randint(1, 3)):
                write(session, chance, f"{seed}-{number}-{chance.random()}")
            if chance.random() < 0.2:
                session.rollback()
        os.write(told, b".")


def write(session: RecordSession, chance: random.Random, name: str) -> None:
    """Something of some kind."""
    what = chance.randint(0, 6)
    category = session.scalars(sa.select(Category).order_by(sa.func.random()).limit(1)).first()
    item = session.scalars(sa.select(Item).order_by(sa.func.random()).limit(1)).first()
    if what == 0 or category is None:
        items = [Item(name=f"{name} {n}", description="x", price=n, quantity=n) for n in range(10)]
        session.add(Category(name=name, items=items))
    elif item is not None and what == 1:
        item.quantity, item.price = chance.randint(0, 99), Decimal(chance.randint(0, 99))
    elif item is not None and what == 2:
        session.delete(item)
    elif what == 3:
        update_where(session, Item, {"quantity": chance.randint(0, 99)}, Item.price < 5)
    elif what == 4:
        delete_where(session, Category, Category.id == category.id)
    elif what == 5:
        session.delete(category)
    elif item is not None:
        savepoint = session.begin_nested()
        item.description = name
        session.flush()
        if chance.random() < 0.5:
            savepoint.rollback()
    session.flush()


def wait_for_silence(database: Database) -> None:
    """Until the server has noticed that its client is dead."""
    if database.dialect != "postgresql":
        return
    others = sa.text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with database.engine.connect() as connection:
            if connection.scalar(others) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError("the killed process's connection stays")


def main(url: str, kills: int) -> None:
    chance = random.Random(5)
    for seed in range(kills):
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            write_for_ever(open_database(make_settings(url)), seed, told)
        os.close(told)
        for _ in range(ACTS):
            assert os.read(heard, 1) == b"."
        time.sleep(0.05 * chance.random())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(heard)
        database = open_database(make_settings(url))
        wait_for_silence(database)
        check_history(database)
        database.dispose()
    database = open_database(make_settings(url))
    with unit_of_work(database) as session:
        sys.stdout.write(str(session.scalar(sa.select(sa.func.count()).select_from(Change))))
    database.dispose()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
