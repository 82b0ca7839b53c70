"""What every view in VIEWS owes its users; one added to the registry is tested by being there."""

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Item, User
from backoffice.views import VIEWS
from tests.cast import PASSWORD, Browser, count, links_of, statements, text_of

IDENTITIES = [view.identity for view in VIEWS]


@dataclass(frozen=True)
class Sample:
    """A record as somebody types it, and one field changed."""

    model: type[Any]
    typed: dict[str, str]
    changed: tuple[str, str]


def sample(identity: str, database: Database, number: int = 1) -> Sample:
    """Fields that make a valid record; their text differs with ``number``."""
    if identity == "category":
        return Sample(Category, {"name": f"Bolts {number}"}, ("name", f"Screws {number}"))
    if identity == "user":
        typed = {
            "first_name": "Grace",
            "last_name": "Hopper",
            "email": f"grace{number}@example.com",
            "is_active": "y",
            "password": PASSWORD,
            "password_again": PASSWORD,
        }
        return Sample(User, typed, ("last_name", "Murray"))
    with unit_of_work(database, writes=True) as session:
        category = session.scalar(sa.select(Category).where(Category.name == "Fixings"))
        if category is None:
            category = Category(name="Fixings")
            session.add(category)
            session.flush()
        typed = {
            "name": f"M4 × {number}",
            "description": "A bolt",
            "price": "0.25",
            "quantity": "12",
            "category": str(category.id),
        }
    return Sample(Item, typed, ("price", "0.50"))


def create(browser: Browser, identity: str, made: Sample, database: Database) -> int:
    browser.get(f"/admin/{identity}/create")
    response = browser.post(f"/admin/{identity}/create", {**made.typed, "save": "Save"})
    assert response.status_code == 303, text_of(response)
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.max(made.model.id))) or 0


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_record_is_created_listed_shown_edited_and_deleted(
    ada: Browser, database: Database, identity: str
) -> None:
    made = sample(identity, database)
    key = create(ada, identity, made, database)

    listed = ada.get(f"/admin/{identity}/list")
    assert "was added" in text_of(listed)
    shown = ada.get(f"/admin/{identity}/details/{key}")
    assert shown.status_code == 200

    name, value = made.changed
    form = ada.get(f"/admin/{identity}/edit/{key}")
    assert form.status_code == 200
    changed = {**made.typed, name: value, "version": "1", "save": "Save"}
    saved = ada.post(f"/admin/{identity}/edit/{key}", changed)
    assert saved.status_code == 303, text_of(saved)
    assert value in text_of(ada.get(f"/admin/{identity}/details/{key}"))

    before = count(database, made.model)
    asked = ada.get(f"/admin/{identity}/delete?pks={key}")
    assert asked.status_code == 200
    assert count(database, made.model) == before
    deleted = ada.post(f"/admin/{identity}/delete", {"pks": str(key)})
    assert deleted.status_code == 303
    assert ada.get(f"/admin/{identity}/details/{key}").status_code == 404
    assert count(database, made.model) == before - 1


@pytest.mark.parametrize("identity", IDENTITIES)
def test_refused_input_stays_in_the_form_with_a_message_at_its_field(
    ada: Browser, database: Database, identity: str
) -> None:
    made = sample(identity, database)
    required = next(iter(made.typed))
    other = next((name for name in made.typed if name not in (required, "category")), required)
    ada.get(f"/admin/{identity}/create")

    response = ada.post(f"/admin/{identity}/create", {**made.typed, required: " "})

    assert response.status_code == 422
    assert "This field is required." in response.text
    if other != required:
        assert made.typed[other] in response.text
    assert count(database, made.model) == (1 if identity == "user" else 0)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_duplicate_is_told_at_its_field(ada: Browser, database: Database, identity: str) -> None:
    made = sample(identity, database)
    create(ada, identity, made, database)
    ada.get(f"/admin/{identity}/create")

    response = ada.post(f"/admin/{identity}/create", made.typed)

    assert response.status_code == 422
    assert "exists already" in text_of(response)
    assert "constraint" not in response.text.lower()


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_form_opened_before_somebody_elses_save_asks(
    ada: Browser, database: Database, identity: str
) -> None:
    made = sample(identity, database)
    key = create(ada, identity, made, database)
    name, value = made.changed
    path = f"/admin/{identity}/edit/{key}"
    ada.get(path)
    assert ada.post(path, {**made.typed, name: value, "version": "1"}).status_code == 303
    ada.get(path)

    late = ada.post(path, {**made.typed, "version": "1"})

    assert late.status_code == 409
    assert "after you opened it" in text_of(late)
    assert value in text_of(late)
    assert 'name="version" value="2"' in late.text
    assert ada.post(path, {**made.typed, "version": "2"}).status_code == 303


@pytest.mark.parametrize("identity", IDENTITIES)
def test_an_unknown_field_is_refused_by_name(
    ada: Browser, database: Database, identity: str
) -> None:
    made = sample(identity, database)
    ada.get(f"/admin/{identity}/create")

    response = ada.post(f"/admin/{identity}/create", {**made.typed, "password_hash": "x"})

    assert response.status_code == 422
    assert "no field named “password_hash”" in text_of(response)


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("key", ["abc", "0", "-1", "99999999999999999999", "1.5", "%00", "1,2"])
@pytest.mark.parametrize("screen", ["details", "edit"])
@pytest.mark.databases("postgresql")
def test_a_key_that_no_record_has_is_not_found(
    ada: Browser, identity: str, key: str, screen: str
) -> None:
    response = ada.get(f"/admin/{identity}/{screen}/{key}")

    assert response.status_code == 404
    assert "does not exist" in text_of(response)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_every_sortable_column_sorts_both_ways(
    ada: Browser, database: Database, identity: str
) -> None:
    create(ada, identity, sample(identity, database), database)
    page = ada.get(f"/admin/{identity}/list")
    hrefs = [href for href in links_of(page) if "sortBy=" in href]
    assert hrefs

    for href in hrefs:
        assert "cannot be sorted" not in text_of(ada.get(href))
        assert ada.get(href.replace("sort=asc", "sort=desc")).status_code == 200


@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_page_of_records_costs_the_same_statements_however_many_there_are(
    ada: Browser, database: Database, identity: str
) -> None:
    def cost(path: str) -> int:
        with statements(database) as seen:
            assert ada.get(path).status_code == 200
        return len(seen)

    key = create(ada, identity, sample(identity, database, 1), database)
    paths = [
        f"/admin/{identity}/list?pageSize=100",
        f"/admin/{identity}/details/{key}",
        f"/admin/{identity}/edit/{key}",
        f"/admin/{identity}/delete?pks={key}",
        "/admin/",
    ]
    ada.get("/admin/")  # shows and forgets the notice
    few = [cost(path) for path in paths]
    for number in range(2, 12):
        create(ada, identity, sample(identity, database, number), database)
    ada.get("/admin/")
    many = [cost(path) for path in paths]

    assert many == few
    assert few[0] <= 4  # sign-in, rows, count, the filter's choices
    assert few[1] <= 3
    assert few[2] <= 3


@pytest.mark.parametrize("identity", IDENTITIES)
def test_nothing_typed_prints_as_markup(ada: Browser, database: Database, identity: str) -> None:
    made = sample(identity, database)
    field = next(iter(made.typed))
    ada.get(f"/admin/{identity}/create")
    evil = "<b onclick=x>&amp;'\""

    assert ada.post(f"/admin/{identity}/create", {**made.typed, field: evil}).status_code == 303
    for page in (ada.get(f"/admin/{identity}/list"), ada.get("/admin/")):
        assert "<b onclick" not in page.text
