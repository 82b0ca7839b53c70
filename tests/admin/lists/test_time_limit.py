"""A list that takes too long is stopped: less is shown, and the page says what was slow."""

import time

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.resilience.time_limits import time_limit, timed_out
from backoffice.history import unit_of_work
from tests.cast import Browser, add_items, text_of

pytestmark = pytest.mark.every_database

LIST = "/admin/item/list"

FOREVER = {
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
    "SELECT count(*) FROM c",
    "postgresql": "SELECT pg_sleep(30)",
    "mysql": "SELECT count(*) FROM information_schema.columns a, information_schema.columns b, "
    "information_schema.columns c",
}


def test_a_statement_is_stopped_and_the_next_one_runs(database: Database) -> None:
    forever = sa.text(FOREVER["mysql" if database.dialect == "mariadb" else database.dialect])
    began = time.monotonic()
    with unit_of_work(database) as session:
        with pytest.raises(DBAPIError) as stopped, time_limit(session, 0.2):
            session.execute(forever).all()
        assert timed_out(stopped.value)
        session.rollback()
        with time_limit(session, 5):
            assert session.scalar(sa.select(1)) == 1
    assert time.monotonic() - began < 10


def test_the_limit_ends_with_its_block(database: Database) -> None:
    """What the connection is used for next has its own limit again."""
    asked = {
        "postgresql": "SHOW statement_timeout",
        "mysql": "SELECT @@max_statement_time",
        "mariadb": "SELECT @@max_statement_time",
    }.get(database.dialect)
    if asked is None:  # SQLite's is a callback: a long statement tells whether it is gone
        asked = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000000) "
        asked += "SELECT count(*) FROM c"
    with unit_of_work(database) as session:
        before = session.scalar(sa.text(asked))
        session.rollback()
        with time_limit(session, 0.1):
            session.scalar(sa.select(1))
        session.rollback()
        assert session.scalar(sa.text(asked)) == before


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("along", [(), (sa.literal(7),)], ids=["in front", "by itself"])
def test_what_postgresql_may_do_is_set_with_the_limit(
    database: Database, along: tuple[sa.ColumnElement[int], ...]
) -> None:
    names = ("enable_seqscan", "enable_bitmapscan", "work_mem")
    show = sa.select(*(sa.func.current_setting(name) for name in names))
    with unit_of_work(database) as session:
        usual = session.scalar(sa.text("SHOW work_mem"))
        for options, expected in (
            ({}, ("on", "on", usual)),
            ({"by_index": True, "searches": True}, ("off", "on", "64MB")),
            ({"in_order": True, "searches": True}, ("on", "off", "64MB")),
        ):
            session.rollback()
            with time_limit(session, 5, along=along, **options) as values:
                assert values == (7,) * len(along)
                assert session.execute(show).one() == expected


@pytest.mark.databases("postgresql")
def test_a_server_that_gives_searches_more_memory_keeps_it(database: Database) -> None:
    with unit_of_work(database) as session:
        session.execute(sa.text("SET LOCAL work_mem = '96MB'"))
        with time_limit(session, 5, searches=True):
            assert session.scalar(sa.text("SHOW work_mem")) == "96MB"


def test_other_errors_are_not_its_own(database: Database) -> None:
    with unit_of_work(database) as session:
        with pytest.raises(DBAPIError) as wrong, time_limit(session, 5):
            session.execute(sa.text("SELECT * FROM nowhere"))
        assert not timed_out(wrong.value)
        session.rollback()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"list_time_limit": 1})


@pytest.fixture
def slow(database: Database) -> Database:
    """Items whose table is read through a view that takes its time over every row."""
    add_items(database, 40)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE items RENAME TO items_kept")
        connection.exec_driver_sql(
            "CREATE VIEW items AS SELECT i.* FROM items_kept i WHERE pg_sleep(0.2) IS NOT NULL"
        )
    return database


@pytest.mark.databases("postgresql")
def test_a_list_that_takes_too_long_says_so_and_offers_ways_on(ed: Browser, slow: Database) -> None:
    for query, reason in (
        ("?search=m3", "“m3” is shorter than three characters"),
        ("?search=item+description", "had to read too many items"),
        ("", "The database is slow, or an index is missing."),
    ):
        page = ed.get(LIST + query)
        told = text_of(page)
        assert page.status_code == 422, query
        assert "This list took longer than 1 second" in told
        assert reason in told
        assert "Show all items" in told
        assert "search" in query or ">Clear the search</a>" not in page.text


@pytest.mark.databases("postgresql")
def test_an_exact_number_that_takes_too_long_is_left_out(
    ed: Browser, database: Database, slow: Database
) -> None:
    page = ed.get(f"{LIST}?count=exact")

    assert "Counting took longer than 1 second" in text_of(page)
