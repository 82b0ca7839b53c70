"""The counts of a list whose rows were sent first, fetched under its time limit."""

from dataclasses import dataclass, field, replace

from sqlalchemy.exc import DBAPIError

from backoffice.admin.lists.counting import count_exactly, count_matches, estimate_matches
from backoffice.admin.lists.facet_counts import fetch_facet_counts
from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.fetch import limit_time
from backoffice.admin.lists.large_search import find_short_words, is_large_search
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.table_size import table_size
from backoffice.admin.records.counting import COUNT_LIMIT, Count, count_all
from backoffice.admin.view import Context
from backoffice.db.resilience.time_limits import timed_out
from backoffice.history import RecordSession

MANY = 10 * COUNT_LIMIT
"""Estimated matches that are not counted: so many that the estimate cannot be wrong about that."""


@dataclass(frozen=True, slots=True)
class LateCounts:
    """A list's count, facets and totals. ``count``: None if counting took too long; then there is
    nothing else either."""

    count: Count | None = None
    facets: FacetResults = field(default_factory=FacetResults)


def fetch_late_counts(context: Context, query: ListQuery, *, with_facets: bool) -> LateCounts:
    """Fetch what the page of ``query`` left out: one statement for the time limit, one for the
    count, one for all facets and totals.

    ``with_facets``: as for ``fetch_facet_counts``.

    Raises:
        DBAPIError: the database failed for another reason than the time limit.
    """
    session = context.session
    query = replace(find_short_words(context, query), counts_shown=True)
    try:
        with limit_time(session, query, context.settings.list_time_limit) as resolved:
            counted, count = _count(session, resolved)
            facets = fetch_facet_counts(context, counted, count, {}, with_facets=with_facets)
            return LateCounts(count, facets)
    except DBAPIError as error:
        if not timed_out(error):
            raise
        session.rollback()
    return LateCounts()


def _count(session: RecordSession, query: ListQuery) -> tuple[ListQuery, Count]:
    """The list's count, as its page has it; and the query with the keys of few matches."""
    if query.exact:
        return query, count_exactly(session, query)
    if is_large_search(session, query):
        # So many that a page needs no number: an estimate says more than "10,000+", and sooner.
        about = estimate_matches(session, query)
        if about is not None and about.number > MANY:
            return query, about
    if query.has_predicate:
        count, keys = count_matches(session, query)
        return replace(query, matched_keys=keys), count
    size = table_size(query.view)
    if (estimate := size.recent_estimate()) is not None:
        return query, estimate
    count = count_all(session, query.view)
    size.update(count)
    return query, count
