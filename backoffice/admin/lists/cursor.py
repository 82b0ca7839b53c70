"""Keyset pagination: a page starts after the values of the last row, not after a number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import BindParameter, ColumnElement, and_, case, false, or_, true, tuple_

from backoffice.columns import Kind, kind_of
from backoffice.db.queries.search import without_index


@dataclass(frozen=True, slots=True)
class SortTerm:
    """One expression of ORDER BY. ``nullable``: whether it may be NULL."""

    expression: Any
    descending: bool = False
    nullable: bool = False

    @property
    def kind(self) -> Kind:
        """The kind of its values."""
        return kind_of(self.expression)


def expand_nulls(terms: Sequence[SortTerm]) -> list[SortTerm]:
    """The terms, with an "is NULL" term before each nullable one.

    NULLs then come last in ascending order. Without it databases differ.
    """
    expanded: list[SortTerm] = []
    for term in terms:
        if term.nullable:
            is_null = case((term.expression.is_(None), 1), else_=0)
            expanded.append(SortTerm(is_null, term.descending))
        expanded.append(term)
    return expanded


def order_by(terms: Sequence[SortTerm], *, backward: bool, by_index: bool = True) -> list[Any]:
    """ORDER BY of expanded terms. ``backward`` reverses each of them. ``by_index``: false keeps the
    database from reading an index in order."""
    ordered = []
    for term in terms:
        expression = term.expression if by_index else without_index(term.expression)
        ordered.append(expression.desc() if _is_descending(term, backward) else expression.asc())
    return ordered


def after_row(
    terms: Sequence[SortTerm], values: Sequence[Any], *, backward: bool
) -> ColumnElement[bool]:
    """The condition for the rows after (``backward``: before) a row. ``values``: that row's, as
    ``sql_bounds`` makes them.

    It is ``(a, b) > (x, y)`` if all terms have one direction and no NULLs: in an index on both,
    PostgreSQL and SQLite start at that row. Else it is ``a > x OR (a = x AND b > y) OR …``. Both
    come with ``a >= x``, which every database finds in an index; from there it may read many rows
    with the same ``a``.
    """
    first, value = terms[0], values[0]
    if len(terms) > 1 and value is not None:
        descending = _is_descending(first, backward)
        within = first.expression <= value if descending else first.expression >= value
    else:
        within = true()
    # In MariaDB a comparison of rows is false if any value is NULL, and it turns an outer join into
    # an inner one because of that. No index holds such an order anyway.
    no_nulls = not any(term.nullable for term in terms)
    one_way = all(term.descending == first.descending for term in terms)
    if len(terms) > 1 and no_nulls and one_way and not any(value is None for value in values):
        row = tuple_(*(term.expression for term in terms))
        bound = tuple_(*values)
        return and_(within, row < bound if _is_descending(first, backward) else row > bound)
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for term, value in zip(terms, values, strict=True):
        alternatives.append(and_(*equal, _after(term, value, backward)))
        equal.append(term.expression.is_(None) if value is None else term.expression == value)
    return and_(within, or_(*alternatives))


def sql_bounds(terms: Sequence[SortTerm], values: Sequence[Any], dialect: str) -> list[Any]:
    """The values as SQL, to compare with the terms; None for NULL. [] for no values."""
    pairs = zip(terms, values, strict=True) if values else ()
    return [None if value is None else term.kind.bound(dialect, value) for term, value in pairs]


def is_parameter(bound: Any) -> bool:
    """Whether a bound is a plain parameter, whose value can be replaced."""
    return isinstance(bound, BindParameter)


def _is_descending(term: SortTerm, backward: bool) -> bool:
    return term.descending != backward


def _after(term: SortTerm, value: Any, backward: bool) -> ColumnElement[bool]:
    if value is None:  # the "is NULL" term comes first, so here all values are NULL and equal
        return false()
    condition: ColumnElement[bool] = (
        term.expression < value if _is_descending(term, backward) else term.expression > value
    )
    return condition


def encode_values(terms: Sequence[SortTerm], row: Sequence[Any]) -> tuple[Any, ...]:
    """The values that sort a row, as a cursor stores them: in JSON, without loss."""
    return tuple(
        None if value is None else term.kind.encode(value)
        for term, value in zip(terms, row, strict=True)
    )


def decode_values(terms: Sequence[SortTerm], encoded: Sequence[Any]) -> tuple[Any, ...]:
    """The values that ``encode_values`` encoded.

    Raises:
        ValueError: they do not fit the terms, as when a column's type has changed since.
    """
    try:
        return tuple(
            None if value is None else term.kind.decode(value)
            for term, value in zip(terms, encoded, strict=True)
        )
    except (TypeError, ArithmeticError, LookupError) as error:
        raise ValueError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row after which a page starts. ``backward``: the page ends before that row instead.

    ``order``: the list and the sort that it belongs to (``ListQuery.order``). ``values``: the
    row's, as ``encode_values`` returns them; () for the end of the list. ``key``: the row's key as
    text, used instead of values that are too long for an address; else "".
    """

    order: str
    values: tuple[Any, ...] = ()
    backward: bool = False
    key: str = ""

    @property
    def is_end(self) -> bool:
        return not (self.values or self.key)


class CursorSigner:
    """Writes cursors as signed text, and reads them."""

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeSerializer(key, salt="backoffice.cursor")

    def write(self, cursor: Cursor) -> str:
        payload = [cursor.order, list(cursor.values), int(cursor.backward), cursor.key]
        return str(self._serializer.dumps(payload))

    def read(self, text: str) -> Cursor | None:
        """The cursor; None if ``text`` was not signed with this key."""
        try:
            order, values, backward, key = self._serializer.loads(text)
            return Cursor(str(order), tuple(values), bool(backward), str(key))
        except (BadData, ValueError, TypeError):
            return None


@cache
def cursor_signer(signing_key: str) -> CursorSigner:
    """The signer for the setting ``signing_key``, made once."""
    return CursorSigner(signing_key)
