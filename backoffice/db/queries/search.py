"""Conditions that a search makes, said so that each database can answer them from an index."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators

LIKE_ESCAPE = "\\"

MOST_RESOLVED = 1000
"""Keys that are written into a statement one by one."""


def contains(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` holds ``text`` somewhere, in upper or lower case; wildcards are data."""
    return like(column, f"%{escape_like(text)}%")


def starts_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` begins with ``text``, in upper or lower case."""
    return like(column, f"{escape_like(text)}%")


def ends_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` ends with ``text``, in upper or lower case."""
    return like(column, f"%{escape_like(text)}")


def equals(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` is ``text``, in upper or lower case."""
    return like(column, escape_like(text))


def like(column: Any, pattern: str) -> sa.ColumnElement[bool]:
    """``column`` against a LIKE pattern, whatever the case; no text that holds a NUL matches."""
    if "\x00" in pattern:  # no database stores it, so nothing can match it
        return sa.false()
    return (_ascii_like if pattern.isascii() else _any_like)(column, sa.literal(pattern))


def found_in(
    column: Any, keys: sa.Select[Any], *, resolvable: bool = True
) -> sa.ColumnElement[bool]:
    """Whether ``column`` is one of the few values that ``keys`` selects, found once beforehand.

    PostgreSQL answers ``a ILIKE … OR key IN (SELECT …)`` by reading the whole table, but combines
    the indexes of both where the keys come as an array, which it works out first. What it does not
    know when it makes its plan is how many there are: ``MOST_RESOLVED`` and below, ``resolved``
    tells it. Not so where not ``resolvable``: of some types the driver gives an array as a text.
    """
    found = _found_in if resolvable else _found_unresolved
    return found(column, keys.correlate(None).scalar_subquery())


def unresolved(condition: sa.ColumnElement[bool]) -> list[sa.ColumnElement[Any]]:
    """What to ask PostgreSQL for, so that ``resolved`` can take the answers: arrays of keys."""
    return [_keys_of(one) for one in _all_found_in(condition)]


def resolved(
    condition: sa.ColumnElement[bool], answers: Sequence[Sequence[Any] | None]
) -> sa.ColumnElement[bool]:
    """``condition`` with the keys that were found written into it, where they are few."""
    found = dict(zip(_all_found_in(condition), answers, strict=True))
    return _with_keys(condition, found) if found else condition


def _all_found_in(condition: sa.ColumnElement[bool]) -> list[Any]:
    """In AND and OR alone: a walk through everything, tables and all, takes as long as a search."""
    if type(condition) is _found_in:
        return [condition]
    if isinstance(condition, sa.BooleanClauseList):
        return [one for clause in condition.clauses for one in _all_found_in(clause)]
    return []


def _with_keys(condition: Any, found: Mapping[Any, Sequence[Any] | None]) -> Any:
    if type(condition) is _found_in:
        keys = found[condition]
        if keys is None or len(keys) > MOST_RESOLVED:
            return condition
        column, _select = condition.clauses
        return column.in_(keys) if keys else sa.false()
    if isinstance(condition, sa.BooleanClauseList):
        together = sa.or_ if condition.operator is operators.or_ else sa.and_
        return together(*(_with_keys(clause, found) for clause in condition.clauses))
    return condition


def _keys_of(element: Any) -> sa.ColumnElement[Any]:
    _column, keys = element.clauses
    return sa.func.array(keys.element.limit(MOST_RESOLVED + 1).scalar_subquery())


def unserved(expression: Any) -> Any:
    """``expression``, to sort by without an index.

    To sort a few hundred rows that a search found takes a moment. A planner that takes them for
    many walks the whole table in the index's order instead, until it has met enough of them.
    """
    return _unserved(expression)


def is_text_search(element: Any) -> Any | None:
    """The column that a condition looks for text in, None if it is no such condition."""
    if isinstance(element, _any_like):
        return element.clauses.clauses[0]
    if isinstance(element, sa.BinaryExpression) and element.operator in _LIKES:
        return element.left
    return None


def found_by_keys(element: Any) -> Any | None:
    """The column of ``found_in``, None if a condition is none."""
    return element.clauses.clauses[0] if isinstance(element, _found_in) else None


_LIKES = (operators.like_op, operators.ilike_op)


def escape_like(text: str) -> str:
    """``text`` as data in a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class _condition(sa.sql.functions.FunctionElement[bool]):  # noqa: N801 - SQL functions are lower
    """Prints as a comparison, in parentheses."""

    inherit_cache = True
    type = sa.Boolean()

    def self_group(self, against: Any = None) -> Any:
        # As a function it would read "… = 1" where a database has no booleans, and no index
        # answers that.
        return self


class _unserved(sa.sql.functions.FunctionElement[Any]):  # noqa: N801
    inherit_cache = True

    def __init__(self, expression: Any) -> None:
        super().__init__(expression)
        self.type = expression.type


@compiles(_unserved)
def _unserved_sql(element: _unserved, compiler: Any, **options: Any) -> str:
    (expression,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"coalesce({expression}, {expression})"


@compiles(_unserved, "sqlite")
def _unserved_sqlite(element: _unserved, compiler: Any, **options: Any) -> str:
    # Which keeps the column's own collation, as the cursors compare by it.
    (expression,) = element.clauses
    return f"+({compiler.process(expression, **options)})"


class _any_like(_condition):  # noqa: N801
    inherit_cache = True


class _ascii_like(_any_like):  # noqa: N801
    inherit_cache = True


class _found_in(_condition):  # noqa: N801
    inherit_cache = True


class _found_unresolved(_found_in):  # noqa: N801
    inherit_cache = True


@compiles(_any_like)
def _any_like_sql(element: _any_like, compiler: Any, **options: Any) -> str:
    column, pattern = element.clauses
    return f"({compiler.process(column.ilike(pattern, escape=LIKE_ESCAPE), **options)})"


@compiles(_ascii_like, "sqlite")
def _ascii_like_sqlite(element: _ascii_like, compiler: Any, **options: Any) -> str:
    # SQLite's own LIKE knows ASCII's cases and nothing else, which is all that this pattern needs;
    # lower() would call Python for every row.
    column, pattern = element.clauses
    return f"({compiler.process(column.like(pattern, escape=LIKE_ESCAPE), **options)})"


@compiles(_found_in)
def _found_in_sql(element: _found_in, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} IN {keys})"


@compiles(_found_in, "postgresql")
def _found_in_postgresql(element: _found_in, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({column} = ANY (ARRAY{keys}))"
