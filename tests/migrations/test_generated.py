"""Migrations that Alembic generates run as they are, up and down, on every database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from backoffice.config import Settings
from backoffice.db import Database
from tests import databases
from tests.migrations import parcels
from tests.migrations.revisions import next_releases

Generate = Callable[[sa.MetaData], str]


@pytest.fixture
def config(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Alembic's configuration, with a folder of its own for what is generated."""
    return next_releases(tmp_path_factory.mktemp("next"), [], settings)


@pytest.fixture
def generate(config: Config) -> Generate:
    """Makes the migration that leads to these tables beside the models' own; returns its text."""
    folder = Path(str(config.config_file_name)).parent / "versions"

    def make(metadata: sa.MetaData) -> str:
        config.attributes["metadata"] = [metadata]
        before = {*folder.glob("*.py")}
        message = f"parcels {len(before) + 1}"
        command.revision(config, message, autogenerate=True, version_path=str(folder))
        (script,) = {*folder.glob("*.py")} - before
        return script.read_text()

    return make


def enum_types(database: Database) -> set[str]:
    """The enum types of PostgreSQL; nothing elsewhere."""
    if database.dialect != "postgresql":
        return set()
    with database.reader.connect() as connection:
        query = "SELECT typname::text FROM pg_type WHERE typtype = 'e'"
        return {*connection.exec_driver_sql(query).scalars()}


def rows(database: Database, statement: str) -> list[Any]:
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def write(database: Database, *statements: str) -> None:
    with database.writer.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_new_tables_are_made_dropped_and_made_again(
    database: Database, config: Config, generate: Generate
) -> None:
    text = generate(parcels.first())
    assert "sa.Enum('SMALL', 'LARGE', name='size', create_type=False)" in text
    assert "tests.migrations.parcels.Grams()" in text
    assert "import tests.migrations.parcels" in text
    assert text.count("sa.Enum(name='size').drop(op.get_bind(), checkfirst=True)") == 1
    assert "versions" not in text

    for _again in range(2):
        command.upgrade(config, "head")
        command.check(config)
        assert enum_types(database) <= {"size"}
        write(database, "INSERT INTO parcels (code, size) VALUES ('P1', 'LARGE')")
        command.downgrade(config, "-1")
        assert not {*parcels.TABLES} & {*sa.inspect(database.engine).get_table_names()}
        assert enum_types(database) == set()


def test_a_table_that_has_rows_is_altered_and_altered_back(
    database: Database, config: Config, generate: Generate
) -> None:
    generate(parcels.first())
    command.upgrade(config, "head")
    write(
        database,
        "INSERT INTO depots (name) VALUES ('North')",
        "INSERT INTO parcels (code, size, sent_on, note, depot_id)"
        " VALUES ('P1', 'LARGE', '2026-03-31', 'Mind the glass', 1)",
    )

    text = generate(parcels.later())
    assert text.count("sa.Enum('RED', 'GREEN', name='colour').create(") == 1
    assert text.count("sa.Enum(name='colour').drop(") == 1
    assert "sa.Enum(name='size').drop(" not in text

    kept = "SELECT code, size, depot_id FROM parcels"
    for _again in range(2):
        command.upgrade(config, "head")
        command.check(config)
        assert rows(database, kept) == [("P1", "LARGE", 1)]
        assert rows(database, "SELECT colour FROM parcels WHERE NOT is_fragile") == [("RED",)]
        assert enum_types(database) in ({"size", "colour"}, set())
        command.downgrade(config, "-1")
        assert rows(database, kept) == [("P1", "LARGE", 1)]
        assert enum_types(database) in ({"size"}, set())
        with pytest.raises(sa.exc.DBAPIError):
            write(database, "INSERT INTO parcels (code, size) VALUES ('P1', 'SMALL')")
    # What the column held is gone with it; the column is there again.
    assert rows(database, "SELECT sent_on, note FROM parcels") == [(None, None)]


@pytest.mark.databases("sqlite")
def test_a_table_that_is_altered_keeps_its_triggers(
    database: Database, config: Config, generate: Generate
) -> None:
    generate(parcels.first())
    command.upgrade(config, "head")
    write(
        database,
        "CREATE TABLE seen (code TEXT)",
        "CREATE TRIGGER see AFTER INSERT ON parcels BEGIN INSERT INTO seen VALUES (new.code); END",
    )
    generate(parcels.later())
    for migrate, revision in ((command.upgrade, "head"), (command.downgrade, "-1")):
        migrate(config, revision)
        write(database, "INSERT INTO parcels (code, size) VALUES ('P' || random(), 'SMALL')")
    assert rows(database, "SELECT count(*) FROM seen") == [(2,)]


@pytest.mark.databases("sqlite")
def test_what_is_generated_is_the_same_for_every_database(
    generate: Generate, config: Config
) -> None:
    generate(parcels.first())
    command.upgrade(config, "head")
    text = generate(parcels.later())
    assert "with op.batch_alter_table('parcels', schema=None) as batch_op:" in text
    assert "batch_op.alter_column('code'," in text
    assert "server_default=sa.false()" in text


@pytest.mark.databases("postgresql", "mariadb")
def test_servers_get_a_batch_too_since_it_may_run_on_sqlite(
    generate: Generate, config: Config
) -> None:
    generate(parcels.first())
    command.upgrade(config, "head")
    assert "with op.batch_alter_table('parcels', schema=None) as batch_op:" in generate(
        parcels.later()
    )


@pytest.mark.databases("postgresql", "mariadb")
def test_what_was_generated_on_sqlite_runs_on_the_servers(
    settings: Settings, database: Database, config: Config, generate: Generate, tmp_path: Path
) -> None:
    with databases.migrated_database("sqlite", tmp_path) as url:
        config.attributes["settings"] = databases.make_settings(url)
        for metadata in (parcels.first(), parcels.later()):
            generate(metadata)
            command.upgrade(config, "head")
    config.attributes["settings"] = settings

    command.upgrade(config, "head")
    command.check(config)
    write(database, "INSERT INTO parcels (code, size) VALUES ('P1', 'LARGE')")
    command.downgrade(config, "-2")
    assert not {*parcels.TABLES} & {*sa.inspect(database.engine).get_table_names()}
    assert enum_types(database) == set()


def test_another_programs_tables_are_left_alone(
    database: Database, config: Config, generate: Generate
) -> None:
    write(
        database,
        "CREATE TABLE theirs (id INTEGER PRIMARY KEY, item_id INTEGER REFERENCES items (id))",
        "CREATE INDEX ix_theirs ON theirs (item_id)",
    )
    command.check(config)
    text = generate(sa.MetaData())
    assert "theirs" not in text
    assert "drop" not in text
    assert text.count("    pass\n") == 2


@pytest.mark.databases("postgresql")
def test_an_enum_type_that_another_table_has_is_not_dropped(
    database: Database, config: Config, generate: Generate
) -> None:
    generate(parcels.first())
    command.upgrade(config, "head")
    metadata = parcels.first()
    sa.Table(
        "boxes",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", sa.Enum(parcels.Size)),
    )
    assert "sa.Enum(name='size').drop(" not in generate(metadata)
    command.upgrade(config, "head")
    command.downgrade(config, "-1")
    assert enum_types(database) == {"size"}


@pytest.mark.databases("postgresql")
def test_tables_in_another_schema_are_made_altered_and_dropped(
    database: Database, config: Config, generate: Generate
) -> None:
    write(
        database,
        "CREATE SCHEMA shop",
        "CREATE SCHEMA warehouse",
        "CREATE TABLE warehouse.theirs (id INTEGER)",
        "CREATE TABLE shop.theirs (id INTEGER)",
    )
    text = generate(parcels.first("shop"))
    assert "theirs" not in text
    command.upgrade(config, "head")
    command.check(config)
    generate(parcels.later("shop"))
    command.upgrade(config, "head")
    command.check(config)
    assert {*sa.inspect(database.engine).get_table_names("shop")} == {
        "depots",
        "parcels",
        "theirs",
    }
    command.downgrade(config, "-2")
    assert {*sa.inspect(database.engine).get_table_names("shop")} == {"theirs"}
    assert enum_types(database) == set()


@pytest.mark.databases("sqlite")
def test_two_migrations_of_one_minute_have_two_names(config: Config, generate: Generate) -> None:
    revisions = set()
    for metadata in (parcels.first(), parcels.later()):
        text = generate(metadata)
        revisions |= {line for line in text.splitlines() if line.startswith("revision = ")}
        command.upgrade(config, "head")
    assert len(revisions) == 2
