"""Searches of a large table: what many records contain is not counted before its rows are shown."""

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.lists import counting, large_search
from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.fetch import limit_time
from backoffice.admin.view import Context, RecordView
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import RecordSession, load, unit_of_work
from backoffice.models import Category, Item
from backoffice.views import VIEWS, ItemView
from backoffice.web.app import create_app
from tests.cast import Browser, add_user, signed_in, text_of
from tests.shapes.reader import rows_of

pytestmark = pytest.mark.databases("postgresql")

LIST = "/admin/item/list"
STEP = 0.02
"""Seconds that looking at a row takes in ``SlowItemView``."""


class SlowItemView(ItemView, model=Item):
    """Items with a search that takes its time over every row."""

    def search_condition(self, pattern: str, context: Context | None) -> sa.ColumnElement[bool]:
        slept = sa.func.pg_sleep(STEP).is_not(None)
        return sa.case((slept, Item.name.ilike(pattern)), else_=sa.false())


class OrderedItemView(ItemView, model=Item):
    """Items whose search is slow unless the rows are read in an index's order."""

    def search_condition(self, pattern: str, context: Context | None) -> sa.ColumnElement[bool]:
        in_order = sa.func.current_setting("enable_bitmapscan") == "off"
        slept = sa.func.pg_sleep(STEP).is_not(None)
        return sa.case((sa.or_(in_order, slept), Item.name.ilike(pattern)), else_=sa.false())


@pytest.fixture
def settings(settings: Settings) -> Settings:
    # So a count has 1.2 seconds, which is 60 rows at most, and a page 1.8, which is 90.
    return settings.model_copy(update={"list_time_limit": 60})


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_search, "LARGE", 100)
    monkeypatch.setattr(large_search, "VERY_LARGE", 100)


@pytest.fixture
def slow(settings: Settings, database: Database) -> Browser:
    """Ada, in a back office whose items are searched slowly."""
    return ada_with(SlowItemView, settings, database)


def ada_with(items: type[ItemView], settings: Settings, database: Database) -> Browser:
    """Ada, in a back office with that view of its items."""
    views = [items if view is ItemView else view for view in VIEWS]
    app: Starlette = create_app(settings, database, views=views)
    add_user(database, "ada@example.com", superuser=True)
    return signed_in(app, "ada@example.com")


def add(database: Database, *names: str) -> None:
    """Add items in this order, and have the database count them."""
    with load(database) as session:
        session.add(category := Category(name="Parts"))
        session.flush()
        values = [
            {
                "name": name,
                "description": f"{name} of steel",
                "price": 1,
                "quantity": 1,
                "category_id": category.id,
                "version": 1,
            }
            for name in names
        ]
        session.connection().execute(sa.insert(Item).values(values))
        session.count_loaded("items", len(names))
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ANALYZE items")


def test_a_common_word_has_its_page_before_its_count(slow: Browser, database: Database) -> None:
    add(database, *(f"Bolt {number:03}" for number in reversed(range(150))))
    page = slow.get(f"{LIST}?search=bolt&pageSize=25")

    told = text_of(page)
    assert page.status_code == 200
    assert "25+ items" in told
    assert "Sorting took too long" not in told
    assert rows_of(page) == [str(150 - number) for number in range(25)], "sorted by name"
    assert "data-counts=" in page.text


def test_matches_far_apart_in_the_lists_order_come_in_the_order_they_were_added(
    slow: Browser, database: Database
) -> None:
    nuts = [f"Nut {number:03}" for number in range(120)]
    add(database, *(f"Washer {number:03}" for number in range(30)), *nuts)
    page = slow.get(f"{LIST}?search=washer&pageSize=25")

    assert page.status_code == 200
    assert "Sorting took too long, so these items are in the order" in text_of(page)
    assert rows_of(page) == [str(number) for number in range(1, 26)]


def test_many_matches_are_read_in_order_whatever_the_planner_would_do(
    settings: Settings, database: Database
) -> None:
    bolts = [f"Bolt {number:03}" for number in range(120)]
    add(database, *(f"Washer {number:03}" for number in reversed(range(30))), *bolts)
    page = ada_with(OrderedItemView, settings, database).get(f"{LIST}?search=washer&pageSize=25")

    assert "Sorting took too long" not in text_of(page)
    assert rows_of(page) == [str(30 - number) for number in range(25)], "sorted by name"


def test_below_half_a_million_rows_a_search_is_counted_first_however_long_that_takes(
    slow: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_search, "VERY_LARGE", 1_000)
    add(database, *(f"Bolt {number:03}" for number in reversed(range(150))))
    page = slow.get(f"{LIST}?search=bolt&pageSize=25")

    assert "150 items" in text_of(page)
    assert rows_of(page) == [str(150 - number) for number in range(25)], "sorted by name"


def test_a_search_has_memory_for_the_rows_that_its_indexes_find(
    database: Database, app: Starlette
) -> None:
    view: RecordView = app.state.site.view_of(Item)
    show = sa.text("SHOW work_mem")
    with unit_of_work(database) as session:
        usual = session.scalar(show)
        for parameters, memory in (([], usual), ([("search", "nut")], "64MB")):
            session.rollback()
            with limit_time(session, read_address(view, parameters, None), 5):
                assert session.scalar(show) == memory


def test_few_matches_are_counted_and_sorted(ada: Browser, database: Database) -> None:
    add(database, *(f"Bolt {number:03}" for number in reversed(range(150))))
    page = ada.get(f'{LIST}?search="bolt 07"')

    assert "10 items" in text_of(page)
    assert rows_of(page) == [str(80 - number) for number in range(10)]


def test_a_short_word_is_found_where_it_begins_a_word(ada: Browser, database: Database) -> None:
    names = ["Zq 1", "Pin zQ", "Razq", "Nut (zq)", *(f"Bolt {number:03}" for number in range(150))]
    add(database, *names)
    page = ada.get(f"{LIST}?search=zq")

    assert set(rows_of(page)) == {"1", "2"}
    assert "“zq”: found only at the start of a word, because there are so many items" in text_of(
        page
    )
    counts = ada.get("/admin/item/counts?search=zq")
    assert "2 items" in text_of(counts)


def test_a_short_word_beside_a_long_one_is_found_anywhere(ada: Browser, database: Database) -> None:
    add(database, "Razq pin", "Zq pin", *(f"Bolt {number:03}" for number in range(150)))
    page = ada.get(f"{LIST}?search=zq+pin")

    assert set(rows_of(page)) == {"1", "2"}
    assert "at the start of a word" not in text_of(page)


def test_a_view_with_its_own_search_keeps_its_short_words(
    slow: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.admin.lists.test_large_search.STEP", 0)
    add(database, "Razq", "Zq", *(f"Bolt {number:03}" for number in range(150)))
    assert set(rows_of(slow.get(f"{LIST}?search=zq"))) == {"1", "2"}


def test_an_estimate_is_near_the_number(
    database: Database, app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SAMPLE_ROWS", 6_000)
    add(database, *(f"{'Nut' if number % 3 else 'Pin'} {number:05}" for number in range(12_000)))
    view: RecordView = app.state.site.view_of(Item)
    with unit_of_work(database) as session:
        about = counting.estimate_matches(session, read_address(view, [("search", "nut")], None))
        none = counting.estimate_matches(session, read_address(view, [("search", "cog")], None))
    assert about is not None
    assert about.about
    assert 7_000 < about.number < 9_000
    assert none is None


def test_an_exact_number_that_takes_too_long_is_estimated(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count_for_ever(session: RecordSession, query: object) -> None:
        session.execute(sa.text("SET LOCAL statement_timeout = 50"))
        session.execute(sa.text("SELECT pg_sleep(100)"))

    monkeypatch.setattr("backoffice.admin.lists.fetch.count_exactly", count_for_ever)
    add(database, *(f"Nut {number:05}" for number in range(12_000)))
    page = ada.get(f"{LIST}?search=nut&count=exact")

    told = text_of(page)
    assert "Counting took longer than 60 seconds and was stopped." in told
    assert "about 12,000 items" in told
