"""The records before and after a record, in the order of the list that the person came from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from backoffice.admin.lists.address import read_address, split_lookup_texts
from backoffice.admin.lists.cursor import SortTerm, order_by
from backoffice.admin.lists.fetch import run_within
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.relations import is_to_one, join
from backoffice.admin.lists.sort_costs import in_indexed_order
from backoffice.admin.lists.sorting import is_index_backed
from backoffice.admin.lists.table_size import LARGE, table_size
from backoffice.admin.pages.steps import Steps
from backoffice.admin.records.keys import (
    has_key,
    key_attributes,
    key_from_row,
    parse_key,
    write_key,
)
from backoffice.admin.return_url import next_value, return_url, with_next
from backoffice.admin.view import Context, RecordView
from backoffice.history import RecordSession
from backoffice.language import _

SHARE_OF_TIME = 4
"""A search of a large table has this part of a list's time limit: a quarter."""

HERE, PREVIOUS, NEXT = 0, 1, 2
"""The places of a record and its neighbours, as the statement names them."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The keys of the records before and after one, as text; "" for none. ``matches``: whether the
    record itself is in the list."""

    previous: str = ""
    next: str = ""
    matches: bool = False


def record_steps(context: Context, view: RecordView, screen: str) -> Steps:
    """Links to the records before and after the one that the address names, for its page or its
    form (``screen``); and why there is none.

    One statement. Where a large table is searched, another one sets a time limit first, and the
    session is rolled back if that is reached: ask this before the record is loaded.
    """
    key = parse_key(view, context.request.path_params["pk"])
    found = (
        None if key is None else fetch_neighbours(context.session, _list_query(context, view), key)
    )
    if found is None:
        reason = _("There are too many {records} to step through.", records=view.label_plural)
        return Steps(view.label, reason_before=reason, reason_after=reason)
    if not found.matches:
        reason = _("This {record} is not in the list that you came from.", record=view.label)
        return Steps(view.label, reason_before=reason, reason_after=reason)
    back = next_value(context, view)

    def href(text: str) -> str:
        return with_next(context.site.href(view.identity, screen, text), back)

    return Steps(
        view.label,
        before=href(found.previous) if found.previous else None,
        after=href(found.next) if found.next else None,
        reason_before=_("This is the first {record} in the list.", record=view.label),
        reason_after=_("This is the last {record} in the list.", record=view.label),
    )


def _list_query(context: Context, view: RecordView) -> ListQuery:
    """The query of the list that the person came from: all its pages."""
    _path, _mark, query = return_url(context, view).partition("?")
    parameters, _texts = split_lookup_texts(view, parse_qsl(query, keep_blank_values=True))
    return replace(read_address(view, parameters, context), cursor=None)


def fetch_neighbours(session: RecordSession, query: ListQuery, key: Any) -> Neighbours | None:
    """The neighbours of the record with that key in a list; None if it takes too long to find
    them."""
    if _is_read_in_order(query) or table_size(query.view).estimated_rows(session) <= LARGE:
        return _fetch(session, query, key)
    if not query.filtered:
        query, _messages = in_indexed_order(session, query)
        return _fetch(session, query, key)
    seconds = query.view.site.settings.list_time_limit / SHARE_OF_TIME
    return run_within(session, query, seconds, lambda session, query: _fetch(session, query, key))


def _is_read_in_order(query: ListQuery) -> bool:
    """Whether an index holds the list's records next to each other, in its order."""
    in_order = all(is_index_backed(query.view, name) for name, _descending in query.sort[:1])
    return in_order and (not query.filtered or query.is_index_range)


def _fetch(session: RecordSession, query: ListQuery, key: Any) -> Neighbours:
    rows = session.execute(select_neighbours(query, key)).all()
    texts = {row[0]: write_key(query.view, key_from_row(query.view, row[1:])) for row in rows}
    return Neighbours(texts.get(PREVIOUS, ""), texts.get(NEXT, ""), HERE in texts)


def select_neighbours(query: ListQuery, key: Any) -> CompoundSelect[Any]:
    """The SELECT of the record itself, if it matches, and of its neighbours: a place (``HERE`` and
    its like) and the key. Nothing, if it does not match.

    The values that the record is sorted by are read by the statement itself, since the record may
    have changed since the list was shown.
    """
    terms = query.sort_terms()
    values = [term.expression.label(f"at_{number}") for number, term in enumerate(terms)]
    keys = [
        attribute.label(f"key_{number}")
        for number, attribute in enumerate(key_attributes(query.view))
    ]
    here = _select(query, *keys, *values).where(has_key(query.view, key)).cte("here")
    own_keys, own_values = list(here.c)[: len(keys)], list(here.c)[len(keys) :]
    bounds = [select(value).scalar_subquery() for value in own_values]

    def neighbour(place: int, *, backward: bool) -> Select[Any]:
        nearest = (
            _select(query, literal(place).label("place"), *keys)
            .where(_after(terms, bounds, backward=backward))
            .order_by(*order_by(terms, backward=backward))
            .limit(1)
            .subquery()  # SQLite takes a LIMIT inside a UNION only within a subquery
        )
        return select(*nearest.c)

    return union_all(
        select(literal(HERE).label("place"), *own_keys),
        neighbour(PREVIOUS, backward=True),
        neighbour(NEXT, backward=False),
    )


def _select(query: ListQuery, *columns: Any) -> Select[Any]:
    """SELECT columns of the matching records, joined to what sorts them."""
    statement = select(*columns).select_from(query.view.model)
    for name, _descending in query.sort:
        if is_to_one(query.view, name):
            statement = join(statement, query.view, name, shown=False)
    return statement.where(query.predicate())


def _after(
    terms: Sequence[SortTerm], bounds: Sequence[ColumnElement[Any]], *, backward: bool
) -> ColumnElement[bool]:
    """The condition for the rows after (``backward``: before) the one with the values ``bounds``,
    which only the database knows: as ``cursor.after_row``, but any of them may be NULL."""
    first = terms[0]
    if not any(term.nullable for term in terms) and all(
        term.descending == first.descending for term in terms
    ):
        row, here = tuple_(*(term.expression for term in terms)), tuple_(*bounds)
        within = _compare(first, bounds[0], backward, equal=True)
        return and_(within, row < here if first.descending != backward else row > here)
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for term, bound in zip(terms, bounds, strict=True):
        alternatives.append(and_(*equal, _compare(term, bound, backward)))
        same = (
            term.expression.is_not_distinct_from(bound)
            if term.nullable
            else term.expression == bound
        )
        equal.append(same)
    return or_(*alternatives)


def _compare(
    term: SortTerm, bound: Any, backward: bool, *, equal: bool = False
) -> ColumnElement[bool]:
    # A comparison with NULL is not true: there are only equal values behind it.
    expression = term.expression
    if term.descending != backward:
        below: ColumnElement[bool] = expression <= bound if equal else expression < bound
        return below
    above: ColumnElement[bool] = expression >= bound if equal else expression > bound
    return above
