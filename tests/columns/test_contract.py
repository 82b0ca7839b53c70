"""Each kind keeps its word on each database: what is kept is read back equal, in Python and SQL."""

import itertools
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.columns import Key
from tests.columns.conftest import Stored

FOUND_BY_COLLATION = ("text", "characters", "citext", "loud")
"""Types for which PostgreSQL's or MariaDB's ``=`` may take two texts for one."""


def test_what_is_stored_is_read_back(stored: Stored) -> None:
    for number, value in stored.values.items():
        if value is None or stored.kind.stores_exactly(value, stored.dialect):
            assert stored.kind.same(stored.read[number], value), (stored.read[number], value)


def test_python_and_the_database_keep_the_same(stored: Stored) -> None:
    kind = stored.kind
    with stored.database.writer.connect() as connection:
        _keep_by_sql(connection, stored)
        rows = connection.execute(sa.select(stored.shelf.kept))
        kept = {row.id: row.fields["value"] for row in rows}
    assert kept.pop(0) is None
    for number, found in kept.items():
        value = stored.values[number]
        if kind.name == "other":  # Python is never asked for it
            assert isinstance(found, str)
            continue
        assert kind.same_encoded(kind.encode(stored.read[number]), found), (value, found)
        assert kind.same(kind.decode(found), stored.read[number]), (value, found)
        if kind.stores_exactly(value, stored.dialect):
            assert kind.same_encoded(kind.encode(value), found), (value, found)
            if kind.has_one_encoding:
                assert repr(kind.encode(value)) == repr(found)


@pytest.mark.parametrize("keeper", ["sql", "python"])
def test_a_field_of_the_history_becomes_the_value_again_in_sql(stored: Stored, keeper: str) -> None:
    kind, table, copy, kept = stored.kind, stored.table, stored.copy, stored.shelf.kept
    with stored.database.writer.connect() as connection:
        if keeper == "sql" or kind.name == "other":
            _keep_by_sql(connection, stored)
        else:
            for number, value in stored.read.items():
                fields = {"value": None if value is None else kind.encode(value)}
                connection.execute(sa.insert(kept).values(name="", id=number, fields=fields))
        again = sa.select(kept.c.id, kind.sql_field(stored.dialect, kept.c.fields, "value"))
        connection.execute(sa.insert(copy).from_select(["id", "value"], again))
        same = kind.sql_same(stored.dialect, table.c.value, copy.c.value)
        pairs = table.join(copy, table.c.id == copy.c.id)
        agreed = connection.execute(sa.select(table.c.id, same).select_from(pairs))
        assert {number: bool(answer) for number, answer in agreed} == dict.fromkeys(
            stored.read, True
        )
        restored = {row.id: row.value for row in connection.execute(sa.select(copy))}
    for number, value in stored.read.items():
        assert kind.same(restored[number], value), (restored[number], value)
        if isinstance(value, float):
            assert repr(restored[number]) == repr(value)  # the sign of a zero too


def test_sql_and_python_agree_on_what_is_the_same(stored: Stored) -> None:
    one, other = stored.table.alias(), stored.table.alias()
    same = stored.kind.sql_same(stored.dialect, one.c.value, other.c.value)
    with stored.database.reader.connect() as connection:
        pairs = one.join(other, sa.true())
        rows = connection.execute(sa.select(one.c.id, other.c.id, same).select_from(pairs))
        found = {(first, second): bool(answer) for first, second, answer in rows}
    assert found == {
        (first, second): stored.kind.same(stored.read[first], stored.read[second])
        for first, second in itertools.product(stored.read, stored.read)
    }


def test_a_value_is_compared_as_a_parameter(stored: Stored) -> None:
    kind, column = stored.kind, stored.table.c.value
    with stored.database.reader.connect() as connection:
        for value in stored.read.values():
            if value is None or kind.name == "other":
                continue
            same = kind.sql_same(stored.dialect, column, kind.bound(stored.dialect, value))
            found = connection.scalars(sa.select(stored.table.c.id).where(same))
            assert set(found) == {
                number for number, other in stored.read.items() if kind.same(other, value)
            }


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_a_cursor_walks_every_row_once(stored: Stored, descending: bool) -> None:
    kind, table = stored.kind, stored.table
    if not kind.sortable:
        assert kind.name in ("json", "array", "bytes", "pickled", "other")
        return
    key = kind.sort_key(stored.dialect, table.c.value)
    query = sa.select(table).where(table.c.value.is_not(None)).limit(1)
    query = query.order_by(key.desc() if descending else key, table.c.id)
    walked: list[int] = []
    with stored.database.reader.connect() as connection:
        page = query
        while row := connection.execute(page).one_or_none():
            walked.append(row.id)
            assert len(walked) < len(stored.values), walked
            # A cursor is kept as text in an address.
            bound = kind.bound(stored.dialect, kind.decode(kind.encode(row.value)))
            later = key < bound if descending else key > bound
            page = query.where(later | ((key == bound) & (table.c.id > row.id)))
    assert sorted(walked) == sorted(set(stored.values) - {0})


@pytest.mark.parametrize("columns", [1, 2], ids=["single", "composite"])
def test_a_key_is_the_same_text_in_python_and_in_sql(stored: Stored, columns: int) -> None:
    kind, table = stored.kind, stored.table
    if not kind.key_length(stored.dialect):
        assert kind.name in NO_KEYS
        return
    key = Key([table.c.value, table.c.id][:columns])
    values: dict[int, Any] = {number: value for number, value in stored.read.items() if number}
    if not key.is_single:
        values = {number: (value, number) for number, value in values.items()}
    texts = {number: key.encode(value) for number, value in values.items()}
    assert max(map(len, texts.values())) <= (key.longest or 0)
    for number, text in texts.items():
        again = key.decode(text) if text else values[number]
        parts = zip(key.kinds, key.parts(again), key.parts(values[number]), strict=True)
        assert all(of.same(first, second) for of, first, second in parts), text
    other = stored.shelf.texts.c
    with stored.database.writer.connect() as connection:
        told = sa.select(table.c.id, key.sql_text(stored.dialect)).where(table.c.id > 0)
        assert {row[0]: row[1] for row in connection.execute(told)} == texts
        # The history holds keys of many tables: those of others must not be decoded as ours.
        rows = [{"number": number, "text": text, "ours": True} for number, text in texts.items()]
        rows.append({"number": -1, "text": "no key of this table", "ours": False})
        connection.execute(sa.insert(stored.shelf.texts), rows)
        is_it = key.sql_is(stored.dialect, other.text, other.ours)
        found = connection.execute(sa.select(other.number, table.c.id).where(is_it))
        pairs = {(number, row) for number, row in found}
    if stored.samples.name in FOUND_BY_COLLATION and key.is_single:
        assert pairs >= {(number, number) for number in texts}
    else:
        assert pairs == {
            (first, second)
            for first, second in itertools.product(texts, texts)
            if first == second
            or (columns == 1 and kind.same(stored.read[first], stored.read[second]))
        }


NO_KEYS = (
    "text", "decimal", "float", "boolean", "duration", "json", "array", "bytes", "pickled", "other",
    "decorated",
)  # fmt: skip
"""Kinds of which some or all cannot be keys; of text, what has no longest length."""


def _keep_by_sql(connection: sa.Connection, stored: Stored) -> None:
    """As the history does it: by an INSERT … SELECT of JSON objects."""
    table, kept = stored.table, stored.shelf.kept
    value = stored.kind.sql_encode(stored.dialect, table.c.value)
    build = sa.func.jsonb_build_object if stored.dialect == "postgresql" else sa.func.json_object
    fields = build(sa.literal_column("'value'"), value)
    objects = sa.select(sa.literal_column("''"), table.c.id, fields)
    connection.execute(sa.insert(kept).from_select(["name", "id", "fields"], objects))
