"""Searching a large table for words, on PostgreSQL: the rows within a fraction of a second.

The search indexes find few matches at once, and these are sorted. If many records contain the
words, the index is slow to name them all, and no page needs them all: then the list's own order is
read from its index until a page is full. If the matches are far apart in that order, the page has
the order in which the records were added, and says so. The count comes later in both cases.

Decision 25 has the measurements.
"""

from dataclasses import replace

from backoffice.admin.lists.counting import count_matches
from backoffice.admin.lists.fetch import (
    ListResult,
    fetch_counted,
    fetch_page,
    fetch_unsorted,
    limit_time,
    run_within,
)
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sort_costs import in_indexed_order
from backoffice.admin.lists.table_size import LARGE, table_size
from backoffice.admin.view import Context
from backoffice.history import RecordSession

VERY_LARGE = 500_000
"""Rows above which a search for words may show its rows before their count. In a smaller table it
is counted and sorted soon enough, whatever the words are."""

FEW_SHARE = 0.02
"""The share of the time limit in which the search indexes find few matches."""

WALK_SHARE = 0.03
"""The share in which a page of many matches is read in an order."""


def find_short_words(context: Context, query: ListQuery) -> ListQuery:
    """The query to run for a search by short words. In a large table they are only found where a
    word begins with them, since no index finds them elsewhere. Else the query itself."""
    session = context.session
    if (
        session.dialect == "postgresql"
        and query.short_words
        and table_size(query.view).estimated_rows(session) > LARGE
    ):
        return query.find_word_beginnings(context)
    return query


def is_large_search(session: RecordSession, query: ListQuery) -> bool:
    """Whether the query searches a very large table for words, and an index can find them."""
    return (
        session.dialect == "postgresql"
        and not query.exact
        and (query.uses_search_index or query.at_word_beginnings)
        and table_size(query.view).estimated_rows(session) > VERY_LARGE
    )


def fetch_large_search(
    session: RecordSession, query: ListQuery, seconds: float
) -> ListResult | None:
    """The rows, and the count if the matches are few; None if there is no quick way to them.

    ``seconds``: LIST_TIME_LIMIT, of which many matches take a tenth at most.

    Raises:
        DBAPIError: the database failed. ``timed_out`` is true of it if even few matches were slow.
    """
    count, keys = run_within(session, query, seconds * FEW_SHARE, count_matches) or (None, None)
    if count is not None and not count.more:
        with limit_time(session, query, seconds / 2) as resolved:
            return fetch_counted(session, replace(resolved, matched_keys=keys), count)
    for fetch in (_fetch_in_order, fetch_unsorted):
        result = run_within(session, query, seconds * WALK_SHARE, fetch, in_order=True)
        if result is not None and not result.too_slow:
            return replace(result, count=count)
    return None


def _fetch_in_order(session: RecordSession, query: ListQuery) -> ListResult:
    query, messages = in_indexed_order(session, query)
    return ListResult(query, fetch_page(session, query), None, messages)
