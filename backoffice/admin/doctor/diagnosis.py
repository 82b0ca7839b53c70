"""Whether indexes cover the queries that lists can send, by the database's catalog and its query
plans. Nothing is written, and no list is read."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Index, MetaData, Table, inspect

from backoffice.admin.doctor.query_shapes import QueryShape, query_shapes_of, table_of
from backoffice.admin.lists.table_size import LARGE
from backoffice.admin.records.counting import Count, table_count
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
from backoffice.db.queries.plans import FILTERED, ORDERED, Plan, plan_of, planning_for
from backoffice.db.types import MYSQL
from backoffice.history import RecordSession
from backoffice.models import Base

PRODUCTS = {"postgresql": "PostgreSQL", "sqlite": "SQLite", "mysql": "MySQL", "mariadb": "MariaDB"}

SLOW_SEARCH_ROWS = {"sqlite": 1_000_000, "mysql": 200_000, "mariadb": 200_000}
"""Rows of a table that take half a second to search without an index for text. Measured with
300,000 items, where a word in names and descriptions found one (0.11 s on SQLite, 0.53 s on
MariaDB) or a thousand (0.25 s and 1.0 s)."""


@dataclass(frozen=True, slots=True)
class TableScan:
    """A table that a query reads, or sorts, completely.

    ``why``: "few" if the table is too small for an index; "none" if the database has no index of
    the kind needed; "refused" if the planner does not use an index that there is; "computed" if an
    expression is sorted or compared; "view" if the table is a database view.
    """

    table: str
    why: str


@dataclass(frozen=True, slots=True)
class IndexCoverage:
    """How indexes cover a query shape. All empty for a shape that needs no index.

    ``indexes``: the names of those used. ``scans``: the tables read completely. ``missing``: the
    indexes to make.
    """

    indexes: tuple[str, ...] = ()
    scans: tuple[TableScan, ...] = ()
    missing: tuple[WantedIndex, ...] = ()

    @property
    def is_covered(self) -> bool:
        """Whether the query only reads rows that indexes lead to."""
        return not (self.scans or self.missing)


@dataclass(frozen=True)
class ViewDiagnosis:
    """A view's query shapes, each with how indexes cover it."""

    view: RecordView
    coverages: tuple[tuple[QueryShape, IndexCoverage], ...]


@dataclass(frozen=True)
class Diagnosis:
    """The result of ``diagnose``.

    ``sizes``: of the tables concerned, by full name. ``held``: the indexes that the database has.
    ``missing``: all missing indexes. ``beyond_lists``: those of them that no list needs, but a
    model declares. ``trigrams``: the state of pg_trgm; None on another database than PostgreSQL.
    """

    dialect: str
    views: tuple[ViewDiagnosis, ...]
    sizes: dict[str, Count]
    held: tuple[HeldIndex, ...]
    missing: tuple[WantedIndex, ...]
    beyond_lists: tuple[WantedIndex, ...]
    trigrams: Trigrams | None = None

    @property
    def urgent(self) -> bool:
        """Whether a large table lacks an index."""
        return any(is_large(self.sizes[index.table]) for index in self.missing)


def is_large(size: Count) -> bool:
    """Whether a table of that size is too large to read completely for a page."""
    return size.more or size.number > LARGE


def diagnose(session: RecordSession, site: Registry) -> Diagnosis:
    """Diagnose every view of ``site``, in one transaction that only reads.

    Raises:
        DBAPIError: a table or column does not exist.
    """
    return _Doctor(session, site).diagnose()


@dataclass
class _Doctor:
    """Diagnoses views over one connection, and remembers the sizes of tables."""

    session: RecordSession
    site: Registry
    sizes: dict[str, Count] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = self.session.connection()
        self.dialect = self.session.dialect
        # Our own tables, and a company's tables that views show.
        shown = [table for view in self.site.record_views for table in _tables_of(view)]
        self.tables = {table.fullname: table for table in (*Base.metadata.sorted_tables, *shown)}
        self.held = held_indexes(self.connection, self.tables.values())
        self.held_by_name = {(index.table, index.name): index for index in self.held}
        self.declared = tuple(declared_indexes(self._existing_tables(shown), self.dialect))
        self.database_views = self._database_views()

    def _existing_tables(self, shown: Collection[Table]) -> list[Table]:
        """The tables, without those of ours that a migration has yet to make. ``shown``: those that
        views show, and without which there is nothing to diagnose."""
        inspector = inspect(self.connection)
        names = {
            schema: set(inspector.get_table_names(schema=schema))
            for schema in {table.schema for table in self.tables.values()}
        }
        return [
            table
            for table in self.tables.values()
            if table in shown or table.name in names[table.schema]
        ]

    def _database_views(self) -> frozenset[str]:
        """The full names of those tables that are database views."""
        inspector = inspect(self.connection)
        view_names = {
            schema: set(inspector.get_view_names(schema=schema))
            for schema in {table.schema for table in self.tables.values()}
        }
        tables = self.tables.values()
        return frozenset(t.fullname for t in tables if t.name in view_names[t.schema])

    def diagnose(self) -> Diagnosis:
        views = tuple(
            ViewDiagnosis(view, tuple(self._coverages(view))) for view in self.site.record_views
        )
        for_lists = [
            index
            for view in views
            for _shape, coverage in view.coverages
            for index in coverage.missing
        ]
        lacking = [index for index in self.declared if not index.is_held(self.held)]
        missing = tuple(dict.fromkeys((*for_lists, *lacking)))
        for index in missing:
            self._size(index.table)
        return Diagnosis(
            self.dialect,
            views,
            self.sizes,
            self.held,
            missing,
            tuple(index for index in lacking if index not in for_lists),
            trigrams(self.connection) if self.dialect == "postgresql" else None,
        )

    def _coverages(self, view: RecordView) -> Iterator[tuple[QueryShape, IndexCoverage]]:
        self._size(table_of(view).fullname)
        for shape in query_shapes_of(view):
            yield shape, self._coverage(shape)

    def _coverage(self, shape: QueryShape) -> IndexCoverage:
        if shape.statement is None:
            return IndexCoverage()
        table = table_of(shape.view).fullname
        if table in self.database_views:
            return IndexCoverage(scans=(TableScan(table, "view"),))
        covered, unmet = self._covered_by_plan(shape, table)
        if covered is None:
            covered, unmet = self._covered_by_catalog(shape)
        met = [need for need in shape.needs if need not in unmet]
        names = tuple(dict.fromkeys(name for need in met for name in self._index_names(need)))
        if covered:
            return IndexCoverage(names)
        missing: dict[WantedIndex, None] = {}
        scans: dict[TableScan, None] = {}
        for need in unmet:
            if need.table in self.database_views:
                scans[TableScan(need.table, "view")] = None
            elif need.kind == "trigram" and self.dialect != "postgresql":
                scans[TableScan(need.table, "none")] = None
            elif not self._index_names(need):
                index = self._wanted_index(need, shape.view)
                if index.declared or is_large(self._size(need.table)):
                    missing[index] = None
                else:
                    scans[TableScan(need.table, "few")] = None
        if not (missing or scans):
            scans[TableScan(table, "refused" if shape.needs else "computed")] = None
        for scan in scans:
            self._size(scan.table)
        return IndexCoverage(() if missing else names, tuple(scans), tuple(missing))

    def _covered_by_plan(self, shape: QueryShape, table: str) -> tuple[bool | None, list[Need]]:
        """Whether the query plan uses indexes alone, and the needs that it does not meet.

        None if the plan says nothing: MariaDB and MySQL plan for the rows that there are. For few
        rows, or for a value that many of them have, they read the table whatever indexes it has.
        """
        if self.dialect in MYSQL and not (shape.is_sort and is_large(self._size(table))):
            return None, []
        assert shape.statement is not None
        with planning_for(self.connection, ORDERED if shape.is_sort else FILTERED):
            plan = plan_of(self.connection, shape.statement, shape.parameters)
        unmet = [need for need in shape.needs if not self._meets(plan, need, shape)]
        if shape.is_sort:
            covered = table not in plan.sorted
            if shape.from_cursor:
                covered = covered and all(read.bounded for read in plan.of(shape.leading_table))
            return covered, [] if covered else list(shape.needs)
        bounded = all(read.bounded for read in plan.of(table))
        return bounded and not unmet, unmet

    def _meets(self, plan: Plan, need: Need, shape: QueryShape) -> bool:
        """Whether the plan reads the need's table by an index that meets the need."""
        for read in plan.of(need.table):
            index = self.held_by_name.get((read.table, read.index))
            if index is not None and index.meets(need) and (shape.is_sort or read.bounded):
                return True
        return False

    def _covered_by_catalog(self, shape: QueryShape) -> tuple[bool, list[Need]]:
        """Whether the database has the indexes that the shape needs, and the needs that it has not
        met."""
        unmet = [need for need in shape.needs if not self._index_names(need)]
        # MariaDB and MySQL sort an order over two tables, whatever indexes these have.
        sorts_a_join = shape.is_sort and len({need.table for need in shape.needs}) > 1
        return bool(shape.needs) and not unmet and not sorts_a_join, unmet

    def _index_names(self, need: Need) -> list[str]:
        """The name of the first index that meets a need, as the models write it; [] for none."""
        return [index.label or index.name for index in self.held if index.meets(need)][:1]

    def _wanted_index(self, need: Need, view: RecordView) -> WantedIndex:
        """The index to make for a need: one that a model declares, else a new one."""
        for index in self.declared:
            if (index.table, index.columns[0], index.kind) == (need.table, need.column, need.kind):
                return index
        if need.kind == "trigram":
            schema = self.tables[need.table].schema or ""
            return search_index(need.table, need.column, schema=schema)
        return _ordered_index(self.tables[need.table], need, view)

    def _size(self, table: str) -> Count:
        if table not in self.sizes:
            self.sizes[table] = table_count(self.session, self.tables[table], LARGE)
        return self.sizes[table]


def _tables_of(view: RecordView) -> Iterator[Table]:
    """The tables that a view's list reads."""
    relations = (relation.mapper for relation in view.mapper.relationships)
    for mapper in (view.mapper, *relations):
        yield from (table for table in mapper.tables if isinstance(table, Table))


def _ordered_index(table: Table, need: Need, view: RecordView) -> WantedIndex:
    """An index on a column and the primary key, as a list sorts by them, named as the models name
    theirs."""
    keys = [column.name for column in table.primary_key.columns]
    if view.mapper.local_table is table:
        keys = [column.name for column in key_for(view).columns]
    columns = tuple(dict.fromkeys((need.column, *keys)))
    # An index is added to its table, so the model's table is copied first.
    copied = table.to_metadata(MetaData(naming_convention=Base.metadata.naming_convention))
    index = Index(None, *(copied.c[name] for name in columns if name in copied.c))
    return WantedIndex(need.table, str(index.name), columns, schema=table.schema or "")
