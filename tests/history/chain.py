"""Writing, sealing and verifying history in a line each."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.history.seals.chain import end_of_chain
from backoffice.history.seals.sealing import seal_all
from backoffice.history.seals.signing import HistoryKeys
from backoffice.history.seals.verification import Broken, Verification
from backoffice.models import Category, Change, Changeset, Seal
from tests.databases import SIGNING_KEY

KEYS = HistoryKeys(SIGNING_KEY)
"""Those of the tests' settings."""

_numbers = count(1)


def write(database: Database, number: int = 1) -> list[int]:
    """As many changesets, each of which creates a category; their ids."""
    made = []
    for _ in range(number):
        with unit_of_work(database, writes=True) as session:
            session.add(Category(name=f"Category {next(_numbers)}"))
            session.flush()
            made.append(session.changeset_id())
    return made


def write_fast(
    database: Database, number: int, changes: int = 1, at: datetime | None = None
) -> tuple[int, int]:
    """Many changesets that say they created categories; the first and the last id."""
    with database.writer.begin() as connection:
        first = (connection.scalar(sa.select(sa.func.max(Changeset.id))) or 0) + 1
        moment = at or datetime.now(UTC)
        _insert(
            connection,
            Changeset,
            (
                {
                    "id": first + place,
                    "at": moment + timedelta(microseconds=place),
                    "actor": "Ada",
                    "source": "script",
                    "reason": "",
                    "request_id": f"r{place}",
                    "address": "",
                }
                for place in range(number)
            ),
        )
        _insert(
            connection,
            Change,
            (
                {
                    "changeset_id": first + place,
                    "model": "categories",
                    "record_id": str(record),
                    "label": f"Category {record}",
                    "operation": "create",
                    "after": {"id": record, "name": f"Category {record}", "version": 1},
                }
                for place in range(number)
                for record in range(changes)
            ),
        )
        if database.dialect == "postgresql":
            connection.exec_driver_sql(
                "SELECT setval('changesets_id_seq', (SELECT max(id) FROM changesets))"
            )
    return first, first + number - 1


def _insert(connection: sa.Connection, model: type[Any], rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, 5_000)):
        connection.execute(sa.insert(model.__table__), some)


def seal(database: Database, most: int = 1_000) -> list[Seal]:
    """Seal all that can be."""
    return list(seal_all(database, KEYS, most=most))


def settle(database: Database, seconds: float = 60) -> list[Seal]:
    """Seal until all that was written is settled; the seals that it took.

    Whatever else runs on the server at this moment, in other tests too, is waited for.
    """
    deadline = time.monotonic() + seconds
    made = seal(database)
    while True:
        with unit_of_work(database) as session:
            end = end_of_chain(session)
        if end.sealed_through == end.newest:
            return made
        assert time.monotonic() < deadline, f"not settled after {seconds} s: {end}"
        time.sleep(0.2)
        made += seal(database)


def verify(database: Database) -> Verification:
    """The chain, read to its end; raises ``Broken``."""
    with unit_of_work(database) as session:
        verification = Verification(session, KEYS)
        for _ in verification.steps():
            pass
        return verification


def what_is_wrong(database: Database) -> str:
    """The first thing in the chain that does not fit; empty if all does."""
    try:
        verify(database)
    except Broken as error:
        return str(error)
    return ""


def covered(database: Database) -> list[list[list[int]]]:
    """What each seal covers, in their order."""
    with unit_of_work(database) as session:
        return list(session.scalars(sa.select(Seal.covers).order_by(Seal.id)))


def all_seals(database: Database) -> list[Seal]:
    """The chain, in order."""
    with unit_of_work(database) as session:
        return list(session.scalars(sa.select(Seal).order_by(Seal.id)))
