"""Lists of records of every shape: sorted over several pages, filtered, searched, and diagnosed."""

import re
from html import unescape
from urllib.parse import unquote, urlencode

import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice.admin.site import BackOffice
from backoffice.admin.sorting import sortable_names
from backoffice.admin.view import RecordView
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.views import VIEWS
from backoffice.web.app import create_app
from tests.admin.list_shapes import LIST_VIEWS, HostView, Thing, fill
from tests.cast import ORIGIN, Browser, add_user, links_of, text_of


@pytest.fixture
def site(settings: Settings, database: Database) -> BackOffice:
    fill(database)
    own = [*LIST_VIEWS, HostView] if database.dialect == "postgresql" else LIST_VIEWS
    app: Starlette = create_app(settings, database, views=[*VIEWS, *own])
    made: BackOffice = app.state.site
    return made


@pytest.fixture
def ada(site: BackOffice, database: Database) -> Browser:
    add_user(database, "ada@example.com", superuser=True)
    browser = Browser(site.app)
    browser.client = TestClient(site.app, base_url=ORIGIN, follow_redirects=False)  # it raises
    assert browser.sign_in("ada@example.com").status_code == 303
    return browser


def own_views(site: BackOffice) -> list[RecordView]:
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
        assert "That page is not known" not in page.text
        assert "Nothing is left on that page" not in page.text
        rows = keys_of(page, view)
        seen = rows + seen if backward else seen + rows
        following = links_of(page, rel="prev" if backward else "next")
        address = following[0] if following else None
        pages += 1
        assert pages < 50, "the pages never end"
    return seen


def test_every_order_shows_every_record_once_forward_and_backward(
    site: BackOffice, ada: Browser
) -> None:
    for view in own_views(site):
        for name in sortable_names(view):
            for sort, backward in ((name, False), (f"-{name}", True)):
                page = ada.get(f"/admin/{view.identity}/list?pageSize=200&sort={sort}")
                whole = keys_of(page, view)
                assert len(whole) == len(set(whole)) >= 5, (view.identity, sort)
                seen = walk(ada, view, sort, 4, backward=backward)
                assert seen == whole, (view.identity, sort)


def test_values_that_are_null_stand_last_and_the_order_is_the_values(
    site: BackOffice, ada: Browser
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
    for wrong in ("There is no list option", "The filter", "This part of the search"):
        assert wrong not in told, (query, told)
    number = re.search(r'<p class="count">([\d,]+) ', page.text)
    assert number, told
    return int(number[1].replace(",", ""))


@pytest.mark.parametrize(
    ("identity", "query", "number"),
    [
        ("thing", "colour=RED", 3),
        ("thing", "colour=RED&colour=BLUE", 7),
        ("thing", "word=in+use", 4),
        ("thing", "search=colour:green", 3),
        ("thing", 'search=word:"in use"', 4),
        ("thing", "seen_from=2026-01-02&seen_to=2026-01-03", 3),
        ("thing", "seen=year&asof=2026-05-05", 10),
        ("thing", "made_from=2026-01-01&made_to=2026-01-01", 10),
        ("thing", "search=seen:2026-01-06", 2),
        ("thing", "opens_from=02:30&opens_to=05:31", 3),
        ("thing", "search=opens>06:00", 5),
        ("thing", "takes_from=-1+day&takes_to=2+days", 2),
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
        ("town", "search=%22worker 1%22", 5),
        ("lathe", "turns_from=1", 3),
        ("lathe", "name=lathe", 5),
        ("machine", "search=lathe", 5),
        ("machine", "search=sort:machine", 3),
        ("oddly", "lost_find=lost+1", 4),
        ("oddly", "search=found", 8),
        ("oddly", "search=page:2", 2),
        ("oddly", "search=next:after", 8),
        ("pair", "worker=w-6", 1),
    ],
)  # fmt: skip
def test_filters_and_searches_find_what_they_say(
    site: BackOffice, ada: Browser, identity: str, query: str, number: int
) -> None:
    assert found(ada, identity, query) == number
