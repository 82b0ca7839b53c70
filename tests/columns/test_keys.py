"""Keys as text: what addresses may say, and what no record can have."""

from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.types import TypeEngine

from backoffice.columns import Key
from backoffice.db import Database


class Mood(Enum):
    FINE = "fine"


def _key(*types: TypeEngine[Any]) -> Key:
    return Key([sa.Column(f"c{place}", type_) for place, type_ in enumerate(types)])


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (_key(sa.Integer()), 17, "17"),
        (_key(sa.String(9)), 'a "b"', 'a "b"'),
        (_key(sa.Date()), date(2026, 3, 31), "2026-03-31"),
        (_key(sa.Uuid()), UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (_key(sa.Enum(Mood)), Mood.FINE, "FINE"),
        (_key(sa.Integer(), sa.String(9)), (17, 'D"\\/Ω\n'), '[17,"D\\"\\\\/Ω\\n"]'),
        (_key(sa.Date(), sa.Enum(Mood)), (date(2026, 3, 31), Mood.FINE), '["2026-03-31","FINE"]'),
        (_key(sa.BINARY(2), sa.Integer()), (b"\x00\xff", 2), '["00ff",2]'),
    ],
)
def test_a_key_is_written_and_read(key: Key, value: Any, text: str) -> None:
    assert key.encode(value) == text
    assert key.decode(text) == value
    assert key.longest is not None


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (_key(sa.Integer()), ""),
        (_key(sa.Integer()), "abc"),
        (_key(sa.Integer()), "1.0"),
        (_key(sa.Integer()), "99999999999"),
        (_key(sa.String(9)), "a\x00"),
        (_key(sa.String(9)), "\ud800"),
        (_key(sa.String(9)), "x" * 501),
        (_key(sa.Date()), "2026-02-30"),
        (_key(sa.Uuid()), "12"),
        (_key(sa.Enum(Mood)), "SAD"),
        (_key(sa.Integer(), sa.String(9)), "17"),
        (_key(sa.Integer(), sa.String(9)), "[17]"),
        (_key(sa.Integer(), sa.String(9)), "[17,5]"),
        (_key(sa.Integer(), sa.String(9)), '[17,"a\\u0000"]'),
        (_key(sa.Integer(), sa.String(9)), '[17,"\\ud800"]'),
        (_key(sa.Integer(), sa.String(9)), '[true,"a"]'),
        (_key(sa.Integer(), sa.String(9)), '[null,"a"]'),
        (_key(sa.Integer(), sa.String(9)), '{"a":1}'),
        (_key(sa.Integer(), sa.Date()), "[17,5]"),
        (_key(sa.Integer(), sa.Uuid()), "[17,5]"),
        (_key(sa.Integer(), sa.Integer()), "[" * 490),
    ],
)
def test_what_no_record_can_have_is_no_key(key: Key, text: str) -> None:
    assert key.decode(text) is None


def test_types_without_a_longest_length_are_no_keys() -> None:
    assert _key(sa.Text()).longest is None
    assert _key(sa.Integer(), sa.JSON()).longest is None


@pytest.mark.databases("sqlite")
def test_big_integer_keys_count_up_on_sqlite(database: Database) -> None:
    metadata = sa.MetaData()
    tables = [
        sa.Table("counted", metadata, sa.Column("id", sa.BigInteger, primary_key=True)),
        sa.Table(
            "counted_on",
            metadata,
            sa.Column("id", sa.BIGINT, primary_key=True),
            sqlite_autoincrement=True,
        ),
    ]
    with database.writer.begin() as connection:
        metadata.create_all(connection)
        for table in tables:
            keys = [connection.execute(sa.insert(table)).inserted_primary_key for _ in range(2)]
            assert [key[0] for key in keys if key] == [1, 2]
            connection.execute(sa.insert(table).values(id=2**40))
            connection.execute(sa.delete(table).where(table.c.id == 2**40))
        assert connection.execute(sa.insert(tables[1])).inserted_primary_key == (2**40 + 1,)
        written = connection.scalars(
            sa.text("SELECT sql FROM sqlite_master WHERE name = 'counted_on'")
        )
        assert "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT" in written.one()


@pytest.mark.databases("sqlite")
def test_big_integers_made_by_an_earlier_release_are_no_difference_to_alembic(
    database: Database,
) -> None:
    metadata = sa.MetaData()
    sa.Table(
        "counted",
        metadata,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("other", sa.BIGINT),
    )
    with database.writer.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE counted "
            "(id INTEGER NOT NULL PRIMARY KEY, size BIGINT NOT NULL, other BIGINT)"
        )
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _parents: kind != "table" or name == "counted",
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
