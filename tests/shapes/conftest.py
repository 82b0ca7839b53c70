"""One database with every shape of each kind, and one application for all tests of a file."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from backoffice.admin.view import RecordView
from backoffice.db import Database
from tests import databases
from tests.databases import Kind
from tests.shapes.chinook.views import VIEWS as CHINOOK
from tests.shapes.place import Place, ground, place
from tests.shapes.views import views_of
from tests.shapes.walking import Walk

THOROUGH = os.environ.get("SHAPES") == "thorough"
"""Whether everything is walked on every database."""


@pytest.fixture(scope="module")
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """As everywhere, once for a whole file."""
    kind: Kind = request.param
    try:
        databases.server_url(kind)
    except databases.Unavailable as error:
        pytest.skip(str(error))
    return kind


@pytest.fixture(scope="session")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Kind], Database]]:
    """Gives the database of a kind, with the tables of all shapes: one for all files."""
    made: dict[Kind, Database] = {}
    with ExitStack() as stack:

        def give(kind: Kind) -> Database:
            if kind not in made:
                made[kind] = stack.enter_context(ground(kind, tmp_path_factory.mktemp("shapes")))
            return made[kind]

        yield give


@pytest.fixture(scope="module")
def shapes(database_kind: Kind, grounds: Callable[[Kind], Database]) -> Iterator[Place]:
    """The application with every shape, and ada signed in."""
    with place(database_kind, grounds(database_kind)) as found:
        yield found


@pytest.fixture
def walk(request: pytest.FixtureRequest, shapes: Place) -> Walk:
    """The walk through one shape, where this kind of database has it."""
    view: type[RecordView] = request.param
    if view not in views_of(shapes.kind):
        pytest.skip(f"{shapes.kind} has no such column or place")
    if view in CHINOOK and shapes.kind != "sqlite" and not THOROUGH:
        pytest.skip("here test_chinook.py works with it; SHAPES=thorough walks it everywhere")
    return Walk(shapes, shapes.view_of(view.model))
