"""Loads: so many records at once that keeping each in the history would serve no one."""

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
    """A unit of work that puts many records in by plain SQL, recorded as one changeset of counts.

    The caller writes through ``session.connection()`` and says by ``count_loaded`` how many, and
    which if it knows; objects that it adds to the session count themselves. The changeset holds no
    rows, says that it is a load, and cannot be undone. If nothing was loaded there is none.
    """
    context = replace(current_audit_context(), source="load")
    with unit_of_work(database, writes=True, audit_context=context) as session:
        session.loaded = LoadedRecords()
        yield session
        session.flush()
        if any(session.loaded.numbers.values()):
            session.changeset_id()


MAX_LOADS = 1_000
"""Loads, the newest, that are asked for one record."""


@dataclass(frozen=True, slots=True)
class Load:
    """A load that put records into a table. ``ranges``: which; None if it did not say."""

    changeset_id: int
    at: datetime
    ranges: list[list[Any]] | None

    def made(self, record_id: str) -> bool:
        """Whether it says that it made this record."""
        return self.ranges is not None and contains_key(self.ranges, record_id)


def loads_of(
    session: RecordSession, table: str, *, before: int | None = None, most: int | None = None
) -> Iterator[Load]:
    """The loads into ``table``, the newest first, at most ``most``; one statement.

    ``before``: those before this changeset; None for all.
    """
    statement = (
        sa.select(Changeset.id, Changeset.at, Changeset.loaded_keys[table])
        .where(Changeset.source == "load", Changeset.loaded[table].as_integer().is_not(None))
        .order_by(Changeset.id.desc())
    )
    if before is not None:
        statement = statement.where(Changeset.id < before)
    if most is not None:
        statement = statement.limit(most)
    for number, at, ranges in session.execute(statement):
        yield Load(number, at, ranges)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record without a creation in its history came from, as far as can be told.

    ``load``: the load that made it. If none says so, ``silent`` are the loads into its table that
    did not say which records they made, the newest first: it may be of one of those.
    """

    load: Load | None
    silent: tuple[Load, ...] = ()


def origin_of(session: RecordSession, table: str, record_id: str, *, before: int | None) -> Origin:
    """Which load made a record; one statement. Only the newest ``MAX_LOADS`` are asked.

    ``before``: the first changeset that is known to have changed it; None if none has.
    """
    silent = []
    for load in loads_of(session, table, before=before, most=MAX_LOADS):
        if load.made(record_id):
            return Origin(load)
        if load.ranges is None:
            silent.append(load)
    return Origin(None, tuple(silent))
