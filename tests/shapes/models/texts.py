"""Columns that hold text."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, UserDefinedType

from backoffice.db.types import long_text
from tests.shapes.models.base import Named, Shapes


class Note(Named, Shapes):
    """Texts short and long, which may be missing or not."""

    __tablename__ = "notes"

    line: Mapped[str] = mapped_column(sa.String(40))
    line_or_none: Mapped[str | None] = mapped_column(sa.String(40))
    body: Mapped[str] = mapped_column(long_text())
    body_or_none: Mapped[str | None] = mapped_column(long_text())


class Sku(TypeDecorator[str]):
    """A company's own type: the database holds it without the dashes that people write."""

    impl = sa.String(20)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else value.replace("-", "").upper()

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else f"{value[:2]}-{value[2:]}"


class Ware(Named, Shapes):
    """A company's own type over a text."""

    __tablename__ = "wares"

    sku: Mapped[str] = mapped_column(Sku())
    sku_or_none: Mapped[str | None] = mapped_column(Sku())


class Colour(UserDefinedType[str]):
    """A type that nobody has told the back office of."""

    cache_ok = True

    def get_col_spec(self, **options: Any) -> str:
        return "VARCHAR(20)"


class Paint(Named, Shapes):
    """A column of an unknown type: shown and kept, never edited."""

    __tablename__ = "paints"

    colour: Mapped[str] = mapped_column(Colour(), server_default="red")
    colour_or_none: Mapped[str | None] = mapped_column(Colour())
