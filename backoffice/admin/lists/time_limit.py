"""Fetching a list under its time limit: what takes too long is left out."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.exc import DBAPIError

from backoffice.admin.lists.counting import estimate_matches
from backoffice.admin.lists.facet_counts import fetch_facet_counts
from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.fetch import (
    ListResult,
    ListRows,
    fetch_list,
    fetch_unsorted,
    limit_time,
    run_within,
)
from backoffice.admin.lists.large_search import (
    fetch_large_search,
    find_short_words,
    is_large_search,
)
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.view import Context
from backoffice.db.resilience.time_limits import timed_out
from backoffice.language import _, ngettext


def fetch_in_time(
    context: Context, query: ListQuery, lookup_texts: Mapping[str, str], *, with_facets: bool
) -> tuple[ListResult, FacetResults]:
    """Fetch a list, its facets and its totals.

    What takes too long is left out: first the facets, then an exact count, then the order, then the
    rows. ``lookup_texts``, ``with_facets``: as for ``fetch_facet_counts``.

    Raises:
        DBAPIError: the database failed for another reason than the time limit.
    """
    session, limit = context.session, context.settings.list_time_limit
    query = find_short_words(context, query)
    result = None
    # The first attempt gets half of the time where a second one can leave something out.
    seconds = limit if query.exact or not query.has_predicate else limit / 2
    try:
        if is_large_search(session, query):
            result = fetch_large_search(session, query, limit)
        with limit_time(session, result.query if result else query, seconds) as resolved:
            result = result or fetch_list(session, resolved)
            return result, fetch_facet_counts(
                context, result.query, result.count, lookup_texts, with_facets=with_facets
            )
    except DBAPIError as error:
        if not timed_out(error):
            raise
        session.rollback()
    if result is None and query.exact:
        query = replace(query, exact=False, messages=(*query.messages, counting_stopped(context)))
        result, facets = fetch_in_time(context, query, lookup_texts, with_facets=with_facets)
        if result.count is None or result.count.more:
            about = run_within(session, query, limit / 5, estimate_matches)
            result = replace(result, count=about or result.count)
        return result, facets
    return _fetch_without_counts(context, query, result, lookup_texts, with_facets=with_facets)


def _fetch_without_counts(
    context: Context,
    query: ListQuery,
    result: ListResult | None,
    lookup_texts: Mapping[str, str],
    *,
    with_facets: bool,
) -> tuple[ListResult, FacetResults]:
    """The facets' options without their counts; and the rows unsorted, where ``result`` is None."""
    session = context.session
    facets = FacetResults()
    try:
        with limit_time(session, query, context.settings.list_time_limit) as resolved:
            facets = fetch_facet_counts(context, query, None, lookup_texts, with_facets=with_facets)
            result = result or fetch_unsorted(session, resolved)
    except DBAPIError as error:
        if not timed_out(error):
            raise
        session.rollback()
    return result or ListResult(query, ListRows(), None, too_slow=True), facets


def counting_stopped(context: Context) -> str:
    """The sentence about counting that reached the time limit."""
    seconds = seconds_text(context.settings.list_time_limit)
    return _("Counting took longer than {time} and was stopped.", time=seconds)


def seconds_text(number: int) -> str:
    """A number of seconds in words: "1 second", "5 seconds"."""
    return ngettext("{count} second", "{count} seconds", number)
