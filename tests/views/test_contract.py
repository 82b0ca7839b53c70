"""What every view in VIEWS owes its users; one added to the registry is tested by being there."""

import pytest
from starlette.applications import Starlette

from backoffice.admin.lists.filters import filters_of
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.db.types import MYSQL
from backoffice.views import VIEWS
from tests.cast import Browser, count, links_of, statements, text_of
from tests.views.samples import add, create, sample

EDITED = [view.identity for view in VIEWS if view.can_create and view.can_edit and view.can_delete]


@pytest.fixture
def view(request: pytest.FixtureRequest, app: Starlette) -> RecordView:
    """The view that the test is about, as the application has it."""
    found: RecordView = app.state.site.find_view(request.param)
    return found


every_edited_view = pytest.mark.parametrize("view", EDITED, indirect=True)


@every_edited_view
def test_a_record_is_created_listed_shown_edited_and_deleted(
    ada: Browser, database: Database, view: RecordView
) -> None:
    made = sample(ada, view, database)
    key = add(ada, view, database, made)

    listed = ada.get(f"/admin/{view.identity}/list")
    assert "was added" in text_of(listed)
    shown = ada.get(f"/admin/{view.identity}/details/{key}")
    assert shown.status_code == 200

    name, value = made.changed
    form = ada.get(f"/admin/{view.identity}/edit/{key}")
    assert form.status_code == 200
    changed = {**made.typed, name: value, "version": "1", "save": "Save"}
    saved = ada.post(f"/admin/{view.identity}/edit/{key}", changed)
    assert saved.status_code == 303, text_of(saved)
    assert value in text_of(ada.get(f"/admin/{view.identity}/details/{key}"))

    before = count(database, view.model)
    asked = ada.get(f"/admin/{view.identity}/delete?pks={key}")
    assert asked.status_code == 200
    assert count(database, view.model) == before
    deleted = ada.post(f"/admin/{view.identity}/delete", {"pks": str(key)})
    assert deleted.status_code == 303
    assert ada.get(f"/admin/{view.identity}/details/{key}").status_code == 404
    assert count(database, view.model) == before - 1


@every_edited_view
def test_refused_input_stays_in_the_form_with_a_message_at_its_field(
    ada: Browser, database: Database, view: RecordView
) -> None:
    made = sample(ada, view, database)
    before = count(database, view.model)
    ada.get(f"/admin/{view.identity}/create")

    response = ada.post(f"/admin/{view.identity}/create", {**made.typed, made.required: " "})

    assert response.status_code == 422
    assert "This field is required." in response.text
    for name in made.others:
        assert made.typed[name] in text_of(response) or made.typed[name] in response.text
    assert count(database, view.model) == before


@every_edited_view
def test_a_duplicate_is_told_at_its_field(
    ada: Browser, database: Database, view: RecordView
) -> None:
    made = sample(ada, view, database)
    if not made.unique:
        pytest.skip(f"any number of {view.label_plural} may be alike")
    add(ada, view, database, made)
    ada.get(f"/admin/{view.identity}/create")

    response = ada.post(f"/admin/{view.identity}/create", made.typed)

    assert response.status_code == 422
    assert "already exists" in text_of(response)
    assert "constraint" not in response.text.lower()


@every_edited_view
def test_a_form_opened_before_somebody_elses_save_asks(
    ada: Browser, database: Database, view: RecordView
) -> None:
    made = sample(ada, view, database)
    key = add(ada, view, database, made)
    name, value = made.changed
    path = f"/admin/{view.identity}/edit/{key}"
    ada.get(path)
    assert ada.post(path, {**made.typed, name: value, "version": "1"}).status_code == 303
    ada.get(path)

    late = ada.post(path, {**made.typed, "version": "1"})

    assert late.status_code == 409
    assert "in another window" in text_of(late)
    assert value in text_of(late)
    assert 'name="version" value="2"' in late.text
    assert ada.post(path, {**made.typed, "version": "2"}).status_code == 303


@every_edited_view
def test_an_unknown_field_is_refused_by_name(
    ada: Browser, database: Database, view: RecordView
) -> None:
    made = sample(ada, view, database)
    ada.get(f"/admin/{view.identity}/create")

    response = ada.post(f"/admin/{view.identity}/create", {**made.typed, "password_hash": "x"})

    assert response.status_code == 422
    assert "no field named “password_hash”" in text_of(response)


@every_edited_view
@pytest.mark.parametrize("key", ["abc", "0", "-1", "99999999999999999999", "1.5", "%00", "1,2"])
@pytest.mark.parametrize("screen", ["details", "edit"])
@pytest.mark.databases("postgresql")
def test_a_key_that_no_record_has_is_not_found(
    ada: Browser, view: RecordView, key: str, screen: str
) -> None:
    response = ada.get(f"/admin/{view.identity}/{screen}/{key}")

    assert response.status_code == 404
    assert "doesn't exist" in text_of(response)


@every_edited_view
def test_every_sortable_column_sorts_both_ways(
    ada: Browser, database: Database, view: RecordView
) -> None:
    create(ada, view, database)
    page = ada.get(f"/admin/{view.identity}/list")
    hrefs = {href for href in links_of(page) if "sort=" in href and "%2C" not in href}
    assert len(hrefs) == len(view.column_sortable_list)

    for href in hrefs:
        turned = href.replace("sort=-", "sort=") if "=-" in href else href.replace("=", "=-", 1)
        for address in (href, turned):
            answer = ada.get(address)
            assert answer.status_code == 200
            assert "Can't sort" not in text_of(answer)


@every_edited_view
def test_a_page_of_records_costs_the_same_statements_however_many_there_are(
    ada: Browser, database: Database, view: RecordView
) -> None:
    def cost(path: str) -> int:
        with statements(database) as seen:
            assert ada.get(path).status_code == 200
        return len(seen)

    key = create(ada, view, database)
    paths = [
        f"/admin/{view.identity}/list?pageSize=100",
        f"/admin/{view.identity}/details/{key}",
        f"/admin/{view.identity}/edit/{key}",
        f"/admin/{view.identity}/delete?pks={key}",
        "/admin/",
    ]
    ada.get("/admin/")  # shows and forgets the notice
    few = [cost(path) for path in paths]
    for number in range(2, 12):
        create(ada, view, database, number)
    ada.get("/admin/")
    many = [cost(path) for path in paths]

    assert many == few
    # Sign-in, time limit, rows, count, saved views; the totals and all facets where there are any.
    added_up = len({one.relation_name for one in view.column_aggregates.values()})
    most = 5 + bool(view.list_totals) + bool(filters_of(view)) + added_up
    assert few[0] <= most + (database.dialect in MYSQL)  # where the limit is taken back, too
    # Sign-in, neighbours, record, who wrote it, what belongs to it and what that adds up to.
    assert few[1] <= 5 + added_up
    assert few[2] <= 4  # sign-in, neighbours, record with what it leads to, choices


@every_edited_view
def test_a_save_costs_seven_statements_at_most_with_its_changeset(
    ada: Browser, max_: Browser, database: Database, view: RecordView
) -> None:
    made = sample(ada, view, database)
    key = add(ada, view, database, made)
    path = f"/admin/{view.identity}/edit/{key}"
    name, value = made.changed
    # Of some records' changes it is asked whether the person may make them; that reads more.
    may = not view.guards_changes and max_.get(path).status_code == 200
    people = [ada, max_] if may else [ada]

    for version, browser in enumerate(people, start=1):
        browser.get(path)
        changed = {**made.typed, name: value if browser is ada else made.typed[name]}
        with statements(database) as seen:
            saved = browser.post(path, {**changed, "version": str(version)})
        assert saved.status_code == 303, text_of(saved)
        assert any("INSERT INTO changesets" in statement for statement in seen)
        # PostgreSQL takes the changeset and its change in one.
        assert len(seen) <= 7 - (database.dialect == "postgresql"), seen


@every_edited_view
def test_nothing_typed_prints_as_markup(ada: Browser, database: Database, view: RecordView) -> None:
    made = sample(ada, view, database)
    field = made.required
    ada.get(f"/admin/{view.identity}/create")
    evil = "<b onclick=x>&amp;'\""

    assert (
        ada.post(f"/admin/{view.identity}/create", {**made.typed, field: evil}).status_code == 303
    )
    for page in (ada.get(f"/admin/{view.identity}/list"), ada.get("/admin/")):
        assert "<b onclick" not in page.text
