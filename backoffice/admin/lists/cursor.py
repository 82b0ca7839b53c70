"""Keyset pages: a cursor is where the last row stood in the order, not how many came before."""

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
    """One expression of an order. ``nullable``: whether it may be NULL."""

    expression: Any
    descending: bool = False
    nullable: bool = False

    @property
    def kind(self) -> Kind:
        """The kind of its values."""
        return kind_of(self.expression)


def expand(terms: Sequence[SortTerm]) -> list[SortTerm]:
    """The terms with NULLs made sortable: each nullable one is preceded by "is it NULL".

    So NULLs stand last in ascending order on every database, which otherwise differ.
    """
    expanded: list[SortTerm] = []
    for term in terms:
        if term.nullable:
            is_null = case((term.expression.is_(None), 1), else_=0)
            expanded.append(SortTerm(is_null, term.descending))
        expanded.append(term)
    return expanded


def order_by(terms: Sequence[SortTerm], *, backward: bool, by_index: bool = True) -> list[Any]:
    """ORDER BY of expanded terms; backward reverses every one. ``by_index``: an index may serve."""
    ordered = []
    for term in terms:
        expression = term.expression if by_index else without_index(term.expression)
        ordered.append(expression.desc() if _falls(term, backward) else expression.asc())
    return ordered


def beyond(
    terms: Sequence[SortTerm], values: Sequence[Any], *, backward: bool
) -> ColumnElement[bool]:
    """The rows that come after (or, backward, before) the row with these values, which are SQL
    (``bounds_of``).

    ``(a, b) > (x, y)`` where all go one way and none is NULL: PostgreSQL and SQLite start right
    there in an index on both. Else ``a > x OR (a = x AND b > y) OR …``. Both under ``a >= x``, the
    one bound that an index serves on every database; a walk that starts there may have many rows
    of one price to pass.
    """
    first, value = terms[0], values[0]
    if len(terms) > 1 and value is not None:
        falls = _falls(first, backward)
        within = first.expression <= value if falls else first.expression >= value
    else:
        within = true()
    # MariaDB takes a comparison of rows to be false wherever one of them has a NULL, and makes an
    # inner join of an outer one for it. No index serves such an order anyway.
    plain = not any(term.nullable for term in terms)
    one_way = all(term.descending == first.descending for term in terms)
    if len(terms) > 1 and plain and one_way and not any(value is None for value in values):
        row = tuple_(*(term.expression for term in terms))
        there = tuple_(*values)
        return and_(within, row < there if _falls(first, backward) else row > there)
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for term, value in zip(terms, values, strict=True):
        alternatives.append(and_(*equal, _past(term, value, backward)))
        equal.append(term.expression.is_(None) if value is None else term.expression == value)
    return and_(within, or_(*alternatives))


def bounds_of(terms: Sequence[SortTerm], values: Sequence[Any], dialect: str) -> list[Any]:
    """The values as SQL to compare the terms with, as their kinds say; None for NULL."""
    pairs = zip(terms, values, strict=True) if values else ()
    return [None if value is None else term.kind.bound(dialect, value) for term, value in pairs]


def is_parameter(bound: Any) -> bool:
    """Whether a bound is a plain parameter, so that another value could stand in its place."""
    return isinstance(bound, BindParameter)


def _falls(term: SortTerm, backward: bool) -> bool:
    return term.descending != backward


def _past(term: SortTerm, value: Any, backward: bool) -> ColumnElement[bool]:
    if value is None:  # NULLs are equal; whether it is one was an earlier term
        return false()
    past: ColumnElement[bool] = (
        term.expression < value if _falls(term, backward) else term.expression > value
    )
    return past


def kept_values(terms: Sequence[SortTerm], row: Sequence[Any]) -> tuple[Any, ...]:
    """The values that a row is sorted by, as a cursor keeps them: what JSON holds, exactly."""
    return tuple(
        None if value is None else term.kind.encode(value)
        for term, value in zip(terms, row, strict=True)
    )


def read_values(terms: Sequence[SortTerm], kept: Sequence[Any]) -> tuple[Any, ...]:
    """``kept_values`` the other way round.

    Raises:
        ValueError: they are of another order, or of other columns than there are now.
    """
    try:
        return tuple(
            None if value is None else term.kind.decode(value)
            for term, value in zip(terms, kept, strict=True)
        )
    except (TypeError, ArithmeticError, LookupError) as error:
        raise ValueError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page starts. ``backward``: it ends before that row instead. ``order`` names the sort
    that the values belong to; no values means the very end of the list.

    ``values``: of the row, as ``kept_values``. ``key``: the row's key as text instead, where the
    values are too long for an address; "" for none.
    """

    order: str
    values: tuple[Any, ...] = ()
    backward: bool = False
    key: str = ""

    @property
    def is_end(self) -> bool:
        return not (self.values or self.key)


class CursorSigner:
    """Writes cursors as opaque text and reads them back; what it did not write it refuses."""

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeSerializer(key, salt="backoffice.cursor")

    def write(self, cursor: Cursor) -> str:
        payload = [cursor.order, list(cursor.values), int(cursor.backward), cursor.key]
        return str(self._serializer.dumps(payload))

    def read(self, text: str) -> Cursor | None:
        """The cursor, or None if ``text`` is no cursor of ours."""
        try:
            order, values, backward, key = self._serializer.loads(text)
            return Cursor(str(order), tuple(values), bool(backward), str(key))
        except (BadData, ValueError, TypeError):
            return None


@cache
def cursor_signer(signing_key: str) -> CursorSigner:
    """The signer of that key, made once. The key is the setting ``signing_key``."""
    return CursorSigner(signing_key)
