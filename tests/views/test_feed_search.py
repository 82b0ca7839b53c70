"""The search of the feed: by the labels of changes, through an index where the database has one."""

import re

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.db.queries.plans import FILTERED, plan_of, planning_for
from backoffice.db.queries.search import MOST_RESOLVED
from backoffice.history import RecordSession, unit_of_work
from backoffice.models import Category, Change, Changeset
from tests.cast import Browser, statements, text_of

FEED = "/admin/changeset/list"
LABELS = ("Bolts", "Hex bolts", "50% off", "5_0 off", "50 off", "Straße", 'A "quoted" name', "M8")


@pytest.fixture
def feed(app: Starlette) -> RecordView:
    found: RecordView = app.state.site.find_view("changeset")
    return found


def add_categories(database: Database, *names: str) -> dict[str, int]:
    """A changeset for each; their numbers by the category's name."""
    numbers = {}
    for name in names:
        with unit_of_work(database, writes=True) as session:
            session.add(Category(name=name))
            session.flush()
            assert session.changeset is not None
            numbers[name] = session.changeset
    return numbers


def resolved(session: RecordSession, query: ListQuery) -> ListQuery:
    """The query as a list runs it: with what PostgreSQL found beforehand."""
    subqueries = query.unresolved() if session.dialect == "postgresql" else []
    return query.resolve(session.execute(sa.select(*subqueries)).one() if subqueries else ())


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("bolts", {"Bolts", "Hex bolts"}),
        ("BOLTS hex", {"Hex bolts"}),
        ("bolts -hex", {"Bolts"}),
        ('"hex bolts"', {"Hex bolts"}),
        ('"bolts hex"', set()),
        ("50%", {"50% off"}),
        ("5_0", {"5_0 off"}),
        ("50%off", set()),
        ("off -50%", {"5_0 off", "50 off"}),
        ("straße", {"Straße"}),
        ("quoted", {'A "quoted" name'}),
        ("m8", {"M8"}),
        ("nothing", set()),
        ("bol\x00ts", set()),
    ],
)
def test_the_feed_finds_changes_by_the_names_of_records(
    feed: RecordView, database: Database, search: str, found: set[str]
) -> None:
    numbers = add_categories(database, *LABELS)
    query = read_address(feed, [("search", search)], None)

    with unit_of_work(database) as session:
        among = Changeset.id.in_(numbers.values())
        for asked in (query, resolved(session, query)):
            keys = session.scalars(asked.select_keys().where(among)).all()
            assert {name for name, number in numbers.items() if number in keys} == found


def test_a_name_of_which_there_are_many_is_found_like_any_other(
    feed: RecordView, database: Database
) -> None:
    """Above the number of keys that a statement is given beforehand."""
    number = add_categories(database, "Washers")["Washers"]
    change = {"changeset_id": number, "model": "categories", "operation": "update"}
    many = [change | {"record_id": str(key), "label": "Rings"} for key in range(MOST_RESOLVED + 1)]
    with database.writer.begin() as connection:
        connection.execute(sa.insert(Change), many)
    query = read_address(feed, [("search", "rings -bolts")], None)

    with unit_of_work(database) as session:
        assert session.scalars(resolved(session, query).select_keys()).all() == [number]


@pytest.mark.databases("postgresql")
def test_postgresql_looks_only_at_the_changes_that_the_index_finds(
    feed: RecordView, database: Database
) -> None:
    number = add_categories(database, *LABELS)["Straße"]
    query = read_address(feed, [("search", "straße")], None)

    with unit_of_work(database) as session:
        (keys,) = query.unresolved()
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        explained = "\n".join(
            session.scalars(
                sa.text(
                    "EXPLAIN "
                    + str(
                        sa.select(keys).compile(
                            session.connection(), compile_kwargs={"literal_binds": True}
                        )
                    )
                )
            )
        )
        predicate = resolved(session, query).predicate()

    assert "Bitmap Index Scan on ix_changes_label_trgm" in explained
    found = predicate.compile(compile_kwargs={"literal_binds": True})
    assert re.search(rf"changesets\.id IN \({number}\)", str(found))


@pytest.mark.databases("postgresql")
def test_postgresql_does_not_read_a_whole_index_for_a_word_that_is_too_short_for_it(
    feed: RecordView, database: Database
) -> None:
    query = read_address(feed, [("search", "zn")], None)

    with unit_of_work(database) as session, planning_for(session.connection(), FILTERED):
        plan = plan_of(session.connection(), query.select_keys())

    assert query.unresolved() == []
    assert "ix_changes_label_trgm" not in {read.index for read in plan.of("changes")}


def test_a_search_costs_the_same_however_many_words_it_has(
    ada: Browser, database: Database
) -> None:
    add_categories(database, *LABELS)
    counts = []
    for query in ("search=bolts", "search=bolts+hex+-straße", "model=categories"):
        ada.get(f"{FEED}?{query}")
        with statements(database) as seen:
            assert ada.get(f"{FEED}?{query}").status_code == 200
        counts.append(len(seen))
    # On PostgreSQL the few changesets are found by a statement of their own, with the time limit.
    assert counts[0] == counts[1] == counts[2] + (database.dialect == "postgresql")


def test_the_feed_is_searched_by_the_names_that_people_say(
    ada: Browser, ed: Browser, database: Database
) -> None:
    for browser, name in ((ada, "Bolts"), (ed, "Nuts")):
        browser.get("/admin/category/create")
        browser.post("/admin/category/create", {"name": name, "save": "Save"})

    def found(search: str) -> set[str]:
        page = ada.get(FEED, params={"search": search})
        assert page.status_code == 200
        return {name for name in ("Bolts", "Nuts") if f"“{name}”" in text_of(page)}

    both = {"Bolts", "Nuts"}
    assert found("who:ada") == found('who:"ada tester"') == found('who="Ada Tester"') == {"Bolts"}
    assert found("who:ed") == found("-who:ada kind:categories") == {"Nuts"}
    assert (
        found("who:tester") == found("kind:cat") == found("what:added") == found("how:web") == both
    )
    assert found("kind:items") == found("what:deleted") == set()
    assert found("when:today what:create") == both
    # The names of before are read, too.
    assert found("model:categories operation:create source:web at:today") == both
    assert found("actor:ed") == {"Nuts"}


def test_the_help_on_searching_the_feed_has_those_names(ada: Browser, ed: Browser) -> None:
    page = ada.get(FEED).text
    told = page.partition('id="search-help"')[2]
    fields = re.findall(r'data-field="([^"]*)"', told)
    assert fields[:5] == ["who", "kind", "what", "how", "when"]
    assert "<span data-value>&#34;Ada Tester&#34;</span>" in told
    assert "<span data-value>added</span>" in told
    assert "hex" not in told
