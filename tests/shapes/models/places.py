"""Tables in other places: another schema, a view of the database, somebody else's."""

import os
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tests.databases import FOLDER_VARIABLE
from tests.shapes.models.base import DatabaseViews, Foreign, Named, ServerShapes, Shapes

RUN = Path(os.environ.get(FOLDER_VARIABLE, "bo-nobody")).name.removeprefix("bo-")
ELSEWHERE = f"bo_test_{RUN.encode().hex()}_{os.getpid()}_elsewhere"
"""The other schema. MariaDB's schemas are databases, which all tests on a server share: its name
is one process's, and a killed run's is dropped by the next one, by how it begins."""


class Depot(Named, ServerShapes):
    """A table in another schema."""

    __tablename__ = "depots"
    __table_args__ = {"schema": ELSEWHERE}

    places: Mapped[int]


class HomeCrate(Named, Shapes):
    """A table whose name another schema has, too."""

    __tablename__ = "crates"

    bottles: Mapped[int]


class ForeignCrate(Named, ServerShapes):
    """That other one."""

    __tablename__ = "crates"
    __table_args__ = {"schema": ELSEWHERE}

    bottles: Mapped[int]


class PlainRow(Shapes):
    """A class without ``Audited``: it can be read here."""

    __tablename__ = "plain_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    weight: Mapped[int | None]


class Legacy(Foreign):
    """Somebody else's table, with their names and without ours."""

    __tablename__ = "TblLegacy"

    id: Mapped[int] = mapped_column("LegacyID", primary_key=True)
    name: Mapped[str] = mapped_column("LegacyName", sa.String(80))
    group: Mapped[str | None] = mapped_column("Group", sa.String(20))


class HeavyRow(DatabaseViews):
    """A view of the database."""

    __tablename__ = "heavy_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    weight: Mapped[int | None]


HEAVY_ROWS = "CREATE VIEW heavy_rows AS SELECT id, name, weight FROM plain_rows WHERE weight >= 100"
