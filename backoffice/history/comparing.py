"""Comparing the records with what the history last knew of them, field by field.

with unit_of_work(database) as session:
    comparison = Comparison(session)
    for _change_id in comparison.steps():
        ...
    print(comparison.first_difference, *comparison.tells())

A record that differs was written past the history: by plain SQL. What the history cannot know is
counted. Memory holds one page of changes and one batch of records, however many there are.
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
from backoffice.history.encoding import NOT_KEPT, is_secret, same_encoded
from backoffice.history.links import links_of_model
from backoffice.history.live import LiveRecords, Values
from backoffice.history.replaying import Known, after_change, after_load, surprises
from backoffice.history.settling import every_statement_sees_the_same
from backoffice.history.unaltered import Unaltered
from backoffice.history.unit import RecordSession
from backoffice.models import Change

changes: sa.Table = Change.__table__  # type: ignore[assignment]

CHANGES_AT_ONCE = 2_000
RECORDS_AT_ONCE = 500
LONGEST = 60
"""Characters of a value that a sentence shows."""


@dataclass(slots=True)
class Counts:
    """How many ``records`` and ``fields`` were compared, and what the history cannot know.

    ``untouched``: records that a load made and no change tells of. ``strangers``: records that
    neither a load nor a change tells of. Fields of records that changed: ``loaded`` if a load wrote
    them, ``early`` if that was before the history that is kept, ``added`` if the record was older
    than the field. ``secrets``: fields whose values are not kept. ``unknown_changes``: changes to
    tables and fields that the product has no more.
    """

    records: int = 0
    fields: int = 0
    untouched: int = 0
    strangers: int = 0
    loaded: int = 0
    early: int = 0
    added: int = 0
    secrets: int = 0
    unknown_changes: int = 0


class Comparison:
    """One reading of all changes and of the records that they are about.

    ``differences`` counts what differs from its last known value, ``first_difference`` is a
    sentence about the first, "" if there is none. ``surprises`` and ``first_surprise``: values that
    were written past the history and changed by a recorded act since.
    """

    def __init__(self, session: RecordSession) -> None:
        if not session.in_transaction():
            every_statement_sees_the_same(session)
        self.session = session
        self.counts = Counts()
        self.differences = 0
        self.first_difference = ""
        self.surprises = 0
        self.first_surprise = ""

    @property
    def total(self) -> int:
        """How many steps there are; one statement."""
        return self.session.scalar(sa.select(sa.func.count()).select_from(Change)) or 0

    def steps(self) -> Iterator[int]:
        """Compare, and yield the id of each change that was read."""
        for table in self._tables():
            mapper = mapper_of_table(table)
            if mapper is None:
                for change in self._changes(table):
                    self.counts.unknown_changes += 1
                    yield change.id
            else:
                yield from _TableComparison(self, mapper).steps()

    def differs(self, sentence: str, number: int = 1) -> None:
        """Note that something does not fit."""
        self.differences += number
        self.first_difference = self.first_difference or sentence

    def tells(self) -> Iterator[str]:
        """What was compared and what could not be, in sentences."""
        counts = self.counts
        yield f"Records compared: {counts.records:,}, in {counts.fields:,} fields."
        if self.surprises:
            yield (
                "Written past the history, and changed by a recorded act since: "
                f"{self.surprises:,} values. The first: {self.first_surprise}"
            )
        for number, what in (
            (counts.untouched, "records that a load made and nobody has changed since"),
            (
                counts.strangers,
                "records that no change or load tells of (older than the history, "
                "made by a migration or by plain SQL, or loaded without a note of which)",
            ),
            (counts.loaded, "fields that nobody has changed since a load"),
            (counts.early, "fields last written before the history that is kept"),
            (counts.added, "fields that are younger than their records"),
            (counts.secrets, "secrets, whose values are not kept"),
            (counts.unknown_changes, "changes to tables or fields that are no more"),
        ):
            if number:
                yield f"Not known to the history: {number:,} {what}."

    def _tables(self) -> list[str]:
        """Every audited table, and each that some change names."""
        found = set(audited_mappers())
        name: str | None = ""
        while name is not None:  # a look into the index for each
            if name:
                found.add(name)
            name = self.session.scalar(
                sa.select(sa.func.min(changes.c.model)).where(changes.c.model > name)
            )
        return sorted(found)

    def _changes(self, table: str) -> Generator[Any]:
        """All changes to one table, record by record, a page at a time."""
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
            .limit(CHANGES_AT_ONCE)
        )
        page = self.session.execute(statement).all()
        while page:
            yield from page
            if len(page) < CHANGES_AT_ONCE:
                return
            page = self.session.execute(statement.where(self._after(page[-1]))).all()

    def _after(self, last: Any) -> Any:
        record, number = changes.c.record_id, changes.c.id
        if self.session.dialect in MYSQL:  # which reads no index by a pair
            return sa.and_(
                record >= last.record_id, sa.or_(record > last.record_id, number > last.id)
            )
        return sa.tuple_(record, number) > sa.tuple_(last.record_id, last.id)


class _TableComparison:
    """The part about one model's records."""

    def __init__(self, whole: Comparison, mapper: Mapper[Any]) -> None:
        self.whole = whole
        self.counts = whole.counts
        self.name = mapper.class_.__name__
        self.table = history_name(mapper)
        self.live = LiveRecords(whole.session, mapper)
        self.rest = Unaltered(whole.session, mapper)
        self.columns = all_columns_of(mapper)
        self.models = {one: self._fields(one) for one in mapper.self_and_descendants}
        self.mapper = mapper

    def _fields(self, mapper: Mapper[Any]) -> tuple[list[str], list[str]]:
        """The fields that a model's records have and the history knows, and those that are secret.

        A write by plain SQL may raise the version too, which says less than the field.
        """
        columns, counted = columns_of(mapper), version_field(mapper)
        secrets = [name for name, column in columns.items() if is_secret(column)]
        known = [name for name in columns if name not in (*secrets, counted)]
        counters = [] if counted is None else [counted]
        return [*known, *links_of_model(mapper), *counters], secrets

    def steps(self) -> Iterator[int]:
        batch: list[tuple[str, Known]] = []
        record_id: str | None = None
        known: Known | None = None
        for change in self.whole._changes(self.table):
            if change.record_id != record_id:
                if record_id is not None and known is not None:
                    batch.append((record_id, known))
                record_id, known = change.record_id, None
                if len(batch) == RECORDS_AT_ONCE:
                    self._compare(batch)
                    batch = []
            for name, value in surprises(known, change):
                if not self._same(name, known, value):
                    self._surprised(change, known, name, value)
            known = after_change(known, change)
            yield change.id
        if record_id is not None and known is not None:
            batch.append((record_id, known))
        self._compare(batch)
        self._compare_rest()

    def _compare(self, batch: Sequence[tuple[str, Known]]) -> None:
        links = {name for _id, known in batch for name in self.live.links if name in known.values}
        found = self.live.read([record_id for record_id, _known in batch], links)
        for record_id, known in batch:
            loaded = self.rest.is_made(record_id)
            if loaded and not known.there:
                load = self.rest.load_of(record_id)
                if load is not None and known.changeset_id < load.changeset_id:
                    known = after_load(load)  # made once more, with a key that was free again
            now = found.get(record_id)
            self.rest.changed(record_id, there=now is not None)
            if known.there and now is None:
                self.whole.differs(
                    f"{self._called(record_id, known)} is gone, and history last knew it there "
                    f"(changeset #{known.changeset_id}). It was deleted by plain SQL."
                )
            elif now is not None and not known.there:
                self.whole.differs(
                    f"{self._called(record_id, known)} is there, and history says that it was "
                    f"deleted (changeset #{known.changeset_id}). It was added by plain SQL."
                )
            elif now is not None:
                self._compare_fields(record_id, known, now, loaded=loaded)

    def _compare_fields(self, record_id: str, known: Known, now: Values, *, loaded: bool) -> None:
        fields, secrets = self.models[model_of(self.mapper, now)]
        self.counts.records += 1
        self.counts.secrets += len(secrets)
        for name in fields:
            if name not in known.values or known.values[name] == NOT_KEPT:
                if name in known.values:
                    self.counts.secrets += 1
                elif known.whole:
                    self.counts.added += 1
                elif loaded:
                    self.counts.loaded += 1
                else:
                    self.counts.early += 1
                continue
            self.counts.fields += 1
            if not self._same(name, known, now.get(name)):
                self.whole.differs(
                    f"{self._called(record_id, known)}: {name} is {self._shown(name, now[name])}, "
                    f"and history last knew {self._shown(name, known.values[name])} "
                    f"(changeset #{known.by[name]}). It was changed by plain SQL."
                )
        self.counts.unknown_changes += len(known.values.keys() - {*fields, *secrets})

    def _compare_rest(self) -> None:
        """Records that no change tells of: what loads made, and what was there otherwise."""
        found = self.rest.look()
        self.counts.untouched += found.untouched
        self.counts.strangers += found.strangers
        if found.missing:
            load = self.rest.load_of(found.first_missing)
            assert load is not None
            self.whole.differs(
                f"{self.name} #{found.first_missing} is gone, and changeset "
                f"#{load.changeset_id}, a load, made it. It was deleted by plain SQL.",
                found.missing,
            )

    def _same(self, name: str, known: Known | None, value: Any) -> bool:
        """Whether a field's value is the known one, also where its column got more places since."""
        assert known is not None
        before = known.values[name]
        if before == value:
            return True
        column = self.columns.get(name)
        return column is not None and same_encoded(column, before, value)

    def _surprised(self, change: Any, known: Known | None, name: str, value: Any) -> None:
        assert known is not None
        whole = self.whole
        whole.surprises += 1
        whole.first_surprise = whole.first_surprise or (
            f"{self._called(change.record_id, known)}: {name} was {self._shown(name, value)} "
            f"before changeset #{change.changeset_id}, and history knew "
            f"{self._shown(name, known.values[name])} (changeset #{known.by[name]})."
        )

    def _called(self, record_id: str, known: Known) -> str:
        label = f" “{known.label}”" if known.label else ""
        return f"{self.name} #{record_id}{label}"

    def _shown(self, name: str, value: Any) -> str:
        if value is None:
            return "empty"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            return _cut(", ".join(map(str, value))) or "none"
        column = self.columns.get(name)
        if (
            column is not None
            and isinstance(value, str)
            and kind_of(column).name in ("text", "enum")
        ):
            return f"“{_cut(str(value))}”"
        return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
