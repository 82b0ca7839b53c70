"""The search box of a list: what it says while it is empty, and what it completes."""

from collections.abc import Iterator

from backoffice.admin.field_permissions import unsearchable
from backoffice.admin.lists.filters import CustomFilter, FilterContext, search_fields_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.pages.list import Completion
from backoffice.admin.view import Context, RecordView


def search_hint(context: Context, view: RecordView) -> str:
    """The search box's placeholder: "Search name, description and category"."""
    names = view.searchable_names(unsearchable(context, view))
    labels = [view.label_for(name).lower() for name in names]
    if view.search_hint or not labels:
        return view.search_hint
    *others, last = labels
    return f"Search {', '.join(others)} and {last}" if others else f"Search {last}"


def completions(context: Context, query: ListQuery) -> Iterator[Completion]:
    """The fields of the search language that the person may see."""
    filter_context = FilterContext(query.now, context)
    for name, found in search_fields_of(query.view).items():
        if not context.may_see(query.view, found.name):
            continue
        values = found.completions(filter_context)
        if isinstance(found, CustomFilter) and found.is_counted and not values:
            continue  # all its choices use what the person may not see
        href = found.lookup_href(filter_context)
        yield Completion(name, found.label, found.examples, values, href)
