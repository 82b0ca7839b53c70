"""Loads: too many records at once to record each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history.context import current_audit_context
from backoffice.history.loaded_records import LoadedRecords
from backoffice.history.ranges import contains_key
from backoffice.history.session import RecordSession
from backoffice.history.unit_of_work import unit_of_work
from backoffice.models import Changeset


@contextmanager
def load(database: Database) -> Iterator[RecordSession]:
    """A unit of work that inserts many records by plain SQL, with one changeset of counts.

    The caller inserts through ``session.connection()``, and reports how many with
    ``session.count_loaded``, with their keys if it knows them. Objects added to the session are
    counted automatically. The changeset has the source "load" and no changes, and cannot be undone.
    If nothing was loaded, there is no changeset.
    """
    context = replace(current_audit_context(), source="load")
    with unit_of_work(database, writes=True, audit_context=context) as session:
        session.loaded = LoadedRecords()
        yield session
        session.flush()
        if any(session.loaded.numbers.values()):
            session.changeset_id()


MAX_LOADS = 1_000
"""How many loads, newest first, are searched for one record."""


@dataclass(frozen=True, slots=True)
class Load:
    """A load that inserted records into a table. ``ranges``: their keys; None if not known."""

    changeset_id: int
    at: datetime
    ranges: list[list[Any]] | None

    def made(self, record_id: str) -> bool:
        """Whether the load is known to have inserted this record."""
        return self.ranges is not None and contains_key(self.ranges, record_id)


def loads_of(
    session: RecordSession, table: str, *, before: int | None = None, limit: int | None = None
) -> Iterator[Load]:
    """The loads into ``table``, newest first; one statement.

    ``before``: only loads before this changeset; None for all. ``limit``: at most so many; None
    for all.
    """
    statement = (
        sa.select(Changeset.id, Changeset.at, Changeset.loaded_keys[table])
        .where(Changeset.source == "load", Changeset.loaded[table].as_integer().is_not(None))
        .order_by(Changeset.id.desc())
    )
    if before is not None:
        statement = statement.where(Changeset.id < before)
    if limit is not None:
        statement = statement.limit(limit)
    for number, at, ranges in session.execute(statement):
        yield Load(number, at, ranges)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record comes from whose history has no creation.

    ``load``: the load that inserted it. If that is None, ``silent`` are the loads into its table
    without known keys, newest first: one of these may have inserted it.
    """

    load: Load | None
    silent: tuple[Load, ...] = ()


def origin_of(session: RecordSession, table: str, record_id: str, *, before: int | None) -> Origin:
    """Find the load that inserted a record, among the newest ``MAX_LOADS``; one statement.

    ``before``: the first changeset that changed the record; None if none has.
    """
    silent = []
    for load in loads_of(session, table, before=before, limit=MAX_LOADS):
        if load.made(record_id):
            return Origin(load)
        if load.ranges is None:
            silent.append(load)
    return Origin(None, tuple(silent))
