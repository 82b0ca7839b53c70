"""The facets at a list's side and the chips above it, as the page shows them."""

from collections.abc import Mapping

from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.filters import CustomFilter, FacetInput, FilterContext, filters_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.list import Chip, Facet
from backoffice.admin.view import Context


def build_chips(query: ListQuery, results: FacetResults, list_href: str) -> tuple[Chip, ...]:
    """A chip for each applied filter's part, with the link to the list without it. ``list_href``:
    the list's address, without a query string."""
    chips = []
    for applied in query.applied_filters:
        list_filter = filters_of(query.view)[applied.name]
        for part in applied.parts:
            text = list_filter.part_text(part.text, results.of(applied.name))
            href = list_href + query.query_string_without(applied, part.remaining)
            chips.append(Chip(list_filter.label, text, href))
    return tuple(chips)


def build_facets(
    context: Context,
    query: ListQuery,
    results: FacetResults,
    lookup_texts: Mapping[str, str],
    *,
    coming: bool = False,
) -> list[Facet]:
    """The facets that the person may use, in order. ``lookup_texts``: as for
    ``fetch_facet_counts``. ``coming``: whether their counts come a moment later."""
    filter_context = FilterContext(query.now, context)
    applied_filters = {applied.name: applied for applied in query.applied_filters}
    facets = []
    for name, list_filter in query.filters.items():
        applied, lookup_text = applied_filters.get(name), lookup_texts.get(name, "")
        is_empty = isinstance(list_filter, CustomFilter) and not results.of(name).options
        if is_empty and applied is None:
            continue  # all its choices use what the person may not see
        inputs = FacetInput(filter_context, results.of(name), applied, lookup_text, coming)
        facets.append(list_filter.facet(inputs))
    return facets


def missing_choices(query: ListQuery, results: FacetResults) -> list[str]:
    """Sentences about related records that the address names and that do not exist (any more)."""
    if not results.fetched:
        return []
    filters = query.filters
    return [
        sentence
        for applied in query.applied_filters
        if applied.name in filters
        for sentence in filters[applied.name].missing_messages(
            results.of(applied.name), applied.values
        )
    ]
