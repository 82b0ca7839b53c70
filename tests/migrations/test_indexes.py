"""Indexes made while the records are in use."""

import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic import command

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.migrations import downgrade, upgrade
from migrations.lock import ADVISORY_KEY, one_release
from tests.migrations.revisions import next_releases, output_of, start_release

INDEX_PRICES = 'create_index_concurrently("ix_items_price", "items", ["price"])'
UNIQUE_QUANTITIES = 'create_index_concurrently("uq_quantity", "items", ["quantity"], unique=True)'


def is_valid(database: Database, name: str) -> bool | None:
    with database.reader.connect() as connection:
        valid: bool | None = connection.scalar(
            sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"),
            {"name": name},
        )
    return valid


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not true():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


def put_items(database: Database, *quantities: int) -> None:
    with database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO categories (id, name) VALUES (1, 'Bolts')")
        for number, quantity in enumerate(quantities):
            connection.execute(
                sa.text(
                    "INSERT INTO items (name, description, price, quantity, category_id)"
                    " VALUES (:name, 'Hex', 1, :quantity, 1)"
                ),
                {"name": f"Bolt {number}", "quantity": quantity},
            )


def test_an_index_can_be_made_and_made_again_on_every_database(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = next_releases(
        tmp_path_factory.mktemp("next"),
        [
            INDEX_PRICES,
            INDEX_PRICES,
            'drop_index_concurrently("ix_items_price", "items")',
            'drop_index_concurrently("ix_items_price", "items")',
        ],
        settings,
    )

    def names() -> set[str | None]:
        return {index["name"] for index in sa.inspect(database.engine).get_indexes("items")}

    command.upgrade(config, "test_2")
    assert "ix_items_price" in names()
    command.upgrade(config, "head")
    assert "ix_items_price" not in names()


def category_indexes(database: Database) -> set[str | None]:
    names = {index["name"] for index in sa.inspect(database.engine).get_indexes("items")}
    return {name for name in names if name and name.startswith("ix_items_category_id")}


@pytest.mark.parametrize("stopped", [False, True])
def test_the_index_by_category_is_replaced_even_after_a_release_that_was_stopped(
    settings: Settings, database: Database, stopped: bool
) -> None:
    downgrade(settings, "20261127_0007")
    assert category_indexes(database) == {"ix_items_category_id_name"}
    if stopped:  # between the new index and the end of the old one
        with database.writer.begin() as connection:
            connection.exec_driver_sql(
                "CREATE INDEX ix_items_category_id_name_id ON items (category_id, name, id)"
            )

    upgrade(settings)

    assert category_indexes(database) == {"ix_items_category_id_name_id"}


@pytest.mark.databases("postgresql")
def test_the_keys_of_a_category_by_name_are_read_from_the_index_alone(database: Database) -> None:
    put_items(database, *range(500))
    with database.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("VACUUM ANALYZE items")
        for node in ("seqscan", "sort", "bitmapscan"):
            connection.exec_driver_sql(f"SET enable_{node} = off")
        keys = "SELECT id FROM items WHERE category_id = 1 ORDER BY name, id"
        plan = connection.exec_driver_sql(f"EXPLAIN {keys}").scalars().all()
    assert plan[0].startswith("Index Only Scan using ix_items_category_id_name_id")


@pytest.mark.databases("postgresql")
def test_an_index_that_was_left_invalid_is_dropped_and_built_again(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    put_items(database, 5, 5)
    config = next_releases(tmp_path_factory.mktemp("next"), [UNIQUE_QUANTITIES], settings)
    with pytest.raises(sa.exc.IntegrityError):
        command.upgrade(config, "head")
    assert is_valid(database, "uq_quantity") is False

    with database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE items SET quantity = id")
    command.upgrade(config, "head")

    assert is_valid(database, "uq_quantity") is True


@pytest.mark.databases("postgresql")
def test_a_concurrent_build_ends_while_another_release_waits(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The trap: a release waiting inside pg_advisory_lock deadlocks the one that builds."""
    folder = tmp_path_factory.mktemp("next")
    # Long enough in the first migration for the second release to arrive and wait.
    next_releases(folder, ['op.execute("SELECT pg_sleep(3)")', INDEX_PRICES])

    def asked_for(text: str) -> bool:
        with database.engine.connect() as connection:
            query = (
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE %s AND state = %s"
            )
            idle = connection.exec_driver_sql(query, (f"%{text}%", "idle")).scalar_one()
            return int(idle) >= 2

    first = start_release(settings, config=folder / "alembic.ini")
    second = start_release(settings, config=folder / "alembic.ini")
    wait_until(lambda: asked_for("pg_try_advisory_lock"))
    ended = [output_of(first), output_of(second)]

    assert [code for code, _ in ended] == [0, 0], ended
    assert sorted(output.count("Running upgrade") for _, output in ended) == [0, 2]
    assert sum("Waiting for another release" in output for _, output in ended) == 1
    assert is_valid(database, "ix_items_price")


@pytest.mark.databases("postgresql")
def test_a_concurrent_build_waits_longer_for_older_transactions_than_other_statements_do(
    make_settings: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = make_settings(migration_lock_timeout=1)
    database = open_database(settings)
    folder = tmp_path_factory.mktemp("next")
    next_releases(folder, [INDEX_PRICES])
    with database.writer.connect() as connection:
        connection.exec_driver_sql("UPDATE items SET quantity = 0")
        release = start_release(
            settings, config=folder / "alembic.ini", environment={"MIGRATION_LOCK_TIMEOUT": "1"}
        )
        wait_until(lambda: is_valid(database, "ix_items_price") is False)
        time.sleep(2)
        assert release.poll() is None
    code, output = output_of(release)
    assert code == 0, output
    assert is_valid(database, "ix_items_price")
    database.dispose()


@pytest.mark.databases("postgresql", "mariadb")
def test_a_statement_that_must_wait_for_a_lock_gives_up_and_the_app_goes_on(
    make_settings: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An ALTER TABLE that waits for a long query makes every later query wait behind it."""
    settings = make_settings(migration_lock_timeout=1)
    config = next_releases(
        tmp_path_factory.mktemp("next"),
        ['op.add_column("items", sa.Column("colour", sa.String(20)))'],
        settings,
    )
    database = open_database(settings)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM items")
        started = time.monotonic()
        with pytest.raises(sa.exc.OperationalError):
            command.upgrade(config, "head")
        assert time.monotonic() - started < 10
    command.upgrade(config, "head")
    database.dispose()


@pytest.mark.databases("postgresql")
def test_the_statement_timeout_of_the_app_does_not_end_a_migration(
    make_settings: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = make_settings(database_statement_timeout=1)
    config = next_releases(
        tmp_path_factory.mktemp("next"), ['op.execute("SELECT pg_sleep(1.5)")'], settings
    )
    command.upgrade(config, "head")


@pytest.mark.databases("postgresql")
def test_the_lock_is_held_by_a_connection_that_is_in_no_transaction(database: Database) -> None:
    with one_release(database, wait=0), database.engine.connect() as connection:
        states = connection.scalars(
            sa.text(
                "SELECT a.state FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE a.datname = current_database() AND l.locktype = 'advisory' AND l.granted"
                " AND (l.classid::bigint << 32) + l.objid::bigint = :key"
            ),
            {"key": ADVISORY_KEY},
        ).all()
    assert states == ["idle"]
