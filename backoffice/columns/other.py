"""Types without a kind of their own: shown as the database writes them, never edited."""

from datetime import UTC, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeEngine

from backoffice.columns.kind import Kind
from backoffice.columns.registry import kind_of_type, register
from backoffice.db.types import MYSQL


class Other(Kind):
    """Encoded as the text that the database casts it to, and casts back. Python never encodes it
    (``stores_exactly`` is False): two programs may print one value differently."""

    name = "other"
    control = "none"
    editable = False
    sortable = False

    def encode(self, value: Any) -> str:
        return str(value)

    def stores_exactly(self, value: Any, dialect: str) -> bool:
        return False

    def show(self, value: Any, zone: tzinfo = UTC) -> str:
        return str(value)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        if dialect in MYSQL:
            return sa.cast(value, sa.CHAR)
        return sa.cast(value, sa.Text)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        if dialect != "postgresql" or isinstance(self.type, sa.types.NullType):
            return text
        return sa.cast(text, self.type)

    def sql_same(self, dialect: str, first: Any, second: Any) -> Any:
        first, second = self.sql_encode(dialect, first), self.sql_encode(dialect, second)
        return first.is_not_distinct_from(second)


register(TypeEngine, Other)
register(mysql.SET, Other)  # a text to SQLAlchemy, a set to Python
register(postgresql.DOMAIN, lambda type_: kind_of_type(type_.data_type))
