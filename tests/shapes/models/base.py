"""The bases of the shapes, none of which the product knows: tests name them in ``BASES``."""

from typing import Any

from sqlalchemy import MetaData, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backoffice.models.base import TABLE_OPTIONS, Audited
from backoffice.models.base import Base as ProductBase

NAMES = ProductBase.metadata.naming_convention


class Shapes(DeclarativeBase):
    """What every database has. Tables of its own, under the product's names and options."""

    metadata = MetaData(naming_convention=NAMES)

    @classmethod
    def __table_cls__(cls, *args: Any, **options: Any) -> Table:
        return Table(*args, **(TABLE_OPTIONS | options))


class ServerShapes(DeclarativeBase):
    """What PostgreSQL and MariaDB have, and SQLite has not."""

    metadata = MetaData(naming_convention=NAMES)

    @classmethod
    def __table_cls__(cls, *args: Any, **options: Any) -> Table:
        return Table(*args, **(TABLE_OPTIONS | options))


class PostgreSQLShapes(DeclarativeBase):
    """What PostgreSQL alone has."""

    metadata = MetaData(naming_convention=NAMES)


class Foreign(DeclarativeBase):
    """Somebody else's tables: other names, no options, nothing of ours. They have no history."""


class DatabaseViews(DeclarativeBase):
    """Views of the database, which no ``create_all`` makes."""


class Named(Audited):
    """A record with a number for a key and a name, whatever else it has."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
