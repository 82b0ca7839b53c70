"""The records before and after one, in the order of the list that the person came from."""

import re
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.lists import neighbours, table_size
from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.neighbours import fetch_neighbours
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from backoffice.views.item import ItemView
from tests.cast import Browser, add_items, hidden_fields, links_of, statements, text_of

LIST = "/admin/item/list"


def page_of(browser: Browser, key: int, query: str = "", screen: str = "details") -> str:
    """A record's page, opened from the list with that query."""
    back = f"?next={quote(f'{LIST}?{query}')}" if query else ""
    return browser.get(f"/admin/item/{screen}/{key}{back}").text


def steps_of(page: str) -> tuple[int | None, int | None]:
    """The numbers of the records that a page steps to."""
    found = []
    for rel in ("prev", "next"):
        match = re.search(rf'rel="{rel}" href="/admin/item/\w+/(\d+)', page)
        found.append(int(match[1]) if match else None)
    return found[0], found[1]


def test_a_record_steps_to_its_neighbours_in_the_plain_list(
    ada: Browser, database: Database
) -> None:
    add_items(database, 5)
    assert steps_of(page_of(ada, 3)) == (2, 4)
    first, last = page_of(ada, 1), page_of(ada, 5)
    assert steps_of(first) == (None, 2)
    assert "This is the first item in the list." in first
    assert steps_of(last) == (4, None)
    assert "This is the last item in the list." in last


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ("sort=-price", (4, 2)),
        ("sort=category,-price", (5, 1)),
        ("sort=-category,price", (1, 5)),
        ("sort=key", (2, 4)),
        ("category=1", (1, 5)),
        ("search=item", (2, 4)),
        ("price_from=2&sort=-quantity", (4, None)),
        ("pageSize=1&page=last&colour=red", (2, 4)),
    ],
)
def test_a_record_steps_in_the_order_and_among_the_matches_of_its_list(
    ada: Browser, database: Database, query: str, steps: tuple[int | None, int | None]
) -> None:
    add_items(database, 6, ["Bolts", "Nuts"])
    assert steps_of(page_of(ada, 3, query)) == steps


@pytest.mark.databases("sqlite")
def test_the_steps_of_a_form_lead_to_forms_and_keep_the_list(
    ada: Browser, database: Database
) -> None:
    add_items(database, 3)
    page = page_of(ada, 2, "sort=-price", "edit")
    assert steps_of(page) == (3, 1)
    assert f"/admin/item/edit/1?next={quote(LIST, safe='')}%3Fsort%3D-price" in page


@pytest.mark.databases("sqlite")
def test_a_refused_form_has_no_steps_that_would_lose_what_was_typed(
    ada: Browser, database: Database
) -> None:
    add_items(database, 3)
    form = ada.get("/admin/item/edit/2")
    refused = ada.post("/admin/item/edit/2", {**hidden_fields(form), "name": "", "save": "Save"})
    assert refused.status_code == 422
    assert steps_of(refused.text) == (None, None)


@pytest.mark.databases("sqlite")
def test_a_record_that_no_longer_matches_says_so(ada: Browser, database: Database) -> None:
    add_items(database, 3)
    page = page_of(ada, 2, "search=0002")
    assert steps_of(page) == (None, None)
    assert "This item is not in the list that you came from." in page


@pytest.mark.databases("sqlite")
def test_nobody_steps_to_what_they_may_not_see(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 5)
    monkeypatch.setattr(ItemView, "visible", lambda view, context: Item.id != 3)
    assert steps_of(page_of(ada, 2)) == (1, 4)


@pytest.mark.databases("sqlite")
def test_the_list_that_a_default_view_opens_is_the_one_that_is_stepped_through(
    ada: Browser, database: Database
) -> None:
    add_items(database, 3)
    ada.get(LIST)
    saved = {"name": "Dear", "query": "sort=-price", "default": "yes"}
    assert ada.post("/admin/item/views", saved).status_code == 303
    link = next(href for href in links_of(ada.get(LIST)) if "/admin/item/edit/2" in href)
    assert steps_of(ada.get(link).text) == (3, 1)


def test_they_cost_one_statement(ada: Browser, database: Database) -> None:
    add_items(database, 5)
    page_of(ada, 3)
    for query in ("", "sort=category", "search=item&sort=-price"):
        page_of(ada, 3, query)
        with statements(database) as seen:
            page_of(ada, 3, query)
        here = [statement for statement in seen if "here" in statement]
        assert len(here) == 1
        assert len(seen) == 4, "who is signed in, the neighbours, the record, its history"


@pytest.mark.databases("sqlite")
def test_a_large_table_is_searched_for_them_only_so_long(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_items(database, 5)
    monkeypatch.setattr(neighbours, "LARGE", 2)
    monkeypatch.setattr(table_size, "LARGE", 2)
    assert steps_of(page_of(ada, 3, "search=item")) == (2, 4)
    monkeypatch.setattr(neighbours, "run_within", lambda *arguments: None)
    assert steps_of(page_of(ada, 3)) == (2, 4), "an index holds this order"
    assert steps_of(page_of(ada, 3, "category=1")) == (2, 4)
    page = page_of(ada, 3, "search=item")
    assert steps_of(page) == (None, None)
    assert "There are too many items to step through." in page


def test_every_record_of_a_list_is_reached_whatever_it_is_sorted_by(
    app: Starlette, database: Database, items: RecordView
) -> None:
    """Also where many records have the same values."""
    with unit_of_work(database, writes=True) as session:
        categories = [Category(name=name) for name in ("B", "A")]
        session.add_all(
            Item(
                name=f"I{number}",
                description="D",
                price=number % 2,
                quantity=number % 3,
                category=categories[number % 2],
            )
            for number in range(8)
        )
    for sort in ("price", "-price", "category,-quantity", "-quantity,category,name", "key"):
        query = read_address(items, [("sort", sort)], None)
        with unit_of_work(database) as session:
            statement = query.select_records().order_by(
                *(
                    term.expression.desc() if term.descending else term.expression.asc()
                    for term in query.sort_terms()
                )
            )
            order = [str(item.id) for item in session.scalars(statement).unique()]
            for place, key in enumerate(order):
                found = fetch_neighbours(session, query, int(key))
                assert found is not None
                expected = ["", *order, ""]
                assert (found.previous, found.next) == (expected[place], expected[place + 2]), sort
                assert found.matches
            missing = fetch_neighbours(session, query, 10_000)
            assert missing == neighbours.Neighbours()
            assert session.scalar(sa.select(sa.func.count()).select_from(Item)) == 8


@pytest.mark.databases("sqlite")
def test_a_record_that_is_not_there_is_not_found(ada: Browser) -> None:
    for key in ("77", "nonsense", "%00"):
        page = ada.get(f"/admin/item/details/{key}")
        assert page.status_code == 404
        assert "doesn't exist" in text_of(page)
