"""The list query: what an address means, and that its pages show every row exactly once."""

from typing import Any

import pytest
from starlette.applications import Starlette

from backoffice.admin.keyset import Cursor, CursorSigner
from backoffice.admin.listing import ListQuery
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from tests.cast import add_items

SIGNER = CursorSigner("a key for tests only, as long as it needs to be")


@pytest.fixture
def items(app: Starlette) -> RecordView:
    view: RecordView = app.state.site.find_view("item")
    return view


def walk(query: ListQuery, database: Database, *, backward: bool = False) -> list[str]:
    """The names on all pages, from the first to the last (or back), in the order shown."""
    names: list[str] = []
    cursor = Cursor(query.order, (), backward=True) if backward else None
    while True:
        page = ListQuery(
            query.view,
            query.search,
            query.sort_by,
            query.descending,
            query.page_size,
            cursor,
            query.filters,
        )
        with unit_of_work(database) as session:
            rows = page.fetch(session)
            shown = [record.name for record in rows.records]
        names = shown + names if backward else names + shown
        cursor = rows.previous if backward else rows.next
        if cursor is None:
            return names


def read(view: RecordView, *pairs: tuple[str, str]) -> ListQuery:
    return ListQuery.parse(view, pairs, SIGNER)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort_by", [None, "name", "price", "category"])
def test_walking_the_pages_shows_every_row_once(
    items: RecordView, database: Database, sort_by: str | None, descending: bool
) -> None:
    add_items(database, 53, ("Bolts", "Nuts", "Washers"))
    query = ListQuery(items, sort_by=sort_by, descending=descending, page_size=10)

    forward = walk(query, database)

    assert len(forward) == 53
    assert len(set(forward)) == 53
    if sort_by in ("name", "price"):
        assert forward == sorted(forward, reverse=descending)


def test_walking_backward_shows_the_same_rows(items: RecordView, database: Database) -> None:
    add_items(database, 30, ("Bolts", "Nuts"))
    query = ListQuery(items, sort_by="category", page_size=10)

    assert walk(query, database, backward=True) == walk(query, database)


def test_a_page_that_became_empty_is_the_first_one_instead(
    items: RecordView, database: Database
) -> None:
    add_items(database, 3)
    cursor = Cursor("name:asc", ("Item 9999", 10**6))
    query = ListQuery(items, sort_by="name", cursor=cursor)

    with unit_of_work(database) as session:
        rows = query.fetch(session)

    assert rows.restarted
    assert len(rows.records) == 3


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("pageSize", "-1"), "The page size is a number"),
        (("pageSize", "1e9"), "The page size is a number"),
        (("pageSize", "9" * 50), "The page size is a number"),
        (("sortBy", "password_hash"), "cannot be sorted by"),
        (("sort", "desc"), "no column was named"),
        (("at", "forged"), "That page is not known"),
        (("category", "bolts"), "The filter Category cannot be"),
        (("category", "9" * 30), "The filter Category cannot be"),
        (("colour", "red"), "no list option named"),
        (("search", "x" * 500), "was cut"),
    ],
)
def test_what_an_address_says_wrong_becomes_a_message(
    items: RecordView, pair: tuple[str, str], message: str
) -> None:
    query = read(items, pair)

    assert any(message in told for told in query.messages), query.messages


@pytest.mark.databases("sqlite")
def test_a_cursor_of_another_order_is_refused(items: RecordView) -> None:
    cursor = SIGNER.write(Cursor("price:asc", ("1.00", 5)))

    assert read(items, ("sortBy", "name"), ("at", cursor)).cursor is None
    assert read(items, ("sortBy", "price"), ("at", cursor)).cursor is not None


@pytest.mark.parametrize("wild", ["%", "_", "\\", "100%", "a_b"])
def test_wildcards_in_a_search_are_data(items: RecordView, database: Database, wild: str) -> None:
    add_items(database, 5)
    query = read(items, ("search", wild))

    with unit_of_work(database) as session:
        assert query.count(session).number == 0


def test_a_nul_byte_matches_nothing(items: RecordView, database: Database) -> None:
    add_items(database, 2)
    query = read(items, ("search", "Item\x00"))

    with unit_of_work(database) as session:
        assert query.fetch(session).records == ()


def test_every_word_must_match_in_whatever_case(items: RecordView, database: Database) -> None:
    add_items(database, 20)
    query = read(items, ("search", "ITEM 0007"))

    with unit_of_work(database) as session:
        assert [record.name for record in query.fetch(session).records] == ["Item 0007"]


@pytest.mark.databases("sqlite")
def test_an_address_written_and_read_again_is_the_same_query(items: RecordView) -> None:
    given = [("search", "m4 bolt"), ("category", "3"), ("sortBy", "price"), ("sort", "desc")]
    query = read(items, *given, ("pageSize", "25"))

    assert read(items, *query.pairs()) == query
    assert query.messages == ()


@pytest.mark.databases("sqlite")
def test_the_default_order_leaves_no_trace_in_an_address(items: RecordView) -> None:
    assert read(items).query_string() == ""


@pytest.mark.parametrize("value", ["text", 5, None, True])
def test_a_cursor_survives_its_journey(value: Any) -> None:
    cursor = Cursor("name:asc", (value, 7), backward=True)

    assert SIGNER.read(SIGNER.write(cursor)) == cursor
