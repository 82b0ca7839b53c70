"""A release: what `alembic upgrade head` does to a database, alone and beside another one."""

import re
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.migrations import (
    current_state,
    downgrade,
    is_at_head,
    migration_config,
    upgrade,
)
from backoffice.db.queries.indexes import SEARCH_SUFFIX
from backoffice.db.types import MYSQL
from backoffice.models import Base
from migrations.lock import ReleaseInProgress, one_release
from tests.databases import KINDS
from tests.migrations.revisions import next_releases, output_of, start_release
from tests.size import sized

RECORDS = {*Base.metadata.tables}


def tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_upgrade_from_nothing_makes_every_table(empty_settings: Settings) -> None:
    database = open_database(empty_settings)
    assert current_state(database).applied == frozenset()
    assert current_state(database).behind

    upgrade(empty_settings)

    assert tables(database) >= RECORDS
    assert is_at_head(database)
    assert not current_state(database).behind
    database.dispose()


def test_downgrade_to_nothing_leaves_no_table(settings: Settings, database: Database) -> None:
    assert tables(database) == set(Base.metadata.tables)

    downgrade(settings, "base")

    assert tables(database) == set()
    assert current_state(database).behind
    if database.dialect == "postgresql":
        assert sa.inspect(database.engine).get_sequence_names() == []


def test_the_models_and_the_migrations_do_not_drift_apart(settings: Settings) -> None:
    command.check(migration_config(settings))


def description(database: Database) -> dict[str, object]:
    """All that the database itself says of its tables: what `alembic check` does not compare, too.

    Constraints and columns in any order: a migration may add at the end what a model has in the
    middle.
    """
    with database.engine.connect() as connection:
        if database.dialect == "sqlite":
            rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
            # Triggers guard the history; models know nothing of them.
            texts = {
                name: _line_by_line(sql or "")
                for name, sql in rows
                if name != "alembic_version" and not (sql or "").startswith("CREATE TRIGGER")
            }
        elif database.dialect in MYSQL:
            texts = {
                name: connection.exec_driver_sql(f"SHOW CREATE TABLE {name}").one()[1]
                for name in Base.metadata.tables
            }
        else:
            inspector = sa.inspect(connection)
            return {
                name: (
                    sorted(map(repr, inspector.get_columns(name))),
                    inspector.get_pk_constraint(name),
                    # Search indexes are the migrations' alone, as triggers are.
                    sorted(
                        repr(index)
                        for index in inspector.get_indexes(name)
                        if not (index["name"] or "").endswith(SEARCH_SUFFIX)
                    ),
                    sorted(map(repr, inspector.get_foreign_keys(name))),
                    sorted(map(repr, inspector.get_unique_constraints(name))),
                    sorted(map(repr, inspector.get_check_constraints(name))),
                )
                for name in Base.metadata.tables
            }
    return {
        name: sorted(
            # SQLite puts the name of a table that a migration rebuilt in quotes.
            re.sub(
                r" AUTO_INCREMENT=\d+|(?<=^CREATE TABLE )\"|(?<=\w)\"(?= \($)",
                "",
                line.strip().rstrip(","),
            )
            for line in text.splitlines()
        )
        for name, text in texts.items()
        if not name.startswith("sqlite_")
    }


def _line_by_line(sql: str) -> str:
    """SQLite's CREATE TABLE, a line for each column: ADD COLUMN puts its own behind another."""
    return re.sub(r"\s*,\s*(?=\w+ [A-Z])", ",\n", sql).removesuffix(")").rstrip()


def test_create_all_makes_the_same_as_the_migrations(
    empty_settings: Settings, database: Database
) -> None:
    created = open_database(empty_settings)
    Base.metadata.create_all(created.writer)
    assert description(created) == description(database)
    created.dispose()


@pytest.mark.databases("postgresql")
def test_ids_can_be_given_by_hand_where_an_undo_needs_it(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO categories (id, name) VALUES (77, 'Put back')")


@pytest.mark.databases(*sized(("sqlite",), KINDS))
def test_a_second_release_changes_nothing(settings: Settings, database: Database) -> None:
    before = description(database)
    code, output = output_of(start_release(settings))
    assert code == 0, output
    assert "Running" not in output
    assert description(database) == before


def test_two_releases_at_once_do_not_collide(empty_settings: Settings) -> None:
    database = open_database(empty_settings)
    with one_release(database, wait=0):
        releases = [start_release(empty_settings) for _ in range(2)]
        time.sleep(2)
        assert [release.poll() for release in releases] == [None, None]
        assert tables(database) == set()

    ended = [output_of(release) for release in releases]

    assert [code for code, _ in ended] == [0, 0], ended
    ran = [len(re.findall("Running upgrade", output)) for _, output in ended]
    assert sorted(ran) == [0, len(current_state(database).known)]
    assert is_at_head(database)
    database.dispose()


@pytest.mark.databases(*sized(("sqlite",), KINDS))
def test_a_release_says_in_one_sentence_that_another_did_not_end(
    settings: Settings, database: Database
) -> None:
    """On one database in the short form: the next test has the lock of each."""
    with one_release(database, wait=0):
        code, output = output_of(start_release(settings, environment={"MIGRATION_WAIT": "0"}))
    assert code != 0
    assert "Another release has been migrating this database" in output.splitlines()[-1]
    assert "Traceback" not in output


def test_the_lock_is_let_go_when_a_release_fails(database: Database) -> None:
    def fail_midway() -> None:
        with one_release(database, wait=0):
            with pytest.raises(ReleaseInProgress), one_release(database, wait=0):
                pass
            raise RuntimeError("failed midway")

    with pytest.raises(RuntimeError, match="midway"):
        fail_midway()
    with one_release(database, wait=0):
        pass


def test_looking_at_the_state_waits_for_no_release(
    make_settings: Callable[..., Settings], database: Database
) -> None:
    with one_release(database, wait=0):
        assert is_at_head(database)
        # One that had to wait would fail at once.
        command.current(migration_config(make_settings(migration_wait=0)))


def test_a_database_that_a_newer_release_migrated_is_ahead_and_not_behind(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = next_releases(tmp_path_factory.mktemp("next"), ["pass"], settings)
    command.upgrade(config, "head")
    state = current_state(database)
    assert state.ahead
    assert not state.at_head
    assert not state.behind


def test_the_state_costs_one_statement(database: Database) -> None:
    current_state(database)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        statements.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    current_state(database)
    assert len([text for text in statements if not text.startswith("BEGIN")]) == 1


@pytest.mark.databases("sqlite", "postgresql")
def test_a_migration_that_fails_leaves_nothing_of_itself_and_all_before_it(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = next_releases(
        tmp_path_factory.mktemp("next"),
        [
            'op.create_table("first", sa.Column("id", sa.Integer))',
            'op.create_table("half", sa.Column("id", sa.Integer))\nraise RuntimeError("broken")',
        ],
        settings,
    )
    with pytest.raises(RuntimeError, match="broken"):
        command.upgrade(config, "head")
    assert current_state(database).applied == {"test_1"}
    assert tables(database) == {*Base.metadata.tables, "first"}


def test_a_generated_migration_runs_as_it_is_and_is_named_by_the_minute(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = description(database)
    folder = tmp_path_factory.mktemp("next")
    config = next_releases(folder, [], settings)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("DROP TABLE items")
        connection.exec_driver_sql("DROP TABLE sessions")
        connection.exec_driver_sql("DROP TABLE user_roles")
        connection.exec_driver_sql("DROP TABLE saved_views")
        connection.exec_driver_sql("DROP TABLE user_preferences")
        connection.exec_driver_sql("DROP TABLE users")

    command.revision(
        config, "Users again", autogenerate=True, version_path=str(folder / "versions")
    )

    (script,) = (folder / "versions").glob("*.py")
    text = script.read_text()
    assert re.fullmatch(r"\d{4}_\d\d_\d\d_\d{4}_users_again\.py", script.name)
    assert re.search(r"^revision = .\d{8}_\d{4}.$", text, re.MULTILINE)
    for default in ("sa.true()", "sa.false()", "types.utc_now()"):  # no one database's spelling
        assert f"server_default={default}" in text
    command.upgrade(config, "head")
    command.check(config)
    assert description(database) == before


@pytest.mark.databases("sqlite")
def test_a_release_without_its_database_says_so_in_a_sentence(settings: Settings) -> None:
    code, output = output_of(
        start_release(settings, environment={"DATABASE_URL": "postgres://ada@127.0.0.1:1/nowhere"})
    )
    assert code != 0
    assert "The database cannot be reached" in output.splitlines()[-1]
    assert "Traceback" not in output


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DATABASE_URL", "oracle://ada@db/records", "DATABASE_URL names 'oracle'"),
        ("MIGRATION_WAIT", "-1", "MIGRATION_WAIT is not valid"),
    ],
)
def test_a_wrong_setting_stops_a_release_with_a_sentence(
    settings: Settings, variable: str, value: str, says: str
) -> None:
    code, output = output_of(start_release(settings, environment={variable: value}))
    assert code != 0
    assert says in output.splitlines()[-1]
    assert "Traceback" not in output


@pytest.mark.databases("sqlite")
def test_migrations_are_not_written_out_as_sql(settings: Settings) -> None:
    with pytest.raises(CommandError, match="not with --sql"):
        command.upgrade(migration_config(settings), "head", sql=True)
