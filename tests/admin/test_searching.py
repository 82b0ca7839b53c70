"""The search language: what somebody types, taken apart, and what it finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.cursor import Cursor, CursorSigner
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.search import MOST_TERMS, Term, parse_search, quote_value, remove_term
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.cast import add_items, add_user
from tests.databases import SIGNING_KEY

pytestmark = pytest.mark.every_database

SIGNER = CursorSigner(SIGNING_KEY)


@pytest.fixture
def items(app: Starlette) -> RecordView:
    view: RecordView = app.state.site.find_view("item")
    return view


@pytest.fixture
def users(app: Starlette) -> RecordView:
    view: RecordView = app.state.site.find_view("user")
    return view


def read(view: RecordView, *pairs: tuple[str, str]) -> ListQuery:
    return read_address(view, pairs, None)


def found(database: Database, query: ListQuery) -> set[str]:
    with unit_of_work(database) as session:
        return {str(record) for record in session.scalars(query.select_records())}


# Taken apart ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("hex bolt", [("hex", "", "", False), ("bolt", "", "", False)]),
        ('"hex bolt" -zinc', [("hex bolt", "", "", False), ("zinc", "", "", True)]),
        ("price>10 price<=20", [("10", "price", ">", False), ("20", "price", "<=", False)]),
        ('-category:"hex bolts"', [("hex bolts", "category", ":", True)]),
        ('12" - +5V -5V', [('12"', "", "", False), ("-", "", "", False), ("+5V", "", "", False),
                           ("5V", "", "", True)]),
        ("12:30 >5", [("12:30", "", "", False), (">5", "", "", False)]),
        ('never "closed quote', [("never", "", "", False), ("closed quote", "", "", False)]),
        ('"" -""', []),
        ("name:", [("name:", "", "", False)]),
    ],
)  # fmt: skip
def test_a_search_is_taken_apart(typed: str, terms: list[tuple[str, str, str, bool]]) -> None:
    assert [(t.text, t.field, t.operator, t.negated) for t in parse_search(typed)] == terms


@given(st.text(max_size=60))
def test_whatever_is_typed_is_terms_that_can_be_taken_away_one_by_one(typed: str) -> None:
    terms = parse_search(typed)
    assert all(typed[term.start : term.end].strip() for term in terms)
    if terms:
        fewer = parse_search(remove_term(typed, terms[-1]))
        assert len(fewer) < len(terms)


@given(st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), min_size=1))
def test_a_quoted_value_is_read_back_as_it_was(value: str) -> None:
    if value.strip():
        assert parse_search(f"category:{quote_value(value)}")[0].text == value


# What it finds --------------------------------------------------------------------------

SHELF = [
    ("Hex bolt M8", "Steel, zinc plated, 100% tested", "12.50", 0, "Bolts"),
    ("Hex bolt M3", "Stainless_steel", "3.00", 4, "Bolts"),
    ("Wing nut M8", "Brass -5V rated", "0.75", 250, "Nuts"),
    ("Ω meter", "Measures Ohm; naïve", "99.99", 12, "Tools, electric"),
    ("ÉTAU 1k", 'Vice 5V 12" wide, back\\slash', "45.00", 10, "Tools, electric"),
]


@pytest.fixture
def shelf(database: Database) -> Database:
    with unit_of_work(database, writes=True) as session:
        categories: dict[str, Category] = {}
        for name, description, price, quantity, label in SHELF:
            category = categories.setdefault(label, Category(name=label))
            session.add(
                Item(
                    name=name,
                    description=description,
                    price=price,
                    quantity=quantity,
                    category=category,
                )
            )
    return database


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("hex", ["Hex bolt M8", "Hex bolt M3"]),
        ("BOLT m8", ["Hex bolt M8"]),
        ('"bolt m"', ["Hex bolt M8", "Hex bolt M3"]),
        ('"m bolt"', []),
        ("m8 -zinc", ["Wing nut M8"]),
        ("-tools -nuts", ["Hex bolt M8", "Hex bolt M3"]),
        ("m3", ["Hex bolt M3"]),
        ("ω", ["Ω meter"]),
        ("étau", ["ÉTAU 1k"]),
        ("100%", ["Hex bolt M8"]),
        ("%", ["Hex bolt M8"]),
        ("s_s", ["Hex bolt M3"]),
        ("k\\s", ["ÉTAU 1k"]),
        ('12"', ["ÉTAU 1k"]),
        ('"-5V"', ["Wing nut M8"]),
        ("electric", ["Ω meter", "ÉTAU 1k"]),
        ("category:bol", ["Hex bolt M8", "Hex bolt M3"]),
        ("category=bolts", ["Hex bolt M8", "Hex bolt M3"]),
        ("category=bol", []),
        ('category:"tools, e" -name:ω', ["ÉTAU 1k"]),
        ("price>3", ["Hex bolt M8", "Ω meter", "ÉTAU 1k"]),
        ("price>=3 price<45", ["Hex bolt M8", "Hex bolt M3"]),
        ("price:0.75..3", ["Hex bolt M3", "Wing nut M8"]),
        ("price:45..", ["Ω meter", "ÉTAU 1k"]),
        ("price:..0.75", ["Wing nut M8"]),
        ("price:3", ["Hex bolt M3"]),
        ("quantity:0", ["Hex bolt M8"]),
        ("quantity>9.5 quantity<10.5", ["ÉTAU 1k"]),
        ("-quantity>0", ["Hex bolt M8"]),
        ("is:out", ["Hex bolt M8"]),
        ("is:low", ["Hex bolt M3", "ÉTAU 1k"]),
        ("-is:low -is:out", ["Wing nut M8", "Ω meter"]),
        ("description:zinc", ["Hex bolt M8"]),
        ('name="hex bolt m3"', ["Hex bolt M3"]),
        ("PRICE>90", ["Ω meter"]),
    ],
)
def test_what_is_searched_for_is_found(
    items: RecordView, shelf: Database, typed: str, names: list[str]
) -> None:
    query = read(items, ("search", typed))

    assert query.messages == ()
    assert found(shelf, query) == set(names)


def test_moments_and_states_of_users_are_found(users: RecordView, database: Database) -> None:
    add_user(database, "ada@example.com")
    add_user(database, "ina@example.com", active=False)
    year = read(users).now.year

    def who(typed: str) -> set[str]:
        query = read(users, ("search", typed))
        assert query.messages == ()
        return {name.split()[0] for name in found(database, query)}

    for typed in ("created:today", "created:1d", f"created:{year}", f"created>={year}", "ada"):
        assert "Ada" in who(typed), typed
    for typed in (f"created<{year}", f"created>{year}", "created:..2001-02-03", "-created:7d"):
        assert who(typed) == set(), typed
    assert who("is:active") == {"Ada"}
    assert who("-is:active") == who("active:no") == {"Ina"}


@pytest.mark.parametrize("typed", ["Item\x00", "name:\x00", "category:x\x00y"])
def test_a_nul_byte_is_in_no_record(items: RecordView, database: Database, typed: str) -> None:
    add_items(database, 2)

    assert found(database, read(items, ("search", typed))) == set()
    assert len(found(database, read(items, ("search", f"-{typed}")))) == 2


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
    "typed", ["created:soon", "created:2026-13", "created:2026-02-30", "created:9999-12..",
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


@pytest.mark.databases("sqlite")
def test_more_terms_than_are_looked_for_are_dropped_and_not_looked_for(items: RecordView) -> None:
    query = read(items, ("search", " ".join(f"w{n}" for n in range(MOST_TERMS + 3))))

    assert len(query.clauses) == MOST_TERMS
    assert query.short_words == tuple(f"w{n}" for n in range(MOST_TERMS))
    assert Term("ab").is_short
    assert not Term("abc").is_short
