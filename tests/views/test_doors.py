"""A role's limits to fields hold at every door: each route, each view, each field. Nothing is told
of a field that is not permitted, and nothing follows from it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.admin.attributes import label_names
from backoffice.admin.field_access import limitable_fields
from backoffice.admin.options import actions_of
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Grant, Role, SavedView
from backoffice.views import VIEWS
from tests.cast import Browser, add_user, hidden_fields, links_of, signed_in, statements, text_of
from tests.views.doors import AS_A_WHOLE, DOORS, WITHOUT_RECORDS, Opened
from tests.views.samples import add, sample
from tests.web.test_routes import ADMIN_ROUTES

PLANTED = {
    "text": ("Quixotry", "Zephyrine"),
    "decimal": ("76543.21", "23456.78"),
    "integer": ("987654", "765987"),
}
"""Two values for each kind of field, that nothing else on a page is."""

LOWEST = {"text": "Aaron", "decimal": "0.01", "integer": "0"}
"""A value of each kind that is before all others in any order."""


def fields_of(view: type[RecordView]) -> Iterator[str]:
    """The columns of a view's form whose values a page would show as they are typed."""
    mapper: Any = sa.inspect(view.model)
    names = view.form_columns if isinstance(view.form_columns, list) else []
    for attribute in names:
        column = mapper.columns.get(getattr(attribute, "key", ""))
        if column is not None and kind_of(column).name in PLANTED and not column.foreign_keys:
            yield attribute.key


FIELDS = [(view.identity, name) for view in VIEWS if view.can_edit for name in fields_of(view)]


def planted(view: RecordView, name: str, number: int) -> str:
    value = PLANTED[kind_of(view.mapper.columns[name]).name][number]
    return f"{value.lower()}@example.com" if name == "email" else value


def shown_as(text: str) -> list[str]:
    """How a page may tell a value: as typed, and with grouped digits."""
    grouped = f"{float(text):,.2f}" if "." in text and text[0].isdigit() else text
    return [text, f"{int(text):,}" if text.isdigit() else grouped]


def give_role(database: Database, tokens: set[str], identity: str, name: str) -> None:
    """A role, and a saved view that is shared with it and uses the field in every way."""
    with unit_of_work(database, writes=True) as session:
        role = Role(name="Limited")
        role.grants = [Grant.from_token(token) for token in sorted(tokens)]
        session.add(role)
        session.flush()
        query = f"sort=-{name}&columns={name}"
        session.add(SavedView(identity=identity, name="Shared", query=query, role_id=role.id))


@pytest.fixture
def everything(app: Starlette) -> set[str]:
    """All actions on all views."""
    return {
        f"{view.identity}:{action}"
        for view in app.state.site.record_views
        for action in actions_of(view)
        if view.allows(action)
    }


@pytest.fixture(params=FIELDS, ids=".".join)
def door(
    request: pytest.FixtureRequest,
    app: Starlette,
    ada: Browser,
    database: Database,
    everything: set[str],
) -> Opened:
    """Somebody who may do everything, but read one field of one view, in which a record has a value
    that nothing else has; ada has changed it to that and back."""
    identity, name = request.param
    view: RecordView = app.state.site.find_view(identity)
    typed = {**sample(ada, view, database, 1).typed, name: planted(view, name, 0)}
    key = str(add(ada, view, database, replace(sample(ada, view, database, 2), typed=typed)))
    add(ada, view, database, sample(ada, view, database, 3))
    for number in (1, 0):
        value = planted(view, name, number)
        saved = ada.edit(f"/admin/{identity}/edit/{key}", {**typed, name: value, "save": "Save"})
        assert saved.status_code == 303, text_of(saved)
    ada.get("/admin/")
    others = [field for field in limitable_fields(view) if field != name]
    tokens = everything | {f"{identity}:write:{field}" for field in others}
    give_role(database, tokens, identity, name)
    add_user(database, "clerk@example.com", role="Limited")
    clerk = signed_in(app, "clerk@example.com")
    unseen = {field: value for field, value in typed.items() if field != name}
    words = (planted(view, name, 0), planted(view, name, 1))
    return Opened(clerk, view, database, key, unseen, name, words)


def told(door: Opened, path: str, response: Response) -> list[str]:
    """What an answer tells of the field, beyond what its address says."""
    assert response.status_code < 500, (path, text_of(response)[:300])
    page = response.text
    for typed in re.findall(r'(?:name="search" value|placeholder)="[^"]*"', page):
        page = page.replace(typed, "")
    asked = " ".join([path, *door.words]) if "?" in path and "search" in path else path
    values = [shown for word in door.words for shown in shown_as(word)]
    tokens = re.findall(r"[\w.,@]+", page.lower())
    found = [value for value in values if value.lower() in tokens]
    return [value for value in found if value.lower() not in asked.lower()]


def test_every_route_is_a_door_that_is_asked() -> None:
    assert DOORS.keys() | WITHOUT_RECORDS | AS_A_WHOLE == ADMIN_ROUTES
    assert not DOORS.keys() & (WITHOUT_RECORDS | AS_A_WHOLE)


@pytest.mark.parametrize("route", [route for route in DOORS if route[0] == "GET"], ids=" ".join)
def test_no_door_tells_of_a_field_that_is_not_permitted(
    door: Opened, route: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[RecordView] = set()
    fields = Context.fields

    def note(context: Context, view: RecordView) -> object:
        asked.add(view)
        return fields(context, view)

    monkeypatch.setattr(Context, "fields", note)
    for path, response in DOORS[route](door):
        assert told(door, path, response) == [], path
        if response.status_code in (404, 400):
            asked.add(door.view)  # there is no such choice
    assert door.view in asked, "the door never asked which fields are permitted"


def test_the_feed_finds_nothing_by_a_name_that_is_not_permitted(door: Opened, ada: Browser) -> None:
    if door.field not in label_names(door.view.model):
        return
    for word in door.words:
        path = f"/admin/changeset/list?search={word.split('@')[0]}"
        assert "/admin/changeset/details/" in ada.get(path).text, "the feed knows the name"
        assert "/admin/changeset/details/" not in door.browser.get(path).text


def test_a_saved_view_drops_the_field_and_says_so(door: Opened, database: Database) -> None:
    with unit_of_work(database) as session:
        saved = session.scalars(sa.select(SavedView)).one()
    label = door.view.label_for(door.field)

    page = door.browser.get(door.at("list", f"?view={saved.id}"))

    assert f"Left out of the view “Shared”: {label} (" in text_of(page)
    tabs = [link for link in links_of(door.browser.get(door.at("list"))) if "view=" in link]
    assert any(f"view={saved.id}" in link for link in tabs)
    assert all(door.field not in link for link in tabs)


def test_no_answer_to_a_form_tells_of_it_or_changes_it(door: Opened) -> None:
    before = stored(door)
    for route, opened in DOORS.items():
        if route[0] != "POST" or "delete" in route[1] or "action" in route[1]:
            continue
        for path, response in opened(door):
            assert told(door, path, response) == [], path
    assert stored(door) == before
    forged = {**door.typed, door.field: door.words[1], "save": "Save"}
    for screen in (door.at("edit", f"/{door.key}"), door.at("create")):
        door.browser.get(screen)
        refused = door.browser.post(screen, forged)
        assert refused.status_code in (403, 422), screen
    assert stored(door) == before


def test_a_colleagues_change_of_it_is_merged_without_a_word(door: Opened, ada: Browser) -> None:
    path = door.at("edit", f"/{door.key}")
    opened = hidden_fields(door.browser.get(path))
    changed = ada.edit(path, {**door.typed, door.field: door.words[1], "save": "Save"})
    assert changed.status_code == 303, text_of(changed)
    fields = [name for name in door.typed if name in door.view.mapper.columns]
    if not fields:  # the view has no other field to change
        return
    typed = {**door.typed, fields[0]: f"{door.typed[fields[0]]}1"}

    saved = door.browser.post(path, {**opened, **typed, "save": "Save"})

    assert saved.status_code == 303, text_of(saved)
    notice = door.browser.get("/admin/")
    assert told(door, path, notice) == []
    assert str(stored(door)) == door.words[1], "ada's change stays"
    assert "while you were editing" not in text_of(notice)


def test_a_conflict_is_asked_about_and_tells_nothing_of_it(door: Opened, ada: Browser) -> None:
    name = next((one for one in door.typed if one in door.view.mapper.columns), "")
    if not name:  # the view has no other field to change
        return
    path = door.at("edit", f"/{door.key}")
    opened = hidden_fields(door.browser.get(path))
    theirs, mine = (
        {**door.typed, name: f"{number}{door.typed[name]}", "save": "Save"} for number in (1, 2)
    )
    changed = ada.edit(path, {**theirs, door.field: door.words[1]})
    assert changed.status_code == 303, text_of(changed)

    asked = door.browser.post(path, {**opened, **mine})

    assert asked.status_code == 409, text_of(asked)
    assert told(door, path, asked) == []
    assert asked.text.count('class="conflict"') <= 1, "about the one field"


def stored(door: Opened) -> object:
    with unit_of_work(door.database) as session:
        return getattr(session.get_one(door.view.model, int(door.key)), door.field)


def test_the_same_pages_are_shown_whatever_the_field_holds(door: Opened) -> None:
    """Order, search, filters, counts, totals, facets and undo plans: nothing follows from it, and
    no page needs other statements."""
    column = door.view.mapper.columns[door.field]

    def pages() -> dict[str, tuple[str, int]]:
        found: dict[str, tuple[str, int]] = {}
        for route, opened in DOORS.items():
            if route[0] == "GET":
                with statements(door.database) as seen:
                    found |= {path: (plain(answer), 0) for path, answer in opened(door)}
                found[" ".join(route)] = ("", len(seen))
        return found

    pages()  # what is prepared and remembered once
    first = pages()
    with door.database.writer.begin() as connection:
        key = door.view.mapper.primary_key[0]
        value = kind_of(column).parse(LOWEST[kind_of(column).name])
        connection.execute(
            sa.update(column.table).where(key == int(door.key)).values({column: value})
        )
    second = pages()

    assert first.keys() == second.keys()
    for path in first:
        assert first[path] == second[path], path


def plain(response: Response) -> str:
    """A page without what differs each time: tokens, and how long ago something was."""
    text = re.sub(r'(name="csrf_token" value=)"[^"]*"', r"\1", response.text)
    text = re.sub(r"\d+ (minute|hour|second)s? ago|just now", "", text)
    return f"{response.status_code} {text}"
