"""What was written into the history stays as it was written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy.exc import DBAPIError

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.history.seals.chain import BEGINNING
from backoffice.models import Base, HistoryAnchor
from tests.history.chain import KEYS, seal, verify, what_is_wrong, write
from tests.migrations.revisions import next_releases

pytestmark = pytest.mark.every_database  # each has triggers of its own

TABLES = ("changesets", "changes", "seals", "history_anchors")


@pytest.fixture(autouse=True)
def some_history(database: Database) -> None:
    write(database, 2)
    seal(database)
    write(database)
    with unit_of_work(database, writes=True) as session:
        anchor = HistoryAnchor(at=datetime.now(UTC), up_to=0, seal_id=0, hash=BEGINNING)
        KEYS.sign_anchor(anchor)
        session.add(anchor)


def run(database: Database, *statements: str) -> None:
    with database.writer.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rows(database: Database, table: str) -> int:
    with database.reader.connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_nobody_changes_or_deletes_history(database: Database, table: str, statement: str) -> None:
    before = rows(database, table)
    assert before
    with pytest.raises(DBAPIError, match=f"history is append-only: {table}"):
        run(database, statement.format(table))
    assert rows(database, table) == before


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("table", TABLES)
def test_nobody_truncates_history(database: Database, table: str) -> None:
    with pytest.raises(DBAPIError, match="history is append-only"):
        run(database, f"TRUNCATE {table} CASCADE")


def test_an_update_is_refused_even_while_history_is_pruned(database: Database) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        run(
            database,
            "INSERT INTO history_pruning (up_to) VALUES (1000)",
            "UPDATE changesets SET actor = 'Mallory'",
        )


def test_the_switch_frees_what_it_names_and_nothing_later(database: Database) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        run(
            database,
            "INSERT INTO history_pruning (up_to) VALUES (2)",
            "DELETE FROM changes WHERE changeset_id <= 3",
        )
    assert rows(database, "history_pruning") == 0


@pytest.mark.databases("postgresql")
def test_nobody_leaves_the_switch_on(database: Database) -> None:
    with pytest.raises(DBAPIError, match="history_pruning must be empty again"):
        run(database, "INSERT INTO history_pruning (up_to) VALUES (2)")
    assert rows(database, "history_pruning") == 0


@pytest.mark.databases("sqlite", "mariadb")
def test_a_switch_that_was_left_on_is_found(database: Database) -> None:
    verify(database)
    run(database, "INSERT INTO history_pruning (up_to) VALUES (2)")
    assert "The switch for pruning was left on" in what_is_wrong(database)


COPY_OF_FIRST = "SELECT {columns} FROM {table} WHERE id = (SELECT min(id) FROM {table})"

OVERWRITING = {
    "sqlite": (
        "REPLACE INTO {table} ({columns}) " + COPY_OF_FIRST,
        "INSERT OR REPLACE INTO {table} ({columns}) " + COPY_OF_FIRST,
        "UPDATE OR REPLACE {table} SET id = (SELECT min(id) FROM {table})",
        "INSERT INTO {table} ({columns}) "
        + COPY_OF_FIRST
        + " ON CONFLICT (id) DO UPDATE SET id = 5",
    ),
    "mariadb": (
        "REPLACE INTO {table} ({columns}) " + COPY_OF_FIRST,
        "INSERT INTO {table} ({columns}) " + COPY_OF_FIRST + " ON DUPLICATE KEY UPDATE id = 99",
    ),
    "postgresql": (
        "INSERT INTO {table} ({columns}) "
        + COPY_OF_FIRST
        + " ON CONFLICT (id) DO UPDATE SET id = 99",
    ),
}
"""Ways to write over a row, by kind of database."""


def columns(database: Database, table: str, *, but: str = "") -> str:
    """The names of a table's columns, quoted for SQL."""
    quote = database.engine.dialect.identifier_preparer.quote
    return ", ".join(
        quote(column.name) for column in Base.metadata.tables[table].c if column.name != but
    )


def content(database: Database, table: str) -> list[tuple[object, ...]]:
    with database.reader.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY id")
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("table", TABLES)
def test_nobody_writes_over_history(database: Database, table: str) -> None:
    before = content(database, table)
    assert before
    for statement in OVERWRITING[database.dialect]:
        with pytest.raises(DBAPIError, match=f"history is append-only: {table}"):
            run(database, statement.format(table=table, columns=columns(database, table)))
    assert content(database, table) == before


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE"])
def test_a_seal_is_not_replaced_by_one_that_follows_the_same(database: Database, verb: str) -> None:
    before = content(database, "seals")
    others = columns(database, "seals", but="id")
    with pytest.raises(DBAPIError, match="history is append-only: seals"):
        run(database, f"{verb} INTO seals ({others}) SELECT {others} FROM seals WHERE id = 1")
    assert content(database, "seals") == before


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("number", [-1, 0])
def test_an_id_below_one_is_refused(database: Database, table: str, number: int) -> None:
    names = columns(database, table, but="id")
    values = names.replace("previous_hash", "'x'")
    with pytest.raises(DBAPIError, match=f"history is append-only: {table}"):
        run(
            database,
            f"INSERT INTO {table} (id, {names}) SELECT {number}, {values} FROM {table} LIMIT 1",
        )
    assert number not in [row[0] for row in content(database, table)]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("table", ["changes", "seals"])
def test_a_rebuilt_table_is_guarded_as_before(
    settings: Settings, database: Database, tmp_path: Path, table: str
) -> None:
    body = f"with op.batch_alter_table({table!r}, recreate='always'):\n    pass"
    command.upgrade(next_releases(tmp_path, [body], settings), "head")
    with pytest.raises(DBAPIError, match=f"history is append-only: {table}"):
        run(database, f"REPLACE INTO {table} SELECT * FROM {table} WHERE id = 1")
    with pytest.raises(DBAPIError, match=f"history is append-only: {table}"):
        run(database, f"DELETE FROM {table}")
