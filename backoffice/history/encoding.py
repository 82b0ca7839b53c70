"""One encoding of a record's values in the history, made in Python and in SQL alike.

A decimal is a string at its column's scale ("19.90"), a moment an ISO string in UTC to the
microsecond ("2026-11-23T05:04:03.000120Z"), a day an ISO string, a boolean true or false, an
enumeration what its column stores: a member's name, if nothing else was asked for. Left to
themselves the databases write ``19.9`` and ``1``.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeDecorator, TypeEngine

from backoffice.db.types import MYSQL, exact_text

NOT_KEPT = "(not kept)"
"""What stands for a secret: that it changed is known, to and from what is not."""


class NotEncodable(TypeError):
    """A column whose type has no encoding, so that its model cannot be audited."""


def plain_type(column_type: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type under a TypeDecorator."""
    return column_type.impl_instance if isinstance(column_type, TypeDecorator) else column_type


def kind_of(column: ColumnElement[Any]) -> str:
    """Which of the encodings a column has.

    Raises:
        NotEncodable: none fits.
    """
    plain = plain_type(column.type)
    for known, kind in _KINDS:
        if isinstance(plain, known):
            if kind == "decimal" and getattr(plain, "scale", None) is None:
                break
            return kind
    raise NotEncodable(
        f"{column}: the history cannot keep {column.type!r}; use Numeric(precision, scale), "
        "a whole number, text, a boolean, an enumeration, a date or a UTCDateTime"
    )


# Enum before String: SQLAlchemy's Enum is one. Float is a Numeric, and has no exact text.
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Enum, "enum"),
    (sa.String, "text"),
    (sa.Integer, "integer"),
    (sa.Numeric, "decimal"),
    (sa.DateTime, "moment"),
    (sa.Date, "date"),
)


def kept_columns(mapper: Mapper[Any]) -> dict[str, sa.Column[Any]]:
    """The columns of a record by field name, in the order of its table."""
    return {
        mapper.get_property_by_column(column).key: column
        for column in mapper.local_table.columns
        if isinstance(column, sa.Column)
    }


def is_secret(column: sa.Column[Any]) -> bool:
    """Whether the history must not hold a column's values."""
    return "secret" in column.info


def encode(column: sa.Column[Any], value: Any) -> Any:
    """A column's value as JSON holds it. None stays None."""
    if value is None:
        return None
    if is_secret(column):
        return NOT_KEPT
    kind = kind_of(column)
    if kind == "decimal":
        # Rounded as the databases round, and without the sign of a negative zero.
        scale = plain_type(column.type).scale  # type: ignore[attr-defined]
        return str(Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP) + 0)
    if kind == "moment":
        moment: datetime = value
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        return f"{moment.isoformat(timespec='microseconds')}Z"
    if kind == "date":
        return value.isoformat()
    if kind == "enum":
        return _stored_name(column, value) if isinstance(value, Enum) else value
    if kind == "boolean":
        return bool(value)
    return value


def decode(column: sa.Column[Any], value: Any) -> Any:
    """What ``encode`` wrote; a secret becomes what its column says a restored record gets."""
    if value is None:
        return None
    if is_secret(column):
        return column.info["secret"]
    kind = kind_of(column)
    if kind == "decimal":
        return Decimal(value)
    if kind == "moment":
        return datetime.fromisoformat(value)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "enum":
        plain: Any = plain_type(column.type)
        return value if plain.enum_class is None else _members(plain)[value]
    return value


def _members(plain: Any) -> dict[str, Enum]:
    """An enumeration's members by what stands for them in the database."""
    return dict(zip(plain.enums, plain.enum_class, strict=True))


def _stored_name(column: sa.Column[Any], member: Enum) -> str:
    (name,) = (name for name, one in _members(plain_type(column.type)).items() if one is member)
    return name


# In SQL ---------------------------------------------------------------------------------


def sql_object(dialect: str, values: Mapping[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """A JSON object of SQL expressions that are encoded already."""
    pairs: list[Any] = []
    for name, value in values.items():
        pairs += [sa.literal_column(f"'{name}'"), value]
    if dialect == "postgresql":
        return sa.func.jsonb_build_object(*pairs)
    return sa.func.json_object(*pairs)


def sql_encode(dialect: str, column: sa.Column[Any], value: ColumnElement[Any]) -> Any:
    """``encode`` as SQL: ``value``, of the type of ``column``, as JSON is to hold it."""
    if is_secret(column):
        return sa.case((value.is_(None), sa.null()), else_=sa.literal_column(f"'{NOT_KEPT}'"))
    kind = kind_of(column)
    if kind == "decimal":
        return _decimal(dialect, column, value)
    if kind == "moment":
        return _moment(dialect, value)
    if kind == "date":
        return sa.cast(value, sa.String(10)) if dialect != "sqlite" else value
    if kind == "enum":
        return sa.cast(value, sa.String(255))
    if kind == "boolean":
        return _boolean(dialect, value)
    return value


def _decimal(dialect: str, column: sa.Column[Any], value: ColumnElement[Any]) -> Any:
    if dialect == "sqlite":
        scale = plain_type(column.type).scale  # type: ignore[attr-defined]
        number = sa.type_coerce(value, sa.Float) + 0.0  # no negative zero
        text = sa.func.printf(f"%.{scale}f", number)
        return sa.case((value.is_(None), sa.null()), else_=text)
    return sa.cast(value, sa.String(64))


def _moment(dialect: str, value: ColumnElement[Any]) -> Any:
    if dialect == "postgresql":
        utc = sa.func.timezone("UTC", value)
        return sa.func.to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    if dialect in MYSQL:
        return sa.func.date_format(value, "%Y-%m-%dT%H:%i:%s.%fZ")
    return sa.func.replace(value, " ", "T").concat("Z")


def _boolean(dialect: str, value: ColumnElement[Any]) -> Any:
    if dialect == "postgresql":
        return value
    word = sa.case((value.is_(sa.true()), "true"), (value.is_(sa.false()), "false"), else_="null")
    if dialect in MYSQL:
        return sa.func.json_extract(word, "$")
    return sa.func.json(word)


def sql_decode(dialect: str, column: sa.Column[Any], values: Any, name: str) -> Any:
    """``decode`` as SQL: the field ``name`` of the JSON column ``values``, as its column's type."""
    if is_secret(column):
        return sa.literal(column.info["secret"], column.type)
    text = _text(dialect, values, name)
    kind = kind_of(column)
    plain = plain_type(column.type)
    if kind == "boolean":
        return _sql_boolean(dialect, text)
    if kind == "moment":
        if dialect == "postgresql":
            return sa.cast(text, sa.DateTime(timezone=True))
        if dialect in MYSQL:
            return sa.func.str_to_date(text, "%Y-%m-%dT%H:%i:%s.%fZ")
        return sa.func.replace(sa.func.replace(text, "T", " "), "Z", "")
    if kind == "integer":
        # MariaDB casts to SIGNED, not to INTEGER; SQLAlchemy knows.
        return sa.cast(text, sa.Integer if dialect in MYSQL else plain)
    if kind == "decimal":
        return sa.cast(text, sa.Numeric(plain.precision, plain.scale))  # type: ignore[attr-defined]
    if kind == "date" and dialect != "sqlite":
        return sa.cast(text, sa.Date)
    if kind == "enum" and dialect == "postgresql":
        return sa.cast(text, plain)
    return text


def _text(dialect: str, values: Any, name: str) -> Any:
    if dialect == "postgresql":
        return values.op("->>")(sa.literal_column(f"'{name}'"))
    path: Any = sa.literal_column(f"'$.\"{name}\"'")
    if dialect in MYSQL:
        return exact_text(_mysql_text(values, path))
    return sa.func.json_extract(values, path)


class _mysql_text(sa.sql.functions.FunctionElement[str]):  # noqa: N801 - SQL functions are lower
    """A text within JSON. MySQL's JSON_VALUE ends at 512 characters, MariaDB's does not.

    Unquoted, JSON's null would be the word "null".
    """

    inherit_cache = True
    type = sa.Text()


@compiles(_mysql_text)
def _compile_mysql_text(element: _mysql_text, compiler: Any, **options: Any) -> str:
    values, path = (compiler.process(one, **options) for one in element.clauses)
    if getattr(compiler.dialect, "is_mariadb", True):
        return f"JSON_VALUE({values}, {path})"
    found = f"JSON_EXTRACT({values}, {path})"
    return f"CASE WHEN JSON_TYPE({found}) = 'NULL' THEN NULL ELSE JSON_UNQUOTE({found}) END"


def _sql_boolean(dialect: str, text: Any) -> Any:
    if dialect == "postgresql":
        return sa.cast(text, sa.Boolean)
    if dialect in MYSQL:
        return sa.case((text.in_(["true", "1"]), 1), (text.is_(None), sa.null()), else_=0)
    return text  # json_extract gives 1 and 0
