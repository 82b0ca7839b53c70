"""Whether indexes serve what the lists may be asked for: by what the database has, and by how it
says that it would answer. Nothing is written, and no list is read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Index, MetaData, Table, inspect

from backoffice.admin.doctor.query_shapes import Question, questions_of, table_of
from backoffice.admin.lists.table_size import LARGE
from backoffice.admin.records.counting import Count, size_of
from backoffice.admin.records.keys import key_for
from backoffice.admin.view import RecordView, Registry
from backoffice.db.queries.indexes import (
    HeldIndex,
    Need,
    Trigrams,
    WantedIndex,
    declared_indexes,
    held_indexes,
    search_index,
    trigrams,
)
from backoffice.db.queries.plans import NARROWED, ORDERED, Plan, plan_of, planning_for
from backoffice.db.types import MYSQL
from backoffice.history import RecordSession
from backoffice.models import Base

PRODUCTS = {"postgresql": "PostgreSQL", "sqlite": "SQLite", "mysql": "MySQL", "mariadb": "MariaDB"}

FELT = {"sqlite": 1_000_000, "mysql": 200_000, "mariadb": 200_000}
"""Rows in which a search takes about half a second where no index can find text: measured with
300,000 items, in whose names and descriptions a word found one (0.11 s on SQLite, 0.53 s on
MariaDB) or a thousand (0.25 s and 1.0 s)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A table that is read, or sorted, from one end to the other.

    ``why``: "few" where no index is worth it yet, "none" where the database has none that could,
    "refused" where there is one and the planner does not take it, "computed" where it is asked for
    what no column holds, "view" where it is a view of the database, which has no indexes.
    """

    table: str
    why: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What serves a question: indexes by name, what is read beside or instead, what is missing.

    All empty for what needs no index.
    """

    served_by: tuple[str, ...] = ()
    reads: tuple[Reading, ...] = ()
    missing: tuple[WantedIndex, ...] = ()

    @property
    def served(self) -> bool:
        """Whether indexes alone answer it."""
        return not (self.reads or self.missing)


@dataclass(frozen=True)
class ViewDiagnosis:
    """A view's questions, judged."""

    view: RecordView
    judged: tuple[tuple[Question, Judgement], ...]


@dataclass(frozen=True)
class Diagnosis:
    """All that was found.

    ``sizes``: of the tables that were asked about. ``missing``: every index that is; ``unasked``:
    those of them that the models declare for other things than lists. ``trigrams``: None where
    the database is no PostgreSQL.
    """

    dialect: str
    views: tuple[ViewDiagnosis, ...]
    sizes: dict[str, Count]
    held: tuple[HeldIndex, ...]
    missing: tuple[WantedIndex, ...]
    unasked: tuple[WantedIndex, ...]
    trigrams: Trigrams | None = None

    @property
    def urgent(self) -> bool:
        """Whether an index is missing in a large table."""
        return any(is_large(self.sizes[index.table]) for index in self.missing)


def is_large(size: Count) -> bool:
    """Whether a table of that size is too large to be read for a page."""
    return size.more or size.number > LARGE


def diagnose(session: RecordSession, site: Registry) -> Diagnosis:
    """Look at every view of ``site``, in one transaction that only reads.

    Raises:
        DBAPIError: a table or column is not there.
    """
    return _Doctor(session, site).diagnose()


@dataclass
class _Doctor:
    session: RecordSession
    site: Registry
    sizes: dict[str, Count] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = self.session.connection()
        self.dialect = self.session.dialect
        # Our own tables, and of others' those that a view shows.
        shown = (table for view in self.site.record_views for table in _tables_of(view))
        self.tables = {table.fullname: table for table in (*Base.metadata.sorted_tables, *shown)}
        self.held = held_indexes(self.connection, self.tables.values())
        self.by_name = {(one.table, one.name): one for one in self.held}
        self.declared = tuple(declared_indexes(self.tables.values(), self.dialect))
        self.database_views = self._database_views()

    def _database_views(self) -> frozenset[str]:
        looking = inspect(self.connection)
        names = {
            schema: set(looking.get_view_names(schema=schema))
            for schema in {table.schema for table in self.tables.values()}
        }
        found = (one for one in self.tables.values() if one.name in names[one.schema])
        return frozenset(table.fullname for table in found)

    def diagnose(self) -> Diagnosis:
        views = tuple(
            ViewDiagnosis(view, tuple(self._judged(view))) for view in self.site.record_views
        )
        asked = [one for view in views for _question, found in view.judged for one in found.missing]
        lacking = [one for one in self.declared if not one.is_held(self.held)]
        missing = tuple(dict.fromkeys((*asked, *lacking)))
        for index in missing:
            self._size(index.table)
        return Diagnosis(
            self.dialect,
            views,
            self.sizes,
            self.held,
            missing,
            tuple(one for one in lacking if one not in asked),
            trigrams(self.connection) if self.dialect == "postgresql" else None,
        )

    def _judged(self, view: RecordView) -> Iterator[tuple[Question, Judgement]]:
        self._size(table_of(view).fullname)
        for question in questions_of(view):
            yield question, self._judge(question)

    def _judge(self, question: Question) -> Judgement:
        if question.statement is None:
            return Judgement()
        table = table_of(question.view).fullname
        if table in self.database_views:
            return Judgement(reads=(Reading(table, "view"),))
        served, unmet = self._by_plan(question, table)
        if served is None:
            served, unmet = self._by_catalog(question)
        used = [need for need in question.needs if need not in unmet]
        names = tuple(dict.fromkeys(name for need in used for name in self._names(need)))
        if served:
            return Judgement(names)
        missing: dict[WantedIndex, None] = {}
        reads: dict[Reading, None] = {}
        for need in unmet:
            if need.table in self.database_views:
                reads[Reading(need.table, "view")] = None
            elif need.kind == "trigram" and self.dialect != "postgresql":
                reads[Reading(need.table, "none")] = None
            elif not self._names(need):
                index = self._wanted(need, question.view)
                if index.declared or is_large(self._size(need.table)):
                    missing[index] = None
                else:
                    reads[Reading(need.table, "few")] = None
        if not (missing or reads):
            reads[Reading(table, "refused" if question.needs else "computed")] = None
        for reading in reads:
            self._size(reading.table)
        return Judgement(() if missing else names, tuple(reads), tuple(missing))

    def _by_plan(self, question: Question, table: str) -> tuple[bool | None, list[Need]]:
        """Whether the database says that indexes serve it, and the needs that none of them meets.

        None where its word means nothing: MariaDB and MySQL plan by the rows that are there, so
        for few of them, or for a value that many have, they read the table whatever indexes it has.
        """
        if self.dialect in MYSQL and not (question.order and is_large(self._size(table))):
            return None, []
        assert question.statement is not None
        with planning_for(self.connection, ORDERED if question.order else NARROWED):
            plan = plan_of(self.connection, question.statement, question.parameters)
        unmet = [need for need in question.needs if not self._uses(plan, need, question)]
        if question.order:
            served = table not in plan.sorted
            if question.further:
                served = served and all(read.bounded for read in plan.of(question.leading))
            return served, [] if served else list(question.needs)
        bounded = all(read.bounded for read in plan.of(table))
        return bounded and not unmet, unmet

    def _uses(self, plan: Plan, need: Need, question: Question) -> bool:
        """Whether the plan reads the need's table by an index that meets it."""
        for read in plan.of(need.table):
            index = self.by_name.get((read.table, read.index))
            if index is not None and index.meets(need) and (question.order or read.bounded):
                return True
        return False

    def _by_catalog(self, question: Question) -> tuple[bool, list[Need]]:
        unmet = [need for need in question.needs if not self._names(need)]
        # An order over two tables is sorted there, whatever indexes they have.
        both = question.order and len({need.table for need in question.needs}) > 1
        return bool(question.needs) and not unmet and not both, unmet

    def _names(self, need: Need) -> list[str]:
        """The indexes that meet a need, as a person knows them; the first is enough."""
        return [one.label or one.name for one in self.held if one.meets(need)][:1]

    def _wanted(self, need: Need, view: RecordView) -> WantedIndex:
        """The index to make for a need: the one that the models declare, if there is."""
        for index in self.declared:
            if (index.table, index.columns[0], index.kind) == (need.table, need.column, need.kind):
                return index
        if need.kind == "trigram":
            schema = self.tables[need.table].schema or ""
            return search_index(need.table, need.column, schema=schema)
        return _ordered_index(self.tables[need.table], need, view)

    def _size(self, table: str) -> Count:
        if table not in self.sizes:
            self.sizes[table] = size_of(self.session, self.tables[table], LARGE)
        return self.sizes[table]


def _tables_of(view: RecordView) -> Iterator[Table]:
    """The tables that a view's list reads."""
    relations = (relation.mapper for relation in view.mapper.relationships)
    for mapper in (view.mapper, *relations):
        yield from (table for table in mapper.tables if isinstance(table, Table))


def _ordered_index(table: Table, need: Need, view: RecordView) -> WantedIndex:
    """An index on a column, its name by the models' convention. The key ends it, as it ends every
    order of a list."""
    keys = [column.name for column in table.primary_key.columns]
    if view.mapper.local_table is table:
        keys = [column.name for column in key_for(view).columns]
    columns = tuple(dict.fromkeys((need.column, *keys)))
    # A copy, so that the model's own table stays as it is declared.
    copied = table.to_metadata(MetaData(naming_convention=Base.metadata.naming_convention))
    index = Index(None, *(copied.c[name] for name in columns if name in copied.c))
    return WantedIndex(need.table, str(index.name), columns, schema=table.schema or "")
