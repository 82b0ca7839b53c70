"""Comparing the records with their last known values in the history, field by field.

with unit_of_work(database) as session:
    comparison = Comparison(session)
    for _change_id in comparison.steps():
        ...
    print(comparison.first_difference, *comparison.report())

A record that differs was written without a record in the history: by plain SQL. Values that the
history does not know are counted. Memory holds one page of changes and one batch of records.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from backoffice.columns import kind_of
from backoffice.db.types import MYSQL
from backoffice.history.audited import (
    all_columns_of,
    audited_mappers,
    columns_of,
    history_name,
    mapper_of_table,
    model_of,
    version_field,
)
from backoffice.history.comparison.replay import (
    KnownRecord,
    after_change,
    after_load,
    unrecorded_values,
)
from backoffice.history.comparison.unchanged import UnchangedRecords
from backoffice.history.current_records import CurrentRecords
from backoffice.history.encoding import NOT_KEPT, Values, is_secret, same_encoded
from backoffice.history.links import links_of_model
from backoffice.history.session import RecordSession
from backoffice.models import Change
from backoffice.models.tables import changes

CHANGES_PER_PAGE = 2_000


RECORDS_PER_BATCH = 500


MAX_SHOWN = 60
"""How many characters of a value a sentence shows."""


@dataclass(slots=True)
class Counts:
    """How many ``records`` and ``fields`` were compared, and how many cannot be.

    ``loaded_records``: records that a load inserted, without changes. ``unknown_records``: records
    without changes or a known load. Of records with changes, fields last written by a load
    (``loaded_fields``), before the kept history (``early_fields``), or added after the record was
    created (``added_fields``). ``secrets``: fields whose values are not stored.
    ``unknown_changes``: changes to tables and fields that do not exist any more.
    """

    records: int = 0
    fields: int = 0
    loaded_records: int = 0
    unknown_records: int = 0
    loaded_fields: int = 0
    early_fields: int = 0
    added_fields: int = 0
    secrets: int = 0
    unknown_changes: int = 0


class Comparison:
    """One pass over all changes and the records that they are about.

    ``differences``: how many records and fields differ from the history. ``first_difference``: a
    sentence about the first, "" if there is none. ``unrecorded``, ``first_unrecorded``: the same of
    values that were written without a record and have been changed with one since.
    """

    def __init__(self, session: RecordSession) -> None:
        if not session.in_transaction():
            session.begin_snapshot()
        self.session = session
        self.counts = Counts()
        self.differences = 0
        self.first_difference = ""
        self.unrecorded = 0
        self.first_unrecorded = ""

    @property
    def total(self) -> int:
        """The number of steps; one statement."""
        return self.session.scalar(sa.select(sa.func.count()).select_from(Change)) or 0

    def steps(self) -> Iterator[int]:
        """Compare, and yield the id of each change when it was read."""
        for table in self._tables():
            mapper = mapper_of_table(table)
            if mapper is None:
                for change in self._changes(table):
                    self.counts.unknown_changes += 1
                    yield change.id
            else:
                yield from _TableComparison(self, mapper).steps()

    def differs(self, sentence: str, number: int = 1) -> None:
        """Count differences, and keep the sentence if they are the first."""
        self.differences += number
        self.first_difference = self.first_difference or sentence

    def report(self) -> Iterator[str]:
        """What was compared and what could not be: sentences for an administrator."""
        counts = self.counts
        yield f"Records compared: {counts.records:,}, in {counts.fields:,} fields."
        if self.unrecorded:
            yield (
                "Written by plain SQL and since overwritten by a recorded change: "
                f"{self.unrecorded:,} values. First: {self.first_unrecorded}"
            )
        for number, description in (
            (counts.loaded_records, "loaded records that nobody has changed since"),
            (
                counts.unknown_records,
                "records without a recorded change or load (older than the history, "
                "added by a migration or plain SQL, or loaded without their keys)",
            ),
            (counts.loaded_fields, "fields that nobody has changed since a load"),
            (counts.early_fields, "fields last written before the oldest remaining history"),
            (counts.added_fields, "fields that were added after their records"),
            (counts.secrets, "secrets, whose values are not recorded"),
            (counts.unknown_changes, "changes to tables or fields that no longer exist"),
        ):
            if number:
                yield f"Not known to the history: {number:,} {description}."

    def _tables(self) -> list[str]:
        """Every audited table, and every other that a change names."""
        found = set(audited_mappers())
        name: str | None = ""
        while name is not None:  # each name is found in the index
            if name:
                found.add(name)
            name = self.session.scalar(
                sa.select(sa.func.min(changes.c.model)).where(changes.c.model > name)
            )
        return sorted(found)

    def _changes(self, table: str) -> Generator[Any]:
        """All changes to one table, by record and in order, read in pages."""
        statement = (
            sa.select(
                changes.c.id,
                changes.c.record_id,
                changes.c.changeset_id,
                changes.c.label,
                changes.c.operation,
                changes.c.before,
                changes.c.after,
            )
            .where(changes.c.model == table)
            .order_by(changes.c.record_id, changes.c.id)
            .limit(CHANGES_PER_PAGE)
        )
        page = self.session.execute(statement).all()
        while page:
            yield from page
            if len(page) < CHANGES_PER_PAGE:
                return
            page = self.session.execute(statement.where(self._after(page[-1]))).all()

    def _after(self, last: Any) -> Any:
        record, number = changes.c.record_id, changes.c.id
        if self.session.dialect in MYSQL:  # which uses no index to compare pairs
            return sa.and_(
                record >= last.record_id, sa.or_(record > last.record_id, number > last.id)
            )
        return sa.tuple_(record, number) > sa.tuple_(last.record_id, last.id)


class _TableComparison:
    """The comparison of one model's records."""

    def __init__(self, comparison: Comparison, mapper: Mapper[Any]) -> None:
        self.comparison = comparison
        self.counts = comparison.counts
        self.name = mapper.class_.__name__
        self.table = history_name(mapper)
        self.current = CurrentRecords(comparison.session, mapper)
        self.unchanged = UnchangedRecords(comparison.session, mapper)
        self.columns = all_columns_of(mapper)
        self.fields = {model: self._fields(model) for model in mapper.self_and_descendants}
        self.mapper = mapper

    def _fields(self, mapper: Mapper[Any]) -> tuple[list[str], list[str]]:
        """A model's fields to compare, and its secret ones.

        The version is the last: after a write by plain SQL another field says more.
        """
        columns, counted = columns_of(mapper), version_field(mapper)
        secrets = [name for name, column in columns.items() if is_secret(column)]
        known = [name for name in columns if name not in (*secrets, counted)]
        counters = [] if counted is None else [counted]
        return [*known, *links_of_model(mapper), *counters], secrets

    def steps(self) -> Iterator[int]:
        batch: list[tuple[str, KnownRecord]] = []
        record_id: str | None = None
        known: KnownRecord | None = None
        for change in self.comparison._changes(self.table):
            if change.record_id != record_id:
                if record_id is not None and known is not None:
                    batch.append((record_id, known))
                record_id, known = change.record_id, None
                if len(batch) == RECORDS_PER_BATCH:
                    self._compare(batch)
                    batch = []
            for name, value in unrecorded_values(known, change):
                if not self._same(name, known, value):
                    self._note_unrecorded(change, known, name, value)
            known = after_change(known, change)
            yield change.id
        if record_id is not None and known is not None:
            batch.append((record_id, known))
        self._compare(batch)
        self._count_unchanged()

    def _compare(self, batch: Sequence[tuple[str, KnownRecord]]) -> None:
        links = {
            name for _id, known in batch for name in self.current.links if name in known.values
        }
        found = self.current.read([record_id for record_id, _known in batch], links)
        for record_id, known in batch:
            loaded = self.unchanged.is_loaded(record_id)
            if loaded and not known.exists:
                load = self.unchanged.load_of(record_id)
                if load is not None and known.changeset_id < load.changeset_id:
                    known = after_load(load)  # inserted again, with a key that was free
            now = found.get(record_id)
            self.unchanged.note_changed(record_id, exists=now is not None)
            if known.exists and now is None:
                self.comparison.differs(
                    f"{self._name_of(record_id, known)} is gone, but the history has it "
                    f"(changeset #{known.changeset_id}). It was deleted by plain SQL."
                )
            elif now is not None and not known.exists:
                self.comparison.differs(
                    f"{self._name_of(record_id, known)} exists, but the history says that it was "
                    f"deleted (changeset #{known.changeset_id}). It was added by plain SQL."
                )
            elif now is not None:
                self._compare_fields(record_id, known, now, loaded=loaded)

    def _compare_fields(
        self, record_id: str, known: KnownRecord, now: Values, *, loaded: bool
    ) -> None:
        fields, secrets = self.fields[model_of(self.mapper, now)]
        self.counts.records += 1
        self.counts.secrets += len(secrets)
        for name in fields:
            if name not in known.values or known.values[name] == NOT_KEPT:
                if name in known.values:
                    self.counts.secrets += 1
                elif known.is_complete:
                    self.counts.added_fields += 1
                elif loaded:
                    self.counts.loaded_fields += 1
                else:
                    self.counts.early_fields += 1
                continue
            self.counts.fields += 1
            if not self._same(name, known, now.get(name)):
                present = self._format(name, now[name])
                self.comparison.differs(
                    f"{self._name_of(record_id, known)}: {name} is {present}, "
                    f"but the history says {self._format(name, known.values[name])} "
                    f"(changeset #{known.changeset_ids[name]}). It was changed by plain SQL."
                )
        self.counts.unknown_changes += len(known.values.keys() - {*fields, *secrets})

    def _count_unchanged(self) -> None:
        """Count the records without changes, and report missing ones of loads."""
        found = self.unchanged.count()
        self.counts.loaded_records += found.loaded
        self.counts.unknown_records += found.unknown
        if found.missing:
            load = self.unchanged.load_of(found.first_missing)
            assert load is not None
            self.comparison.differs(
                f"{self.name} #{found.first_missing} is gone, but changeset "
                f"#{load.changeset_id}, a load, added it. It was deleted by plain SQL.",
                found.missing,
            )

    def _same(self, name: str, known: KnownRecord | None, value: Any) -> bool:
        """Whether a field has its known value, if in another form: its column may have changed."""
        assert known is not None
        before = known.values[name]
        if before == value:
            return True
        column = self.columns.get(name)
        return column is not None and same_encoded(column, before, value)

    def _note_unrecorded(
        self, change: Any, known: KnownRecord | None, name: str, value: Any
    ) -> None:
        assert known is not None
        self.comparison.unrecorded += 1
        self.comparison.first_unrecorded = self.comparison.first_unrecorded or (
            f"{self._name_of(change.record_id, known)}: {name} was {self._format(name, value)} "
            f"before changeset #{change.changeset_id}, but the history said "
            f"{self._format(name, known.values[name])} (changeset #{known.changeset_ids[name]})."
        )

    def _name_of(self, record_id: str, known: KnownRecord) -> str:
        label = f" “{known.label}”" if known.label else ""
        return f"{self.name} #{record_id}{label}"

    def _format(self, name: str, value: Any) -> str:
        if value is None:
            return "empty"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            return _shorten(", ".join(map(str, value))) or "none"
        column = self.columns.get(name)
        if (
            column is not None
            and isinstance(value, str)
            and kind_of(column).name in ("text", "enum")
        ):
            return f"“{_shorten(str(value))}”"
        return _shorten(str(value))


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
