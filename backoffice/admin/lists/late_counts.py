"""The counts of a list whose rows were sent first, fetched under its time limit."""

from dataclasses import dataclass, field, replace

from backoffice.admin.lists.counting import estimate_matches
from backoffice.admin.lists.facet_counts import fetch_count_and_facets, fetch_facet_counts
from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.fetch import run_within
from backoffice.admin.lists.large_search import find_short_words, is_large_search
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.records.counting import COUNT_LIMIT, Count
from backoffice.admin.view import Context
from backoffice.history import RecordSession

MANY = 10 * COUNT_LIMIT
"""Estimated matches that are not counted: so many that the estimate cannot be wrong about that, and
says more than "10,000+", sooner."""


@dataclass(frozen=True, slots=True)
class LateCounts:
    """A list's count, facets and totals. ``count``: None if counting took too long; then there is
    nothing else either."""

    count: Count | None = None
    facets: FacetResults = field(default_factory=FacetResults)


def fetch_late_counts(context: Context, query: ListQuery, *, with_facets: bool) -> LateCounts:
    """Fetch what the page of ``query`` left out, in one statement. A search of a large table has
    one more, which estimates its matches.

    ``with_facets``: as for ``fetch_facet_counts``.

    Raises:
        DBAPIError: the database failed for another reason than the time limit.
    """
    limit = context.settings.list_time_limit
    query = replace(find_short_words(context, query), counts_shown=True)

    def count(session: RecordSession, query: ListQuery) -> LateCounts:
        about = estimate_matches(session, query) if is_large_search(session, query) else None
        if about is None or about.number <= MANY:
            return LateCounts(*fetch_count_and_facets(context, query, with_facets=with_facets))
        facets = fetch_facet_counts(context, query, about, {}, with_facets=with_facets)
        return LateCounts(about, facets)

    return run_within(context.session, query, limit, count) or LateCounts()
