"""What was written into the history stays as it was written, whoever asks."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import HistoryAnchor
from tests.history.chain import seal, verify, what_is_wrong, write

TABLES = ("changesets", "changes", "seals", "history_anchors")


@pytest.fixture(autouse=True)
def some_history(database: Database) -> None:
    write(database, 2)
    seal(database)
    write(database)
    with unit_of_work(database, writes=True) as session:
        moment = sa.func.now() if database.dialect != "sqlite" else sa.text("'2026-01-01 00:00:00'")
        session.execute(
            sa.insert(HistoryAnchor).values(at=moment, up_to=0, seal_id=0, hash="0" * 64)
        )


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
