"""Fetching a list's rows and count: which statements run, in which order, within which time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Integer, Select, bindparam
from sqlalchemy.exc import DBAPIError

from backoffice.admin.attributes import column_of
from backoffice.admin.lists.counting import count_exactly, count_matches
from backoffice.admin.lists.cursor import (
    Cursor,
    after_row,
    decode_values,
    encode_values,
    is_parameter,
    order_by,
    sql_bounds,
)
from backoffice.admin.lists.plain_rows import RowShape, key_printer, row_shape, select_plain
from backoffice.admin.lists.query import ListQuery, select_shown
from backoffice.admin.lists.sort_costs import added_up_relations, in_indexed_order
from backoffice.admin.lists.sorting import Sort, column_terms, sort_terms
from backoffice.admin.lists.table_size import table_size
from backoffice.admin.records.counting import COUNT_LIMIT, Count, bounded_count, count_all
from backoffice.admin.records.keys import has_key, key_text, parse_key
from backoffice.admin.view import RecordView
from backoffice.db.resilience.time_limits import time_limit, timed_out
from backoffice.history import RecordSession
from backoffice.language import _

Result = TypeVar("Result")

LONGEST_CURSOR = 1000
"""Characters of the values in a cursor. If a row's are longer, its cursor holds the row's key."""


@dataclass(frozen=True, slots=True)
class ListRows:
    """One page of records, and the cursors of the pages before and after it (None for none).

    ``shape``: where the values of ``records`` are, which are plain rows then; None for entities.
    ``restarted``: the page asked for has become empty, and this is the first page instead.
    """

    records: tuple[Any, ...] = ()
    shape: RowShape | None = None
    previous: Cursor | None = None
    next: Cursor | None = None
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class ListResult:
    """A page of a list, fetched.

    ``query``: the query that was run, whose sort may be another than the one asked for; then
    ``messages`` says why. ``count``: None if counting took too long. ``too_slow``: fetching the
    rows took too long, and there are none.
    """

    query: ListQuery
    rows: ListRows
    count: Count | None
    messages: tuple[str, ...] = ()
    too_slow: bool = False


@contextmanager
def limit_time(
    session: RecordSession, query: ListQuery, seconds: float, *, in_order: bool = False
) -> Iterator[ListQuery]:
    """Limit the time of each statement inside it. Gives the query to run, instead of ``query``.
    ``in_order``: as for ``time_limit``.

    On PostgreSQL the statement that sets the limit also runs the query's ``unresolved`` subqueries,
    so that they cost no round trip.
    """
    subqueries = query.unresolved() if session.dialect == "postgresql" else []
    with time_limit(
        session,
        seconds,
        parallel=query.exact,
        by_index=query.uses_search_index,
        in_order=in_order,
        searches=bool(query.clauses),
        along=subqueries,
    ) as results:
        yield query.resolve(results or ())


def run_within(
    session: RecordSession,
    query: ListQuery,
    seconds: float,
    run: Callable[[RecordSession, ListQuery], Result],
    *,
    in_order: bool = False,
) -> Result | None:
    """What ``run`` returns for the query; None if a statement takes longer than ``seconds``.
    ``in_order``: as for ``time_limit``.

    Raises:
        DBAPIError: the database failed for another reason.
    """
    try:
        with limit_time(session, query, seconds, in_order=in_order) as resolved:
            return run(session, resolved)
    except DBAPIError as error:
        if not timed_out(error):
            raise
        session.rollback()
        return None


def fetch_list(session: RecordSession, query: ListQuery) -> ListResult:
    """Fetch the count and a page of rows: one statement each.

    A list with a predicate is counted first. Few matches are sorted; of many, the rows are read in
    the order of an index.

    Raises:
        DBAPIError: ``timed_out`` is true of it if a statement reached the time limit.
    """
    if query.exact:
        count = count_exactly(session, query)
    elif query.has_predicate:
        count, keys = count_matches(session, query)
        query = replace(query, matched_keys=keys)
    else:
        return _fetch_all(session, query)
    return fetch_counted(session, query, count)


def fetch_counted(session: RecordSession, query: ListQuery, count: Count) -> ListResult:
    """Fetch a page of the records that match, of which there are ``count``.

    Raises:
        DBAPIError: as ``fetch_list``.
    """
    few_match = count.number <= COUNT_LIMIT and not count.more
    messages: tuple[str, ...] = ()
    if not few_match or added_up_relations(query):
        query, messages = in_indexed_order(session, query)
    rows = ListRows()
    if count.number:
        sort_first = few_match and (query.matched_keys is not None or not query.is_index_range)
        rows = fetch_page(session, query, sort_first=sort_first)
    return ListResult(query, rows, count, messages)


def fetch_unsorted(session: RecordSession, query: ListQuery) -> ListResult:
    """Fetch a page in the order of the primary key, without the count.

    For a search with so many matches that sorting them reached the time limit.

    Raises:
        DBAPIError: as ``fetch_list``.
    """
    if not query.sort:
        return ListResult(query, ListRows(), None, too_slow=True)
    view = query.view
    unsorted = replace(query, sort=(), cursor=None)
    message = _(
        "Sorting took too long, so these {records} are in the order they were added. Filter the "
        "list to sort it.",
        records=view.label_plural,
    )
    return ListResult(unsorted, fetch_page(session, unsorted), None, messages=(message,))


def _fetch_all(session: RecordSession, query: ListQuery) -> ListResult:
    """The page of a list without a predicate: every record of the table matches."""
    query, messages = in_indexed_order(session, query)
    rows = fetch_page(session, query)
    size = table_size(query.view)
    if query.cursor is None and rows.next is None:
        count = Count(len(rows.records))
    elif (estimate := size.recent_estimate()) is not None:
        return ListResult(query, rows, estimate, messages)
    else:
        count = count_all(session, query.view)
        size.update(count)
    return ListResult(query, rows, count, messages)


def fetch_page(session: RecordSession, query: ListQuery, *, sort_first: bool = False) -> ListRows:
    """Fetch a page's records with the relations that the list shows, in one statement.

    A second statement fetches the first page if the cursor's page has become empty.
    ``sort_first``: sort all matches instead of reading an index in order; quicker for few matches.
    """
    rows = _fetch_from(session, query, query.cursor, sort_first)
    if query.cursor is None or rows.records:
        return rows
    return replace(_fetch_from(session, query, None, sort_first), restarted=True)


def fetch_page_and_count(session: RecordSession, query: ListQuery) -> tuple[ListRows, Count]:
    """Fetch a page's records and how many match, counted to ``COUNT_LIMIT``, in one statement; by a
    second one if the cursor's page has become empty. For a list of few rows on another page."""
    found = _run_page(session, query, query.cursor, False, query.bounded_count())
    restarted = query.cursor is not None and not found
    if restarted:
        query = replace(query, cursor=None)
        found = _run_page(session, query, None, False, query.bounded_count())
    count = bounded_count(found[0][-1] if found else 0)
    page = _page_of(query, query.cursor, [row[:-1] for row in found])
    return replace(page, restarted=restarted), count


def select_page(
    query: ListQuery,
    values: Sequence[Any] = (),
    *,
    backward: bool = False,
    sort_first: bool = False,
) -> tuple[Select[Any], dict[str, Any]]:
    """The SELECT of a page, one row more than the page has, and its parameters.

    ``values``: those of the sort terms in the row that the page follows (backward: precedes); ()
    for the first page (backward: the last). ``sort_first``: as for ``fetch_page``. Each row of the
    result is the record (a plain row's values, or an entity) and the values that sort it.
    """
    bounds = sql_bounds(query.sort_terms(), values, query.view.site.database.dialect)
    statement = _page_statement(
        query.view, query.shown_columns, query.sort, bounds, backward, sort_first
    )
    if query.has_predicate:
        statement = statement.where(query.predicate())
    parameters = {
        f"at_{position}": bound.value
        for position, bound in enumerate(bounds)
        if is_parameter(bound)
    }
    return statement, parameters | {"rows": query.page_size + 1}


def _fetch_from(
    session: RecordSession, query: ListQuery, cursor: Cursor | None, sort_first: bool
) -> ListRows:
    return _page_of(query, cursor, _run_page(session, query, cursor, sort_first))


def _run_page(
    session: RecordSession,
    query: ListQuery,
    cursor: Cursor | None,
    sort_first: bool,
    *columns: Any,
) -> Sequence[Sequence[Any]]:
    """The rows of ``select_page``, with further ``columns`` at their ends."""
    backward = cursor is not None and cursor.backward
    values: Sequence[Any] = ()
    if cursor is not None and not cursor.is_end:
        values = _cursor_values(session, query, cursor)
        if not values:
            return ()
    statement, parameters = select_page(query, values, backward=backward, sort_first=sort_first)
    # A plain row needs nothing of the session.
    shape = row_shape(query.view, query.shown_columns)
    run = session.connection().execute if shape else session.execute
    return run(statement.add_columns(*columns) if columns else statement, parameters).all()


def _page_of(query: ListQuery, cursor: Cursor | None, rows: Sequence[Sequence[Any]]) -> ListRows:
    """The page that the rows of ``select_page`` make."""
    shape = row_shape(query.view, query.shown_columns)
    backward = cursor is not None and cursor.backward
    more = len(rows) > query.page_size
    rows = rows[: query.page_size]
    if backward:
        rows = list(reversed(rows))
    if not rows:
        return ListRows()
    has_previous = more if backward else cursor is not None
    has_next = cursor is not None and not cursor.is_end if backward else more
    return ListRows(
        records=tuple(rows if shape else (row[0] for row in rows)),
        shape=shape,
        previous=_cursor_of(query, shape, rows[0], backward=True) if has_previous else None,
        next=_cursor_of(query, shape, rows[-1], backward=False) if has_next else None,
    )


def _cursor_of(
    query: ListQuery, shape: RowShape | None, row: Sequence[Any], *, backward: bool
) -> Cursor:
    """The cursor of a row of ``select_page``."""
    encoded = encode_values(query.sort_terms(), row[len(shape.columns) if shape else 1 :])
    if sum(len(str(value)) for value in encoded) > LONGEST_CURSOR:
        key = key_printer(shape.record)(row) if shape else key_text(row[0])
        return Cursor(query.order, (), backward, key)
    return Cursor(query.order, encoded, backward)


def _cursor_values(session: RecordSession, query: ListQuery, cursor: Cursor) -> Sequence[Any]:
    """The values of the sort terms in the cursor's row; () if the cursor holds a key and that
    record has been deleted."""
    terms = query.sort_terms()
    if cursor.values:
        return decode_values(terms, cursor.values)
    key = parse_key(query.view, cursor.key)
    sort_names = tuple(name for name, _descending in query.sort)
    statement = select_shown(query.view, (), sort_names).where(has_key(query.view, key))
    expressions = [term.expression for term in terms]
    row = session.execute(statement.with_only_columns(*expressions)).first()
    return tuple(row or ())


def _page_statement(
    view: RecordView,
    shown: tuple[str, ...],
    sort: Sort,
    bounds: Sequence[Any],
    backward: bool,
    sort_first: bool,
) -> Select[Any]:
    """The SELECT of a page, without a predicate. ``bounds``: the cursor's values as SQL; () for the
    first page.

    It is cached unless a bound is an SQL expression that holds its value. People choose columns in
    many ways, so the cache has a limit.
    """

    def make() -> Select[Any]:
        return _make_page_statement(view, shown, sort, bounds, backward, sort_first)

    if not all(bound is None or is_parameter(bound) for bound in bounds):
        return make()
    bound_kinds = tuple("null" if bound is None else "value" for bound in bounds)
    key = ("page", shown, sort, bound_kinds, backward, sort_first)
    return view.cache.get(key, make)


def _make_page_statement(
    view: RecordView,
    shown: tuple[str, ...],
    sort: Sort,
    bounds: Sequence[Any],
    backward: bool,
    sort_first: bool,
) -> Select[Any]:
    terms, sort_names = sort_terms(view, sort), tuple(name for name, _descending in sort)
    shape = row_shape(view, shown)
    if shape is not None:
        statement = select_plain(view, shape, sort_names)
    else:
        statement = select_shown(view, shown, sort_names)
    # An expression has no name in the result, so it gets a label.
    statement = statement.add_columns(
        *(
            term.expression.label(f"sort_{position}")
            if column_of(term.expression) is None
            else term.expression
            for position, term in enumerate(terms)
        )
    )
    if bounds:
        values = [
            bindparam(f"at_{position}", type_=bound.type) if is_parameter(bound) else bound
            for position, bound in enumerate(bounds)
        ]
        statement = statement.where(after_row(terms, values, backward=backward))
    elif not sort_first and _needs_lower_bound(view, sort):
        statement = statement.where(terms[0].expression >= "")
    statement = statement.order_by(*order_by(terms, backward=backward, by_index=not sort_first))
    return statement.limit(bindparam("rows", type_=Integer()))


def _needs_lower_bound(view: RecordView, sort: Sort) -> bool:
    """Whether SQLite needs a bound that every record meets, to read an index of related records.

    On the other pages the cursor is such a bound. Without one, and without statistics, SQLite
    starts with the view's own table and sorts all of it: 120 ms with 300,000 items instead of 4.
    """
    if view.site.database.dialect != "sqlite" or not sort:
        return False
    name, descending = sort[0]
    (first, *_others) = column_terms(view, name, descending)
    is_text = first.kind.facet == "text"
    return name in view.mapper.relationships and is_text and not first.nullable
