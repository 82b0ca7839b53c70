"""The benchmark of lists runs from beginning to end, on few items; its figures are not judged."""

import os
import re
import shutil
import subprocess
import sys
from itertools import islice, takewhile
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.config import CHECKOUT
from backoffice.db import Database
from bench.aims import Aim, summary
from bench.datasets import NOWHERE, SETS, DataSet
from bench.earlier import stock_at
from bench.figures import Times, ratio_of
from bench.shelves import MARK, MARKED, SHELVES, shelves, stock
from bench.stocked import stocked_database
from bench.tables import WIDTH
from tests import databases
from tests.databases import Kind

WITH_CHANGES = """
SELECT count(*) FROM changes JOIN items ON record_id = items.id::text AND label = items.name
"""
WITHOUT_CHANGES = """
SELECT count(*) FROM changesets WHERE source = 'script'
AND NOT EXISTS (SELECT FROM changes WHERE changeset_id = changesets.id)
"""


def start(kind: Kind, *, rounds: int) -> subprocess.Popen[str]:
    """The benchmark, with 400 items and as little as can be."""
    environment = dict(os.environ) | {"TEST_POSTGRES_URL": databases.server_url(kind)}
    environment.pop(databases.FOLDER_VARIABLE)
    command = [sys.executable, "-m", "bench", "lists", "--items", "400", "--rounds", str(rounds)]
    command += ["--requests", "2", "--seconds", "0.2", "--connections", "2", "--workers", "1"]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=pipe, stderr=pipe, text=True
    )


def table(lines: list[str], title: str) -> dict[str, str]:
    """The lines of one printed table, by scenario."""
    (start,) = [place for place, line in enumerate(lines) if line.startswith(title)]
    rows = takewhile(bool, lines[start + 2 :])
    return {row[:WIDTH].strip(): row[WIDTH:] for row in rows}


@pytest.mark.thorough
@pytest.mark.databases("postgresql")
def test_lists_are_measured_beside_the_stock_sqladmin_and_a_bare_handler(
    database_kind: Kind,
) -> None:
    done = start(database_kind, rounds=1)
    output, errors = done.communicate(timeout=300)

    assert done.returncode == 0, errors
    lines = output.splitlines()
    for step in ("COPY of 400 items", "search index ix_items_name_trgm"):
        assert any(line.strip().startswith(step) for line in lines), output
    for data in SETS:
        times, cpu = table(lines, f"{data}, 400 items: ms"), table(lines, f"{data}, 400 items: CPU")
        for scenario in ("first page", "middle page", "search: 200 hits", "by price"):
            assert times[scenario].count("×") == 2
        for scenario in ("one category", "words: 10 and 1 %", "edit form", "save", "create"):
            assert times[scenario].count("×") == 1
        for scenario in ("words: 1 and 1 %", "short: zq", "count exactly"):
            assert re.search(r"\d s \(≤ [\d.]+ s: ", times[scenario])
        assert times.keys() == cpu.keys()
    searched = table(lines, "scattered, 400 items: ms")["feed: rare word"]
    assert re.search(r"\d s \(≤ 0.1 s: ", searched)
    assert any(re.fullmatch(r"\d+ of \d+ measured aims are met\.", line) for line in lines)


@pytest.mark.thorough
@pytest.mark.databases("postgresql")
def test_a_measurement_that_is_stopped_prints_what_it_has(database_kind: Kind) -> None:
    stopped = start(database_kind, rounds=10_000)
    assert stopped.stdout is not None
    assert any(line.startswith("round 1 of") for line in stopped.stdout)
    stopped.terminate()
    output, errors = stopped.communicate(timeout=60)

    assert stopped.returncode == 0, errors
    assert re.search(r"(?m)^first page .+ ×$", output), output
    assert "first pages a second" not in output


@pytest.mark.parametrize("data", SETS.values(), ids=SETS)
@pytest.mark.databases("postgresql")
def test_a_kept_database_is_whole_and_taken_again(
    data: DataSet, database: Database, database_kind: Kind
) -> None:
    server = databases.server_url(database_kind)
    try:
        with stocked_database(server, data, 250, keep=True) as first:
            assert _shape(first.database) == _shape(database)
            with first.database.engine.connect() as connection:
                found = sa.text("SELECT count(*) FROM items WHERE description LIKE :word")
                assert connection.scalar(found, {"word": f"%{MARK}%"}) == MARKED
                assert connection.scalar(found, {"word": f"%{NOWHERE}%"}) == 0
                changed = connection.scalar(sa.text(WITH_CHANGES))
                assert changed == (250 if data.history else 0)
                assert connection.scalar(sa.text(WITHOUT_CHANGES)) == 0
                connection.exec_driver_sql("DELETE FROM items WHERE id = 1")
                connection.commit()
        with stocked_database(server, data, 250, keep=True) as second:
            assert second.said == f"250 items ({data.name}), kept from an earlier run"
            with second.database.engine.connect() as connection:
                assert connection.scalar(sa.text("SELECT count(*) FROM items")) == 249
    finally:
        with databases.administration(database_kind) as connection:
            name = f"bench_lists_{data.prefix}250"
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.databases("postgresql")
def test_an_earlier_commit_gets_a_copy_with_its_own_schema(
    database_kind: Kind, tmp_path: Path
) -> None:
    place = tmp_path / "checkout"
    shutil.copytree(CHECKOUT / "migrations", place / "migrations")
    max((place / "migrations" / "versions").glob("*.py")).unlink()
    for name in ("alembic.ini", "backoffice"):
        (place / name).symlink_to(CHECKOUT / name)
    server = databases.server_url(database_kind)
    version = sa.text("SELECT version_num FROM alembic_version")
    with (
        stocked_database(server, SETS["scattered"], 250, keep=False) as stock,
        stock_at(server, stock, "abc", place, keep=False) as before,
        stock.database.engine.connect() as ours,
        before.database.engine.connect() as theirs,
    ):
        assert theirs.scalar(sa.text("SELECT count(*) FROM items")) == 250
        assert theirs.scalar(version) != ours.scalar(version)


def _shape(database: Database) -> set[tuple[str, str]]:
    """The indexes and constraints of items, as PostgreSQL describes them."""
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'items' UNION ALL "
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'items'::regclass"
        )
        return {(name, definition) for name, definition in rows}


def test_items_are_spread_over_as_many_categories_as_the_real_ones() -> None:
    assert len(set(shelves())) == SHELVES
    rows = list(stock(50_000, list(range(SHELVES))))
    assert {row[0] for row in rows} == set(range(SHELVES))
    assert len({row[1] for row in rows}) == len(rows)
    assert sum(MARK in row[2] for row in rows) == MARKED
    with pytest.raises(ValueError, match="to be found by"):
        list(islice(stock(MARKED - 1, list(range(SHELVES))), 1))


@pytest.mark.parametrize(
    ("value", "limit", "at_least", "verdict"),
    [
        (3.9, 4, False, "met"),
        (4, 4, False, "met"),
        (4.01, 4, False, "missed by 1 %"),
        (5, 4, False, "missed by 25 %"),
        (12, 12, True, "met"),
        (9, 12, True, "missed by 25 %"),
        (None, 4, False, "not measured"),
    ],
)
def test_a_verdict_is_computed(
    value: float | None, limit: float, at_least: bool, verdict: str
) -> None:
    assert Aim("x", value, limit, at_least).verdict == verdict


def test_a_summary_names_what_was_missed() -> None:
    text = summary([Aim("quick", 3.0, 4), Aim("slow", 8.0, 4), Aim("unknown", None, 4)])
    assert text == "1 of 2 measured aims are met.\n  slow: 8.00 × (≤ 4 ×: missed by 100 %)"


def test_a_ratio_is_of_the_rounds_that_both_took_part_in() -> None:
    ours, bare = Times(), Times()
    for turn, milliseconds in enumerate((2.0, 4.0, 90.0)):
        ours.add(turn, [milliseconds / 1000] * 3)
        bare.add(turn, [0.001] * 3)
    assert ratio_of(ours, bare) == pytest.approx(4.0)
    once = Times()
    once.add(0, [0.001])
    assert ratio_of(ours, once) == pytest.approx(2.0)
    assert ratio_of(ours, None) is None
