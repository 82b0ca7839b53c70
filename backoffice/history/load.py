"""Loads: so many records at once that keeping each in the history would serve no one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy.engine import Connection

from backoffice.db import Database
from backoffice.history.act import current_act
from backoffice.history.unit import unit_of_work


@contextmanager
def load(database: Database, counts: Mapping[str, int]) -> Iterator[Connection]:
    """A transaction to put many records into empty tables, recorded as one changeset of counts.

    ``counts``: records by table. The changeset holds no rows, says so, and cannot be undone.
    """
    act = replace(current_act(), source="load")
    with unit_of_work(database, writes=True, act=act) as session:
        session.loaded = dict(counts)
        session.changeset_id()
        yield session.connection()
