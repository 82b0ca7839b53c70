"""What `doctor` finds: the indexes that serve the lists, and those that are missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from backoffice.config import Settings
from backoffice.db import Database
from tests.cli.conftest import Run
from tests.cli.doctor_report import Use, drop, judged, missing, run_sql


@contextmanager
def all_statements() -> Iterator[list[str]]:
    """The statements that any engine runs."""
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
        if sentence.endswith("computed values have no index"):
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
        assert f"{product} has no index for it; slow from" in rows[f"Items: {what}"]
    assert rows["Items: Filter Price"] == "served by ix_items_price_id"


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


def test_it_only_reads(run: Run, settings: Settings, use_settings: Use) -> None:
    use_settings(settings)

    with all_statements() as seen:
        assert run("doctor").code == 0

    acts = {statement.split(maxsplit=1)[0].upper() for statement in seen}
    assert "EXPLAIN" in acts or settings.database.startswith(("mysql", "mariadb"))
    assert acts <= {"SELECT", "EXPLAIN", "PRAGMA", "SHOW", "BEGIN"}


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
