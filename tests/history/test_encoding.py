"""A value is kept as the same text by Python and by SQL, and comes back as it was."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.db.types import Money, UniqueText, UTCDateTime, long_text
from backoffice.history.encoding import (
    NOT_KEPT,
    decode,
    encode,
    sql_decode,
    sql_encode,
    sql_object,
)
from backoffice.models.changeset import VALUES

pytestmark = pytest.mark.every_database  # each builds and reads JSON in its own way


class Size(Enum):
    SMALL = "small one"
    LARGE = "größer"


def values_of(sizes: type[Enum]) -> list[str]:
    return [str(size.value) for size in sizes]


SAMPLES = sa.Table(
    "samples",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("line", UniqueText(255)),
    sa.Column("text", long_text()),
    sa.Column("price", Money(12, 2)),
    sa.Column("share", Money(7, 4)),
    sa.Column("whole", sa.Integer),
    sa.Column("big", sa.BigInteger),
    sa.Column("yes", sa.Boolean),
    sa.Column("moment", UTCDateTime()),
    sa.Column("day", sa.Date),
    sa.Column("size", sa.Enum(Size, name="size_by_name")),
    sa.Column("size_value", sa.Enum(Size, name="size_by_value", values_callable=values_of)),
    sa.Column("word", sa.Enum("a", "b'c", name="words")),
    sa.Column("order", sa.Integer),
    mysql_charset="utf8mb4",
    mysql_collate="utf8mb4_unicode_ci",
    mariadb_charset="utf8mb4",
    mariadb_collate="utf8mb4_unicode_ci",
)
COLUMNS: dict[str, sa.Column[Any]] = {
    column.name: column for column in SAMPLES.columns if column.name != "id"
}

HOSTILE: dict[str, list[Any]] = {
    "line": ["", " ", "a ", "null", "true", "0", '"', "\\", "\\u0041", "🔩🏳️‍🌈", "A\u0301"],
    "text": [
        "",
        " two  spaces ",
        "line\nline\r\n\ttab",
        "\x01\x1f\x7f\x80\x9f",
        "\u2028\u2029\ufeff\uffff",
        "'; DROP TABLE changes; --",
        '{"a": [1, "\\n"]}',
        "%s %(x)s :y ? $1 {} \\\\ \\' \\\" /",
        "Ünïcödé ß ẞ İ ı ſ",
        "<script>&amp;</script>",
        "\U0010ffff\U0001f600",
        "x" * 70_000,
    ],
    "price": [
        Decimal(text)
        for text in ("0", "0.00", "-0.00", "19.9", "0.01", "9999999999.99", "-9999999999.99", "1E2")
    ],
    "share": [Decimal(text) for text in ("0.0001", "-0.0001", "999.9999", "1", "0.3000")],
    "whole": [0, 1, -1, 2**31 - 1, -(2**31)],
    "big": [0, 2**53 + 1, 2**63 - 1, -(2**63)],
    "yes": [True, False],
    "moment": [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 23, 5, 4, 3, 120, tzinfo=UTC),
        datetime(2026, 11, 23, 5, 4, 3, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 2, 30, 0, 999999, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(1000, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
    "day": [date(1000, 1, 1), date(2024, 2, 29), date(9999, 12, 31)],
    "size": list(Size),
    "size_value": list(Size),
    "word": ["a", "b'c"],
    "order": [1],
}
NONE: list[Any] = [None]
CASES = [(name, value) for name, values in HOSTILE.items() for value in NONE + values]


@pytest.fixture
def connection(database: Database) -> Iterator[sa.Connection]:
    """A connection to a database that has a table of samples of each type."""
    SAMPLES.create(database.engine)
    sa.Table("kept", sa.MetaData(), sa.Column("before", VALUES)).create(database.engine)
    with database.writer.connect() as connection:
        yield connection


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def test_python_and_sql_encode_and_decode_to_the_same(connection: sa.Connection) -> None:
    """All in one test, for a database costs more than a hundred values."""
    dialect = connection.dialect.name
    kept = sa.table("kept", sa.column("before", VALUES))
    encoded = sql_object(
        dialect, {name: sql_encode(dialect, column, column) for name, column in COLUMNS.items()}
    )
    decoded = {
        name: sa.type_coerce(sql_decode(dialect, column, kept.c.before, name), column.type)
        for name, column in COLUMNS.items()
    }
    holds = {
        name: column.is_not_distinct_from(sql_decode(dialect, column, kept.c.before, name))
        for name, column in COLUMNS.items()
    }
    for name, value in CASES:
        column, what = COLUMNS[name], (name, value)
        connection.execute(sa.delete(SAMPLES))
        connection.execute(sa.insert(SAMPLES).values({name: value}))
        stored = connection.execute(sa.select(column)).scalar_one()
        by_python = dict.fromkeys(COLUMNS) | {name: encode(column, value)}
        again = dict.fromkeys(COLUMNS) | {name: encode(column, stored)}
        assert canonical(by_python) == canonical(again), what

        connection.execute(sa.delete(kept))
        connection.execute(sa.insert(kept).from_select(["before"], sa.select(encoded)))
        by_sql = connection.execute(sa.select(kept.c.before)).scalar_one()
        assert canonical(by_sql) == canonical(by_python), what

        for writer in ("sql", "python"):
            if writer == "python":
                connection.execute(sa.delete(kept))
                connection.execute(sa.insert(kept).values(before=by_python))
            assert connection.execute(sa.select(decoded[name])).scalar_one() == stored, what
            everywhere = sa.select(*holds.values()).select_from(SAMPLES.join(kept, sa.true()))
            assert all(connection.execute(everywhere).one()), (writer, what)
            copy = sa.insert(SAMPLES).from_select(
                [name], sa.select(sql_decode(dialect, column, kept.c.before, name))
            )
            connection.execute(sa.delete(SAMPLES))
            connection.execute(copy)
            assert connection.execute(sa.select(column)).scalar_one() == stored, (writer, what)
        assert decode(column, encode(column, stored)) == stored, what


def test_what_differs_is_not_held(connection: sa.Connection) -> None:
    dialect = connection.dialect.name
    kept = sa.table("kept", sa.column("before", VALUES))
    for name, held, other in (
        ("text", "Straße", "Strasse"),
        ("text", "a", "a "),
        ("text", "a", "A"),
        ("text", "", None),
        ("text", None, ""),
        ("text", "null", None),
        ("line", "é", "e\u0301"),
        ("price", Decimal("1.10"), Decimal("1.11")),
        ("whole", 0, None),
        ("whole", None, 0),
        ("big", 2**53 + 1, 2**53),
        ("yes", False, None),
        ("yes", None, False),
        ("yes", True, False),
        (
            "moment",
            datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
            datetime(2026, 1, 1, 0, 0, 0, 2, tzinfo=UTC),
        ),
        ("day", date(2026, 1, 1), date(2026, 1, 2)),
        ("size", Size.SMALL, Size.LARGE),
    ):
        column = COLUMNS[name]
        for table in (SAMPLES, kept):
            connection.execute(sa.delete(table))
        connection.execute(sa.insert(SAMPLES).values({name: held}))
        connection.execute(sa.insert(kept).values(before={name: encode(column, other)}))
        same = column.is_not_distinct_from(sql_decode(dialect, column, kept.c.before, name))
        asked = sa.select(same).select_from(SAMPLES.join(kept, sa.true()))
        assert not connection.execute(asked).scalar_one(), (name, held, other)


def test_decimals_are_rounded_as_the_databases_round() -> None:
    assert [encode(COLUMNS["price"], Decimal(text)) for text in ("0.125", "0.135", "2.5")] == [
        "0.13",
        "0.14",
        "2.50",
    ]


def test_secrets_are_not_kept_and_come_back_as_their_column_says() -> None:
    secret = sa.Column("password_hash", sa.String(255), info={"secret": "!"})
    assert encode(secret, "$argon2id$x") == NOT_KEPT
    assert decode(secret, NOT_KEPT) == "!"
    assert encode(secret, None) is None
