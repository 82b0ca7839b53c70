"""The filters at a list's side, and the chips of what is ticked already, as they are shown."""

from collections.abc import Mapping

from backoffice.admin.lists.facet_results import Summary
from backoffice.admin.lists.filters import Asker, Drawing, filters_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.search import without
from backoffice.admin.pages.list import Chip, Facet
from backoffice.admin.view import Context


def chips(query: ListQuery, summary: Summary, here: str) -> tuple[Chip, ...]:
    """What narrows the list besides words, each with the list without it."""
    shown = []
    for applied in query.applied_filters:
        one = filters_of(query.view)[applied.name]
        for part in applied.parts:
            text = one.part_text(part.text, summary.of(one.name))
            href = here + query.without(applied, part.left)
            shown.append(Chip(one.label, text, href))
    for asked in query.asked:
        if asked.term.field:
            term = asked.term
            text = query.search[term.start : term.end]
            href = here + query.query_string(search=without(query.search, term) or None)
            shown.append(Chip("Search", text, href))
    return tuple(shown)


def facets(
    context: Context, query: ListQuery, summary: Summary, typed: Mapping[str, str]
) -> list[Facet]:
    """The facets as they are shown."""
    asker = Asker(query.now, context)
    ticked = {applied.name: applied for applied in query.applied_filters}
    return [
        one.facet(Drawing(asker, summary.of(name), ticked.get(name), typed.get(name, "")))
        for name, one in query.filters.items()
    ]


def missing_choices(query: ListQuery, summary: Summary) -> list[str]:
    """What to say of related records that the address names and that are not there to be chosen."""
    if not summary.asked:
        return []
    return [
        sentence
        for applied in query.applied_filters
        if (one := query.filters.get(applied.name)) is not None
        for sentence in one.missing(summary.of(one.name), applied.values)
    ]
