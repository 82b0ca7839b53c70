"""The counts of a list whose rows were sent first, fetched under its time limit."""

from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from backoffice.admin.lists.facet_counts import fetch_count_and_facets
from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.fetch import limit_time
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.records.counting import Count
from backoffice.admin.view import Context
from backoffice.db.resilience.time_limits import timed_out


@dataclass(frozen=True, slots=True)
class LateCounts:
    """A list's count, facets and totals. ``count``: None if counting took too long; then there is
    nothing else either."""

    count: Count | None = None
    facets: FacetResults = field(default_factory=FacetResults)


def fetch_late_counts(context: Context, query: ListQuery, *, with_facets: bool) -> LateCounts:
    """Fetch what the page of ``query`` left out: one statement for the time limit, and one for the
    count, all facets and totals.

    ``with_facets``: as for ``fetch_facet_counts``.

    Raises:
        DBAPIError: the database failed for another reason than the time limit.
    """
    session = context.session
    try:
        with limit_time(session, query, context.settings.list_time_limit) as resolved:
            return LateCounts(*fetch_count_and_facets(context, resolved, with_facets=with_facets))
    except DBAPIError as error:
        if not timed_out(error):
            raise
        session.rollback()
    return LateCounts()
