"""Demo records in a database."""

import io
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from backoffice.cli.bulk import CopyText, Row, insert_items
from backoffice.cli.catalogue import CATEGORIES, catalogue
from backoffice.cli.demo import load
from backoffice.cli.outcome import Refused
from backoffice.cli.progress import with_progress
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, User
from tests.cli.conftest import Run


def count(database: Database, model: type[Category | Item | User]) -> int:
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_demo_fills_an_empty_database_and_says_so(
    run: Run, settings: Settings, database: Database, use_settings: Callable[[Settings], None]
) -> None:
    use_settings(settings)
    told = run("demo")
    assert (told.code, told.err) == (0, "")  # no bar: this is no terminal
    assert told.out.startswith("20 categories, 2,000 items and 5 users made in ")
    assert [count(database, model) for model in (Category, Item, User)] == [20, 2_000, 5]


def test_what_is_stored_is_what_the_catalogue_says(database: Database) -> None:
    load(database, items=400, users=0)
    with unit_of_work(database) as session:
        stored = {
            (
                item.category.name,
                item.name,
                item.description,
                int(item.price * 100),
                item.quantity,
                item.version,
            )
            for item in session.scalars(sa.select(Item).options(sa.orm.joinedload(Item.category)))
        }
    assert stored == {
        (CATEGORIES[place], row.name, row.description, row.cents, row.quantity, 1)
        for place, row in catalogue(400)
    }


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
    assert told.out.startswith("19 categories, 99 items and 2 users made")
    assert count(database, Item) == 100
    with unit_of_work(database) as session:
        mine = session.scalars(sa.select(Item).where(Item.name == kept)).one()
        assert mine.description == "Mine"

    assert run("demo", "--items", "150", "--users", "3", "--add").code == 0
    assert count(database, User) == 3


def test_demo_users_cannot_sign_in_until_they_get_a_password(database: Database) -> None:
    load(database, items=0, users=3)
    with unit_of_work(database) as session:
        assert set(session.scalars(sa.select(User.password_hash))) == {"!"}
        assert not any(session.scalars(sa.select(User.is_superuser)))


def test_a_load_that_fails_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> int:
        raise RuntimeError("on the way")

    monkeypatch.setattr("backoffice.cli.demo._users", fail)
    with pytest.raises(RuntimeError, match="on the way"):
        load(database, items=200)
    assert [count(database, model) for model in (Category, Item)] == [0, 0]


def test_a_name_that_is_taken_is_an_error_unless_it_is_to_be_skipped(database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        shelf = Category(name="Shelf")
        session.add(shelf)
    rows: list[Row] = [(shelf.id, "One", "First", 100, 1), (shelf.id, "Two", "Second", 200, 0)]
    with unit_of_work(database, writes=True) as session:
        assert insert_items(session, iter(rows), 2, skip_existing=True).number == 2
    with unit_of_work(database, writes=True) as session:
        again = [*rows, (shelf.id, "Three", "Third", 300, 0)]
        assert insert_items(session, iter(again), 3, skip_existing=True).number == 1
    with (
        pytest.raises(Exception, match=r"(?i)unique|duplicate"),
        unit_of_work(database, writes=True) as session,
    ):
        insert_items(session, iter(rows), 2, skip_existing=False)


def test_only_an_empty_database_gets_demo_records(database: Database) -> None:
    load(database, items=20, users=0)
    with pytest.raises(Refused, match="--add"):
        load(database)


@pytest.mark.parametrize("items", ["-1", "10000001", "many", "1.5"])
@pytest.mark.databases("sqlite")
def test_an_impossible_number_of_items_is_a_wrong_command_line(run: Run, items: str) -> None:
    assert run("demo", "--items", items).code == 2


def test_what_copy_reads_is_the_same_in_pieces_of_any_size() -> None:
    rows: list[Row] = [
        (1, "Back\\slash", "Tab\there", 5, 1),
        (2, "Ω 4.7 µF", "Line\nbreak", 123456, 0),
    ]
    whole = CopyText(iter(rows)).read()
    assert whole == (
        "1\tBack\\\\slash\tTab\\there\t0.05\t1\n2\tΩ 4.7 µF\tLine\\nbreak\t1234.56\t0\n"
    )
    for size in (1, 3, 16, 1000):
        text, pieces = CopyText(iter(rows)), []
        while piece := text.read(size):
            assert len(piece) <= size
            pieces.append(piece)
        assert "".join(pieces) == whole


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_and_a_file_nothing() -> None:
    terminal, file = Terminal(), io.StringIO()
    assert list(with_progress(range(2_000), 2_000, terminal)) == list(range(2_000))
    assert list(with_progress(range(5), 5, file)) == list(range(5))
    assert terminal.getvalue().endswith("2,000 of 2,000\n")
    assert file.getvalue() == ""
