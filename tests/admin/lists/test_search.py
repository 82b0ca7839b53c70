"""The search language: how a search is parsed, and what it finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.search import MOST_TERMS, Term, parse_search, quote_value
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item
from tests.cast import add_items, add_user

pytestmark = pytest.mark.every_database


def read(view: RecordView, *pairs: tuple[str, str]) -> ListQuery:
    return read_address(view, pairs, None)


def found(database: Database, query: ListQuery) -> set[str]:
    with unit_of_work(database) as session:
        return {str(record) for record in session.scalars(query.select_records())}


# Parsing --------------------------------------------------------------------------------


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
def test_every_term_knows_its_place_in_what_was_typed(typed: str) -> None:
    for term in parse_search(typed):
        (alone,) = parse_search(typed[term.start : term.end])
        assert (alone.text, alone.field) == (term.text, term.field)


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
    # The last day, month and year that there are.
    for typed in ("created<=9999", "created:2001..9999-12-31", "-created:9999-12"):
        assert "Ada" in who(typed), typed
    for typed in ("created>9999-12-31", "created:9999-12-31", "created>=9999-12"):
        assert who(typed) == set(), typed
    assert who("is:active") == {"Ada"}
    assert who("-is:active") == who("active:no") == {"Ina"}


@pytest.mark.parametrize("typed", ["Item\x00", "name:\x00", "category:x\x00y"])
def test_a_nul_byte_is_in_no_record(items: RecordView, database: Database, typed: str) -> None:
    add_items(database, 2)

    assert found(database, read(items, ("search", typed))) == set()
    assert len(found(database, read(items, ("search", f"-{typed}")))) == 2


# Too many terms -------------------------------------------------------------------------


@pytest.mark.databases("sqlite")
def test_more_terms_than_are_looked_for_are_dropped_and_not_looked_for(items: RecordView) -> None:
    query = read(items, ("search", " ".join(f"w{n}" for n in range(MOST_TERMS + 3))))

    assert len(query.clauses) == MOST_TERMS
    assert query.short_words == tuple(f"w{n}" for n in range(MOST_TERMS))
    assert Term("ab").is_short
    assert not Term("abc").is_short
