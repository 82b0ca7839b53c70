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
        (("pageSize", "-1"), "Rows per page must be from 1 to 200"),
        (("pageSize", "1e9"), "Rows per page must be from 1 to 200"),
        (("pageSize", "9" * 50), "Rows per page must be from 1 to 200"),
        (("sort", "password_hash"), "Can't sort by “password_hash”"),
        (("sort", "name,-description"), "Can't sort by “description”"),
        (("page", "forged"), "That page no longer exists"),
        (("category", "bolts"), "There is no choice “bolts”; ignored the filter Category"),
        (("category", "9" * 30), "; ignored the filter Category"),
        (("price_from", "cheap"), "“cheap” is not a number; ignored the filter Price"),
        (("price_from", "NaN"), "“NaN” is not a number; ignored the filter Price"),
        (("name_op", "sounds"), ""),
        (("is", "blue"), "There is no choice “blue”; ignored the filter Stock"),
        (("colour", "red"), "Ignored the unknown option “colour”"),
        (("columns", "password_hash"), "no column “password_hash”"),
        (("count", "roughly"), "Ignored the unknown count “roughly”"),
        (("view", "x"), "no such saved view"),
        (("asof", "yesterday"), "Ignored an unreadable time"),
        (("search", "x" * 500), "Only the first 200 characters"),
        (("search", "a b c d e f g h i j k"), "Only the first 10 words"),
        (("search", "price>cheap"), "“cheap” is not a number; ignored price>cheap"),
        (("search", "price:20..10"), "20 is larger than 10; ignored price:20..10"),
        (("search", "price>1..2"), "A range is written after “:”; ignored price>1..2"),
        (
            ("search", "category>3"),
            "A text is compared with “:” (contains) or “=” (is); ignored category>3",
        ),
        (("search", "is:blue"), "There is no choice “blue”; ignored is:blue"),
        (
            ("search", "colour:red"),
            "There is no field “colour”; searched for the text “colour:red”",
        ),
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

    assert message.endswith(f"; ignored {typed}")


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
