"""The list query: that its pages show every row exactly once, whatever it is sorted by."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.cursor import Cursor, CursorSigner
from backoffice.admin.lists.fetch import ListRows, fetch_page
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sorting import write_sort
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import delete_where, unit_of_work, update_where
from backoffice.models import Category, Item
from tests.cast import add_items
from tests.databases import SIGNING_KEY
from tests.size import sized

pytestmark = pytest.mark.every_database

SIGNER = CursorSigner(SIGNING_KEY)
COLUMNS = ("name", "category", "price", "quantity")

Between = Callable[[int], None]


def read(view: RecordView, *pairs: tuple[str, str]) -> ListQuery:
    return read_address(view, pairs, None)


def page_of(
    query: ListQuery, cursor: Cursor | None, database: Database, sort_first: bool
) -> tuple[ListRows, list[str]]:
    """The page at a cursor, which went through an address and back, and the names on it."""
    at = []
    if cursor is not None:
        at = [("page", SIGNER.write(cursor) if cursor.values else "last")]
    again = read(query.view, *query.pairs(), *at)
    assert again.messages == ()
    with unit_of_work(database) as session:
        rows = fetch_page(session, again, sort_first=sort_first)
        return rows, [record.name for record in rows.records]


def walk(
    query: ListQuery,
    database: Database,
    *,
    backward: bool = False,
    sort_first: bool = False,
    between: Between | None = None,
) -> list[str]:
    """The names on all pages, from the first to the last (or back), in the order shown.

    ``between``: changes records after each page. Only then may the link to another page lead to
    nothing.
    """
    names: list[str] = []
    cursor = Cursor(query.order, (), backward=True) if backward else None
    for page in range(1000):
        rows, shown = page_of(query, cursor, database, sort_first)
        if rows.restarted:  # nothing was left there, and the reader is told so
            assert page == 0 or between is not None
            return names
        names = shown + names if backward else names + shown
        cursor = rows.previous if backward else rows.next
        if cursor is None:
            return names
        if between is not None:
            between(page)
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("sort_first", [False, True], ids=["walked", "sorted"])
@pytest.mark.parametrize("sort", ["key", "-name", "price", "category", "-quantity,category,-name"])
def test_walking_the_pages_shows_every_row_once_and_backward_the_same(
    items: RecordView, database: Database, sort: str, sort_first: bool
) -> None:
    add_items(database, 53, ("Bolts", "Nuts", "Washers"))
    query = read(items, ("sort", sort), ("pageSize", "10"))

    forward = walk(query, database, sort_first=sort_first)

    assert len(forward) == len(set(forward)) == 53
    assert walk(query, database, sort_first=sort_first, backward=True) == forward


def test_a_relation_sorts_by_what_its_records_are_called(
    items: RecordView, database: Database
) -> None:
    add_items(database, 6, ("Washers", "Bolts"))
    query = read(items, ("sort", "category,-name"))

    assert walk(query, database) == [f"Item 000{n}" for n in (5, 3, 1, 4, 2, 0)]


sorts = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(*(st.tuples(st.just(name), st.booleans()) for name in names))
)
small = st.integers(0, 3)


@st.composite
def shelves(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    """Price, quantity and category of items: few different values, so that many tie."""
    return draw(st.lists(st.tuples(small, small, st.integers(0, 2)), max_size=25))


def fill(database: Database, shelf: Sequence[tuple[int, int, int]]) -> None:
    with unit_of_work(database, writes=True) as session:
        delete_where(session, Category, sa.true())
        categories = [Category(name=f"Category {letter}") for letter in "CAB"]
        session.add_all(categories)
        session.add_all(
            Item(name=name_of(n), description="-", price=p, quantity=q, category=categories[c])
            for n, (p, q, c) in enumerate(shelf)
        )


def name_of(number: int) -> str:
    """Names whose order is not that of the keys."""
    return f"Part {number * 7 % 97:02}-{number}"


def in_order(database: Database, sort: Sequence[tuple[str, bool]]) -> list[str]:
    """All names as Python sorts them; the key breaks ties, going the way of the last column."""
    with unit_of_work(database) as session:
        rows: list[dict[str, Any]] = [
            {"id": i, "name": n, "price": p, "quantity": q, "category": c}
            for i, n, p, q, c in session.execute(
                sa.select(Item.id, Item.name, Item.price, Item.quantity, Category.name).join(
                    Category
                )
            )
        ]
    for name, descending in reversed([*sort, ("id", sort[-1][1])]):
        rows.sort(key=lambda row: row[name], reverse=descending)
    return [str(row["name"]) for row in rows]


PROPERTY = settings(
    deadline=None,
    max_examples=sized(20, 40),
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.databases("sqlite", "postgresql")
@PROPERTY
@given(shelf=shelves(), sort=sorts, size=st.integers(1, 9), sort_first=st.booleans())
def test_every_row_appears_once_in_its_place_both_ways(
    items: RecordView,
    database: Database,
    shelf: list[tuple[int, int, int]],
    sort: tuple[tuple[str, bool], ...],
    size: int,
    sort_first: bool,
) -> None:
    fill(database, shelf)
    query = read(items, ("sort", write_sort(sort)), ("pageSize", str(size)))

    assert walk(query, database, sort_first=sort_first) == in_order(database, sort)
    assert walk(query, database, sort_first=sort_first, backward=True) == in_order(database, sort)


@pytest.mark.databases("sqlite", "postgresql")
@PROPERTY
@given(shelf=shelves(), sort=sorts, size=st.integers(1, 9), data=st.data(), backward=st.booleans())
def test_rows_that_come_and_go_between_pages_move_no_other_row(
    items: RecordView,
    database: Database,
    shelf: list[tuple[int, int, int]],
    sort: tuple[tuple[str, bool], ...],
    size: int,
    data: st.DataObject,
    backward: bool,
) -> None:
    fill(database, shelf)
    query = read(items, ("sort", write_sort(sort)), ("pageSize", str(size)))
    stayed = {name_of(n) for n in range(len(shelf))}
    added = iter(range(len(shelf), 10**6))

    def add_or_delete(_page: int) -> None:
        change = data.draw(st.sampled_from(["add", "delete", "nothing"]))
        with unit_of_work(database, writes=True) as session:
            if change == "add":
                category = session.scalars(sa.select(Category).limit(1)).one()
                price, quantity = data.draw(small), data.draw(small)
                name = name_of(next(added))
                session.add(
                    Item(
                        name=name,
                        description="-",
                        price=price,
                        quantity=quantity,
                        category=category,
                    )
                )
            elif change == "delete" and stayed:
                gone = data.draw(st.sampled_from(sorted(stayed)))
                stayed.discard(gone)
                delete_where(session, Item, Item.name == gone)

    shown = walk(query, database, backward=backward, between=add_or_delete)

    assert len(shown) == len(set(shown)), "a row was on two pages"
    assert stayed <= set(shown), "a row that was there all the time was left out"
    order = [name for name in in_order(database, sort) if name in stayed]
    assert [name for name in shown if name in stayed] == order


def test_a_page_that_became_empty_is_the_first_one_instead(
    items: RecordView, database: Database
) -> None:
    add_items(database, 3)
    query = replace(read(items), cursor=Cursor("item:name", ("Item 9999", 10**6)))

    with unit_of_work(database) as session:
        rows = fetch_page(session, query)

    assert rows.restarted
    assert len(rows.records) == 3


# One predicate for whatever is done to a list --------------------------------------------------

ASKED = [
    [],
    [("search", "Item -0007 description")],
    [("search", "category:bol price>=3 -quantity:5..9")],
    [("search", '"item 000" category=NUTS')],
    [("price_from", "2"), ("price_to", "11"), ("is", "low")],
    [("name", "Item 0"), ("name_op", "starts"), ("search", "1")],
]


@pytest.mark.parametrize("pairs", ASKED, ids=str)
def test_the_same_predicate_selects_counts_streams_and_updates(
    items: RecordView, database: Database, pairs: list[tuple[str, str]]
) -> None:
    add_items(database, 40, ("Bolts", "Nuts"))
    query = read(items, *pairs, ("pageSize", "200"))
    assert query.messages == ()
    listed = set(walk(query, database))
    assert listed

    with unit_of_work(database) as session:
        assert session.scalar(sa.select(query.bounded_count())) == len(listed)
        streamed = session.execute(
            sa.select(Item.name).where(query.predicate()).execution_options(yield_per=7)
        )
        assert {name for (name,) in streamed} == listed
    with unit_of_work(database, writes=True) as session:
        frozen = read(items, *query.pinned_pairs())
        assert update_where(session, Item, {"quantity": 7000}, frozen.predicate()) == len(listed)
    with unit_of_work(database) as session:
        changed = session.scalars(sa.select(Item.name).where(Item.quantity == 7000)).all()
    assert set(changed) == listed


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("pairs", ASKED, ids=str)
def test_keys_found_beforehand_mean_the_same(
    items: RecordView, database: Database, pairs: list[tuple[str, str]]
) -> None:
    add_items(database, 40, ("Bolts", "Nuts"))
    query = read(items, *pairs)

    with unit_of_work(database) as session:
        subqueries: Any = query.unresolved()
        results = session.execute(sa.select(*subqueries)).one() if subqueries else ()
        plain = session.scalars(query.select_keys()).all()
        resolved = session.scalars(query.resolve(results).select_keys()).all()

    assert sorted(resolved) == sorted(plain)
    assert "SELECT" not in str(query.resolve(results).predicate())
