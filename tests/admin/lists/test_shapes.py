"""Lists of records of every shape: sorted over several pages, filtered, searched, and diagnosed."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote, urlencode

import pytest
import sqlalchemy as sa
from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice.admin.doctor.diagnosis import diagnose
from backoffice.admin.lists.sorting import sortable_names
from backoffice.admin.view import RecordView, Registry
from backoffice.cli.doctor_report import report
from backoffice.db import open_database
from backoffice.history import unit_of_work
from backoffice.views import VIEWS
from backoffice.web.app import create_app
from tests import databases
from tests.admin.lists.shape_views import LIST_VIEWS, HostView
from tests.admin.lists.shapes import Thing, fill, fill_things_again
from tests.cast import ORIGIN, Browser, add_user, links_of, statements, text_of
from tests.databases import KINDS, Kind
from tests.size import sized

pytestmark = pytest.mark.every_database


@pytest.fixture(scope="module")
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """As everywhere, once for all tests of this file: they only read, but for one."""
    kind: Kind = request.param
    try:
        databases.server_url(kind)
    except databases.Unavailable as error:
        pytest.skip(str(error))
    return kind


@pytest.fixture(scope="module")
def shapes_app(
    database_kind: Kind, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Starlette]:
    """A back office that shows the shapes, on a database that is filled."""
    with databases.migrated_database(database_kind, tmp_path_factory.mktemp("lists")) as url:
        settings = databases.make_settings(url)
        database = open_database(settings)
        fill(database)
        add_user(database, "ada@example.com", superuser=True)
        own = [*LIST_VIEWS, HostView] if database.dialect == "postgresql" else LIST_VIEWS
        yield create_app(settings, database, views=[*VIEWS, *own])
        database.dispose()


@pytest.fixture
def site(shapes_app: Starlette) -> Registry:
    made: Registry = shapes_app.state.site
    return made


@pytest.fixture
def ada(shapes_app: Starlette) -> Browser:
    browser = Browser(shapes_app)
    browser.client = TestClient(shapes_app, base_url=ORIGIN, follow_redirects=False)  # it raises
    assert browser.sign_in("ada@example.com").status_code == 303
    return browser


def own_views(site: Registry) -> list[RecordView]:
    return [view for view in site.record_views if type(view) not in VIEWS]


def keys_of(page: Response, view: RecordView) -> list[str]:
    """The keys of the rows, by the links of their first cells."""
    assert page.status_code == 200, text_of(page)
    address = f"/admin/{view.identity}/details/"
    cells = re.findall(rf'<td class="cell-name"[^>]*>\s*<a href="{address}([^"?]*)', page.text)
    return [unquote(unescape(key)) for key in cells]


def walk(ada: Browser, view: RecordView, sort: str, size: int, *, backward: bool) -> list[str]:
    base = f"/admin/{view.identity}/list?{urlencode({'pageSize': size, 'sort': sort})}"
    address: str | None = f"{base}&page=last" if backward else base
    seen: list[str] = []
    pages = 0
    while address:
        page = ada.get(address)
        assert "That page no longer exists" not in page.text
        assert "That page is now empty" not in page.text
        rows = keys_of(page, view)
        seen = rows + seen if backward else seen + rows
        following = links_of(page, rel="prev" if backward else "next")
        address = following[0] if following else None
        pages += 1
        assert pages < 50, "the pages never end"
    return seen


def test_every_order_shows_every_record_once_forward_and_backward(
    site: Registry, ada: Browser, database_kind: Kind
) -> None:
    """In the short form one way a column, and the other way on the next kind of database."""
    turn = KINDS.index(database_kind)
    for view in own_views(site):
        for name in sortable_names(view):
            turn += 1
            ways = ((name, False), (f"-{name}", True))
            for sort, backward in sized(ways[turn % 2 :][:1], ways):
                page = ada.get(f"/admin/{view.identity}/list?pageSize=200&sort={sort}")
                whole = keys_of(page, view)
                assert len(whole) == len(set(whole)) >= 5, (view.identity, sort)
                seen = walk(ada, view, sort, 4, backward=backward)
                assert seen == whole, (view.identity, sort)


def test_values_that_are_null_stand_last_and_the_order_is_the_values(
    site: Registry, ada: Browser
) -> None:
    thing = site.find_view("thing")
    with unit_of_work(site.database) as session:
        rows = {str(one.id): one for one in session.query(Thing)}
        for name in ("seen", "made", "opens", "takes", "weight", "cost", "twice", "rounded", "on"):
            keys = keys_of(ada.get(f"/admin/thing/list?pageSize=200&sort={name}"), thing)
            values = [getattr(rows[key], name) for key in keys]
            filled = [value for value in values if value is not None]
            assert values[: len(filled)] == filled == sorted(filled), name


def found(ada: Browser, identity: str, query: str) -> int:
    """How many records a list says that it has."""
    page = ada.get(f"/admin/{identity}/list?{query}")
    told = text_of(page)
    assert page.status_code == 200, told
    for wrong in ("Ignored the unknown", "; ignored"):
        assert wrong not in told, (query, told)
    number = re.search(r'<p class="count">([\d,]+) ', page.text)
    assert number, told
    return int(number[1].replace(",", ""))


FOUND = [
        ("thing", "colour=RED", 3),
        ("thing", "colour=RED&colour=BLUE", 7),
        ("thing", "word=in+use", 4),
        ("thing", "search=colour:green", 3),
        ("thing", 'search=word:"in use"', 4),
        ("thing", "seen_from=2026-01-02&seen_to=2026-01-03", 3),
        ("thing", "seen=year&asof=2026-05-05", 10),
        ("thing", "asof=0001-01-29", 12),
        ("thing", "asof=9999-12-01", 12),
        ("thing", "made_from=2026-01-01&made_to=2026-01-01", 10),
        ("thing", "search=seen:2026-01-06", 2),
        ("thing", "opens_from=02:30&opens_to=05:31", 3),
        ("thing", "search=opens>06:00", 5),
        ("thing", "takes_from=-1+day&takes_to=47:00", 2),
        ("thing", "weight_from=0.15&weight_to=0.65", 3),
        ("thing", "on=yes", 5),
        ("thing", "on=yes&on=no", 10),
        ("thing", "search=is:on", 5),
        ("thing", "cost_from=1", 6),
        ("thing", "cost_from=99999999999", 0),
        ("thing", "twice_from=2", 6),
        ("thing", "rounded_from=10", 6),
        ("thing", "note=blanks", 1),
        ("thing", "search=a/b,c%25d_e", 1),
        ("worker", "boss=a%2Fb", 2),
        ("worker", "boss=%C3%BC%2C%C3%B6&boss=100%25", 5),
        ("worker", "search=boss:%22worker 1%22", 3),
        ("worker", "badge=00000000-0000-0000-0000-0000000003e8", 1),
        ("worker", "search=badge:%22badge 3%22", 1),
        ("badge", "worker=a%2Fb", 1),
        ("badge", "search=worker:%22worker 2%22", 1),
        ("region", "land=de", 3),
        ("region", "number_from=2", 3),
        ("town", "region=%5B%22fr%22%2C1%5D", 2),
        ("town", "region=%5B%22fr%22%2C1%5D&region=%5B%22it%22%2C2%5D", 4),
        ("town", "search=region:it", 2),
        ("town", "mayor=a%2Fb", 2),
        ("town", "mayor=a%2Fb&deputy=a%2Fb", 0),
        ("town", "deputy=a%2Fb", 2),
        ("town", "lathe=4", 1),
        ("town", "search=lathe:%22lathe 5%22", 1),
        ("town", "search=%22worker 1%22", 4),
        ("lathe", "turns_from=1", 4),
        ("lathe", "name=lathe", 5),
        ("machine", "search=lathe", 5),
        ("machine", "search=sort:machine", 3),
        ("oddly", "lost_find=lost+1", 4),
        ("oddly", "search=found", 8),
        ("oddly", "search=page:2", 2),
        ("oddly", "search=next:after", 8),
        ("pair", "worker=w-6", 1),
]  # fmt: skip
"""Lists' identities and query strings, and how many records each finds."""


def test_filters_and_searches_find_what_they_say(site: Registry, ada: Browser) -> None:
    told = {(identity, query): found(ada, identity, query) for identity, query, _number in FOUND}

    assert told == {(identity, query): number for identity, query, number in FOUND}


def test_a_facet_says_how_many_records_each_value_has(site: Registry, ada: Browser) -> None:
    def counts(identity: str, name: str) -> dict[str, str]:
        page = ada.get(f"/admin/{identity}/list").text
        boxes = re.findall(
            rf'name="{name}" value="([^"]*)" form="narrow"[^>]*>(.*?)</label>', page, re.DOTALL
        )
        counted = {value: re.search(r'"tick-count">([^<]*)', text) for value, text in boxes}
        return {unescape(value): one[1] if one else "" for value, one in counted.items()}

    assert counts("thing", "colour") == {"RED": "3", "GREEN": "3", "BLUE": "4"}
    assert counts("thing", "word") == {"new": "3", "in use": "4", "old": "3"}
    assert counts("thing", "on") == {"yes": "5", "no": "5"}
    assert counts("worker", "boss") == {"a/b": "2", "ü,ö": "3", "100%": "2"}
    assert counts("town", "region")['["fr",1]'] == "2"
    assert counts("town", "deputy") == {"a/b": "2", "ü,ö": "2", "100%": "1"}
    assert sum(map(int, counts("town", "lathe").values())) == 6
    # Each badge is one worker's: there is nothing to count.
    assert set(counts("worker", "badge").values()) == {""}

    told = text_of(ada.get("/admin/thing/list"))
    for bounds in ("12:30 AM to 11:30", "0 to 2.50", " to 5 days"):
        assert bounds in told
    assert "Cost 11.75" in told


def test_what_is_ticked_and_typed_is_shown_with_its_label(site: Registry, ada: Browser) -> None:
    page = ada.get("/admin/town/list?region=%5B%22fr%22%2C1%5D&mayor=a%2Fb&lathe=4&lathe=99")
    told = text_of(page)
    for chip in ("Region 1 of fr", "Worker 0", "Lathe 5", "#99"):
        assert chip in told
    assert "There is no lathe with the ID 99." in told
    assert "There is no choice “x" in text_of(ada.get("/admin/thing/list?colour=x"))
    assert "“x” is not a valid time, such as 14:30" in text_of(
        ada.get("/admin/thing/list?opens_from=x")
    )
    assert "There is no choice “[1]”" in text_of(ada.get("/admin/town/list?region=%5B1%5D"))
    answered = ada.get("/admin/town/lookup/region?q=region+1+of").json()
    assert [one["id"] for one in answered["results"]] == ['["de",1]', '["fr",1]', '["it",1]']


def test_a_page_costs_no_more_statements_than_another(site: Registry, ada: Browser) -> None:
    for view in own_views(site):
        address = f"/admin/{view.identity}/list?pageSize="
        numbers = []
        for size in (2, 2, 100):
            with statements(site.database) as seen:
                assert ada.get(f"{address}{size}").status_code == 200
            numbers.append(len(seen))
        assert numbers[1] >= numbers[2], (view.identity, numbers)


def test_a_page_that_begins_at_a_long_text_is_found_by_its_record(
    site: Registry, ada: Browser, request: pytest.FixtureRequest
) -> None:
    view = site.find_view("thing")
    with site.database.writer.begin() as connection:
        texts = Thing.__table__.c.note
        connection.execute(sa.update(Thing).values({texts: "long " * 10_000}))
    request.addfinalizer(lambda: fill_things_again(site.database))
    seen = walk(ada, view, "note", 3, backward=False)
    assert seen == walk(ada, view, "note", 3, backward=True)
    assert len(seen) == 12

    (following,) = links_of(ada.get("/admin/thing/list?pageSize=3&sort=note"), rel="next")
    assert len(following) < 500
    with site.database.writer.begin() as connection:
        connection.execute(sa.delete(Thing).where(Thing.id == 3))
    told = text_of(ada.get(following))
    assert "That page is now empty; this is the first one" in told


def test_the_doctor_asks_about_every_kind_relation_key_and_place(site: Registry) -> None:
    with unit_of_work(site.database) as session:
        diagnosed = diagnose(session, site)
    told = "\n".join(report(diagnosed, behind=False))
    for view in own_views(site):
        assert f"{view.name_plural}: " in told
        for name in sortable_names(view):
            assert f"Sort by {view.label_for(name)} " in told
