"""Fixtures for the history of odd models."""

from collections.abc import Iterator

import pytest

from backoffice.db import Database
from backoffice.history import audited
from backoffice.models import Base
from tests.history.odd_models import Odd


@pytest.fixture
def odd(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with the tables of ``odd_models`` too, whose writes the history keeps."""
    monkeypatch.setattr(audited, "BASES", (Base, Odd))
    Odd.metadata.create_all(database.engine)
    yield database
    Odd.metadata.drop_all(database.engine)
