"""A record's values as the history keeps them: what the column's kind says, but for secrets and
None. Made in Python and in SQL alike.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from backoffice.columns import kind_of
from backoffice.columns.sql import path, quoted
from backoffice.db.types import MYSQL
from backoffice.models.changeset import VALUES

NOT_KEPT = "(not kept)"
"""What is kept in place of a secret: that it changed is known, to and from what is not."""

FIELDS_AT_ONCE = 40
"""PostgreSQL's functions take a hundred arguments, SQLite's 127, and a field is two."""


def is_secret(column: sa.Column[Any]) -> bool:
    """Whether the history must not hold a column's values."""
    return "secret" in column.info


def encode(column: sa.Column[Any], value: Any) -> Any:
    """A column's value as JSON holds it. None stays None."""
    if value is None:
        return None
    return NOT_KEPT if is_secret(column) else kind_of(column).encode(value)


def decode(column: sa.Column[Any], value: Any) -> Any:
    """What ``encode`` wrote; a secret becomes what its column says a restored record gets.

    Raises:
        ValueError: the kind of the column never wrote such a value.
    """
    if value is None:
        return None
    return column.info["secret"] if is_secret(column) else kind_of(column).decode(value)


def keeps(column: sa.Column[Any], value: Any, dialect: str) -> bool:
    """Whether the database will hold the value just as it is; if not, it has to be read back."""
    return value is None or is_secret(column) or kind_of(column).stores_exactly(value, dialect)


def same_encoded(column: sa.Column[Any], one: Any, other: Any) -> bool:
    """Whether two kept values mean the same value. Of secrets nobody knows: taken for the same."""
    return is_secret(column) or kind_of(column).same_encoded(one, other)


# In SQL ---------------------------------------------------------------------------------


def sql_object(dialect: str, values: Mapping[str, Any]) -> Any:
    """A JSON object of SQL expressions that are encoded already, however many."""
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
    """``encode`` as SQL: ``value``, of the type of ``column``, as JSON is to hold it."""
    if is_secret(column):
        return sa.case((value.is_(None), sa.null()), else_=sa.literal_column(quoted(NOT_KEPT)))
    return kind_of(column).sql_encode(dialect, value)


def sql_decode(dialect: str, column: sa.Column[Any], values: Any, name: str) -> Any:
    """``decode`` as SQL: the field ``name`` of the JSON column ``values``, as its column's type."""
    if is_secret(column):
        return sa.literal(column.info["secret"], column.type)
    return kind_of(column).sql_field(dialect, values, name)


def kept_object(dialect: str, columns: Mapping[str, sa.Column[Any]]) -> Any:
    """These columns of a live row as the history keeps them: one JSON object, to be selected."""
    encoded = {name: sql_encode(dialect, column, column) for name, column in columns.items()}
    return sa.type_coerce(sql_object(dialect, encoded), VALUES)


def sql_same(dialect: str, column: sa.Column[Any], one: Any, other: Any) -> Any:
    """Whether two expressions of the type of ``column``, either of which may be NULL, are one."""
    return kind_of(column).sql_same(dialect, one, other)


def sql_has_field(dialect: str, values: Any, name: str) -> Any:
    """Whether the JSON object ``values`` holds the field ``name`` (null or not)."""
    if dialect == "postgresql":
        return sa.func.jsonb_exists(values, name)
    if dialect in MYSQL:
        return sa.func.json_contains_path(values, "one", path(name)) == 1
    return sa.func.json_type(values, path(name)).is_not(None)


def sql_with_field(dialect: str, values: Any, name: str, value: Any) -> Any:
    """The JSON object ``values`` with the field ``name``, whose value is encoded already."""
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
