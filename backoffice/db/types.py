"""Column types that mean the same on SQLite, PostgreSQL and MariaDB/MySQL.

Migrations also use them: what a type stores never changes. A new meaning gets a new name.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine

MYSQL = ("mysql", "mariadb")


@compiles(sa.BigInteger, "sqlite")
@compiles(sa.BIGINT, "sqlite")
def _big_integer_sqlite(_type: sa.BigInteger, _compiler: Any, **_options: Any) -> str:
    # SQLite's whole numbers have 64 bits, but only an INTEGER key counts up.
    return "INTEGER"


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """A date and time: aware and in UTC in Python, to the microsecond in every database.

    A naive value is refused: its time zone is unknown.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in MYSQL:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone: pass an aware datetime")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(sa.types.TypeDecorator[Decimal]):
    """A decimal with a fixed number of places: NUMERIC(precision, scale), a Decimal in Python.

    SQLite stores a binary fraction; its 15 digits are exact for 12 once rounded to the scale.
    """

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, precision: int = 12, scale: int = 2) -> None:
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale
        self._quantum = Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Numeric(self.precision, self.scale, asdecimal=False))
        return dialect.type_descriptor(sa.Numeric(self.precision, self.scale, asdecimal=True))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        return Decimal(str(value)).quantize(self._quantum)


class UniqueText(sa.types.TypeDecorator[str]):
    """A line of text that is unique by its exact characters.

    PostgreSQL and SQLite compare like that anyway. MariaDB's default collation treats ``Fuller``,
    ``FÜLLER`` and ``Füller `` as equal; a binary collation without padding does not.
    """

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in MYSQL:
            collation = _exact_collation(dialect)
            return dialect.type_descriptor(
                mysql.VARCHAR(self.length, charset="utf8mb4", collation=collation)
            )
        return dialect.type_descriptor(sa.String(self.length))


def long_text() -> TypeEngine[str]:
    """Text of any length; MariaDB's plain TEXT ends at 64 KiB, so it gets MEDIUMTEXT."""
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), *MYSQL)


class utc_now(sa.sql.functions.FunctionElement[datetime]):  # noqa: N801 - SQL functions are lower
    """The server's time in UTC, for server defaults; the same text form as UTCDateTime writes."""

    inherit_cache = True
    type = UTCDateTime()


@compiles(utc_now)
def _utc_now(element: utc_now, compiler: Any, **options: Any) -> str:
    return "CURRENT_TIMESTAMP"


@compiles(utc_now, "mysql")
@compiles(utc_now, "mariadb")
def _utc_now_mysql(element: utc_now, compiler: Any, **options: Any) -> str:
    # CURRENT_TIMESTAMP would be in the session's time zone, which other programs do not set.
    return "(UTC_TIMESTAMP(6))"


@compiles(utc_now, "sqlite")
def _utc_now_sqlite(element: utc_now, compiler: Any, **options: Any) -> str:
    # Six digits, like SQLAlchemy writes: keyset pages compare this text byte by byte.
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


class exact_text(sa.sql.functions.FunctionElement[str]):  # noqa: N801 - SQL functions are lower
    """Text that compares by its exact characters, whatever its collation."""

    inherit_cache = True
    type = sa.Text()


@compiles(exact_text)
def _exact_text(element: exact_text, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(exact_text, "mysql")
@compiles(exact_text, "mariadb")
def _exact_text_mysql(element: exact_text, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"({text} COLLATE {_exact_collation(compiler.dialect)})"


def _exact_collation(dialect: Dialect) -> str:
    is_mariadb = getattr(dialect, "is_mariadb", True)
    return "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"
