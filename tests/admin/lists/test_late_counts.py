"""A list of many records comes at once; its counts come a moment later, by a second request."""

import re
from html import unescape

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.lists.counting import MOST_MATCHED_KEYS
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.types import MYSQL
from backoffice.history import unit_of_work
from backoffice.models import Category
from tests.admin.lists.counted import bounds, counts_address, fill, options, totals
from tests.cast import Browser, statements, text_of

pytestmark = pytest.mark.every_database

LIST = "/admin/item/list"
COUNTS = "/admin/item/counts"
CATEGORIES = ("Bolts", "Nuts", "Washers")


def key_of(database: Database, name: str) -> str:
    with unit_of_work(database) as session:
        return str(session.scalars(sa.select(Category.id).where(Category.name == name)).one())


def show_counts(page: str) -> str:
    """Where the page leads a browser without scripts."""
    found = set(re.findall(r'href="([^"]*)"[^>]* data-show-counts', page))
    assert len(found) == 1
    return unescape(found.pop())


@pytest.fixture
def parts(database: Database) -> Database:
    """One record more than a page counts for at once."""
    fill(database, MOST_MATCHED_KEYS + 1, CATEGORIES)
    return database


def test_up_to_the_limit_a_page_has_its_counts(ed: Browser, database: Database) -> None:
    fill(database, MOST_MATCHED_KEYS, CATEGORIES)
    for query in ("", "?search=part"):
        page = ed.get(LIST + query).text
        assert counts_address(page) is None
        assert "counts.js" not in page
        assert options(page, "category")[key_of(database, "Bolts")] == ("Bolts", False, "100")
        assert totals(page)[:3] == ["Totals", "of", "300"]


def test_above_it_the_counts_are_another_answer_and_the_same(ed: Browser, parts: Database) -> None:
    nuts = key_of(parts, "Nuts")
    for query in ("", "?search=part", "?search=-none&quantity_to=49"):
        page = ed.get(LIST + query).text
        assert counts_address(page) == COUNTS + query
        assert "301 items" in text_of(ed.get(LIST + query))
        assert options(page, "category") == {}
        assert options(page, "is")["low"] == ("Low (1 to 10)", False, "")
        assert bounds(page) == ["", ""]
        assert totals(page) == []

        whole = ed.get(show_counts(page)).text
        assert counts_address(whole) is None
        assert options(whole, "category")[nuts] == ("Nuts", False, "100")
        later = ed.get(COUNTS + query)
        assert later.status_code == 200
        for name in ("category", "is"):
            assert options(later.text, name) == options(whole, name)
        assert bounds(later.text) == bounds(whole) == ["1 to 1", "0 to 49"]
        assert totals(later.text) == totals(whole)
        assert "Counts are shown." in later.text


def test_a_page_without_its_counts_costs_a_statement_less(ed: Browser, database: Database) -> None:
    def cost(address: str) -> int:
        ed.get(address)
        with statements(database) as seen:
            assert ed.get(address).status_code == 200
        return len(seen)

    fill(database, MOST_MATCHED_KEYS, CATEGORIES)
    queries = ("", "?search=part")
    with_counts = [cost(LIST + query) for query in queries]
    fill(database, 1, ("One more",), first=300)
    assert [cost(LIST + query) for query in queries] == [number - 1 for number in with_counts]
    # Sign-in, time limit, and one for the count, all facets and totals.
    most = 3 + (database.dialect in MYSQL)  # where the limit is taken back, too
    for query in queries:
        assert cost(COUNTS + query) <= most


def test_selected_records_are_named_by_one_statement(ed: Browser, parts: Database) -> None:
    bolts, nuts, gone = key_of(parts, "Bolts"), key_of(parts, "Nuts"), "4242"
    fill(parts, 301, ("Pins",), first=301)
    pins = key_of(parts, "Pins")
    query = f"?category={pins}&category={bolts}&category={gone}"
    with statements(parts) as seen:
        page = ed.get(LIST + query)
    labels = [one for one in seen if "AS facet" in one or one.startswith("EXECUTE")]
    assert len(labels) - 2 * (parts.dialect == "postgresql") == 1, "who it is and saved views, too"

    assert counts_address(page.text) is not None
    assert options(page.text, "category") == {
        bolts: ("Bolts", True, ""),
        pins: ("Pins", True, ""),
    }
    told = text_of(page)
    assert "Category: Pins" in told
    assert f"There is no category with the ID {gone}." in told
    later = options(ed.get(COUNTS + query).text, "category")
    assert later[pins] == ("Pins", True, "301")
    assert later[nuts] == ("Nuts", False, "100")


def test_the_counts_are_of_the_same_list_page_and_time(ed: Browser, parts: Database) -> None:
    first = ed.get(f"{LIST}?search=part&sort=-quantity&pageSize=25").text
    following = re.search(r'rel="next" href="([^"]*)"', first)
    assert following is not None
    asked = unescape(following[1]).partition("?")[2] + "&asof=2026-01-01"
    page = ed.get(f"{LIST}?{asked}")

    assert counts_address(page.text) == f"{COUNTS}?{asked}"
    assert show_counts(page.text) == f"{LIST}?{asked}&counts=shown"
    shown = ed.get(show_counts(page.text))
    assert "Ignored the unknown" not in text_of(shown)
    assert re.findall("Part [0-9]+", shown.text) == re.findall("Part [0-9]+", page.text)
    # What leads on from there is quick again.
    assert "counts=shown" not in "".join(re.findall(r'rel="next" href="([^"]*)"', shown.text))


def test_a_default_view_is_in_the_address_of_its_counts(ed: Browser, parts: Database) -> None:
    ed.get("/admin/item/views")
    few = {"name": "Parts", "query": "search=part&quantity_to=48", "default": "yes"}
    ed.post("/admin/item/views", few)
    fill(parts, 200, ("Pins",), first=301)
    page = ed.get(LIST).text

    address = counts_address(page)
    assert address == f"{COUNTS}?search=part&quantity_to=48&view=1"
    assert "491" in totals(ed.get(address).text)
    # The same address without parameters is that of all records.
    assert "501" in totals(ed.get(COUNTS).text)


def test_what_is_typed_into_a_facet_without_a_script_is_counted_with_the_page(
    ed: Browser, parts: Database
) -> None:
    page = ed.get(f"{LIST}?category_find=nut&find=category").text
    assert counts_address(page) is None
    assert options(page, "category")[key_of(parts, "Nuts")] == ("Nuts", False, "100")


def test_folded_filters_have_no_counts_to_come_and_totals_have(
    ed: Browser, ada: Browser, parts: Database
) -> None:
    ed.post("/admin/item/arrange", {"filters": "closed"})
    page = ed.get(LIST).text
    assert counts_address(page) == COUNTS
    assert len(re.findall("data-show-counts", page)) == 1
    later = ed.get(COUNTS).text
    assert "data-facet" not in later
    assert totals(later)[:3] == ["Totals", "of", "301"]
    # A list without totals has nothing to come then.
    ada.post("/admin/changeset/arrange", {"filters": "closed"})
    changes = ada.get("/admin/changeset/list")
    assert counts_address(changes.text) is None
    number = re.search(r'class="count">([0-9]+ changes)', changes.text)
    assert number is not None
    assert number[1] in text_of(ada.get("/admin/changeset/counts"))


def test_above_ten_thousand_nothing_comes_later(ed: Browser, database: Database) -> None:
    fill(database, COUNT_LIMIT + 1)
    page = ed.get(LIST).text
    assert counts_address(page) is None
    assert "All of them" in options(page, "category")[key_of(database, "All of them")]
    later = ed.get(COUNTS).text
    assert f"Lists of more than {COUNT_LIMIT:,} items have no counts." in later
    assert totals(later) == []


def test_the_counts_leave_notices_to_the_next_page(ed: Browser, parts: Database) -> None:
    ed.post("/admin/item/arrange", {"density": "cosy"})
    later = ed.get(COUNTS)
    assert "set-cookie" not in later.headers
    assert later.headers["cache-control"] == "no-store"
    assert "Columns saved." not in later.text
    assert "Columns saved." in text_of(ed.get(LIST))


def test_people_who_may_not_list_get_no_counts(ed: Browser, rolf: Browser, parts: Database) -> None:
    assert rolf.get(COUNTS).status_code == 403
    assert ed.get("/admin/user/counts").status_code == 403
    assert ed.get("/admin/nothing/counts").status_code == 404
    assert ed.post(COUNTS).status_code == 405


def test_what_is_wrong_with_the_address_is_told_by_the_page(ed: Browser, parts: Database) -> None:
    page = text_of(ed.get(f"{LIST}?counts=please"))
    assert "Ignored the unknown counts" in page
    assert ed.get(f"{COUNTS}?counts=please&colour=red&page=9").status_code == 200


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"list_time_limit": 1})


@pytest.fixture
def slow(database: Database) -> Database:
    """Items whose table is read through a view that takes its time over every row."""
    fill(database, 2_000)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ANALYZE items")
        connection.exec_driver_sql("ALTER TABLE items RENAME TO items_kept")
        connection.exec_driver_sql(
            "CREATE VIEW items AS SELECT i.* FROM items_kept i WHERE pg_sleep(0.02) IS NOT NULL"
        )
    return database


@pytest.mark.databases("postgresql")
def test_a_list_that_could_not_be_counted_is_counted_later_or_says_why_not(
    app: Starlette, ed: Browser, slow: Database
) -> None:
    address = "?quantity_from=0&pageSize=1"
    page = ed.get(LIST + address)
    assert page.status_code == 200
    assert "1+ items" in text_of(page)
    later = counts_address(page.text)
    assert later is not None

    stopped = ed.get(later)

    assert stopped.status_code == 200
    assert "Counting took longer than 1 second and was stopped." in text_of(stopped)
    assert "data-facet" not in stopped.text
    with slow.writer.begin() as connection:
        connection.exec_driver_sql("CREATE OR REPLACE VIEW items AS SELECT i.* FROM items_kept i")
    counted = ed.get(later)
    assert "2,000 items" in text_of(counted)
    assert totals(counted.text)[:3] == ["Totals", "of", "2,000"]
