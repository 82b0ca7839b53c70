"""What every view in VIEWS claims of its indexes is what the database says of them."""

import pytest
from starlette.applications import Starlette

from backoffice.admin.doctor.diagnosis import Diagnosis, IndexCoverage, diagnose
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


_diagnosed: dict[str, Diagnosis] = {}
"""What is found on a database just migrated, by its kind: the same, whichever test asks first."""


def coverages_of(view: RecordView, database: Database) -> dict[str, list[IndexCoverage]]:
    """How indexes cover each query shape of the view's list, by title."""
    if database.dialect not in _diagnosed:
        with unit_of_work(database) as session:
            _diagnosed[database.dialect] = diagnose(session, view.site)
    found = _diagnosed[database.dialect]
    (mine,) = (one for one in found.views if one.view.identity == view.identity)
    coverages: dict[str, list[IndexCoverage]] = {}
    for shape, coverage in mine.coverages:
        coverages.setdefault(shape.title, []).append(coverage)
    return coverages


@every_view
@pytest.mark.databases("sqlite", "postgresql")
def test_an_order_is_served_where_the_view_says_so_and_nowhere_else(
    view: RecordView, database: Database
) -> None:
    coverages = coverages_of(view, database)
    for name in sortable_names(view):
        found = coverages[f"Sort by {view.label_for(name)}"]
        assert len(found) == 4  # both ways, from the start and from a later page
        assert {coverage.is_covered for coverage in found} == {is_index_backed(view, name)}, name


@every_view
@pytest.mark.databases("sqlite", "postgresql")
def test_the_order_that_nobody_asked_for_is_served_on_every_page(
    view: RecordView, database: Database
) -> None:
    assert all(coverage.is_covered for coverage in coverages_of(view, database)["Default order"])


@every_view
@pytest.mark.databases("postgresql")
def test_no_index_is_missing_on_a_database_just_migrated(
    view: RecordView, database: Database
) -> None:
    for what, found in coverages_of(view, database).items():
        assert [coverage.missing for coverage in found] == [()] * len(found), what
