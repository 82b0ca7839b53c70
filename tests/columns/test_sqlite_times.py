"""Times that SQLite's own functions wrote: without a fraction, and yet the same moments."""

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.columns import kind_of
from backoffice.db import Database

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def table(database: Database) -> sa.Table:
    """Five rows: three of one second, which CURRENT_TIMESTAMP wrote, and SQLAlchemy's own."""
    metadata = sa.MetaData()
    made = sa.Table(
        "logged",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now()),
        sa.Column("local", sa.DateTime()),
        sa.Column("clock", sa.Time()),
    )
    with database.writer.begin() as connection:
        metadata.create_all(connection)
        for at in (
            "2026-01-01 00:00:00",
            "2026-01-01 00:00:00.000000",
            "2026-01-01 00:00:00",
            "2026-01-01 00:00:00.120",
            "2025-12-31 23:59:59",
        ):
            clock = at.split(" ")[1]
            row: Any = (at, at, clock)
            connection.exec_driver_sql(
                "INSERT INTO logged (at, local, clock) VALUES (?, ?, ?)", row
            )
    return made


@pytest.mark.parametrize("name", ["at", "local", "clock"])
def test_a_page_does_not_lose_rows_of_the_same_second(
    table: sa.Table, name: str, database: Database
) -> None:
    column = table.c[name]
    kind = kind_of(column)
    key = kind.sort_key("sqlite", column)
    query = sa.select(table.c.id, column.label("value")).order_by(key, table.c.id).limit(1)
    walked: list[int] = []
    with database.reader.connect() as connection:
        page = query
        while row := connection.execute(page).one_or_none():
            walked.append(row.id)
            bound = kind.bound("sqlite", row.value)
            page = query.where((key > bound) | ((key == bound) & (table.c.id > row.id)))
    assert walked == ([1, 2, 3, 4, 5] if name == "clock" else [5, 1, 2, 3, 4])


@pytest.mark.parametrize("name", ["at", "local", "clock"])
def test_they_are_kept_and_compared_as_python_does(
    table: sa.Table, name: str, database: Database
) -> None:
    column = table.c[name]
    kind = kind_of(column)
    one, other = table.alias(), table.alias()
    same = kind.sql_same("sqlite", one.c[name], other.c[name])
    with database.reader.connect() as connection:
        kept = connection.execute(
            sa.select(column, sa.type_coerce(kind.sql_encode("sqlite", column), sa.String))
        )
        assert all(kind.encode(value) == text for value, text in kept)
        pairs = connection.execute(
            sa.select(one.c[name], other.c[name], same).select_from(one.join(other, sa.true()))
        )
        assert all(kind.same(first, second) == bool(answer) for first, second, answer in pairs)


def test_a_column_of_another_program_sorts_as_moments(table: sa.Table, database: Database) -> None:
    key = kind_of(table.c.at).sort_key("sqlite", table.c.at)
    with database.reader.connect() as connection:
        first = connection.scalar(sa.select(key).order_by(key).limit(1))
    assert isinstance(first, datetime)
