"""The search box of a list: what it says while it is empty, and what it completes."""

from collections.abc import Iterator

from backoffice.admin.lists.filters import FilterContext, search_fields_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.list import Completion
from backoffice.admin.view import Context, RecordView


def search_hint(view: RecordView, hidden: frozenset[str]) -> str:
    """The search box's placeholder: "Search name, description and category"."""
    labels = [view.label_for(name).lower() for name in view.searchable_names(hidden)]
    if view.search_hint or not labels:
        return view.search_hint
    *others, last = labels
    return f"Search {', '.join(others)} and {last}" if others else f"Search {last}"


def completions(context: Context, query: ListQuery) -> Iterator[Completion]:
    """The fields of the search language that the person may see."""
    filter_context = FilterContext(query.now, context)
    for name, found in search_fields_of(query.view).items():
        if context.may_see(query.view, found.name):
            yield Completion(
                name,
                found.label,
                found.examples,
                found.completions(filter_context),
                found.lookup_href(filter_context),
            )
