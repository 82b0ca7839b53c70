"""A table for each kind of column, filled with its samples."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from backoffice.columns import Kind
from backoffice.db import Database, open_database
from tests import databases
from tests.columns.samples import SAMPLES, Samples


@dataclass(frozen=True)
class Shelf:
    """The samples as they lie in one database, a table for each kind. ``copies`` are tables alike
    and empty, ``kept`` is one of JSON, ``texts`` one of keys as text."""

    database: Database
    tables: dict[str, sa.Table]
    copies: dict[str, sa.Table]
    kept: sa.Table
    texts: sa.Table


@dataclass(frozen=True)
class Stored:
    """One kind's samples in one database. Row 0 is NULL, the others count from 1."""

    samples: Samples
    values: dict[int, Any]
    shelf: Shelf

    @property
    def database(self) -> Database:
        return self.shelf.database

    @property
    def dialect(self) -> str:
        return self.shelf.database.dialect

    @cached_property
    def kind(self) -> Kind:
        return self.samples.kind

    @property
    def table(self) -> sa.Table:
        return self.shelf.tables[self.samples.name]

    @property
    def copy(self) -> sa.Table:
        return self.shelf.copies[self.samples.name]

    @cached_property
    def read(self) -> dict[int, Any]:
        """The values as SQLAlchemy reads them."""
        with self.database.reader.connect() as connection:
            return {row.id: row.value for row in connection.execute(sa.select(self.table))}

    def __str__(self) -> str:
        return self.samples.name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stored" in metafunc.fixturenames:
        pairs = [(samples, kind) for kind in databases.KINDS for samples in SAMPLES]
        pairs = [(samples, kind) for samples, kind in pairs if kind in samples.on]
        names = [f"{kind}-{samples}" for samples, kind in pairs]
        metafunc.parametrize("stored", pairs, ids=names, indirect=True)


@pytest.fixture
def stored(request: pytest.FixtureRequest, _shelves: "_Shelves") -> Stored:
    samples, kind = request.param
    try:
        databases.server_url(kind)
    except databases.Unavailable as error:
        if os.environ.get("CI") and kind == "postgresql":
            pytest.fail(str(error))
        pytest.skip(str(error))
    return Stored(samples, _rows(samples, kind), _shelves[kind])


class _Shelves(dict[str, Shelf]):
    """By the name of the database, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.opened: list[Any] = []

    def __missing__(self, kind: databases.Kind) -> Shelf:
        made = databases.empty_database(kind, self.folder)
        database = open_database(databases.make_settings(made.__enter__()))
        self.opened.append(made)
        self[kind] = _filled(database, kind)
        return self[kind]

    def close(self) -> None:
        for shelf in self.values():
            shelf.database.dispose()
        for made in self.opened:
            made.__exit__(None, None, None)


@pytest.fixture(scope="session")
def _shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Shelves]:
    shelves = _Shelves(tmp_path_factory.mktemp("columns"))
    yield shelves
    shelves.close()


def _rows(samples: Samples, kind: databases.Kind) -> dict[int, Any]:
    return {0: None} | dict(enumerate(samples.values_on(kind), start=1))


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
    texts = sa.Table(
        "texts",
        metadata,
        sa.Column("number", sa.Integer),
        sa.Column("text", sa.String(500)),
        sa.Column("ours", sa.Boolean),
    )
    with database.writer.begin() as connection:
        if kind == "postgresql":
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS citext")
        metadata.create_all(connection)
        for samples in here:
            table = tables[samples.name]
            for number, value in _rows(samples, kind).items():
                stored = sa.null() if value is None else value
                connection.execute(sa.insert(table).values(id=number, value=stored))
    return Shelf(database, tables, copies, kept, texts)


def _table(metadata: sa.MetaData, samples: Samples, ending: str) -> sa.Table:
    return sa.Table(
        f"of_{samples.name.replace(' ', '_')}{ending}",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", samples.type),
    )
