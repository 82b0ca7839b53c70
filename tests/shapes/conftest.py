"""One database of each kind with every shape, and one application on it, for all tests.

In its short form the suite takes each step of a shape on one of the databases that can hold it, in
turn: another step meets another one. ``--thorough`` walks all of it everywhere.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from backoffice.admin.view import RecordView
from backoffice.db import Database
from tests import databases
from tests.databases import Kind
from tests.shapes.chinook.views import VIEWS as CHINOOK
from tests.shapes.place import Place, Places, ground
from tests.shapes.views import views_of
from tests.shapes.walking import Walk, shape_name
from tests.size import thorough

ON_SQLITE = (
    "test_the_doctor_says_something_of_every_shape",
    "test_the_doctor_names_what_chinook_lacks",
)
"""What takes a server long, and which the short form leaves to SQLite."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the walks that no database of that kind can hold, or that are another one's turn."""
    here = Path(__file__).parent
    taken_out = [item for item in items if here in item.path.parents and not _is_walked(item)]
    if taken_out:
        config.hook.pytest_deselected(items=taken_out)
        items[:] = [item for item in items if item not in set(taken_out)]


def _is_walked(item: pytest.Item) -> bool:
    parameters = item.callspec.params if isinstance(item, pytest.Function) else {}
    view, kind = parameters.get("walk"), parameters.get("database_kind")
    if view is None or kind is None:
        on_sqlite = isinstance(item, pytest.Function) and item.originalname in ON_SQLITE
        return thorough() or not on_sqlite or kind == "sqlite"
    holding = [one for one in databases.KINDS if view in views_of(one)]
    if kind not in holding or thorough():
        return kind in holding
    assert isinstance(item, pytest.Function)
    if view in CHINOOK:  # test_chinook.py works with it on every database
        return bool(kind == "sqlite")
    turn = zlib.crc32(f"{item.originalname} {shape_name(view)}".encode())
    return bool(kind == holding[turn % len(holding)])


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


@pytest.fixture(scope="session")
def places(grounds: Callable[[Kind], Database]) -> Iterator[Places]:
    """The applications with every shape: one of a kind for all files."""
    places = Places(grounds)
    yield places
    places.close()


@pytest.fixture(scope="module")
def shapes(database_kind: Kind, places: Places) -> Iterator[Place]:
    """The application with every shape, and ada signed in."""
    with places.place(database_kind) as found:
        yield found


@pytest.fixture
def walk(request: pytest.FixtureRequest, shapes: Place) -> Walk:
    """The walk through one shape."""
    view: type[RecordView] = request.param
    return Walk(shapes, shapes.view_of(view.model))
