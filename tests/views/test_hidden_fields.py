"""Who may not list some records sees "–" where others lead to them, on every screen of every view,
and finds nothing out about them by any address; a new relation is tested by being there."""

import html
import re
from collections.abc import Iterator
from itertools import cycle

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.options import ACTIONS
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Change, Changeset, Grant, Role
from tests.cast import Browser, add_user, hidden_fields, links_of, signed_in, statements, text_of
from tests.views.planted import (
    PLANTED,
    RELATIONS,
    Shelf,
    count_of,
    last,
    plant,
    related,
    rows_of,
    tells,
)
from tests.views.samples import add, create, sample

NOT_SHOWN = "not shown to you"


@pytest.fixture(params=RELATIONS, ids=".".join)
def shelf(
    request: pytest.FixtureRequest, app: Starlette, ada: Browser, database: Database
) -> Shelf:
    identity, relation = request.param
    view: RecordView = app.state.site.find_view(identity)
    target = view.related_view(relation)
    made_before = [create(ada, target, database, 90), create(ada, target, database, 91)]
    samples = [sample(ada, view, database, number) for number in (1, 2, 3, 4)]
    for old, (key, name) in zip(made_before, PLANTED.items(), strict=True):
        plant(database, target, old, key, name)
    keys: list[int] = []
    for made, key in zip(samples, cycle(PLANTED), strict=False):
        made.typed[relation] = str(key)
        keys.append(add(ada, view, database, made))
    ada.get("/admin/")  # shows and forgets the notice
    first = samples[0].typed
    found = Shelf(view, relation, keys, samples[0])
    for key in reversed(PLANTED):
        moved = ada.edit(found.at("edit"), {**first, relation: str(key), "save": "Save"})
        assert moved.status_code == 303, text_of(moved)
    return found


@pytest.fixture
def clerk(app: Starlette, database: Database, shelf: Shelf) -> Browser:
    """Somebody who may do everything but list what the shelf's records lead to."""
    target = shelf.view.related_view(shelf.relation).identity
    with unit_of_work(database, writes=True) as session:
        role = Role(name="Clerk")
        role.grants = [
            Grant(identity=view.identity, action=action)
            for view in app.state.site.record_views
            for action in ACTIONS
            if view.allows(action) and (view.identity, action) != (target, "list")
        ]
        session.add(role)
    add_user(database, "clerk@example.com", role="Clerk")
    return signed_in(app, "clerk@example.com")


def screens_of(shelf: Shelf, database: Database) -> Iterator[str]:
    view = shelf.view
    yield "/admin/"
    yield shelf.list
    yield f"/admin/{view.identity}/counts"
    offered = [*view.get_list_columns(), *view.get_details_columns()]
    yield f"{shelf.list}?columns={','.join(dict.fromkeys([*offered, shelf.relation]))}"
    yield from (shelf.at(screen) for screen in ("details", "edit", "history"))
    yield f"/admin/{view.identity}/delete?pks={shelf.keys[0]}"
    yield f"/admin/{view.identity}/views"
    yield f"/admin/{view.identity}/lookup/{shelf.relation}?q=e"
    yield "/admin/changeset/list"
    with unit_of_work(database) as session:
        numbers = session.scalars(sa.select(Changeset.id)).all()
    for number in numbers:
        yield f"/admin/changeset/details/{number}"
        yield f"/admin/changeset/undo/{number}"


def test_no_screen_tells_of_them(
    shelf: Shelf, clerk: Browser, ada: Browser, database: Database
) -> None:
    shown = set()
    for path in screens_of(shelf, database):
        response = clerk.get(path)
        assert response.status_code < 500, path
        assert tells(response) == [], path
        if NOT_SHOWN in text_of(response).lower():
            shown.add(path)

    assert {shelf.list, *(shelf.at(one) for one in ("details", "edit", "history"))} <= shown
    assert tells(ada.get(shelf.list)), "ada sees them"
    assert tells(ada.get(shelf.at("history")))


def test_an_old_change_of_a_field_that_is_gone_tells_nothing_either(
    shelf: Shelf, clerk: Browser, ada: Browser, database: Database
) -> None:
    """It may have been this very one, under another name."""
    before, after = PLANTED
    table = shelf.view.mapper.local_table
    assert isinstance(table, sa.Table)
    with unit_of_work(database, writes=True) as session:
        session.add(
            Change(
                changeset_id=last(database),
                model=table.name,
                record_id=str(shelf.keys[0]),
                label="As it was",
                operation="update",
                before={"grouping_id": before},
                after={"grouping_id": after},
            )
        )

    assert str(after) in text_of(ada.get(shelf.at("history")))
    seen = clerk.get(shelf.at("history"))
    assert "grouping" in text_of(seen).lower()
    assert tells(seen) == []


def test_no_address_is_answered_by_what_they_are(shelf: Shelf, clerk: Browser) -> None:
    relation, (key, other) = shelf.relation, list(PLANTED)
    name = PLANTED[key].lower()
    plain = clerk.get(shelf.list)
    for query in (
        f"{relation}={key}",
        f"{relation}={key}&{relation}={other}",
        f"search={relation}:{name}",
        f"search=-{relation}:{name}",
        f'search={relation}="{name}"',
        f"sort={relation}",
        f"sort=-{relation}",
        f"{relation}_find={name}&find={relation}",
    ):
        page = clerk.get(f"{shelf.list}?{query}")
        assert page.status_code == 200
        assert rows_of(page) == rows_of(plain), query
        assert count_of(page) == count_of(plain), query
        assert "you don't have permission to see" in text_of(page) or "_find" in query, query

    found = clerk.get(f"{shelf.list}?search={name}")
    assert rows_of(found) == [], "a word of theirs finds nothing"
    assert rows_of(clerk.get(f"{shelf.list}?search=-{name}")) == rows_of(plain)


def test_it_costs_no_statement_more(
    shelf: Shelf, clerk: Browser, ada: Browser, database: Database
) -> None:
    for path in (shelf.list, f"{shelf.list}?search=e", *map(shelf.at, ("details", "edit"))):
        costs = []
        for browser in (ada, clerk):
            browser.get(path)
            with statements(database) as seen:
                assert browser.get(path).status_code == 200
            costs.append(len(seen))
        assert costs[1] <= costs[0], path


def test_nothing_is_offered_that_would_be_refused(
    shelf: Shelf, clerk: Browser, ada: Browser
) -> None:
    page, seen = clerk.get(shelf.list), ada.get(shelf.list)

    for offered in (f'name="{shelf.relation}"', f"sort={shelf.relation}", "/create"):
        assert offered in seen.text or offered.startswith("name="), offered
        assert offered not in page.text, offered
    placeholder = re.search(r'type="search"[^>]*placeholder="([^"]*)"', page.text)
    assert not placeholder or shelf.view.label_for(shelf.relation).lower() not in placeholder[1]


def test_they_save_and_what_they_do_not_see_stays(
    shelf: Shelf, clerk: Browser, database: Database
) -> None:
    name, value = shelf.made.changed
    before = related(shelf, database)
    form = clerk.get(shelf.at("edit"))
    typed = {**shelf.unseen, **hidden_fields(form), name: value, "save": "Save"}

    with statements(database) as seen:
        saved = clerk.post(shelf.at("edit"), typed)

    assert saved.status_code == 303, text_of(saved)
    assert len(seen) <= 7 + shelf.view.guards_changes, seen
    assert related(shelf, database) == before
    assert value in text_of(clerk.get(shelf.at("details")))


def test_a_colleagues_change_of_it_stays_and_is_not_told(
    shelf: Shelf, clerk: Browser, ada: Browser, database: Database
) -> None:
    name, value = shelf.made.changed
    mine = hidden_fields(clerk.get(shelf.at("edit")))
    now = list(PLANTED)[1]
    theirs = {**shelf.typed, shelf.relation: str(now), "save": "Save"}
    assert ada.edit(shelf.at("edit"), theirs).status_code == 303
    assert related(shelf, database) == now

    saved = clerk.post(shelf.at("edit"), {**shelf.unseen, **mine, name: value, "save": "Save"})

    assert saved.status_code == 303, text_of(saved)
    assert related(shelf, database) == now
    after = clerk.get("/admin/")
    assert tells(after) == []
    assert "while you were editing" not in text_of(after)


def test_a_field_that_became_visible_after_the_form_was_opened_is_not_emptied(
    shelf: Shelf, clerk: Browser, database: Database
) -> None:
    name, value = shelf.made.changed
    before = related(shelf, database)
    mine = hidden_fields(clerk.get(shelf.at("edit")))
    with unit_of_work(database, writes=True) as session:
        role = session.scalars(sa.select(Role).where(Role.name == "Clerk")).one()
        target = shelf.view.related_view(shelf.relation).identity
        role.grants = [*role.grants, Grant(identity=target, action="list")]

    saved = clerk.post(shelf.at("edit"), {**shelf.unseen, **mine, name: value, "save": "Save"})

    assert saved.status_code == 303, text_of(saved)
    assert related(shelf, database) == before
    assert value in text_of(clerk.get(shelf.at("details")))


def test_posting_it_is_refused_whatever_it_says(
    shelf: Shelf, clerk: Browser, database: Database
) -> None:
    before = related(shelf, database)
    form = hidden_fields(clerk.get(shelf.at("edit")))
    for key in ("", *map(str, PLANTED), "1"):
        typed = {**shelf.unseen, **form, shelf.relation: key, "save": "Save"}
        refused = clerk.post(shelf.at("edit"), typed)
        assert refused.status_code == 422
        assert "you don't have permission to see" in text_of(refused)
        assert related(shelf, database) == before


def test_people_who_cannot_choose_it_cannot_add_and_are_told_why_at_once(
    shelf: Shelf, clerk: Browser
) -> None:
    relation = shelf.view.mapper.relationships[shelf.relation]
    if any(column.nullable for column in relation.local_columns):
        pytest.skip("it need not be chosen")
    path = f"/admin/{shelf.view.identity}/create"

    for refused in (clerk.get(path), clerk.post(path, shelf.unseen)):
        assert refused.status_code == 403
        assert f"{shelf.view.related_view(shelf.relation).name_plural}: List" in text_of(refused)


def test_an_undo_changes_nothing_that_they_do_not_see(
    shelf: Shelf, clerk: Browser, database: Database
) -> None:
    """Of a change of the field alone, and not of the record's deletion."""
    with unit_of_work(database) as session:
        updates = sa.select(sa.func.max(Change.changeset_id)).where(Change.operation == "update")
        moved = session.scalar(updates)
    refused = clerk.get(f"/admin/changeset/undo/{moved}")
    assert "You can't undo this" in text_of(refused)
    before = related(shelf, database)
    assert clerk.post(f"/admin/changeset/undo/{moved}", {"seen": "x"}).status_code == 422
    assert related(shelf, database) == before

    clerk.get(f"/admin/{shelf.view.identity}/delete?pks={shelf.keys[0]}")
    deleted = clerk.post(f"/admin/{shelf.view.identity}/delete", {"pks": str(shelf.keys[0])})
    assert deleted.status_code == 303, text_of(deleted)
    undo = f"/admin/changeset/undo/{last(database)}"
    assert undo in links_of(clerk.get("/admin/"))
    seen = re.search(r'name="seen" value="([^"]*)"', clerk.get(undo).text)
    assert seen
    assert clerk.post(undo, {"seen": html.unescape(seen[1])}).status_code == 303
    assert related(shelf, database) == before


def test_a_saved_view_that_goes_by_it_works_without_it_and_says_so(
    shelf: Shelf, clerk: Browser, ada: Browser, database: Database
) -> None:
    with unit_of_work(database) as session:
        role = session.scalar(sa.select(Role.id).where(Role.name == "Clerk"))
    views = f"/admin/{shelf.view.identity}/views"
    label = shelf.view.label_attribute.key
    query = f"{shelf.relation}={next(iter(PLANTED))}&sort=-{shelf.relation},{label}"
    ada.get(views)
    saved = ada.post(views, {"name": "Mine", "query": query, "share": str(role)})
    assert saved.status_code == 303, text_of(saved)

    listed, managed = clerk.get(shelf.list), clerk.get(views)
    (tab,) = [href for href in links_of(listed) if re.search(r"view=\d+$", href)]
    opened = clerk.get(tab)

    for page in (listed, managed, opened):
        assert tells(page) == []
    assert opened.status_code == 200
    assert len(rows_of(opened)) == 4
    assert "Left out of the view “Mine”: " in text_of(opened)
    assert f"{shelf.view.label_for(shelf.relation)}: –" in text_of(managed)


def test_the_records_of_one_are_not_listed_on_its_own_page(
    shelf: Shelf, clerk: Browser, ada: Browser
) -> None:
    """Who may open it by its number learns its name, and not what belongs to it."""
    target = shelf.view.related_view(shelf.relation)
    key = next(iter(PLANTED))
    page = f"/admin/{target.identity}/details/{key}"
    label = shelf.typed[shelf.view.label_attribute.key]

    assert label in text_of(ada.get(page))
    seen = clerk.get(page)
    assert seen.status_code == 200
    assert label not in text_of(seen)
    assert f"{shelf.relation}={key}" not in seen.text


def test_deleting_one_tells_how_many_go_and_not_which(
    shelf: Shelf, clerk: Browser, ada: Browser
) -> None:
    target = shelf.view.related_view(shelf.relation)
    page = f"/admin/{target.identity}/delete?pks={next(iter(PLANTED))}"
    label = shelf.typed[shelf.view.label_attribute.key]
    if label not in text_of(ada.get(page)):
        pytest.skip(f"no {shelf.view.label_plural} go with it")

    seen = clerk.get(page)

    assert f"2 {shelf.view.label_plural}" in text_of(seen)
    assert label not in text_of(seen)
    assert 'value="move"' in ada.get(page).text
    assert 'value="move"' not in seen.text, "where to is a choice that they do not have"


def test_a_users_roles_are_named_to_people_who_may_see_the_user(
    max_: Browser, database: Database
) -> None:
    """They are part of the user, whether or not one may list roles."""
    key = add_user(database, "new@example.com", role="Viewer")

    assert max_.get("/admin/role/list").status_code == 403
    for screen in ("details", "history"):
        assert "Viewer" in text_of(max_.get(f"/admin/user/{screen}/{key}")), screen
