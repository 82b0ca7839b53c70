"""A saved view's query in words: "Search “bolt” · Category: Nuts, Washers"."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.filters import FilterContext, filters_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sort_choices import sort_text
from backoffice.admin.lists.sorting import default_sort
from backoffice.admin.lists.typed import typed_search
from backoffice.admin.view import Context, RecordView
from backoffice.language import _, ngettext

MOST_VALUES = 4
"""Values of one filter that are named. The others are counted."""

Labels = Mapping[str, Mapping[str, str]]
"""The labels of filters' values, by the filter's name and the value."""


def describe_queries(context: Context, view: RecordView, texts: Sequence[str]) -> list[str]:
    """Each of the query strings ``texts`` in words.

    Costs at most one statement for each filter by relation, however many queries there are.
    """
    queries = [read_address(view, parse_qsl(text), context) for text in texts]
    labels = _value_labels(context, view, queries)
    return [
        " · ".join(_parts(view, query, labels)) or _("All {records}", records=view.label_plural)
        for query in queries
    ]


def _value_labels(context: Context, view: RecordView, queries: Sequence[ListQuery]) -> Labels:
    """The labels of the first values of each filter that the queries apply."""
    values: dict[str, dict[str, None]] = {}
    for query in queries:
        for applied in query.applied_filters:
            first = dict.fromkeys(applied.values[:MOST_VALUES])
            values.setdefault(applied.name, {}).update(first)
    filter_context = FilterContext(datetime.now(UTC), context)
    return {
        name: filters_of(view)[name].value_labels(filter_context, list(first))
        for name, first in values.items()
    }


def _parts(view: RecordView, query: ListQuery, labels: Labels) -> Iterator[str]:
    if query.search:
        yield _("Search “{text}”", text=typed_search(view, query.search))
    for applied in query.applied_filters:
        value_labels = labels.get(applied.name, {})
        parts = [value_labels.get(part.text, part.text) for part in applied.parts]
        more = len(parts) - MOST_VALUES
        if more > 0:
            parts = [*parts[:MOST_VALUES], ngettext("{count} more", "{count} more", more)]
        yield f"{filters_of(view)[applied.name].label}: {', '.join(parts)}"
    if query.sort != default_sort(view, query.unsortable):
        yield _("Sorted by {order}", order=sort_text(view, query.sort))
    if query.columns is not None:
        columns = ", ".join(view.label_for(name) for name in query.columns)
        yield _("Columns: {columns}", columns=columns)
