"""What the history owes every view that edits: each write is recorded, and can be undone."""

import html
import re

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Changeset
from backoffice.views import VIEWS
from tests.cast import Browser, forms_of, hidden_fields, statements, text_of
from tests.views.samples import Sample, add, sample

EDITED = [view.identity for view in VIEWS if view.can_edit]


def latest(database: Database) -> int:
    """The last changeset's id."""
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.max(Changeset.id))) or 0


def undo(browser: Browser, number: int) -> int:
    """Undo a changeset through its page; returns the new one's id."""
    page = browser.get(f"/admin/changeset/undo/{number}")
    assert page.status_code == 200
    seen = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert seen, text_of(page)
    done = browser.post(f"/admin/changeset/undo/{number}", {"seen": html.unescape(seen[1])})
    assert done.status_code == 303, text_of(done)
    return int(done.headers["location"].rpartition("/")[2])


def record(browser: Browser, view: RecordView, database: Database) -> tuple[int, Sample]:
    """A record made through its form, and what was typed."""
    made = sample(browser, view, database, 1)
    return add(browser, view, database, made), made


@pytest.fixture(params=EDITED)
def view(request: pytest.FixtureRequest, app: Starlette) -> RecordView:
    found: RecordView = app.state.site.find_view(request.param)
    return found


def test_each_write_is_told_and_can_be_taken_back(
    ada: Browser, database: Database, view: RecordView
) -> None:
    key, made = record(ada, view, database)
    here = f"/admin/{view.identity}"
    name, value = made.changed
    form = ada.get(f"{here}/edit/{key}")
    assert form.status_code == 200
    before = text_of(ada.get(f"{here}/details/{key}"))

    typed = {**made.typed, name: value, "save": "Save"}
    assert ada.post(f"{here}/edit/{key}", {**hidden_fields(form), **typed}).status_code == 303
    told = text_of(ada.get(f"{here}/history/{key}"))
    assert value in told
    assert "Ada Tester" in told
    assert "Last changed" in text_of(ada.get(f"{here}/details/{key}"))

    number = undo(ada, latest(database))
    assert value not in text_of(ada.get(f"{here}/details/{key}")).replace(before, "")
    undo(ada, number)
    assert value in text_of(ada.get(f"{here}/details/{key}"))

    assert ada.post(f"{here}/delete", {"pks": str(key)}).status_code == 303
    assert ada.get(f"{here}/details/{key}").status_code == 404
    gone = text_of(ada.get(f"{here}/history/{key}"))
    assert "deleted" in gone
    undo(ada, latest(database))
    back = ada.get(f"{here}/details/{key}")
    assert back.status_code == 200
    assert value in text_of(back)


def test_the_notice_right_after_an_act_offers_to_undo_it(
    ada: Browser, database: Database, view: RecordView
) -> None:
    record(ada, view, database)

    offered = [href for href in forms_of(ada.get("/admin/")) if "/changeset/undo/" in href]

    assert f"/admin/changeset/undo/{latest(database)}" in offered


def test_a_save_that_changes_nothing_makes_no_changeset(
    ada: Browser, database: Database, view: RecordView
) -> None:
    key, made = record(ada, view, database)
    secrets = {"password": "", "password_again": ""} if "password" in made.typed else {}
    number = latest(database)
    ada.get(f"/admin/{view.identity}/edit/{key}")

    response = ada.post(
        f"/admin/{view.identity}/edit/{key}", {**made.typed, **secrets, "save": "Save"}
    )

    assert response.status_code == 303
    assert latest(database) == number
    assert "Nothing changed" in text_of(ada.get("/admin/"))


def test_saving_costs_a_fixed_number_of_statements(
    ada: Browser, database: Database, view: RecordView
) -> None:
    key, made = record(ada, view, database)
    secrets = {"password": "", "password_again": ""} if "password" in made.typed else {}
    name, value = made.changed
    form = ada.get(f"/admin/{view.identity}/edit/{key}")
    typed = {**hidden_fields(form), **made.typed, **secrets, name: value, "save": "Save"}

    with statements(database) as seen:
        assert ada.post(f"/admin/{view.identity}/edit/{key}", typed).status_code == 303

    # sign-in, record, related record, update, changeset, changes; people have roles to look at
    assert len(seen) <= (7 if view.identity in ("item", "category") else 12), seen
