"""SQL that differs between the databases: types and JSON."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import TypeEngine

from backoffice.db.types import MYSQL, exact_text


def ddl(type_: TypeEngine[Any], dialect: str) -> str:
    """A type in the database's CREATE TABLE, in capitals; "" if the database has none."""
    try:
        return type_.compile(dialect=dialect_named(dialect)).upper()
    except sa.exc.CompileError:
        return ""


@cache
def dialect_named(name: str) -> Dialect:
    """A dialect without a connection, to compile with."""
    return URL.create(name).get_dialect()()


def retyped(expression: Any, type_: Any) -> Any:
    """An expression treated as one of another type. A parameter is still sent as its own type;
    ``type_coerce`` alone would send the Python value unconverted."""
    if isinstance(expression, sa.BindParameter):
        expression = Grouping(expression)
    return sa.type_coerce(expression, type_)


def json_text(dialect: str, values: Any, name: str) -> Any:
    """The field ``name`` of the JSON column ``values`` as text: a string without its quotes, NULL
    for null. SQLite returns numbers and booleans (1, 0) as such."""
    if dialect == "postgresql":
        return values.op("->>")(sa.literal_column(quoted(name)))
    if dialect in MYSQL:
        return exact_text(_mysql_text(values, path(name)))
    return sa.func.json_extract(values, path(name))


def json_part(dialect: str, values: Any, name: str) -> Any:
    """The field ``name`` of the JSON column ``values`` as JSON; NULL if it has none."""
    if dialect == "postgresql":
        return values.op("->")(sa.literal_column(quoted(name)))
    if dialect in MYSQL:
        return sa.func.json_extract(values, path(name))
    # With two paths SQLite returns an array, [part,null], in which true stays true and a text keeps
    # its quotes; one path loses both.
    both = sa.func.json_extract(values, path(name), "$.none_of_these.at_all")
    part = sa.func.substr(both, 2, sa.func.length(both) - 7)
    return sa.case((sa.func.json_type(values, path(name)).is_not(None), part))


def path(name: str) -> Any:
    """The JSON path of a field, as SQL."""
    return sa.literal_column(quoted(f'$."{name}"'))


def quoted(text: str) -> str:
    """A name as an SQL string for ``literal_column``, which doubles a "%" if needed."""
    return "'" + text.replace("'", "''") + "'"


def json_quote(dialect: str, text: Any) -> Any:
    """A text as a JSON string. Only MariaDB writes control characters in capitals (\\u001F), so no
    key may contain one."""
    if dialect == "postgresql":
        return sa.cast(sa.func.to_json(sa.cast(text, sa.Text)), sa.Text)
    return sa.func.json_quote(sa.cast(text, sa.CHAR if dialect in MYSQL else sa.Text))


class _mysql_text(sa.sql.functions.FunctionElement[str]):  # noqa: N801 - SQL functions are lower
    """A text within JSON. MySQL's JSON_VALUE ends at 512 characters, MariaDB's does not.

    Unquoted, JSON's null would be the word "null".
    """

    inherit_cache = True
    type = sa.Text()


@compiles(_mysql_text)
def _compile_mysql_text(element: _mysql_text, compiler: Any, **options: Any) -> str:
    values, at = (compiler.process(clause, **options) for clause in element.clauses)
    if getattr(compiler.dialect, "is_mariadb", True):
        return f"JSON_VALUE({values}, {at})"
    found = f"JSON_EXTRACT({values}, {at})"
    return f"CASE WHEN JSON_TYPE({found}) = 'NULL' THEN NULL ELSE JSON_UNQUOTE({found}) END"
