"""What `doctor` finds: the indexes that serve the lists, and those that are missing."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event

from backoffice.admin.doctor import diagnosis
from backoffice.admin.lists.table_size import LARGE
from backoffice.config import CHECKOUT, Settings
from backoffice.db import Database
from backoffice.db.migrations import downgrade
from tests.cli.conftest import Run
from tests.migrations.revisions import next_releases
from tests.size import sized

Use = Callable[[Settings], None]
CREATED = re.compile(r"^    create_(?:search_index|index_concurrently)\((.+)\)$", re.MULTILINE)


def said(out: str) -> dict[str, list[str]]:
    """The report: what is said of each row, under "Items: Sort by Price", on one line each."""
    rows: dict[str, list[str]] = {}
    title = what = ""
    for line in out.partition("\nA migration")[0].splitlines():
        if line and not line.startswith(" "):
            title = line.partition(":")[0]
        elif row := re.fullmatch(r"  (\S.*?)  +(\S.*)", line):
            what = f"{title}: {row[1]}"
            rows[what] = [row[2]]
        elif line:
            rows[what].append(line.strip())
    return {what: [" ".join(parts)] for what, parts in rows.items()}


def judged(out: str) -> dict[str, str]:
    return {what: sentence for what, (sentence,) in said(out).items()}


def missing(out: str) -> set[str]:
    """The indexes that the report calls missing."""
    found = (sentence for sentence in judged(out).values() if sentence.startswith("MISSING: "))
    return {
        name
        for sentence in found
        for name in re.findall(r"\b(?:ix|uq)_\w+", sentence.rpartition(";")[0])
    }


def run_sql(database: Database, *statements: str) -> None:
    with database.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            connection.exec_driver_sql(statement)


def drop(database: Database, name: str, table: str = "items") -> None:
    where = f" ON {table}" if database.dialect in ("mysql", "mariadb") else ""
    with database.writer.begin() as connection:
        connection.exec_driver_sql(f"DROP INDEX {name}{where}")


def config_with(folder: Path, settings: Settings) -> Config:
    """Alembic's configuration with one more folder of migrations, ``folder / "versions"``."""
    return next_releases(folder, [], settings)


@contextmanager
def all_statements() -> Iterator[list[str]]:
    """The statements of every engine meanwhile."""
    seen: list[str] = []

    def see(_conn: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        seen.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(sa.Engine, "before_cursor_execute", see)


def test_on_a_database_just_migrated_nothing_is_missing(
    run: Run, settings: Settings, use_settings: Use
) -> None:
    use_settings(settings)

    told = run("doctor")

    assert (told.code, told.err) == (0, "")
    assert missing(told.out) == set()
    assert told.out.endswith("Nothing is missing.\n")
    assert len(judged(told.out)) > 30


@pytest.mark.databases("postgresql")
def test_postgresql_serves_all_that_is_configured_but_where_there_are_few(
    run: Run, settings: Settings, use_settings: Use
) -> None:
    use_settings(settings)
    rows = judged(run("doctor").out)

    for what, sentence in rows.items():
        served = sentence.startswith("served by ") and ";" not in sentence
        if sentence.endswith("no index holds what is computed"):
            continue  # what a column adds up is sorted in short lists alone
        assert served or sentence == "needs no index" or sentence.endswith("while there are few")
        if what.startswith(("Items: Sort", "Items: Search", "Categories: ")):
            assert served, f"{what} {sentence}"
    assert rows["Items: Search (3 characters or more)"] == (
        "served by ix_items_name_trgm, ix_items_description_trgm, ix_items_category_id_name_id, "
        "ix_categories_name_trgm"
    )
    assert rows["Users: Sort by First name"] == (
        "sorts all users (none so far): fine while there are few"
    )


@pytest.mark.databases("sqlite", "mariadb")
def test_other_databases_say_that_they_read_the_text(
    run: Run, settings: Settings, use_settings: Use, database: Database
) -> None:
    use_settings(settings)
    rows = judged(run("doctor").out)
    product = {"sqlite": "SQLite"}.get(database.dialect, "MariaDB")
    for what in ("Search (3 characters or more)", "Filter Name"):
        assert f"{product} has no index for it, which gets slow from" in rows[f"Items: {what}"]
    assert rows["Items: Filter Price"] == "served by ix_items_price_id"


def test_a_dropped_index_is_named_and_the_migration_makes_it_again(
    run: Run, settings: Settings, use_settings: Use, database: Database, tmp_path: Path
) -> None:
    use_settings(settings)
    drop(database, "ix_items_price_id")
    lost = {"ix_items_price_id"}
    if database.dialect == "postgresql":
        drop(database, "ix_items_description_trgm")
        lost.add("ix_items_description_trgm")

    told = run("doctor")
    assert told.code == 0  # nobody waits for it in an empty table
    assert missing(told.out) == lost
    assert judged(told.out)["Items: Sort by Price"] == "MISSING: ix_items_price_id; 0 rows"
    assert judged(told.out)["Items: Filter Price"] == "MISSING: ix_items_price_id; 0 rows"
    assert len(CREATED.findall(told.out)) == len(lost)

    config = config_with(tmp_path, settings)
    file = tmp_path / "versions" / "missing_indexes.py"
    written = run("doctor", "--migration", str(file))
    assert "def upgrade" not in written.out
    assert str(file) in written.out
    assert len(CREATED.findall(file.read_text())) == len(lost)
    command.upgrade(config, "head")

    with_newer = run("doctor")
    assert missing(with_newer.out) == set()
    assert with_newer.out.endswith("Nothing is missing.\n")
    command.downgrade(config, "-1")
    assert missing(run("doctor").out) == lost


@pytest.mark.databases("postgresql")
def test_an_index_that_serves_no_list_is_missing_too(
    run: Run, settings: Settings, use_settings: Use, database: Database
) -> None:
    use_settings(settings)
    drop(database, "ix_changes_record")

    told = run("doctor")

    assert missing(told.out) == {"ix_changes_record"}
    assert judged(told.out)["The models also declare: changes"].startswith("MISSING: ")
    assert 'create_index_concurrently("ix_changes_record", "changes", ["model", "rec' in told.out


@pytest.mark.databases("postgresql")
def test_a_constraint_is_made_again_as_a_unique_index(
    run: Run, settings: Settings, use_settings: Use, database: Database
) -> None:
    use_settings(settings)
    run_sql(database, "ALTER TABLE items DROP CONSTRAINT uq_items_name")

    told = run("doctor")

    assert judged(told.out)["Items: Sort by Name"] == "MISSING: uq_items_name; 0 rows"
    assert CREATED.findall(told.out) == ['"uq_items_name", "items", ["name"], unique=True']


@pytest.mark.databases("postgresql")
def test_an_index_whose_build_failed_is_called_invalid_and_built_again(
    run: Run, settings: Settings, use_settings: Use, database: Database, tmp_path: Path
) -> None:
    use_settings(settings)
    drop(database, "ix_items_price_id")
    with database.writer.connect() as somebody:
        somebody.exec_driver_sql("UPDATE items SET price = 1")  # whom the build waits for in vain
        with pytest.raises(sa.exc.OperationalError):
            run_sql(
                database,
                "SET lock_timeout = '200ms'",
                "CREATE INDEX CONCURRENTLY ix_items_price_id ON items (price, id)",
            )
        somebody.rollback()

    told = run("doctor", "--migration", str(tmp_path / "early.py"))
    assert judged(told.out)["Items: Sort by Price"] == (
        "MISSING: ix_items_price_id (INVALID: its build failed or is still running); 0 rows"
    )

    config = config_with(tmp_path, settings)
    (tmp_path / "early.py").rename(tmp_path / "versions" / "early.py")
    command.upgrade(config, "head")
    assert missing(run("doctor").out) == set()


@pytest.mark.databases("postgresql")
def test_another_index_of_that_name_is_pointed_out(
    run: Run, settings: Settings, use_settings: Use, database: Database
) -> None:
    use_settings(settings)
    drop(database, "ix_items_quantity_id")
    run_sql(database, "CREATE INDEX ix_items_quantity_id ON items (version)")

    told = run("doctor")

    assert "ix_items_quantity_id (another index has that name" in " ".join(told.out.split())


@pytest.mark.databases("postgresql")
def test_an_index_of_another_name_serves_as_well(
    run: Run, settings: Settings, use_settings: Use, database: Database
) -> None:
    use_settings(settings)
    run_sql(database, "ALTER INDEX ix_items_price_id RENAME TO by_price")

    told = run("doctor")

    assert missing(told.out) == set()
    assert judged(told.out)["Items: Sort by Price"] == "served by by_price"


@pytest.mark.databases("postgresql")
def test_in_a_large_table_every_order_and_search_wants_its_index(
    run: Run,
    settings: Settings,
    use_settings: Use,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_settings(settings)
    large = sized(5_000, LARGE)
    monkeypatch.setattr(diagnosis, "LARGE", large)
    run_sql(
        database,
        "INSERT INTO users (first_name, last_name, email)"
        f" SELECT 'F' || n, 'L' || n, n || '@example.com' FROM generate_series(1, {large + 1}) n",
        "ANALYZE users",
    )
    wanted = {
        f"ix_users_{name}"
        for name in (
            "first_name_id",
            "last_name_id",
            "created_at_id",
            "email_trgm",
            "first_name_trgm",
            "last_name_trgm",
        )
    }

    config = config_with(tmp_path, settings)
    told = run("doctor", "--migration", str(tmp_path / "versions" / "users.py"))

    assert told.code == 1
    assert missing(told.out) == wanted
    assert judged(told.out)["Users: Sort by Created"].endswith(f"; about {large:,} rows")
    command.upgrade(config, "head")
    well = run("doctor")
    assert well.code == 0
    assert judged(well.out)["Users: Sort by Created"] == "served by ix_users_created_at_id"
    assert judged(well.out)["Users: Search (3 characters or more)"].startswith("served by ")


@pytest.mark.databases("postgresql")
def test_without_the_extension_it_says_who_may_create_it(
    run: Run, settings: Settings, use_settings: Use, database: Database, tmp_path: Path
) -> None:
    use_settings(settings)
    run_sql(database, "DROP EXTENSION pg_trgm CASCADE")

    config = config_with(tmp_path, settings)
    told = run("doctor", "--migration", str(tmp_path / "versions" / "search.py"))

    assert missing(told.out) == {
        "ix_items_name_trgm",
        "ix_items_description_trgm",
        "ix_categories_name_trgm",
        "ix_changes_label_trgm",
    }
    assert "The migration also creates the extension pg_trgm" in told.out
    command.upgrade(config, "head")
    assert missing(run("doctor").out) == set()


def test_it_only_reads(run: Run, settings: Settings, use_settings: Use) -> None:
    use_settings(settings)

    with all_statements() as seen:
        assert run("doctor").code == 0

    acts = {statement.split(maxsplit=1)[0].upper() for statement in seen}
    assert "EXPLAIN" in acts or settings.database.startswith(("mysql", "mariadb"))
    assert acts <= {"SELECT", "EXPLAIN", "PRAGMA", "SHOW", "BEGIN"}


@pytest.mark.databases("sqlite")
def test_a_file_that_is_there_is_not_overwritten(
    run: Run, settings: Settings, use_settings: Use, database: Database, tmp_path: Path
) -> None:
    use_settings(settings)
    drop(database, "ix_items_price_id")
    mine = tmp_path / "mine.py"
    mine.write_text("precious")

    told = run("doctor", "--migration", str(mine))
    assert told.code == 1
    assert "was not changed" in told.err
    assert mine.read_text() == "precious"

    told = run("doctor", "--migration", str(tmp_path / "nowhere" / "new.py"))
    assert told.code == 1
    assert "cannot be written" in told.err


@pytest.mark.databases("sqlite")
def test_where_nothing_is_missing_no_file_is_written(
    run: Run, settings: Settings, use_settings: Use, tmp_path: Path
) -> None:
    use_settings(settings)
    told = run("doctor", "--migration", str(tmp_path / "new.py"))
    assert told.code == 0
    assert "was not written" in told.out
    assert not (tmp_path / "new.py").exists()


@pytest.mark.databases("sqlite", "postgresql")
def test_migrations_that_were_not_run_come_first(
    run: Run, settings: Settings, use_settings: Use, tmp_path: Path
) -> None:
    downgrade(settings, "20261123_0003")
    use_settings(settings)

    told = run("doctor", "--migration", str(tmp_path / "new.py"))

    assert told.out.startswith("Migrations are missing: run `alembic upgrade head` first.")
    assert "ix_items_price_id" in missing(told.out)
    assert not (tmp_path / "new.py").exists()


def test_an_empty_database_has_nothing_to_look_at(
    run: Run, empty_settings: Settings, use_settings: Use
) -> None:
    use_settings(empty_settings)
    told = run("doctor")
    assert told.code == 1
    assert "alembic upgrade head" in told.err


def test_a_database_that_does_not_answer_ends_it_as_other_commands(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:hunter2@127.0.0.1:1/none")
    told = run("doctor")
    assert told.code == run("seal-history").code == 1
    assert "does not answer" in told.err
    assert "hunter2" not in told.out + told.err


@pytest.mark.databases("postgresql")
def test_its_migration_is_written_as_ours_are(
    run: Run, settings: Settings, use_settings: Use, database: Database, tmp_path: Path
) -> None:
    use_settings(settings)
    for name in ("ix_items_price_id", "ix_items_name_trgm"):
        drop(database, name)
    drop(database, "ix_changes_changeset", "changes")
    drop(database, "ix_sign_in_throttles_last_failure_at", "sign_in_throttles")
    run_sql(
        database,
        "ALTER TABLE saved_views DROP CONSTRAINT uq_saved_views_owner_id_identity_name_live",
    )
    file = tmp_path / "new.py"
    assert run("doctor", "--migration", str(file)).code == 0

    for words in (["format", "--check"], ["check"]):
        options = ["--config", str(CHECKOUT / "pyproject.toml"), "--quiet", str(file)]
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *words, *options], capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + file.read_text()
