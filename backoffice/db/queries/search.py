"""Search conditions, written so that each database can use an index for them."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators

LIKE_ESCAPE = "\\"

MOST_RESOLVED = 1000
"""Keys that ``resolved`` writes into a statement one by one."""


def contains(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` contains ``text``, whatever the case. Wildcards are plain characters."""
    return like(column, f"%{escape_like(text)}%")


def starts_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` begins with ``text``, whatever the case."""
    return like(column, f"{escape_like(text)}%")


def ends_with(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` ends with ``text``, whatever the case."""
    return like(column, f"%{escape_like(text)}")


def equals(column: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether ``column`` is ``text``, whatever the case."""
    return like(column, escape_like(text))


def like(column: Any, pattern: str) -> sa.ColumnElement[bool]:
    """``column`` against a LIKE pattern, whatever the case; no text that holds a NUL matches."""
    if "\x00" in pattern:  # no database stores a NUL
        return sa.false()
    return (_ascii_like if pattern.isascii() else _any_like)(column, sa.literal(pattern))


def found_in(
    column: Any, keys: sa.Select[Any], *, resolvable: bool = True
) -> sa.ColumnElement[bool]:
    """Whether ``column`` is one of the few values that the subquery ``keys`` selects.

    PostgreSQL reads the whole table for ``a ILIKE … OR key IN (SELECT …)``. With the keys in an
    array, which it computes first, it combines the indexes of both. Its planner does not know how
    many keys there are: up to ``MOST_RESOLVED``, ``resolved`` writes them into the statement.
    ``resolvable``: False for types whose arrays the driver returns as text.
    """
    found = _found_in if resolvable else _found_unresolved
    return found(column, keys.correlate(None).scalar_subquery())


def narrowed_to(column: Any, keys: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether ``column`` is one of the values that ``keys`` selects; true where these are many.

    Join it by AND to a condition that implies it. PostgreSQL then looks only at the rows that an
    index finds for ``keys``, if they are ``MOST_RESOLVED`` or fewer (``resolved``), and plans the
    condition as if it were alone if they are more. On the other databases it is always true.
    """
    return _narrowed_to(column, keys.correlate(None).scalar_subquery())


def unresolved(condition: sa.ColumnElement[bool]) -> list[sa.ColumnElement[Any]]:
    """What to select from PostgreSQL for ``resolved``: an array of keys for each ``found_in``."""
    return [_keys_of(element) for element in _all_found_in(condition)]


def resolved(
    condition: sa.ColumnElement[bool], keys: Sequence[Sequence[Any] | None]
) -> sa.ColumnElement[bool]:
    """``condition`` with the keys written into it where they are few; ``keys``: the arrays."""
    found = dict(zip(_all_found_in(condition), keys, strict=True))
    return _with_keys(condition, found) if found else condition


def _all_found_in(condition: sa.ColumnElement[bool]) -> list[Any]:
    """Those within AND and OR. A walk through all elements would take as long as a search."""
    if type(condition) in _RESOLVABLE:
        return [condition]
    if isinstance(condition, sa.BooleanClauseList):
        return [found for clause in condition.clauses for found in _all_found_in(clause)]
    return []


def _with_keys(condition: Any, found: Mapping[Any, Sequence[Any] | None]) -> Any:
    if type(condition) in _RESOLVABLE:
        keys = found[condition]
        if keys is None or len(keys) > MOST_RESOLVED:
            return sa.true() if isinstance(condition, _narrowed_to) else condition
        column, _select = condition.clauses
        return column.in_(keys) if keys else sa.false()
    if isinstance(condition, sa.BooleanClauseList):
        join = sa.or_ if condition.operator is operators.or_ else sa.and_
        return join(*(_with_keys(clause, found) for clause in condition.clauses))
    return condition


def _keys_of(element: Any) -> sa.ColumnElement[Any]:
    _column, keys = element.clauses
    return sa.func.array(keys.element.limit(MOST_RESOLVED + 1).scalar_subquery())


def without_index(expression: Any) -> Any:
    """``expression`` to sort by, so that no index is used for the order.

    A few hundred rows that a search found are sorted at once. A planner that expects many would
    walk the whole table in the index's order until it has met enough of them.
    """
    return _without_index(expression)


def read_in_turn(column: Any) -> Any:
    """A text ``column`` to search for a word that is too short for a trigram index.

    PostgreSQL would read such an index from end to end, which takes four times as long as the
    table. An index has one collation, so with another it is left out, and the planner still knows
    how common the word is. Only for words of ASCII letters, which all collations fold alike.
    """
    return _read_in_turn(column)


def is_text_search(element: Any) -> Any | None:
    """The column of a text search condition; None if ``element`` is none."""
    if isinstance(element, _any_like):
        return element.clauses.clauses[0]
    if isinstance(element, sa.BinaryExpression) and element.operator in _LIKES:
        return element.left
    return None


def found_by_keys(element: Any) -> Any | None:
    """The column of a ``found_in`` condition; None if ``element`` is none."""
    return element.clauses.clauses[0] if isinstance(element, _found_in) else None


_LIKES = (operators.like_op, operators.ilike_op)


def escape_like(text: str) -> str:
    """``text`` as data in a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class _condition(sa.sql.functions.FunctionElement[bool]):
    """A function that compiles to a comparison in parentheses."""

    inherit_cache = True
    type = sa.Boolean()

    def self_group(self, against: Any = None) -> Any:
        # As a function it would become "… = 1" on a database without booleans, which uses no index.
        return self


class _without_index(sa.sql.functions.FunctionElement[Any]):
    inherit_cache = True

    def __init__(self, expression: Any) -> None:
        super().__init__(expression)
        self.type = expression.type


@compiles(_without_index)
def _without_index_sql(element: _without_index, compiler: Any, **options: Any) -> str:
    (expression,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"coalesce({expression}, {expression})"


@compiles(_without_index, "sqlite")
def _without_index_sqlite(element: _without_index, compiler: Any, **options: Any) -> str:
    # This keeps the column's collation, by which cursors compare.
    (expression,) = element.clauses
    return f"+({compiler.process(expression, **options)})"


class _read_in_turn(sa.sql.functions.FunctionElement[str]):
    inherit_cache = True
    type = sa.String()


@compiles(_read_in_turn)
def _read_in_turn_sql(element: _read_in_turn, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    return str(compiler.process(column, **options))


@compiles(_read_in_turn, "postgresql")
def _read_in_turn_postgresql(element: _read_in_turn, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    return f'({compiler.process(column, **options)} COLLATE "C")'


class _any_like(_condition):
    inherit_cache = True


class _ascii_like(_any_like):
    inherit_cache = True


class _found_in(_condition):
    inherit_cache = True


class _found_unresolved(_found_in):
    inherit_cache = True


class _narrowed_to(_found_in):
    inherit_cache = True


_RESOLVABLE = (_found_in, _narrowed_to)


@compiles(_any_like)
def _any_like_sql(element: _any_like, compiler: Any, **options: Any) -> str:
    column, pattern = element.clauses
    return f"({compiler.process(column.ilike(pattern, escape=LIKE_ESCAPE), **options)})"


@compiles(_ascii_like, "sqlite")
def _ascii_like_sqlite(element: _ascii_like, compiler: Any, **options: Any) -> str:
    # SQLite's own LIKE ignores the case of ASCII letters, which is enough for this pattern.
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


@compiles(_narrowed_to)
def _narrowed_to_sql(element: _narrowed_to, compiler: Any, **options: Any) -> str:
    return "(1 = 1)"


@compiles(_narrowed_to, "postgresql")
def _narrowed_to_postgresql(element: _narrowed_to, compiler: Any, **options: Any) -> str:
    return _found_in_postgresql(element, compiler, **options)
