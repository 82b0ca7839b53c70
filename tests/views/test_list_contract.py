"""What every registered view's list owes its users; a new model is tested without more.

Its records are made through the screens, by ``samples``.
"""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.admin.lists.filters import Filter, FilterContext, filters_of
from backoffice.admin.lists.sorting import sortable_names
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.views import VIEWS
from tests.cast import Browser, links_of, statements, text_of
from tests.views.samples import create

FILTER_CONTEXT = FilterContext(datetime.now(UTC), None)

every_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.identity, indirect=True)
every_edited_view = pytest.mark.parametrize(
    "view",
    [view for view in VIEWS if view.can_create],
    ids=lambda view: view.identity,
    indirect=True,
)


@pytest.fixture
def view(request: pytest.FixtureRequest, app: Starlette) -> RecordView:
    found: RecordView = app.state.site.find_view(request.param.identity)
    return found


def rows_of(page: Response) -> list[str]:
    """The keys of the records on a page, by their boxes to tick."""
    return re.findall(r'name="pks" value="([^"]+)"', page.text)


@every_edited_view
def test_paging_shows_every_record_once_forward_and_backward(
    ada: Browser, database: Database, view: RecordView
) -> None:
    for number in range(1, 8):
        create(ada, view, database, number)
    ada.get("/admin/")  # shows and forgets the notice
    base = f"/admin/{view.identity}/list"
    whole = rows_of(ada.get(f"{base}?pageSize=200"))
    assert len(whole) >= 7

    for start, rel in ((f"{base}?pageSize=2", "next"), (f"{base}?pageSize=2&page=last", "prev")):
        seen: list[str] = []
        address: str | None = start
        while address:
            page = ada.get(address)
            rows = rows_of(page)
            seen = seen + rows if rel == "next" else rows + seen
            following = links_of(page, rel=rel)
            address = following[0] if following else None
        assert seen == whole


@every_view
def test_every_sort_answers_alone_and_with_others(ada: Browser, view: RecordView) -> None:
    names = sortable_names(view)
    sorts = [*names, *(f"-{name}" for name in names), ",".join(names[:4]), "key"]
    for sort in sorts:
        page = ada.get(f"/admin/{view.identity}/list?{urlencode({'sort': sort})}")
        assert page.status_code == 200
        assert "Can't sort" not in text_of(page)


@every_view
def test_every_filter_answers(ada: Browser, database: Database, view: RecordView) -> None:
    if view.can_create:
        create(ada, view, database)
        ada.get("/admin/")
    for one in filters_of(view).values():
        for pairs in asked_of(ada, one):
            page = ada.get(f"/admin/{view.identity}/list?{urlencode(pairs)}")
            assert page.status_code == 200, pairs
            told = text_of(page)
            assert "gnored the" not in told, pairs
            assert "Clear filters" in told  # it narrows, and says so


def asked_of(browser: Browser, one: Filter) -> list[list[tuple[str, str]]]:
    """Something that each kind of filter understands."""
    own = {"person": "1", "model": "items", "operation": "update", "source": "web", "is": "low"}
    if one.name in own:
        page = text_of(browser.get(f"/admin/{one.view.identity}/list"))
        assert one.label in page
        return [[(one.name, own[one.name])]]
    presets = [[(one.name, "today")]] if one.name.endswith("_at") else []
    ticks = [[(one.name, "yes")], [(one.name, "no")]] if one.is_state else []
    asked = [pairs for _variant, pairs in one.sample_addresses()]
    assert asked or ticks, f"say here what is asked of {one.name}"
    # One end of a range is enough.
    return [*asked, *presets, *ticks, *(pairs[:1] for pairs in asked)]


@every_view
def test_an_unknown_parameter_gives_a_message_and_the_list(ada: Browser, view: RecordView) -> None:
    page = ada.get(f"/admin/{view.identity}/list?colour=red&pageSize=25")

    assert page.status_code == 200
    assert "Ignored the unknown option “colour”" in text_of(page)
    assert "<table" in page.text or "no-records" in page.text


@every_view
def test_a_page_of_the_list_costs_a_few_statements(
    ada: Browser, database: Database, view: RecordView
) -> None:
    """Sign-in, saved views, time limit, rows, count: five, one more for the totals, one for all
    facets together, and on MariaDB one that takes the limit back."""
    if view.can_create:
        for number in range(1, 4):
            create(ada, view, database, number)
        ada.get("/admin/")
    entries = 4 if not view.has_history else 0  # the feed tells what each act did
    added_up = len({one.relation_name for one in view.column_aggregates.values()})
    most = 5 + bool(view.list_totals) + bool(filters_of(view)) + entries + added_up
    most += database.dialect not in ("sqlite", "postgresql")
    for query in ("", "?search=e", "?pageSize=1", "?pageSize=1&page=last", "?search=zzzz"):
        ada.get(f"/admin/{view.identity}/list{query}")
        with statements(database) as seen:
            assert ada.get(f"/admin/{view.identity}/list{query}").status_code == 200
        assert len(seen) <= most, (query, seen)


@pytest.mark.databases("sqlite")
@every_view
def test_filters_go_along_to_the_next_page(
    ada: Browser, database: Database, view: RecordView
) -> None:
    if view.can_create:
        for number in range(1, 4):
            create(ada, view, database, number)
    else:
        create(ada, view.site.find_view("category"), database)
        create(ada, view.site.find_view("category"), database, 2)
    ada.get("/admin/")
    dates = [
        one for one in filters_of(view).values() if "today" in dict(one.options(FILTER_CONTEXT))
    ]
    given = {"pageSize": "1", **{one.name: "today" for one in dates}}
    first = ada.get(f"/admin/{view.identity}/list?{urlencode(given)}")

    (href,) = links_of(first, rel="next")
    asked = dict(parse_qsl(urlsplit(href).query))

    assert given.items() <= asked.items()
    told = text_of(ada.get(href))
    assert "That page no longer exists" not in told
    assert "The filter" not in told
