"""Reading a list's address: messages about what cannot be read; addresses that are read back."""

import pytest

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.cursor import Cursor, CursorSigner
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from tests.databases import SIGNING_KEY

SIGNER = CursorSigner(SIGNING_KEY)


def read(view: RecordView, *pairs: tuple[str, str]) -> ListQuery:
    return read_address(view, pairs, None)


def found(database: Database, query: ListQuery) -> set[str]:
    with unit_of_work(database) as session:
        return {str(record) for record in session.scalars(query.select_records())}


# What cannot be read --------------------------------------------------------------------


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (("pageSize", "-1"), "The page size is a number"),
        (("pageSize", "1e9"), "The page size is a number"),
        (("pageSize", "9" * 50), "The page size is a number"),
        (("sort", "password_hash"), "cannot be sorted by"),
        (("sort", "name,-description"), "cannot be sorted by “description”"),
        (("page", "forged"), "That page is not known"),
        (("category", "bolts"), "The filter Category cannot be"),
        (("category", "9" * 30), "The filter Category cannot be"),
        (("price_from", "cheap"), "The filter Price takes a number"),
        (("price_from", "NaN"), "The filter Price takes a number"),
        (("name_op", "sounds"), ""),
        (("is", "blue"), "The filter Stock cannot be “blue”"),
        (("colour", "red"), "no list option named"),
        (("columns", "password_hash"), "no column “password_hash”"),
        (("count", "roughly"), "The count is “exact”"),
        (("view", "x"), "no such saved view"),
        (("asof", "yesterday"), "moment that dates go by"),
        (("search", "x" * 500), "was cut"),
        (("search", "a b c d e f g h i j k"), "Only the first"),
        (("search", "price>cheap"), "“price” takes a number"),
        (("search", "price:20..10"), "the first is the larger"),
        (("search", "price>1..2"), "one number"),
        (("search", "category>3"), "“category” is compared with"),
        (("search", "is:blue"), "“is” cannot be “blue”"),
        (("search", "colour:red"), "“colour” is no field of items"),
    ],
    ids=str,
)
def test_what_an_address_says_wrong_becomes_a_message_and_the_rest_works(
    items: RecordView, database: Database, pair: tuple[str, str], message: str
) -> None:
    query = read(items, ("pageSize", "25"), pair) if pair[0] != "pageSize" else read(items, pair)

    assert any(message in told for told in query.messages) or not message, query.messages
    assert found(database, query) == set()  # it can be asked all the same


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "typed", ["created:soon", "created:2026-13", "created:2026-02-30",
              "created>2026..2027", "created:2027..2026", "is:superb", "active:maybe"],
)  # fmt: skip
def test_a_field_that_does_not_take_its_value_is_told(users: RecordView, typed: str) -> None:
    (message,) = read(users, ("search", typed)).messages

    assert message.endswith("This part of the search was left out.")


@pytest.mark.databases("sqlite")
def test_a_cursor_belongs_to_one_list_and_order(items: RecordView, users: RecordView) -> None:
    cursor = SIGNER.write(Cursor("item:price", ("1.00", 5)))

    assert read(items, ("sort", "name"), ("page", cursor)).cursor is None
    assert read(items, ("sort", "price"), ("page", cursor)).cursor is not None
    assert read(users, ("page", SIGNER.write(Cursor("item:email", ("a", 5))))).cursor is None


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "pairs",
    [
        [("search", 'm4 "hex bolt" price>3'), ("category", "3"), ("category", "5")],
        [("sort", "-price,name"), ("pageSize", "25"), ("columns", "name,price"), ("view", "7")],
        [("price_from", "1"), ("price_to", "2.50"), ("is", "low"), ("is", "out")],
        [("name", "bolt"), ("name_op", "ends"), ("sort", "key"), ("view", "all")],
    ],
    ids=str,
)
def test_an_address_written_and_read_again_is_the_same_query(
    items: RecordView, pairs: list[tuple[str, str]]
) -> None:
    query = read(items, *pairs)

    assert query.messages == ()
    assert sorted(query.pairs()) == sorted(pairs)
    assert read(items, *query.pairs()) == query


@pytest.mark.databases("sqlite")
def test_a_frozen_query_keeps_its_today(users: RecordView) -> None:
    query = read(users, ("search", "created:today"), ("created_at", "7d"))

    frozen = read(users, *query.pinned_pairs())

    assert frozen.messages == ()
    assert frozen.now == query.now
    assert str(frozen.predicate().compile(compile_kwargs={"literal_binds": False}).params) == str(
        query.predicate().compile(compile_kwargs={"literal_binds": False}).params
    )
