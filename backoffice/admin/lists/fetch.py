"""Answering a list query: which statements run, in which order, and for how long at most."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Integer, Select, bindparam

from backoffice.admin.attributes import column_of
from backoffice.admin.lists.counting import count_exactly, count_found
from backoffice.admin.lists.cursor import (
    Cursor,
    beyond,
    bounds_of,
    is_parameter,
    kept_values,
    order_by,
    read_values,
)
from backoffice.admin.lists.query import ListQuery, select_shown
from backoffice.admin.lists.sorting import (
    MOST_KEPT,
    Sort,
    default_sort,
    is_index_backed,
    label_terms,
    sort_terms,
)
from backoffice.admin.lists.table_size import LARGE, table_size
from backoffice.admin.records.counting import COUNT_LIMIT, Count, count_all
from backoffice.admin.records.keys import is_key, key_text, parse_key
from backoffice.admin.view import RecordView
from backoffice.db.resilience.time_limits import time_limit
from backoffice.history import RecordSession

LONGEST_CURSOR = 1000
"""Characters of the values in a cursor; where a row has more, its cursor names the row."""


@dataclass(frozen=True, slots=True)
class ListRows:
    """One page of records, and the cursors of its neighbours (None where there is none)."""

    records: tuple[Any, ...] = ()
    previous: Cursor | None = None
    next: Cursor | None = None
    restarted: bool = False
    """Whether the page asked for is gone, and this is the first one instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a list shows. ``query`` is the one answered, which another sort may have been put into.

    ``count`` is None where counting took too long. ``too_slow``: the rows did, and there are none.
    """

    query: ListQuery
    rows: ListRows
    count: Count | None
    messages: tuple[str, ...] = ()
    too_slow: bool = False


@contextmanager
def limited(session: RecordSession, query: ListQuery, seconds: float) -> Iterator[ListQuery]:
    """A limit for each statement that answers ``query``, or rather the query that it gives."""
    along = query.unresolved() if session.dialect == "postgresql" else []
    with time_limit(
        session, seconds, parallel=query.exact, by_index=query.by_index, along=along
    ) as found:
        yield query.resolve(found or ())


def answer(session: RecordSession, query: ListQuery) -> Answer:
    """Ask the database for the count and the rows: a statement each.

    What is narrowed is counted first: that tells whether to sort what was found, or to walk an
    index and look for it.

    Raises:
        DBAPIError: of which ``timed_out`` is true, where it ran into the time limit.
    """
    if query.exact:
        counted = count_exactly(session, query)
    elif query.bounded:
        counted, keys = count_found(session, query)
        query = replace(query, found=keys)
    else:
        return _answer_all(session, query)
    few = counted.number <= COUNT_LIMIT and not counted.more
    messages: tuple[str, ...] = ()
    if not few:
        query, messages = served(session, query)
    rows = ListRows()
    if counted.number:
        rows = fetch(session, query, few=few and (query.found is not None or not query.one_range))
    return Answer(query, rows, counted, messages)


def answer_unsorted(session: RecordSession, query: ListQuery) -> Answer:
    """The rows in the order of their key, uncounted: for a search that matches so much, and so
    late in the order asked for, that there is no time for it.

    Raises:
        DBAPIError: as ``answer``.
    """
    if not query.sort:
        return Answer(query, ListRows(), None, too_slow=True)
    view = query.view
    plain = replace(query, sort=(), cursor=None)
    message = (
        f"There was no time to sort so many {view.label_plural}: they stand in the order in which "
        "they were added. Narrow the list to sort them."
    )
    return Answer(plain, fetch(session, plain), None, messages=(message,))


def _answer_all(session: RecordSession, query: ListQuery) -> Answer:
    query, messages = served(session, query)
    rows = fetch(session, query)
    if query.cursor is None and rows.next is None:
        counted = Count(len(rows.records))
    else:
        kept = table_size(query.view).about()
        counted = kept or count_all(session, query.view)
        if kept is None:
            table_size(query.view).learn(counted)
    return Answer(query, rows, counted, messages)


def served(session: RecordSession, query: ListQuery) -> tuple[ListQuery, tuple[str, ...]]:
    """The query, in its view's own order where a large table has no index for the one asked for;
    and a sentence that says so."""
    wrong = [name for name, _descending in query.sort[:1] if not is_index_backed(query.view, name)]
    if not wrong or query.sort == default_sort(query.view, query.hidden):
        return query, ()
    if table_size(query.view).rows(session) <= LARGE:
        return query, ()
    view = query.view
    message = (
        f"Sorting so many {view.label_plural} by {view.label_for(wrong[0])} would take too long, "
        "since no index holds them in that order. "
        f"Narrow the list to {COUNT_LIMIT:,} or fewer first."
    )
    usual = default_sort(view, query.hidden)
    return replace(query, sort=usual, cursor=None), (message,)


def fetch(session: RecordSession, query: ListQuery, *, few: bool = False) -> ListRows:
    """The page's records, with the relations that the list shows: one statement.

    Where the cursor's page has become empty, a second one reads the first page. ``few``: so few
    match that sorting them is quicker than walking an index.
    """
    rows = _fetch_at(session, query, query.cursor, few)
    if query.cursor is None or rows.records:
        return rows
    return replace(_fetch_at(session, query, None, few), restarted=True)


def select_page(
    query: ListQuery, values: Sequence[Any] = (), *, backward: bool = False, few: bool = False
) -> tuple[Select[Any], dict[str, Any]]:
    """The statement that reads the page beside the row with these ``values`` of the order's terms
    (none: the first page, or backward the last) and one row more, and its parameters. ``few``: as
    for ``fetch``.

    Each row is the record and the values that it is sorted by.
    """
    bounds = bounds_of(query.sort_terms(), values, query.view.site.database.dialect)
    statement = _page(query.view, query.shown, query.sort, bounds, backward, few)
    if query.bounded:
        statement = statement.where(query.predicate())
    given = {f"at_{n}": one.value for n, one in enumerate(bounds) if is_parameter(one)}
    return statement, given | {"rows": query.page_size + 1}


def _fetch_at(
    session: RecordSession, query: ListQuery, cursor: Cursor | None, few: bool
) -> ListRows:
    backward = cursor is not None and cursor.backward
    values: Sequence[Any] = ()
    if cursor is not None and not cursor.is_end:
        values = _values_at(session, query, cursor)
        if not values:
            return ListRows()
    found = session.execute(*select_page(query, values, backward=backward, few=few)).all()
    more = len(found) > query.page_size
    found = found[: query.page_size]
    if backward:
        found = list(reversed(found))
    if not found:
        return ListRows()
    has_previous = more if backward else cursor is not None
    has_next = cursor is not None and not cursor.is_end if backward else more
    return ListRows(
        records=tuple(row[0] for row in found),
        previous=_cursor_at(query, found[0], backward=True) if has_previous else None,
        next=_cursor_at(query, found[-1], backward=False) if has_next else None,
    )


def _cursor_at(query: ListQuery, row: Sequence[Any], *, backward: bool) -> Cursor:
    """The cursor of a row of ``select_page``."""
    kept = kept_values(query.sort_terms(), row[1:])
    if sum(len(str(value)) for value in kept) > LONGEST_CURSOR:
        return Cursor(query.order, (), backward, key_text(query.view, row[0]))
    return Cursor(query.order, kept, backward)


def _values_at(session: RecordSession, query: ListQuery, cursor: Cursor) -> Sequence[Any]:
    """The values that a cursor stands at; none where the row that it names is gone."""
    terms = query.sort_terms()
    if cursor.values:
        return read_values(terms, cursor.values)
    key = parse_key(query.view, cursor.key)
    sorted_by = tuple(name for name, _descending in query.sort)
    statement = select_shown(query.view, (), sorted_by).where(is_key(query.view, key))
    expressions = [term.expression for term in terms]
    row = session.execute(statement.with_only_columns(*expressions)).first()
    return tuple(row or ())


def _page(
    view: RecordView,
    shown: tuple[str, ...],
    sort: Sort,
    bounds: Sequence[Any],
    backward: bool,
    few: bool,
) -> Select[Any]:
    """The statement of a page, of all records. ``bounds``: the cursor's values; none for the first
    page. Made once for each of the shapes that are in use, if it is the same for any values.
    """
    shape = tuple("value" if is_parameter(one) else "null" for one in bounds)
    same = all(one is None or is_parameter(one) for one in bounds)
    key = ("page", shown, sort, shape, backward, few)
    if same and key in view.cache:
        kept: Select[Any] = view.cache[key]
        return kept
    terms = sort_terms(view, sort)
    statement = select_shown(view, shown, tuple(name for name, _descending in sort))
    # What is no column has no name for its result to be found by.
    statement = statement.add_columns(
        *(
            term.expression.label(f"sort_{place}")
            if column_of(term.expression) is None
            else term.expression
            for place, term in enumerate(terms)
        )
    )
    if bounds:
        values = [
            bindparam(f"at_{place}", type_=one.type) if is_parameter(one) else one
            for place, one in enumerate(bounds)
        ]
        statement = statement.where(beyond(terms, values, backward=backward))
    elif not few and _walks_a_relation(view, sort):
        statement = statement.where(terms[0].expression >= "")
    statement = statement.order_by(*order_by(terms, backward=backward, by_index=not few))
    statement = statement.limit(bindparam("rows", type_=Integer()))
    # People arrange columns in more ways than one can keep.
    if same and len(view.cache) < MOST_KEPT:
        view.cache[key] = statement
    return statement


def _walks_a_relation(view: RecordView, sort: Sort) -> bool:
    """Whether SQLite must be led into an index of related records, by a bound that all keep.

    On every page but the first the cursor does that. Without a bound, and without statistics, it
    begins with the view's own table and sorts all of it: 120 ms with 300,000 items, else 4.
    """
    if view.site.database.dialect != "sqlite" or not sort:
        return False
    name, descending = sort[0]
    (first, *_others) = label_terms(view, name, descending)
    is_text = first.kind.facet == "text"
    return name in view.mapper.relationships and is_text and not first.nullable
