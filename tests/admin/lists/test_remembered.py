"""What a long list offers is remembered for a moment, and forgotten with the next change."""

import pytest
import sqlalchemy as sa

from backoffice.admin.lists import remembered
from backoffice.db import Database
from backoffice.history import load, unit_of_work
from backoffice.models import Category
from tests.cast import Browser, statements

LIST = "/admin/item/list"


pytestmark = pytest.mark.databases("postgresql")


@pytest.fixture
def long(database: Database) -> Database:
    """More items than are counted."""
    with load(database) as session:
        session.add(Category(name="Bolts"))
        session.flush()
        session.connection().exec_driver_sql(
            "INSERT INTO items (name, description, price, quantity, category_id, version) "
            "SELECT 'Bolt ' || number, 'A bolt', 1, 1, categories.id, 1 "
            "FROM generate_series(1, 10050) AS number, categories"
        )
        session.count_loaded("items", 10_050)
    return database


def asked(browser: Browser, database: Database) -> tuple[str, int]:
    """The list, and how many statements it took."""
    with statements(database) as seen:
        page = browser.get(LIST)
    return page.text, len(seen)


def test_a_long_list_asks_once_and_again_after_a_change(ada: Browser, long: Database) -> None:
    ada.get(LIST)
    with unit_of_work(long, writes=True):
        pass
    page, first = asked(ada, long)
    _page, second = asked(ada, long)
    assert "Bolts" in page
    assert second == first - 1

    with unit_of_work(long, writes=True) as session:
        session.scalars(sa.select(Category)).one().name = "Screws"
    page, third = asked(ada, long)
    assert third == first
    assert page.count("Screws") > page.count("Bolts")


def test_another_processs_change_is_seen_after_a_while(
    ada: Browser, long: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.get(LIST)
    with long.writer.begin() as connection:
        connection.execute(sa.update(Category).values(name="Screws"))
    facet = '<span class="tick-text">{}</span>'
    assert facet.format("Bolts") in ada.get(LIST).text
    monkeypatch.setattr(remembered, "SECONDS", 0)
    assert facet.format("Screws") in ada.get(LIST).text
