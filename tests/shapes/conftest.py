"""One application with every shape on each kind of database, for all tests of a file."""

from collections.abc import Iterator

import pytest

from tests import databases
from tests.databases import Kind
from tests.shapes.place import Place, place


@pytest.fixture(scope="module")
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """As everywhere, once for a whole file."""
    kind: Kind = request.param
    try:
        databases.server_url(kind)
    except databases.Unavailable as error:
        pytest.skip(str(error))
    return kind


@pytest.fixture(scope="module")
def shapes(database_kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The application with every shape, and ada signed in."""
    with place(database_kind, tmp_path_factory.mktemp("shapes")) as found:
        yield found
