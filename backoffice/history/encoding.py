"""Record values as the history stores them, in JSON: encoded in Python and in SQL alike.

The column's kind encodes a value; secrets and None are handled here.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from backoffice.columns import kind_of
from backoffice.columns.sql import path, quoted
from backoffice.db.types import MYSQL
from backoffice.models.changeset import VALUES

Values = dict[str, Any]
"""A record's fields by name, encoded."""

NOT_KEPT = "(not kept)"
"""The history stores this instead of a secret: it shows that the field changed, not its value."""

FIELDS_AT_ONCE = 40
"""PostgreSQL's functions take 100 arguments and SQLite's 127; a field needs two."""


def is_secret(column: sa.Column[Any]) -> bool:
    """Whether the history must not store a column's values."""
    return "secret" in column.info


def encode(column: sa.Column[Any], value: Any) -> Any:
    """A column's value, encoded for JSON; None stays None."""
    if value is None:
        return None
    return NOT_KEPT if is_secret(column) else kind_of(column).encode(value)


def decode(column: sa.Column[Any], value: Any) -> Any:
    """The value that ``encode`` encoded; of a secret, the value that a restored record gets.

    Raises:
        ValueError: the column's kind does not encode any value like that.
    """
    if value is None:
        return None
    return column.info["secret"] if is_secret(column) else kind_of(column).decode(value)


def stores_exactly(column: sa.Column[Any], value: Any, dialect: str) -> bool:
    """Whether the database stores this value unchanged; if not, it must be read back."""
    return value is None or is_secret(column) or kind_of(column).stores_exactly(value, dialect)


def same_encoded(column: sa.Column[Any], one: Any, other: Any) -> bool:
    """Whether two encoded values mean the same value. Secrets always count as the same."""
    return is_secret(column) or kind_of(column).same_encoded(one, other)


# In SQL ---------------------------------------------------------------------------------


def sql_object(dialect: str, values: Mapping[str, Any]) -> Any:
    """A JSON object of encoded SQL expressions, of any number."""
    names = list(values)
    whole: Any = None
    for start in range(0, max(len(names), 1), FIELDS_AT_ONCE):
        pairs: list[Any] = []
        for name in names[start : start + FIELDS_AT_ONCE]:
            pairs += [sa.literal_column(quoted(name)), values[name]]
        if dialect == "postgresql":
            part = sa.func.jsonb_build_object(*pairs)
            whole = part if whole is None else whole.op("||")(part)
        elif whole is None:
            whole = sa.func.json_object(*pairs)
        else:
            pairs[::2] = [path(name) for name in names[start : start + FIELDS_AT_ONCE]]
            whole = sa.func.json_set(whole, *pairs)
    return whole


def sql_encode(dialect: str, column: sa.Column[Any], value: ColumnElement[Any]) -> Any:
    """``encode`` as SQL, of an expression ``value`` of the column's type."""
    if is_secret(column):
        return sa.case((value.is_(None), sa.null()), else_=sa.literal_column(quoted(NOT_KEPT)))
    return kind_of(column).sql_encode(dialect, value)


def sql_decode(dialect: str, column: sa.Column[Any], values: Any, name: str) -> Any:
    """``decode`` as SQL: the field ``name`` of the JSON object ``values``, in the column's type."""
    if is_secret(column):
        return sa.literal(column.info["secret"], column.type)
    return kind_of(column).sql_field(dialect, values, name)


def encoded_object(dialect: str, columns: Mapping[str, sa.Column[Any]]) -> Any:
    """Columns of a stored row, encoded into one JSON object, as an expression to select."""
    encoded = {name: sql_encode(dialect, column, column) for name, column in columns.items()}
    return sa.type_coerce(sql_object(dialect, encoded), VALUES)


def sql_same(dialect: str, column: sa.Column[Any], one: Any, other: Any) -> Any:
    """Whether two expressions of the column's type have the same value; two NULLs do."""
    return kind_of(column).sql_same(dialect, one, other)


def sql_has_field(dialect: str, values: Any, name: str) -> Any:
    """Whether the JSON object ``values`` has the field ``name``, null or not."""
    if dialect == "postgresql":
        return sa.func.jsonb_exists(values, name)
    if dialect in MYSQL:
        return sa.func.json_contains_path(values, "one", path(name)) == 1
    return sa.func.json_type(values, path(name)).is_not(None)


def sql_with_field(dialect: str, values: Any, name: str, value: Any) -> Any:
    """The JSON object ``values`` with the field ``name`` set to an encoded value."""
    if dialect == "postgresql":
        return values.op("||")(sa.func.jsonb_build_object(sa.literal_column(quoted(name)), value))
    return sa.func.json_set(values, path(name), value)


def sql_without_field(dialect: str, values: Any, name: str, condition: Any) -> Any:
    """The JSON object ``values`` without the field ``name`` where ``condition`` holds."""
    if dialect == "postgresql":
        removed = sa.case((condition, sa.literal_column(quoted(name))), else_="")
        return values.op("-")(sa.cast(removed, sa.Text))
    removed = sa.case((condition, path(name)), else_=path("none_of_these"))
    return sa.func.json_remove(values, removed)
