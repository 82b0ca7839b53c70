"""Types that a company may have made for its columns."""

from decimal import Decimal
from enum import IntEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine


class Level(IntEnum):
    LOW = 1
    HIGH = 3


class LevelNumber(sa.types.TypeDecorator[Level]):
    """A Python enumeration that is stored as a number."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: Level | None, dialect: Dialect) -> int | None:
        return None if value is None else value.value

    def process_result_value(self, value: int | None, dialect: Dialect) -> Level | None:
        return None if value is None else Level(value)


class Cents(sa.types.TypeDecorator[Decimal]):
    """An amount that is stored as a number of cents."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value * 100)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 100


class Loud(sa.types.TypeDecorator[str]):
    """A text that is stored in capitals."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.upper()


class Reversed(sa.types.TypeDecorator[str]):
    """A text that the database is to turn round, by functions of the type's own."""

    impl = sa.String(50)
    cache_ok = True

    def bind_expression(self, bindparam: Any) -> Any:
        return sa.func.replace(bindparam, "e", "e", type_=self)

    def column_expression(self, column: Any) -> Any:
        return sa.func.replace(column, "e", "e", type_=self)


class _GUID(sa.types.TypeDecorator[UUID]):
    """The recipe of SQLAlchemy's manual: PostgreSQL's UUID, something else elsewhere."""

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID())
        return dialect.type_descriptor(self.impl_instance)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        if value is None or isinstance(value, UUID):
            return value
        return UUID(bytes=value) if isinstance(value, bytes) else UUID(value)


class GUIDDigits(_GUID):
    """32 digits."""

    impl = sa.CHAR(32)
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.hex


class GUIDDashes(_GUID):
    """36 characters."""

    impl = sa.CHAR(36)
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else str(value)


class GUIDBytes(_GUID):
    """16 bytes."""

    impl = sa.BINARY(16)
    cache_ok = True

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.bytes
