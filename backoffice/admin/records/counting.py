"""How many records there are: exactly, "10,000+", or "about 9.8 million"."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Select,
    String,
    Table,
    cast,
    column,
    func,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import REGCLASS

from backoffice.admin.view import RecordView
from backoffice.db.queries.prepared import PreparedSelect
from backoffice.db.types import MYSQL
from backoffice.history import RecordSession
from backoffice.language import N_, _, number

COUNT_LIMIT = 10_000
"""Most rows that are counted for a page; if there are more, the page says "10,000+"."""

MOST_COUNTED = 200_001
"""Most rows that are counted to find out whether a table is large, if the database has no
estimate."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of records. ``more``: whether there are more than ``number``. ``about``: whether it
    is the database's estimate."""

    number: int
    more: bool = False
    about: bool = False

    def __str__(self) -> str:
        if self.about:
            return _("about {count}", count=_rounded(self.number))
        return _("{count}+", count=number(self.number)) if self.more else number(self.number)

    def of(self, view: RecordView) -> str:
        """The number and what is counted: "1,234 items", "10,000+ items"."""
        if self.exact:
            return view.counted(self.number)
        records = view.label_of(self.number + self.more)
        return _("{count} {records}", count=str(self), records=records)

    @property
    def exact(self) -> bool:
        return not (self.more or self.about)


def count_all(session: RecordSession, view: RecordView) -> Count:
    """How many records a table has, by one statement that is quick for tables of any size."""
    has_estimate = session.dialect == "postgresql"
    statement = view.cache.get(
        "size", lambda: PreparedSelect(_size(view, has_estimate)), always=True
    )
    number = statement.run(session.connection()).scalar() or 0
    return Count(-number, about=True) if number < 0 else bounded_count(number)


def bounded_count(number: int | None) -> Count:
    """The count from a statement that counts to ``COUNT_LIMIT`` + 1; None counts as 0."""
    number = number or 0
    return Count(min(number, COUNT_LIMIT), more=number > COUNT_LIMIT)


def estimated_rows(session: RecordSession, view: RecordView) -> int:
    """Roughly how many rows the table has, by one quick statement. Too rough to show to a person.

    PostgreSQL and MariaDB have statistics; on SQLite it is the highest id.
    """
    return _estimate_rows(session, _table(view))


def table_count(session: RecordSession, of: Table, most: int) -> Count:
    """How many rows a table has: exactly up to ``most``, and the database's estimate beyond."""
    number = _count_up_to(session, of, most)
    if number <= most:
        return Count(number)
    about = _estimate_rows(session, of)
    return Count(about, about=True) if about > most else Count(most, more=True)


def _count_up_to(session: RecordSession, of: Table, most: int) -> int:
    bounded = select(literal(1).label("one")).select_from(of).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(bounded)) or 0


def _estimate_rows(session: RecordSession, of: Table) -> int:
    if session.dialect == "postgresql":
        return session.scalar(select(_estimate(of))) or 0
    if session.dialect in MYSQL:
        statement = text(
            "SELECT table_rows FROM information_schema.tables"
            " WHERE table_schema = coalesce(:schema, DATABASE()) AND table_name = :name"
        )
        return session.scalar(statement, {"schema": of.schema, "name": of.name}) or 0
    return _estimate_rows_sqlite(session, of)


def _estimate_rows_sqlite(session: RecordSession, of: Table) -> int:
    """The highest rowid. A database view and a table WITHOUT ROWID have none: their rows are
    counted."""
    quote = session.connection().dialect.identifier_preparer
    master = f"{quote.quote_schema(of.schema)}.sqlite_master" if of.schema else "sqlite_master"
    statement = f"SELECT type, sql FROM {master} WHERE lower(name) = lower(:name)"  # noqa: S608 - quoted
    kind, sql = session.execute(text(statement), {"name": of.name}).first() or ("", "")
    column_names = {column.name.lower() for column in of.columns}
    number = next((name for name in ("rowid", "_rowid_", "oid") if name not in column_names), "")
    has_no_rowid = kind != "table" or "WITHOUT ROWID" in str(sql).rpartition(")")[2].upper()
    if number and not has_no_rowid:
        highest = f"SELECT max({number}) FROM {quote.format_table(of)}"  # noqa: S608 - quoted
        about = session.scalar(text(highest)) or 0
        if about <= MOST_COUNTED:
            return int(about)
        # A small table may have high ids, if there are gaps between them.
        counted = _count_up_to(session, of, MOST_COUNTED)
        return int(about) if counted > MOST_COUNTED else counted
    return _count_up_to(session, of, MOST_COUNTED)


def _size(view: RecordView, has_estimate: bool) -> Select[Any]:
    """A SELECT of the bounded count, or of the estimate, negated, if that is large."""
    bounded = select(literal(1).label("one")).select_from(view.model).limit(COUNT_LIMIT + 1)
    counted = select(func.count()).select_from(bounded.subquery()).scalar_subquery()
    if not has_estimate:
        return select(counted)
    estimate = _estimate(_table(view))
    large = select(-estimate).where(estimate > 2 * COUNT_LIMIT).scalar_subquery()
    # PostgreSQL runs the subquery that counts only if coalesce() needs it.
    return select(func.coalesce(large, counted))


def _table(view: RecordView) -> Table:
    local_table = view.mapper.local_table
    assert isinstance(local_table, Table)
    return local_table


def _estimate(of: Table) -> ColumnElement[int]:
    """The estimate of PostgreSQL's planner: rows per page when the table was last analysed, times
    its pages now. NULL if it was never analysed, and for a database view."""
    c = _PG_CLASS.c
    # div(), because SQLAlchemy's "/" would divide into fractions of pages.
    pages = func.div(
        func.pg_relation_size(c.oid), cast(func.current_setting("block_size"), BigInteger)
    )
    rows = c.reltuples / func.greatest(c.relpages, 1) * pages
    name = literal(_PG_NAMES.format_table(of))
    statement = select(cast(rows, BigInteger)).where(
        c.oid == cast(name, REGCLASS), c.reltuples >= 0, c.relkind != "v"
    )
    return statement.scalar_subquery()


_PG_CLASS = table(
    "pg_class",
    column("oid"),
    column("reltuples", Float),
    column("relpages", Float),
    column("relkind", String),
)
_PG_NAMES = postgresql.dialect().identifier_preparer


def _rounded(estimate: int) -> str:
    for size, words in ((10**9, N_("{number} billion")), (10**6, N_("{number} million"))):
        if estimate >= size:
            tenths = round(10 * estimate / size)
            return _(words, number=number(tenths / 10 if tenths % 10 else tenths // 10))
    step = 10 ** max(len(str(estimate)) - 2, 0)
    return number(round(estimate / step) * step)
