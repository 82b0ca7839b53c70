"""How many records there are, said honestly: exactly, "10,000+", or "about 9.8 million"."""

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

COUNT_LIMIT = 10_000
"""Rows counted exactly; beyond it the count reads "10,000+"."""


MOST_COUNTED = 200_001
"""Rows that are counted to tell a large table, where the database cannot say."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many records match. ``more``: there are more than ``number``; ``about``: it is the
    database's estimate."""

    number: int
    more: bool = False
    about: bool = False

    def __str__(self) -> str:
        if self.about:
            return f"about {_rounded(self.number)}"
        return f"{self.number:,}+" if self.more else f"{self.number:,}"

    @property
    def exact(self) -> bool:
        return not (self.more or self.about)


def count_all(session: RecordSession, view: RecordView) -> Count:
    """How many records a table has, in one statement that takes a moment however many there are."""
    has_estimate = session.dialect == "postgresql"
    statement = view.once("size", lambda: PreparedSelect(_size(view, has_estimate)))
    number = statement.run(session.connection()).scalar() or 0
    return Count(-number, about=True) if number < 0 else of_bounded(number)


def of_bounded(number: int | None) -> Count:
    """What a ``bounded_count`` says."""
    number = number or 0
    return Count(min(number, COUNT_LIMIT), more=number > COUNT_LIMIT)


def estimate_rows(session: RecordSession, view: RecordView) -> int:
    """About how many rows the table has, in one quick statement; never to be shown to anybody.

    PostgreSQL and MariaDB keep statistics; on SQLite it is the highest id.
    """
    return _rows_about(session, _table(view))


def size_of(session: RecordSession, of: Table, most: int) -> Count:
    """How many rows a table has: exactly up to ``most``, else as the database estimates."""
    number = _counted_to(session, of, most)
    if number <= most:
        return Count(number)
    about = _rows_about(session, of)
    return Count(about, about=True) if about > most else Count(most, more=True)


def _counted_to(session: RecordSession, of: Table, most: int) -> int:
    some = select(literal(1).label("one")).select_from(of).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _rows_about(session: RecordSession, of: Table) -> int:
    if session.dialect == "postgresql":
        return session.scalar(select(_estimate(of))) or 0
    if session.dialect in MYSQL:
        statement = text(
            "SELECT table_rows FROM information_schema.tables"
            " WHERE table_schema = coalesce(:schema, DATABASE()) AND table_name = :name"
        )
        return session.scalar(statement, {"schema": of.schema, "name": of.name}) or 0
    return _rows_about_sqlite(session, of)


def _rows_about_sqlite(session: RecordSession, of: Table) -> int:
    """A database view and a table WITHOUT ROWID have no such number: their rows are counted."""
    quote = session.connection().dialect.identifier_preparer
    master = f"{quote.quote_schema(of.schema)}.sqlite_master" if of.schema else "sqlite_master"
    statement = f"SELECT type, sql FROM {master} WHERE lower(name) = lower(:name)"  # noqa: S608
    kind, sql = session.execute(text(statement), {"name": of.name}).first() or ("", "")
    taken = {column.name.lower() for column in of.columns}
    number = next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), "")
    has_none = kind != "table" or "WITHOUT ROWID" in str(sql).rpartition(")")[2].upper()
    if number and not has_none:
        highest = f"SELECT max({number}) FROM {quote.format_table(of)}"  # noqa: S608
        about = session.scalar(text(highest)) or 0
        if about <= MOST_COUNTED:
            return int(about)
        # Numbers may be given with gaps, however few they are.
        counted = _counted_to(session, of, MOST_COUNTED)
        return int(about) if counted > MOST_COUNTED else counted
    return _counted_to(session, of, MOST_COUNTED)


def _size(view: RecordView, has_estimate: bool) -> Select[Any]:
    """The bounded count; or the table's estimate, negated, where there is one and it is large."""
    some = select(literal(1).label("one")).select_from(view.model).limit(COUNT_LIMIT + 1)
    counted = select(func.count()).select_from(some.subquery()).scalar_subquery()
    if not has_estimate:
        return select(counted)
    estimate = _estimate(_table(view))
    large = select(-estimate).where(estimate > 2 * COUNT_LIMIT).scalar_subquery()
    # The count is a subquery that PostgreSQL only runs where it comes to that.
    return select(func.coalesce(large, counted))


def _table(view: RecordView) -> Table:
    found = view.mapper.local_table
    assert isinstance(found, Table)
    return found


def _estimate(of: Table) -> ColumnElement[int]:
    """What PostgreSQL's planner takes the table for: rows a page when last analysed, times the
    pages it has now; NULL where it never was, and for a database view."""
    c = _PG_CLASS.c
    # Whole pages times rows a page: no "/" of SQLAlchemy's, which would make fractions of pages.
    pages = func.div(
        func.pg_relation_size(c.oid), cast(func.current_setting("block_size"), BigInteger)
    )
    rows = c.reltuples / func.greatest(c.relpages, 1) * pages
    name = literal(_PG_NAMES.format_table(of))
    there = select(cast(rows, BigInteger)).where(
        c.oid == cast(name, REGCLASS), c.reltuples >= 0, c.relkind != "v"
    )
    return there.scalar_subquery()


_PG_CLASS = table(
    "pg_class",
    column("oid"),
    column("reltuples", Float),
    column("relpages", Float),
    column("relkind", String),
)
_PG_NAMES = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]


def _rounded(number: int) -> str:
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.1f} {word}"
    step = 10 ** max(len(str(number)) - 2, 0)
    return f"{round(number / step) * step:,}"
