"""Fixtures for the history of odd models."""

from collections.abc import Iterator

import pytest

from backoffice.db import Database
from backoffice.history import audited
from backoffice.models import Base
from tests.databases import Kind
from tests.history.odd_ground import OddGround
from tests.history.odd_models import Odd, OddlyNamed


@pytest.fixture(scope="session")
def odd_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OddGround]:
    ground = OddGround(tmp_path_factory.mktemp("odd"))
    yield ground
    ground.close()


@pytest.fixture
def odd(
    database_kind: Kind, odd_ground: OddGround, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """A database with the tables of ``odd_models`` too, whose writes the history keeps."""
    monkeypatch.setattr(audited, "BASES", (Base, Odd))
    with odd_ground.database(database_kind) as database:
        yield database


@pytest.fixture
def odd_names(odd: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """That database with the table of ``Wide``."""
    monkeypatch.setattr(audited, "BASES", (Base, Odd, OddlyNamed))
    OddlyNamed.metadata.create_all(odd.engine)
    yield odd
    OddlyNamed.metadata.drop_all(odd.engine)
