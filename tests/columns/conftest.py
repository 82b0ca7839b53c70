"""A table for each kind of column, filled with its samples."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from backoffice.db import Database, open_database
from tests import databases
from tests.columns.samples import SAMPLES, Samples


@dataclass(frozen=True)
class Shelf:
    """The samples as they lie in one database. Row 0 of each table is NULL, the others count
    from 1 in the order of ``values_on``; ``copy`` is a table alike, and ``kept`` one of JSON."""

    database: Database
    tables: dict[str, sa.Table]
    copies: dict[str, sa.Table]
    kept: sa.Table

    @property
    def dialect(self) -> str:
        return self.database.dialect

    def values(self, samples: Samples, kind: databases.Kind) -> dict[int, Any]:
        return {0: None} | dict(enumerate(samples.values_on(kind), start=1))


@pytest.fixture(scope="session")
def _shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Shelf]]:
    with _Made(tmp_path_factory.mktemp("columns")) as made:
        yield made


class _Made(dict[str, Shelf]):
    """By the name of the database, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.open: list[Any] = []

    def __enter__(self) -> "_Made":
        return self

    def __exit__(self, *_error: object) -> None:
        for shelf in self.values():
            shelf.database.dispose()
        for made in self.open:
            made.__exit__(None, None, None)

    def __missing__(self, kind: databases.Kind) -> Shelf:
        made = databases.empty_database(kind, self.folder)
        url = made.__enter__()
        self.open.append(made)
        self[kind] = _filled(open_database(databases.make_settings(url)), kind)
        return self[kind]


def _filled(database: Database, kind: databases.Kind) -> Shelf:
    metadata = sa.MetaData()
    here = [samples for samples in SAMPLES if kind in samples.on]
    tables = {samples.name: _table(metadata, samples, "") for samples in here}
    copies = {samples.name: _table(metadata, samples, "_copy") for samples in here}
    kept = sa.Table(
        "kept",
        metadata,
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("fields", sa.JSON().with_variant(JSONB(), "postgresql")),
    )
    shelf = Shelf(database, tables, copies, kept)
    with database.writer.begin() as connection:
        if kind == "postgresql":
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS citext")
        metadata.create_all(connection)
        for samples in here:
            table = tables[samples.name]
            for number, value in shelf.values(samples, kind).items():
                stored = sa.null() if value is None else value
                connection.execute(sa.insert(table).values(id=number, value=stored))
    return shelf


def _table(metadata: sa.MetaData, samples: Samples, ending: str) -> sa.Table:
    name = samples.name.replace(" ", "_") + ending
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", samples.type),
    )


@pytest.fixture
def shelf(_shelves: dict[str, Shelf], database_kind: databases.Kind) -> Shelf:
    return _shelves[database_kind]
