"""Counting the records of a table that have no change: records of loads, and others."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.history.audited import history_name, key_of, table_of
from backoffice.history.loads import Load, loads_of
from backoffice.history.ranges import (
    RANGES_PER_STATEMENT,
    batches,
    contains_key,
    in_any_range,
    merge_ranges,
)
from backoffice.history.session import RecordSession
from backoffice.models.tables import changes

KEYS_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class UnchangedCounts:
    """How many records have no change.

    ``loaded``: a load inserted them. ``unknown``: no load is known to have. ``missing``: a load
    inserted them and they do not exist; ``first_missing`` is the id of one, "" if there is none.
    """

    loaded: int
    unknown: int
    missing: int
    first_missing: str


class UnchangedRecords:
    """Counts the records of a table without changes by a few statements.

    The caller reports each record with changes to ``note_changed``. Even ten million loaded records
    are not read one by one, except to find missing ones.
    """

    def __init__(self, session: RecordSession, mapper: Mapper[Any]) -> None:
        self.session = session
        self.table = history_name(mapper)
        self.key = key_of(mapper)
        self.rows = table_of(mapper)
        self.loads: list[Load] = [load for load in loads_of(session, self.table) if load.ranges]
        ranges = [range_ for load in self.loads for range_ in load.ranges or ()]
        self._numbers = merge_ranges(range_ for range_ in ranges if isinstance(range_[0], int))
        self._texts = sorted({first for first, _last in ranges if not isinstance(first, int)})
        self._changed_existing = 0
        self._changed_loaded = self._changed_loaded_existing = 0

    def load_of(self, record_id: str) -> Load | None:
        """The newest load that inserted a record; None if no load is known to have."""
        return next((load for load in self.loads if load.made(record_id)), None)

    def is_loaded(self, record_id: str) -> bool:
        """Whether a load is known to have inserted a record."""
        if contains_key(self._numbers, record_id):
            return True
        index = bisect_right(self._texts, record_id) - 1
        return index >= 0 and self._texts[index] == record_id

    def note_changed(self, record_id: str, *, exists: bool) -> None:
        """Note a record with changes, so that it is not counted; ``exists``: whether it does."""
        self._changed_existing += exists
        if self.is_loaded(record_id):
            self._changed_loaded += 1
            self._changed_loaded_existing += exists

    def count(self) -> UnchangedCounts:
        """Count all records of the table that were not noted."""
        number = sum(last - first + 1 for first, last in self._numbers) + len(self._texts)
        loaded = self._count_loaded() - self._changed_loaded_existing
        missing = number - self._changed_loaded - loaded
        total = self._count(sa.true())
        return UnchangedCounts(
            loaded,
            total - self._changed_existing - loaded,
            missing,
            next(self._missing(), "") if missing else "",
        )

    def _count(self, condition: Any) -> int:
        statement = sa.select(sa.func.count()).select_from(self.rows).where(condition)
        return self.session.connection().scalar(statement) or 0

    def _count_loaded(self) -> int:
        if not self._numbers and not self._texts:
            return 0
        number = sum(
            self._count(in_any_range(self.key.columns[0], ranges))
            for ranges in batches(self._numbers, RANGES_PER_STATEMENT)
        )
        return number + sum(
            self._count(self.key.among(self._parse(texts))) for texts in _batches(self._texts)
        )

    def _missing(self) -> Iterator[str]:
        """The ids of loaded records that do not exist and have no change."""
        for record_ids in self._not_existing():
            changed = set(
                self.session.scalars(
                    sa.select(changes.c.record_id)
                    .where(changes.c.model == self.table, changes.c.record_id.in_(record_ids))
                    .distinct()
                )
            )
            yield from (record_id for record_id in record_ids if record_id not in changed)

    def _not_existing(self) -> Iterator[list[str]]:
        """The ids of loaded records that do not exist, in batches."""
        for first, last in self._numbers:
            for start in range(first, last + 1, KEYS_PER_STATEMENT):
                wanted = range(start, min(last, start + KEYS_PER_STATEMENT - 1) + 1)
                (key,) = self.key.columns
                between = key.between(wanted[0], wanted[-1])
                existing = set(self.session.scalars(sa.select(key).where(between)))
                if len(existing) < len(wanted):
                    yield [str(key) for key in wanted if key not in existing]
        for texts in _batches(self._texts):
            keys = sa.select(*self.key.columns).where(self.key.among(self._parse(texts)))
            rows = self.session.connection().execute(keys)
            existing = {self.key.encode(self.key.value(row)) for row in rows}
            if missing := [text for text in texts if text not in existing]:
                yield missing

    def _parse(self, texts: Sequence[str]) -> list[Any]:
        return [key for key in map(self.key.decode, texts) if key is not None]


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), KEYS_PER_STATEMENT):
        yield texts[start : start + KEYS_PER_STATEMENT]
