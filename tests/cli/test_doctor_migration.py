"""The migration that `doctor --migration` writes: it makes the indexes that are missing."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from backoffice.admin.doctor import diagnosis
from backoffice.admin.lists.table_size import LARGE
from backoffice.config import CHECKOUT, Settings
from backoffice.db import Database
from backoffice.db.migrations import downgrade
from tests.cli.conftest import Run
from tests.cli.doctor_report import CREATED, Use, config_with, drop, judged, missing, run_sql
from tests.size import sized


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
