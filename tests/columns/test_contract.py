"""Each kind keeps its word on each database: what is kept is read back equal, in Python and SQL."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.columns import Key
from tests import databases
from tests.columns.conftest import Shelf
from tests.columns.samples import SAMPLES, Samples

each_kind: Callable[..., Any] = pytest.mark.parametrize("samples", SAMPLES, ids=str)


@pytest.fixture(autouse=True)
def _only_where_the_type_exists(samples: Samples, database_kind: databases.Kind) -> None:
    if database_kind not in samples.on:
        pytest.skip(f"{database_kind} has no such type")


@each_kind
def test_what_is_stored_is_read_back(
    samples: Samples, shelf: Shelf, database_kind: databases.Kind
) -> None:
    kind = samples.kind
    read = _read(shelf, shelf.tables[samples.name])
    for number, value in shelf.values(samples, database_kind).items():
        if value is not None and not kind.keeps(value, shelf.dialect):
            continue
        assert kind.same(read[number], value), (read[number], value)


@each_kind
def test_python_and_the_database_keep_the_same(
    samples: Samples, shelf: Shelf, database_kind: databases.Kind
) -> None:
    kind, table = samples.kind, shelf.tables[samples.name]
    with shelf.database.writer.connect() as connection:
        _keep_by_sql(connection, shelf, samples)
        kept = _kept(connection, shelf, samples)
    read = _read(shelf, table)
    assert kept.pop(0) is None
    for number, value in shelf.values(samples, database_kind).items():
        if value is None:
            continue
        if kind.name == "other":
            assert isinstance(kept[number], str)
            continue
        assert kind.same_kept(kind.encode(read[number]), kept[number]), (value, kept[number])
        assert kind.same(kind.decode(kept[number]), read[number]), (value, kept[number])
        if kind.keeps(value, shelf.dialect):
            assert kind.same_kept(kind.encode(value), kept[number]), (value, kept[number])
            if kind.one_spelling:
                assert repr(kind.encode(value)) == repr(kept[number])


@each_kind
@pytest.mark.parametrize("keeper", ["sql", "python"])
def test_a_field_of_the_history_becomes_the_value_again_in_sql(
    samples: Samples, keeper: str, shelf: Shelf, database_kind: databases.Kind
) -> None:
    kind, table, copy = samples.kind, shelf.tables[samples.name], shelf.copies[samples.name]
    if keeper == "python" and kind.name == "other":
        pytest.skip("Python is never asked for it")
    read = _read(shelf, table)
    with shelf.database.writer.connect() as connection:
        if keeper == "sql":
            _keep_by_sql(connection, shelf, samples)
        else:
            for number, value in read.items():
                fields = {"value": None if value is None else kind.encode(value)}
                row = {"name": samples.name, "id": number, "fields": fields}
                connection.execute(sa.insert(shelf.kept).values(row))
        field = kind.sql_field(shelf.dialect, shelf.kept.c.fields, "value")
        fields = sa.select(shelf.kept.c.id, field).where(shelf.kept.c.name == samples.name)
        connection.execute(sa.insert(copy).from_select(["id", "value"], fields))
        same = kind.sql_same(shelf.dialect, table.c.value, copy.c.value)
        pairs = table.join(copy, table.c.id == copy.c.id)
        agreed = connection.execute(sa.select(table.c.id, same).select_from(pairs)).all()
        again = {row.id: row.value for row in connection.execute(sa.select(copy))}
    assert {number: bool(answer) for number, answer in agreed} == dict.fromkeys(read, True)
    for number, value in read.items():
        assert kind.same(again[number], value), (again[number], value)
        if isinstance(value, float):
            assert repr(again[number]) == repr(value)


@each_kind
def test_sql_and_python_agree_on_what_is_the_same(samples: Samples, shelf: Shelf) -> None:
    kind, table = samples.kind, shelf.tables[samples.name]
    read = _read(shelf, table)
    one, other = table.alias(), table.alias()
    same = kind.sql_same(shelf.dialect, one.c.value, other.c.value)
    with shelf.database.reader.connect() as connection:
        pairs = one.join(other, sa.true())
        rows = connection.execute(sa.select(one.c.id, other.c.id, same).select_from(pairs))
        found = {(first, second): bool(answer) for first, second, answer in rows}
    expected = {
        (first, second): kind.same(read[first], read[second])
        for first, second in itertools.product(read, read)
    }
    assert found == expected


@each_kind
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_a_cursor_walks_every_row_once(samples: Samples, descending: bool, shelf: Shelf) -> None:
    kind, table = samples.kind, shelf.tables[samples.name]
    if not kind.sortable:
        pytest.skip("it is not sorted by")
    key = kind.sort_key(shelf.dialect, table.c.value)
    query = sa.select(table).where(table.c.value.is_not(None)).limit(1)
    walked: list[int] = []
    with shelf.database.reader.connect() as connection:
        expected = set(connection.scalars(sa.select(table.c.id).where(table.c.value.is_not(None))))
        page: Any = query
        while row := connection.execute(
            page.order_by(key.desc() if descending else key, table.c.id)
        ).one_or_none():
            walked.append(row.id)
            assert len(walked) <= len(expected), walked
            bound = kind.bound(shelf.dialect, kind.decode(kind.encode(row.value)))
            later = key < bound if descending else key > bound
            page = query.where(later | ((key == bound) & (table.c.id > row.id)))
    assert set(walked) == expected
    assert len(walked) == len(expected)


@each_kind
def test_a_key_is_the_same_text_in_python_and_in_sql(samples: Samples, shelf: Shelf) -> None:
    kind, table = samples.kind, shelf.tables[samples.name]
    if not kind.key_length(shelf.dialect):
        pytest.skip("it can be no key")
    read = _read(shelf, table)
    del read[0]
    for key in (Key([table.c.value]), Key([table.c.value, table.c.id])):
        values = {
            number: value if key.is_single else (value, number) for number, value in read.items()
        }
        texts = {number: key.encode(value) for number, value in values.items()}
        assert max(map(len, texts.values())) <= (key.longest or 0)
        for number, text in texts.items():
            if text:
                again = key.decode(text)
                assert again is not None
                parts = zip(key.kinds, key.parts(again), key.parts(values[number]), strict=True)
                assert all(one.same(first, second) for one, first, second in parts)
        with shelf.database.reader.connect() as connection:
            told = connection.execute(
                sa.select(table.c.id, key.sql_text(shelf.dialect)).where(table.c.id > 0)
            )
            assert {number: text for number, text in told} == texts
            for number, text in texts.items():
                where = key.sql_is(shelf.dialect, sa.literal(text), sa.true())
                found = set(connection.scalars(sa.select(table.c.id).where(where)))
                if key.is_single and samples.name in ("text", "characters", "citext", "loud"):
                    assert number in found  # a collation may find "Ümlaut" by "umlaut"
                else:
                    same = {
                        n for n in read if kind.same(read[n], read[number]) or not key.is_single
                    }
                    assert found == (same if key.is_single else {number})
            not_ours = key.sql_is(shelf.dialect, sa.literal("no key of this table"), sa.false())
            assert connection.scalars(sa.select(table.c.id).where(not_ours)).all() == []


def _read(shelf: Shelf, table: sa.Table) -> dict[int, Any]:
    with shelf.database.reader.connect() as connection:
        return {row.id: row.value for row in connection.execute(sa.select(table))}


def _keep_by_sql(connection: sa.Connection, shelf: Shelf, samples: Samples) -> None:
    """As the history does it: by an INSERT … SELECT of JSON objects."""
    table = shelf.tables[samples.name]
    value = samples.kind.sql_encode(shelf.dialect, table.c.value)
    build = sa.func.jsonb_build_object if shelf.dialect == "postgresql" else sa.func.json_object
    name = sa.literal(samples.name, sa.String()).label("name")
    objects = sa.select(name, table.c.id, build(sa.literal_column("'value'"), value))
    connection.execute(sa.insert(shelf.kept).from_select(["name", "id", "fields"], objects))


def _kept(connection: sa.Connection, shelf: Shelf, samples: Samples) -> dict[int, Any]:
    rows = connection.execute(sa.select(shelf.kept).where(shelf.kept.c.name == samples.name))
    return {row.id: row.fields["value"] for row in rows}
