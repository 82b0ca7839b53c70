"""The counts of a list that was sent without them, as HTML for the list's script."""

from dataclasses import replace

from starlette.responses import HTMLResponse, Response

from backoffice.admin.lists.address import read_address, split_lookup_texts
from backoffice.admin.lists.facet_counts import is_countable
from backoffice.admin.lists.facets import build_facets
from backoffice.admin.lists.late_counts import LateCounts, fetch_late_counts
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.time_limit import counting_stopped
from backoffice.admin.lists.totals import build_totals, exact_href, totals_of
from backoffice.admin.pages.list import ListCounts
from backoffice.admin.pages.rendering import render_part
from backoffice.admin.records.counting import COUNT_LIMIT, Count
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences
from backoffice.language import _, number


def list_counts_screen(context: Context, view: RecordView) -> Response:
    """The facets, totals and count of the list that the address's parameters ask for.

    No page: it has no shell, and leaves the person's notices for the next page. A default saved
    view is not applied, since the list writes all that it shows into this address. Costs two
    statements: the time limit, and one for the count, all facets and totals.
    """
    parameters, _texts = split_lookup_texts(view, context.request.query_params.multi_items())
    query = read_address(view, parameters, context)
    preferences = ListPreferences.of(context.person.preferences, view.identity)
    with_facets = preferences.filters_open
    counts = fetch_late_counts(context, query, with_facets=with_facets)
    page = _page(context, query, counts, with_facets=with_facets)
    return HTMLResponse(render_part("list_counts.html", page))


def _page(
    context: Context, query: ListQuery, counts: LateCounts, *, with_facets: bool
) -> ListCounts:
    view, count, results = query.view, counts.count, counts.facets
    page = ListCounts(_status(context, view, count))
    if count is None:
        return page
    return replace(
        page,
        counted=True,
        count=count.of(view),
        exact_href=exact_href(context, query, count),
        facets=tuple(build_facets(context, query, results, {})) if with_facets else (),
        totals=build_totals(query, results),
        totals_of=totals_of(query, count),
    )


def _status(context: Context, view: RecordView, count: Count | None) -> str:
    if count is None:
        return counting_stopped(context)
    if count.number and not is_countable(count):
        return _(
            "Lists of more than {count} {records} have no counts.",
            count=number(COUNT_LIMIT),
            records=view.label_plural,
        )
    return _("Counts are shown.")
