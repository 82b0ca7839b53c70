"""Keyset pages over columns that may be NULL, which none of the back office's own lists has yet."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.admin.lists.cursor import (
    Cursor,
    CursorSigner,
    SortTerm,
    after_row,
    decode_values,
    encode_values,
    expand_nulls,
    order_by,
    sql_bounds,
)
from backoffice.db import Database
from tests.size import sized

pytestmark = pytest.mark.every_database

SIGNER = CursorSigner("a key for tests only, as long as it needs to be")
SHEET = sa.Table(
    "sheet",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer),
    sa.Column("word", sa.String(20)),
    sa.Column("flag", sa.Boolean),
)
NAMES = ("number", "word", "flag")

rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-2, 2)),
        st.one_of(st.none(), st.sampled_from(["", "a", "b", "c d"])),
        st.one_of(st.none(), st.booleans()),
    ),
    max_size=20,
)
orders = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.tuples(st.just(name), st.booleans()) for name in names))
)


@pytest.fixture
def sheet(database: Database) -> Iterator[Database]:
    with database.writer.begin() as connection:
        SHEET.create(connection)
    yield database
    with database.writer.begin() as connection:
        SHEET.drop(connection)


def terms_of(order: Sequence[tuple[str, bool]]) -> list[SortTerm]:
    terms = [SortTerm(SHEET.c[name], descending, nullable=True) for name, descending in order]
    return expand_nulls([*terms, SortTerm(SHEET.c.id, order[-1][1])])


def walk(
    connection: sa.Connection, terms: list[SortTerm], size: int, *, backward: bool, sort_first: bool
) -> list[int]:
    """The ids on all pages; each page begins at a cursor that was written and read again."""
    seen: list[int] = []
    values: Sequence[Any] | None = None
    for _page in range(100):
        statement = sa.select(SHEET.c.id, *(term.expression for term in terms)).limit(size)
        statement = statement.order_by(*order_by(terms, backward=backward, by_index=not sort_first))
        if values is not None:
            bounds = sql_bounds(terms, values, connection.dialect.name)
            statement = statement.where(after_row(terms, bounds, backward=backward))
        page = connection.execute(statement).all()
        if not page:
            return seen
        seen += [row[0] for row in page]
        kept = encode_values(terms, page[-1][1:])
        cursor = SIGNER.read(SIGNER.write(Cursor("sheet", kept, backward)))
        assert cursor is not None
        values = decode_values(terms, cursor.values)
    raise AssertionError("the pages never end")


@settings(
    deadline=None,
    max_examples=sized(25, 60),
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(filled=rows, order=orders, size=st.integers(1, 7), sort_first=st.booleans())
def test_nulls_stand_last_ascending_and_every_row_once(
    sheet: Database,
    filled: list[tuple[int | None, str | None, bool | None]],
    order: tuple[tuple[str, bool], ...],
    size: int,
    sort_first: bool,
) -> None:
    records: list[dict[str, Any]] = [
        {"id": number, **dict(zip(NAMES, row, strict=True))} for number, row in enumerate(filled, 1)
    ]
    expected = list(records)
    for name, descending in reversed([*order, ("id", order[-1][1])]):
        expected.sort(
            key=lambda r: (r[name] is None, r[name] or type(r[name])()), reverse=descending
        )
    with sheet.writer.begin() as connection:
        connection.execute(sa.delete(SHEET))
        if records:
            connection.execute(sa.insert(SHEET), records)
        terms = terms_of(order)
        ids = [record["id"] for record in expected]

        assert walk(connection, terms, size, backward=False, sort_first=sort_first) == ids
        assert walk(connection, terms, size, backward=True, sort_first=sort_first) == ids[::-1]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("text", ["", "x", "eyJ.abc.def", "W10.AAAA", "a" * 5000, "\x00"])
def test_what_was_not_written_here_is_no_cursor(text: str) -> None:
    assert SIGNER.read(text) is None
    foreign = CursorSigner("another key, which nobody here has ever heard of, at all")
    assert SIGNER.read(foreign.write(Cursor("sheet", (1, None)))) is None
