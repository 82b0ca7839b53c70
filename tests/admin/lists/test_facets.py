"""What is beside a list and below it: values, how many have them, what they add up to."""

import re
from decimal import Decimal
from html import unescape

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category
from tests.admin.lists.counted import fill, options
from tests.cast import Browser, add_items, statements, text_of

pytestmark = pytest.mark.every_database

LIST = "/admin/item/list"


def key_of(database: Database, name: str) -> str:
    with unit_of_work(database) as session:
        return str(session.scalars(sa.select(Category.id).where(Category.name == name)).one())


@pytest.fixture
def shelf(database: Database) -> Database:
    """Items 0 to 29, priced and counted by their number; every third one in Bolts."""
    add_items(database, 30, ("Bolts", "Nuts", "Washers"))
    return database


def test_each_value_says_how_many_records_it_would_leave(ed: Browser, shelf: Database) -> None:
    bolts, nuts = key_of(shelf, "Bolts"), key_of(shelf, "Nuts")
    page = ed.get(LIST).text

    assert options(page, "category")[bolts] == ("Bolts", False, "10")
    assert options(page, "is")["low"][2] == "10"
    assert options(page, "is")["out"][2] == "1"

    # A facet's own ticks leave its other values' numbers as they are: they would be added.
    page = ed.get(f"{LIST}?category={nuts}&price_from=10").text
    assert options(page, "category")[nuts] == ("Nuts", True, "7")
    assert options(page, "category")[bolts] == ("Bolts", False, "6")
    assert options(page, "is")["low"][2] == "1"  # item 10
    assert "10 to 28" in text_of(ed.get(f"{LIST}?category={nuts}&quantity_from=10"))


def test_choices_are_counted_by_what_they_mean_now(
    app: Starlette, ed: Browser, shelf: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement that counts is kept, and what a choice means may change: "today" does."""
    for query in ("", "?search=item"):
        assert options(ed.get(LIST + query).text, "is")["low"][2] == "10"
    fewer = app.state.site.settings.model_copy(update={"low_stock": 3})
    monkeypatch.setattr(app.state.site, "settings", fewer)
    for query in ("", "?search=item"):
        assert options(ed.get(LIST + query).text, "is")["low"][2] == "3"


@pytest.mark.databases("postgresql")
def test_what_counts_is_planned_once_for_all_searches_that_find_few(
    ed: Browser, shelf: Database
) -> None:
    """It is prepared, so that only its name is sent."""
    with statements(shelf) as sent:
        for query in ("", "?search=item", "?search=001", "?search=item&sort=-price"):
            assert options(ed.get(LIST + query).text, "category")
    assert not [one for one in sent if "matching" in one]
    with statements(shelf) as sent:
        ed.get(f"{LIST}?is=low")  # a facet with a tick of its own is counted without it
    assert len([one for one in sent if "matching" in one]) == 1


def test_ticks_of_one_facet_are_ored_and_facets_anded(ed: Browser, shelf: Database) -> None:
    bolts, nuts = key_of(shelf, "Bolts"), key_of(shelf, "Nuts")

    def number(query: str) -> str:
        found = re.search(r"([\d,]+) items?", text_of(ed.get(f"{LIST}?{query}")))
        assert found
        return found[1]

    assert number(f"category={bolts}&category={nuts}") == "20"
    assert number(f"category={bolts}&is=out") == "1"
    assert number(f"category={bolts}&is=out&is=low") == "4"
    assert number("price_from=5&price_to=7") == "3"
    assert number("name=0&name_op=ends") == "3"
    assert number("name=Item 001&name_op=starts&search=-0015") == "9"


def test_each_filter_is_above_the_rows_and_can_be_removed(ed: Browser, shelf: Database) -> None:
    bolts = key_of(shelf, "Bolts")
    page = ed.get(f"{LIST}?category={bolts}&price_from=2&price_to=9&search=item+quantity%3E1")

    told = text_of(page)
    for chip in ("Category: Bolts", "Price: 2 to 9"):
        assert chip.replace(": ", ":") in told.replace(": ", ":")
    # Each leads to the list without it, and with all the rest.
    hrefs = {unescape(href) for href in re.findall(r'href="([^"]*list\?[^"]*)"', page.text)}
    assert f"{LIST}?search=item+quantity%3E1&price_from=2&price_to=9" in hrefs
    assert f"{LIST}?search=item+quantity%3E1&category={bolts}" in hrefs
    # The search has no chip: it is cleared in its box, and the filters all at once.
    assert page.text.count('class="chip"') == 2
    assert f"{LIST}?category={bolts}&price_from=2&price_to=9" in hrefs
    assert f"{LIST}?search=item+quantity%3E1" in hrefs


def test_totals_are_of_all_that_matches_and_not_of_the_page(ed: Browser, shelf: Database) -> None:
    bolts = range(0, 30, 3)
    told = text_of(ed.get(f"{LIST}?category={key_of(shelf, 'Bolts')}&pageSize=2"))

    assert "Totals of 10 items" in told
    assert f"{sum(bolts):,}" in told
    assert f"{Decimal(sum(n * n for n in bolts)):,}.00" in told


def test_a_ticked_value_is_offered_however_rare_it_is(ed: Browser, database: Database) -> None:
    add_items(database, 200, tuple(f"Shelf {n:02}" for n in range(39)))
    rare = key_of(database, "Shelf 38")  # 5 items, as some others; most have 6
    page = ed.get(f"{LIST}?category={rare}").text

    offered = options(page, "category")
    assert offered[rare] == ("Shelf 38", True, "5")
    assert len(offered) == 26


def test_choices_are_in_the_order_of_their_names_whatever_is_ticked(
    ed: Browser, database: Database
) -> None:
    names = [f"Shelf {n:02}" for n in range(25)]
    add_items(database, 60, tuple(reversed(names)))  # some have three items, others two
    ticked = key_of(database, "Shelf 20")
    for query in ("", "?quantity_to=40", f"?category={ticked}", f"?category={ticked}&is=low"):
        offered = options(ed.get(LIST + query).text, "category").values()
        labels = [label for label, _ticked, _count in offered]
        assert labels == sorted(labels)
        if "is=" not in query:
            assert len(labels) == 25


def test_a_value_that_is_not_there_is_told(ed: Browser, shelf: Database) -> None:
    with unit_of_work(shelf, writes=True) as session:
        session.add(Category(name="Empty"))
    bolts, empty = key_of(shelf, "Bolts"), key_of(shelf, "Empty")
    page = text_of(ed.get(f"{LIST}?category={bolts}&category=999"))
    assert "There is no category with the ID 999." in page
    assert "There is no" not in text_of(ed.get(f"{LIST}?category={bolts}&category={empty}"))


def test_a_value_that_is_gone_is_still_there_to_be_taken_away(ed: Browser, shelf: Database) -> None:
    page = ed.get(f"{LIST}?category=424242")

    assert page.status_code == 200
    assert "#424242" in text_of(page)
    assert "No items match" in text_of(page)


def test_above_ten_thousand_nothing_is_counted_and_the_list_says_so(
    ed: Browser, database: Database
) -> None:
    fill(database, COUNT_LIMIT + 1)
    if database.dialect == "postgresql":
        with database.writer.begin() as connection:
            connection.exec_driver_sql("ANALYZE items")
    page = ed.get(LIST)

    assert "10,000+ items" in text_of(page)  # too few for an estimate to be shown
    assert all(count == "" for _text, _ticked, count in options(page.text, "category").values())
    assert "Stock value" not in text_of(page)
    exact = text_of(ed.get(f"{LIST}?count=exact"))
    assert "10,001 items" in exact
    # What one facet leaves may be few again; the facet's own numbers would be of more than that.
    page = ed.get(f"{LIST}?is=out")
    assert "201 items" in text_of(page)
    assert options(page.text, "is")["out"][1:] == (True, "")
    assert options(page.text, "category")[key_of(database, "All of them")][2] == "201"


@pytest.mark.databases("postgresql")
def test_a_large_table_shows_what_the_planner_takes_it_for(ed: Browser, database: Database) -> None:
    fill(database, 25_000)
    assert "10,000+ items" in text_of(ed.get(LIST))  # never analysed: there is no estimate
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ANALYZE items")

    told = text_of(ed.get(LIST))

    assert "about 25,000 items" in told
    assert "25,000 items" in text_of(ed.get(f"{LIST}?count=exact"))
    assert "about" not in text_of(ed.get(f"{LIST}?search=part"))
