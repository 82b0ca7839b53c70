"""What every view in VIEWS claims of its indexes is what the database says of them."""

import pytest
from starlette.applications import Starlette

from backoffice.admin.doctor.diagnosis import Judgement, diagnose
from backoffice.admin.lists.sorting import is_index_backed, sortable_names
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.views import VIEWS

every_view = pytest.mark.parametrize("view", [view.identity for view in VIEWS], indirect=True)


@pytest.fixture
def view(request: pytest.FixtureRequest, app: Starlette) -> RecordView:
    """The view that the test is about, as the application has it."""
    found: RecordView = app.state.site.find_view(request.param)
    return found


def judged(view: RecordView, database: Database) -> dict[str, list[Judgement]]:
    """What is found of each thing that the view's list may be asked for."""
    with unit_of_work(database) as session:
        found = diagnose(session, view.site)
    (mine,) = (one for one in found.views if one.view is view)
    answers: dict[str, list[Judgement]] = {}
    for question, judgement in mine.judged:
        answers.setdefault(question.what, []).append(judgement)
    return answers


@every_view
@pytest.mark.databases("sqlite", "postgresql")
def test_an_order_is_served_where_the_view_says_so_and_nowhere_else(
    view: RecordView, database: Database
) -> None:
    answers = judged(view, database)
    for name in sortable_names(view):
        found = answers[f"Sort by {view.label_for(name)}"]
        assert len(found) == 4  # both ways, from the start and from far into it
        assert {one.served for one in found} == {is_index_backed(view, name)}, name


@every_view
@pytest.mark.databases("sqlite", "postgresql")
def test_the_order_that_nobody_asked_for_is_served_on_every_page(
    view: RecordView, database: Database
) -> None:
    assert all(one.served for one in judged(view, database)["The usual order"])


@every_view
@pytest.mark.databases("postgresql")
def test_no_index_is_missing_on_a_database_just_migrated(
    view: RecordView, database: Database
) -> None:
    for what, found in judged(view, database).items():
        assert [one.missing for one in found] == [()] * len(found), what
