"""A list's count and totals as its page shows them, and the links to what it did not count."""

from backoffice.admin.lists.facet_counts import counted_totals
from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.list import Total
from backoffice.admin.records.counting import Count
from backoffice.admin.view import Context
from backoffice.language import _


def build_totals(query: ListQuery, results: FacetResults) -> tuple[Total, ...]:
    """The totals that were added up; if they come later, all of them, without text."""
    currency = query.view.site.settings.currency
    return tuple(
        Total(
            _(total.label),
            results.totals.get(position, ""),
            currency if total.unit == "currency" else _(total.unit),
        )
        for position, total in counted_totals(query).items()
        if results.later or position in results.totals
    )


def totals_of(query: ListQuery, count: Count | None) -> str:
    """What the totals add up: "312 items". ``count``: the list's; "" if it is None."""
    if count is None:
        return ""
    return count.of(query.view)


def exact_href(context: Context, query: ListQuery, count: Count | None) -> str | None:
    """The list's page with the exact count; None where ``count`` is exact."""
    if count is not None and count.exact:
        return None
    return _this_page(context, query, "list", count="exact")


def show_counts_href(context: Context, query: ListQuery) -> str:
    """The list's page with all its counts, for a browser without scripts."""
    return _this_page(context, query, "list", counts="shown")


def counts_href(context: Context, query: ListQuery) -> str:
    """The address where a script gets the counts that come later."""
    return _this_page(context, query, "counts")


def _this_page(context: Context, query: ListQuery, screen: str, **changes: str) -> str:
    """The address of what the page shows, at the same place and time, for one of its screens."""
    given = context.request.query_params
    kept = {name: given.get(name) for name in ("page", "asof")}
    address = query.query_string(**kept, **changes)
    return context.site.href(query.view.identity, screen) + address
