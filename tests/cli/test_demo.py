"""Demo records in a database."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.cli.demo import find_example, load
from backoffice.cli.outcome import Refused
from backoffice.config import CHECKOUT, Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, User
from examples.demo.catalogue import catalogue
from tests.cli.conftest import Run
from tests.databases import child_environment


def count(database: Database, model: type[Category | Item | User]) -> int:
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_demo_fills_an_empty_database_and_says_so(
    run: Run, settings: Settings, database: Database, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    told = run("demo")
    assert (told.code, told.err) == (0, "")  # no bar: this is not a terminal
    assert told.out.startswith("Added 20 categories, 2,000 items and 5 users in ")
    assert [count(database, model) for model in (Category, Item, User)] == [20, 2_000, 5]


def test_a_database_with_records_is_refused_unless_adding_was_meant(
    run: Run, settings: Settings, database: Database, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    with unit_of_work(database, writes=True) as session:
        nuts = Category(name="Nuts")
        kept = next(row.name for place, row in catalogue(100) if place == 3)
        nuts.items = [Item(name=kept, description="Mine", price=1, quantity=1)]
        session.add(nuts)

    told = run("demo", "--items", "100")
    assert told.code == 1
    assert "--add" in told.err
    assert count(database, Item) == 1

    told = run("demo", "--items", "100", "--users", "2", "--add")
    assert told.code == 0
    assert told.out.startswith("Added 19 categories, 99 items and 2 users")
    assert count(database, Item) == 100
    with unit_of_work(database) as session:
        mine = session.scalars(sa.select(Item).where(Item.name == kept)).one()
        assert mine.description == "Mine"

    assert run("demo", "--items", "150", "--users", "3", "--add").code == 0
    assert count(database, User) == 3


def test_only_an_empty_database_gets_demo_records(database: Database) -> None:
    load(database, items=20, users=0)
    with pytest.raises(Refused, match="--add"):
        load(database)


@pytest.mark.parametrize("items", ["-1", "10000001", "many", "1.5"])
@pytest.mark.databases("sqlite")
def test_an_impossible_number_of_items_is_a_wrong_command_line(run: Run, items: str) -> None:
    assert run("demo", "--items", items).code == 2


@pytest.mark.databases("sqlite")
def test_a_package_without_the_examples_says_where_they_are(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "backoffice").symlink_to(CHECKOUT / "backoffice")
    ran = subprocess.run(
        [sys.executable, "-m", "backoffice", "demo"],
        cwd=tmp_path,
        env=child_environment(settings),
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "backoffice: The demo records are missing: this copy of the back office has no "
        "folder examples/demo.\n"
    )
    assert count(database, Category) == 0


def test_an_example_that_is_broken_is_not_taken_for_one_that_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "examples"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "examples.demo.bulk", None)
    with pytest.raises(ModuleNotFoundError, match=r"examples\.demo\.bulk"):
        find_example()
