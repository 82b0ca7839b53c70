"""The records of a table that no change tells of: those that loads made, and others."""

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
    """How many records no change tells of.

    ``untouched``: a load made them. ``strangers``: no load says so. ``missing``: a load made them
    and they are gone; ``first_missing`` is the key of one of them, "" if there is none.
    """

    untouched: int
    strangers: int
    missing: int
    first_missing: str


class UnchangedRecords:
    """Told of each record that has changes, it counts the others by a few statements.

    Of ten million loaded records none is looked at by itself, but where some are missing.
    """

    def __init__(self, session: RecordSession, mapper: Mapper[Any]) -> None:
        self.session = session
        self.table = history_name(mapper)
        self.key = key_of(mapper)
        self.rows = table_of(mapper)
        self.loads: list[Load] = [one for one in loads_of(session, self.table) if one.ranges]
        every = [one for load in self.loads for one in load.ranges or ()]
        self._numbers = merge_ranges(one for one in every if isinstance(one[0], int))
        self._texts = sorted({first for first, _last in every if not isinstance(first, int)})
        self._changed = self._changed_there = 0
        self._made_changed = self._made_changed_there = 0

    def load_of(self, record_id: str) -> Load | None:
        """The newest load that made a record; None if none says so."""
        return next((load for load in self.loads if load.made(record_id)), None)

    def is_made(self, record_id: str) -> bool:
        """Whether some load says that it made a record."""
        if contains_key(self._numbers, record_id):
            return True
        place = bisect_right(self._texts, record_id) - 1
        return place >= 0 and self._texts[place] == record_id

    def changed(self, record_id: str, *, there: bool) -> None:
        """A record that some change tells of; ``there``: whether it exists."""
        self._changed_there += there
        if self.is_made(record_id):
            self._made_changed += 1
            self._made_changed_there += there

    def look(self) -> UnchangedCounts:
        """Count the others."""
        number = sum(last - first + 1 for first, last in self._numbers) + len(self._texts)
        there = self._count_made()
        untouched = there - self._made_changed_there
        missing = number - self._made_changed - untouched
        every = self._count(sa.true())
        return UnchangedCounts(
            untouched,
            every - self._changed_there - untouched,
            missing,
            next(self._missing(), "") if missing else "",
        )

    def _count(self, condition: Any) -> int:
        statement = sa.select(sa.func.count()).select_from(self.rows).where(condition)
        return self.session.connection().scalar(statement) or 0

    def _count_made(self) -> int:
        if not self._numbers and not self._texts:
            return 0
        number = sum(
            self._count(in_any_range(self.key.columns[0], some))
            for some in batches(self._numbers, RANGES_PER_STATEMENT)
        )
        return number + sum(
            self._count(self.key.among(self._parse(some))) for some in _batches(self._texts)
        )

    def _missing(self) -> Iterator[str]:
        """Keys of records that a load made, that are gone, and of which no change tells."""
        for some in self._gone():
            told = set(
                self.session.scalars(
                    sa.select(changes.c.record_id)
                    .where(changes.c.model == self.table, changes.c.record_id.in_(some))
                    .distinct()
                )
            )
            yield from (one for one in some if one not in told)

    def _gone(self) -> Iterator[list[str]]:
        for first, last in self._numbers:
            for start in range(first, last + 1, KEYS_PER_STATEMENT):
                wanted = range(start, min(last, start + KEYS_PER_STATEMENT - 1) + 1)
                (key,) = self.key.columns
                between = key.between(wanted[0], wanted[-1])
                there = set(self.session.scalars(sa.select(key).where(between)))
                if len(there) < len(wanted):
                    yield [str(key) for key in wanted if key not in there]
        for some in _batches(self._texts):
            asked = sa.select(*self.key.columns).where(self.key.among(self._parse(some)))
            rows = self.session.connection().execute(asked)
            there = {self.key.encode(self.key.value(row)) for row in rows}
            if gone := [text for text in some if text not in there]:
                yield gone

    def _parse(self, texts: Sequence[str]) -> list[Any]:
        return [key for key in map(self.key.decode, texts) if key is not None]


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), KEYS_PER_STATEMENT):
        yield texts[start : start + KEYS_PER_STATEMENT]
