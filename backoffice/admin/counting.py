"""How many records there are, said honestly: exactly, "10,000+", or "about 9.8 million"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, REGCLASS

from backoffice.admin.keys import goes_as_array, key_attributes, key_for, key_in_row
from backoffice.columns import Kind, kind_of
from backoffice.db.queries.prepared import PreparedSelect
from backoffice.db.types import MYSQL

if TYPE_CHECKING:
    from backoffice.admin.listing import ListQuery
    from backoffice.admin.view import RecordView
    from backoffice.history import RecordSession

FEW_KEYS = 300
"""Records up to which their keys are as good as the search that found them."""

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


@dataclass(frozen=True)
class ColumnTotal:
    """A sum over all records that a list matches.

    ``expression``: of the model's columns, as ``Item.price * Item.quantity``. ``unit``: as in
    ``column_units``; "currency" is the setting.
    """

    label: str
    expression: Any
    unit: str = ""

    @property
    def kind(self) -> Kind:
        """What is summed: numbers, or it has no sum."""
        return kind_of(self.expression)


def count_all(session: "RecordSession", view: "RecordView") -> Count:
    """How many records a table has, in one statement that takes a moment however many there are."""
    if "size" not in view.statements:
        view.statements["size"] = PreparedSelect(_size(view, session.dialect == "postgresql"))
    kept: PreparedSelect = view.statements["size"]
    number = kept.run(session.connection()).scalar() or 0
    return Count(-number, about=True) if number < 0 else of_bounded(number)


def count_found(
    session: "RecordSession", query: "ListQuery"
) -> tuple[Count, tuple[Any, ...] | None]:
    """How many records match, to ``COUNT_LIMIT``, and their keys where they are few.

    One statement, and the only one that has to search: what else the page wants is asked of the
    keys, if they are at most ``FEW_KEYS``.
    """
    view = query.view
    some = query.some(*key_attributes(view))
    few: Sequence[Any]
    if goes_as_array(view):
        # All keys stay with the server but for a slice of the array.
        found = some.subquery()
        (column,) = found.c
        keys = func.array_agg(column, type_=ARRAY(column.type))[1 : FEW_KEYS + 1]
        number, few = session.execute(select(func.count(), keys).select_from(found)).one()
    elif session.dialect == "postgresql":
        cte = some.cte()
        counted = select(func.count().label("number")).select_from(cte).subquery()
        first = select(literal(1).label("there"), *cte.c).limit(FEW_KEYS + 1).subquery()
        together = select(*counted.c, *first.c).outerjoin_from(counted, first, true())
        listed = session.execute(together).all()
        number = listed[0][0]
        few = [key_in_row(view, row[2:]) for row in listed if row[1] is not None]
    else:
        is_single = key_for(view).is_single
        few = (
            session.scalars(some).all()
            if is_single
            else [tuple(row) for row in session.execute(some)]
        )
        number = len(few)
    return of_bounded(number), tuple(few or ()) if number <= FEW_KEYS else None


def count_exactly(session: "RecordSession", query: "ListQuery") -> Count:
    """How many match, however long that takes: run it under a time limit."""
    statement = select(func.count()).select_from(query.view.model).where(query.predicate())
    return Count(session.scalar(statement) or 0)


def of_bounded(number: int | None) -> Count:
    """What a ``bounded_count`` says."""
    number = number or 0
    return Count(min(number, COUNT_LIMIT), more=number > COUNT_LIMIT)


def estimate_rows(session: "RecordSession", view: "RecordView") -> int:
    """About how many rows the table has, in one quick statement; never to be shown to anybody.

    PostgreSQL and MariaDB keep statistics; on SQLite it is the highest id.
    """
    return _rows_about(session, _table(view))


def size_of(session: "RecordSession", of: Table, most: int) -> Count:
    """How many rows a table has: exactly up to ``most``, else as the database estimates."""
    number = _counted_to(session, of, most)
    if number <= most:
        return Count(number)
    about = _rows_about(session, of)
    return Count(about, about=True) if about > most else Count(most, more=True)


def _counted_to(session: "RecordSession", of: Table, most: int) -> int:
    some = select(literal(1).label("one")).select_from(of).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _rows_about(session: "RecordSession", of: Table) -> int:
    if session.dialect == "postgresql":
        return session.scalar(select(_estimate(of))) or 0
    if session.dialect in MYSQL:
        statement = text(
            "SELECT table_rows FROM information_schema.tables"
            " WHERE table_schema = coalesce(:schema, DATABASE()) AND table_name = :name"
        )
        return session.scalar(statement, {"schema": of.schema, "name": of.name}) or 0
    return _rows_about_sqlite(session, of)


def _rows_about_sqlite(session: "RecordSession", of: Table) -> int:
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


def _size(view: "RecordView", has_estimate: bool) -> Select[Any]:
    """The bounded count; or the table's estimate, negated, where there is one and it is large."""
    some = select(literal(1).label("one")).select_from(view.model).limit(COUNT_LIMIT + 1)
    counted = select(func.count()).select_from(some.subquery()).scalar_subquery()
    if not has_estimate:
        return select(counted)
    estimate = _estimate(_table(view))
    large = select(-estimate).where(estimate > 2 * COUNT_LIMIT).scalar_subquery()
    # The count is a subquery that PostgreSQL only runs where it comes to that.
    return select(func.coalesce(large, counted))


def _table(view: "RecordView") -> Table:
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
