"""Keyset pages: a cursor is where the last row stood in the order, not how many came before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import BindParameter, ColumnElement, and_, case, false, literal, or_, true, tuple_

from backoffice.db.search import unserved


@dataclass(frozen=True, slots=True)
class SortTerm:
    """One expression of an order. ``nullable``: whether it may be NULL."""

    expression: Any
    descending: bool = False
    nullable: bool = False


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
        expression = term.expression if by_index else unserved(term.expression)
        ordered.append(expression.desc() if _falls(term, backward) else expression.asc())
    return ordered


def beyond(
    terms: Sequence[SortTerm], values: Sequence[Any], *, backward: bool
) -> ColumnElement[bool]:
    """The rows that come after (or, backward, before) the row with these values.

    ``(a, b) > (x, y)`` where all go one way and none is NULL: PostgreSQL and SQLite start right
    there in an index on both. Else ``a > x OR (a = x AND b > y) OR …``. Both under ``a >= x``, the
    one bound that an index serves on every database; a walk that starts there may have many rows
    of one price to pass.
    """
    first, value = terms[0], values[0]
    if len(terms) > 1 and value is not None:
        limit = _bound(first, value)
        falls = _falls(first, backward)
        within = first.expression <= limit if falls else first.expression >= limit
    else:
        within = true()
    one_way = all(term.descending == first.descending for term in terms)
    if len(terms) > 1 and one_way and not any(value is None for value in values):
        row = tuple_(*(term.expression for term in terms))
        there = tuple_(*(_bound(t, v) for t, v in zip(terms, values, strict=True)))
        return and_(within, row < there if _falls(first, backward) else row > there)
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for term, value in zip(terms, values, strict=True):
        alternatives.append(and_(*equal, _past(term, value, backward)))
        equal.append(
            term.expression.is_(None) if value is None else term.expression == _bound(term, value)
        )
    return and_(within, or_(*alternatives))


def _bound(term: SortTerm, value: Any) -> Any:
    """The value as a parameter of the term's own type (a bare True cannot be compared by >)."""
    return value if isinstance(value, BindParameter) else literal(value, term.expression.type)


def _falls(term: SortTerm, backward: bool) -> bool:
    return term.descending != backward


def _past(term: SortTerm, value: Any, backward: bool) -> ColumnElement[bool]:
    if value is None:  # NULLs are equal; whether it is one was an earlier term
        return false()
    limit = _bound(term, value)
    past: ColumnElement[bool] = (
        term.expression < limit if _falls(term, backward) else term.expression > limit
    )
    return past


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page starts. ``backward``: it ends before that row instead. ``order`` names the sort
    that the values belong to; no values means the very end of the list."""

    order: str
    values: tuple[Any, ...]
    backward: bool = False


class CursorSigner:
    """Writes cursors as opaque text and reads them back; what it did not write it refuses."""

    def __init__(self, key: str) -> None:
        self._serializer = URLSafeSerializer(key, salt="backoffice.cursor")

    def write(self, cursor: Cursor) -> str:
        payload = [cursor.order, [_encode(value) for value in cursor.values], int(cursor.backward)]
        return str(self._serializer.dumps(payload))

    def read(self, text: str) -> Cursor | None:
        """The cursor, or None if ``text`` is no cursor of ours."""
        try:
            order, values, backward = self._serializer.loads(text)
            return Cursor(str(order), tuple(_decode(value) for value in values), bool(backward))
        except (BadData, ValueError, TypeError, InvalidOperation):
            return None


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, datetime):
        return {"t": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    return value


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    return _DECODERS[kind](text)


_DECODERS: dict[str, Callable[[str], Any]] = {
    "n": Decimal,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
}
