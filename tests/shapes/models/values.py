"""Columns that hold UUIDs, documents, lists, bytes and addresses."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, INET, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from tests.shapes.models.base import Named, PostgreSQLShapes, Shapes


class Badge(Named, Shapes):
    """UUIDs that are no keys."""

    __tablename__ = "badges"

    code: Mapped[uuid.UUID]
    code_or_none: Mapped[uuid.UUID | None]


class Profile(Named, Shapes):
    """JSON."""

    __tablename__ = "profiles"

    data: Mapped[Any] = mapped_column(sa.JSON(none_as_null=True), nullable=False)
    data_or_none: Mapped[Any] = mapped_column(sa.JSON(none_as_null=True), nullable=True)


class Attachment(Named, Shapes):
    """Bytes."""

    __tablename__ = "attachments"

    content: Mapped[bytes] = mapped_column(sa.LargeBinary, default=b"")
    content_or_none: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class Article(Named, PostgreSQLShapes):
    """Lists of words and of numbers."""

    __tablename__ = "articles"

    words: Mapped[list[str]] = mapped_column(ARRAY(sa.String(40)))
    words_or_none: Mapped[list[str] | None] = mapped_column(ARRAY(sa.String(40)))
    numbers: Mapped[list[int]] = mapped_column(ARRAY(sa.Integer))


class Host(Named, PostgreSQLShapes):
    """Network addresses."""

    __tablename__ = "hosts"

    address: Mapped[str] = mapped_column(INET)
    address_or_none: Mapped[str | None] = mapped_column(INET)


class Page(Named, PostgreSQLShapes):
    """A type of PostgreSQL's that has no kind here."""

    __tablename__ = "pages"

    words: Mapped[str | None] = mapped_column(TSVECTOR)
