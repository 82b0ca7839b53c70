"""SQLite rebuilds a table to change it; nothing may be lost on the way."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError

from backoffice.config import Settings
from backoffice.db import Database
from tests.migrations.revisions import next_releases

pytestmark = [
    pytest.mark.databases("sqlite"),
    # Alembic cannot read it; the test is that it is there again all the same.
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
]

Migrate = Callable[..., None]

REBUILD = 'with op.batch_alter_table("categories", recreate="always"):\n    pass'
LENGTHEN = (
    'with op.batch_alter_table("categories") as batch:\n'
    '    batch.alter_column("name", type_=types.UniqueText(300))'
)
RENAME = (
    'with op.batch_alter_table("categories") as batch:\n'
    '    batch.alter_column("version", new_column_name="edition")'
)

CAST = (
    "CREATE TABLE log (what TEXT)",
    "INSERT INTO categories (id, name) VALUES (1, 'Bolts'), (2, 'Cable'), (9, 'Deleted later')",
    "INSERT INTO items (name, description, price, quantity, category_id) VALUES"
    " ('M4 × 20', 'Hex', 0.12, 500, 1), ('M5 × 20', 'Hex', 0.15, 300, 1),"
    " ('NYM-J 3×1.5', 'Per metre', 1.19, 90, 2)",
    "DELETE FROM categories WHERE id = 9",
    "CREATE TRIGGER note_category AFTER UPDATE ON categories"
    " BEGIN INSERT INTO log VALUES (old.name || ' → ' || new.name); END",
    "CREATE TRIGGER keep_category BEFORE DELETE ON categories WHEN old.name = 'Bolts'"
    " BEGIN SELECT RAISE(ABORT, 'bolts stay'); END",
    "CREATE TRIGGER note_item AFTER INSERT ON items"
    " BEGIN INSERT INTO log SELECT name FROM categories WHERE id = new.category_id; END",
    "CREATE VIEW sizes AS SELECT c.name, count(*) AS size"
    " FROM categories c JOIN items i ON i.category_id = c.id GROUP BY c.name",
    "CREATE INDEX ix_categories_folded ON categories (lower(name))",
    "CREATE INDEX ix_categories_edited ON categories (version) WHERE version > 1",
)


@pytest.fixture
def stocked(database: Database) -> Database:
    """Categories with items, triggers, a view and indexes; the newest category was deleted."""
    with database.writer.begin() as connection:
        for statement in CAST:
            connection.exec_driver_sql(statement)
    return database


@pytest.fixture
def migrate(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Migrate:
    """Runs migrations with these bodies."""

    def run(*bodies: str) -> None:
        command.upgrade(next_releases(tmp_path_factory.mktemp("next"), bodies, settings), "head")

    return run


def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: rows(database, f"SELECT * FROM {name} ORDER BY 1")
        for name in ("categories", "items", "log", "sizes", "sqlite_sequence")
    }


def schema(database: Database) -> dict[str, list[str]]:
    """Each table, index, trigger and view by its SQL: lines in any order, names unquoted."""
    return {
        str(name): sorted(
            line.strip().rstrip(",") for line in re.sub('["`]', "", str(sql)).splitlines()
        )
        for name, sql in rows(database, "SELECT name, sql FROM sqlite_master WHERE sql > ''")
    }


def triggers(database: Database) -> list[tuple[object, ...]]:
    """The triggers on the tables of this story; those that guard the history are elsewhere."""
    return rows(
        database,
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
        "AND tbl_name IN ('categories', 'items') ORDER BY 1",
    )


def test_a_rebuild_of_categories_keeps_every_item_trigger_and_line_of_ddl(
    stocked: Database, migrate: Migrate
) -> None:
    before = contents(stocked), triggers(stocked), schema(stocked)
    migrate(REBUILD)
    assert (contents(stocked), triggers(stocked), schema(stocked)) == before
    assert len(before[0]["items"]) == 3


def test_a_plain_batch_changes_what_it_says_and_nothing_else(
    stocked: Database, migrate: Migrate
) -> None:
    data, ddl = contents(stocked), schema(stocked)
    migrate(LENGTHEN)
    assert contents(stocked) == data
    changed = schema(stocked)
    assert "name VARCHAR(300) NOT NULL" in changed.pop("categories")
    ddl.pop("categories")
    assert changed == ddl


@pytest.mark.parametrize("table", ["categories", "items", "users", "sessions"])
def test_every_table_survives_a_rebuild_of_itself(
    stocked: Database, migrate: Migrate, table: str
) -> None:
    before = contents(stocked), schema(stocked)
    migrate(REBUILD.replace("categories", table))
    assert (contents(stocked), schema(stocked)) == before


def test_the_triggers_still_work_after_a_rebuild(stocked: Database, migrate: Migrate) -> None:
    migrate(REBUILD)
    with stocked.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE categories SET name = 'Wire' WHERE name = 'Cable'")
    assert rows(stocked, "SELECT what FROM log") == [("Cable → Wire",)]
    with stocked.writer.connect() as connection, pytest.raises(sa.exc.IntegrityError, match="stay"):
        connection.exec_driver_sql("DELETE FROM categories")


def test_an_id_is_not_given_again_after_a_rebuild(stocked: Database, migrate: Migrate) -> None:
    migrate(REBUILD)
    with stocked.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO categories (name) VALUES ('Dowels')")
    assert rows(stocked, "SELECT id FROM categories WHERE name = 'Dowels'") == [(10,)]


def test_an_id_is_not_given_again_after_an_emptied_table_is_rebuilt(
    stocked: Database, migrate: Migrate
) -> None:
    with stocked.writer.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER keep_category")
        connection.exec_driver_sql("DELETE FROM categories")
    migrate(REBUILD)
    with stocked.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO categories (name) VALUES ('Dowels')")
    assert rows(stocked, "SELECT id FROM categories") == [(10,)]


def test_a_trigger_that_the_migration_drops_itself_stays_dropped(
    stocked: Database, migrate: Migrate
) -> None:
    migrate(f'op.execute("DROP TRIGGER note_category")\n{REBUILD}')
    assert [name for name, _ in triggers(stocked)] == ["keep_category", "note_item"]


def test_a_change_that_breaks_a_trigger_is_refused_and_undone(
    stocked: Database, migrate: Migrate
) -> None:
    with stocked.writer.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_categories_edited")
        connection.exec_driver_sql(
            "CREATE TRIGGER note_version AFTER UPDATE ON categories"
            " BEGIN INSERT INTO log VALUES (new.version); END"
        )
    before = contents(stocked), schema(stocked)
    with pytest.raises(CommandError, match="A trigger of categories does not match"):
        migrate(RENAME)
    assert (contents(stocked), schema(stocked)) == before


def test_rows_that_would_refer_to_nothing_are_not_committed(
    stocked: Database, migrate: Migrate
) -> None:
    before = contents(stocked)
    with pytest.raises(CommandError, match="1 of items to missing categories"):
        migrate("op.execute(\"DELETE FROM categories WHERE name = 'Cable'\")")
    assert contents(stocked) == before


def test_after_the_release_foreign_keys_are_on_again(stocked: Database, migrate: Migrate) -> None:
    migrate(REBUILD)
    with stocked.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM categories WHERE name = 'Cable'")
    assert rows(stocked, "SELECT count(*) FROM items") == [(2,)]


def test_an_autocommit_block_leaves_the_next_migration_its_transaction(
    stocked: Database, migrate: Migrate
) -> None:
    block = (
        "with op.get_context().autocommit_block():\n"
        '    op.execute("CREATE TABLE kept (id INTEGER)")'
    )
    before = contents(stocked)
    with pytest.raises(CommandError, match="missing categories"):
        migrate(block, 'op.execute("DELETE FROM categories WHERE id = 2")')
    assert contents(stocked) == before
    assert "kept" in schema(stocked)
