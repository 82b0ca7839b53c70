"""What a saved view says, in words: "Search “bolt” · Category: Nuts or Washers · by price"."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.filters import Asker, filters_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sorting import default_sort
from backoffice.admin.view import Context, RecordView

MOST_VALUES = 4
"""Values of one filter that are named; of more, their number is."""

Texts = Mapping[str, Mapping[str, str]]
"""What the values of each filter are called, by the filter's name."""


def describe_queries(context: Context, view: RecordView, texts: Sequence[str]) -> list[str]:
    """Each of the query strings ``texts`` in words.

    However many there are, at most one statement for each filter that needs one.
    """
    queries = [read_address(view, parse_qsl(text), context) for text in texts]
    called = _called(context, view, queries)
    return [
        " · ".join(_told(view, query, called)) or f"All {view.label_plural}" for query in queries
    ]


def _told(view: RecordView, query: ListQuery, called: Texts) -> Iterator[str]:
    if query.search:
        yield f"Search “{query.search}”"
    for applied in query.applied_filters:
        names = called.get(applied.name, {})
        parts = [names.get(part.text, part.text) for part in applied.parts]
        more = len(parts) - MOST_VALUES
        if more > 0:
            parts = [*parts[:MOST_VALUES], f"{more} more"]
        yield f"{filters_of(view)[applied.name].label}: {' or '.join(parts)}"
    if query.sort != default_sort(view, query.hidden):
        order = (
            view.label_for(name).lower() + (", descending" if descending else "")
            for name, descending in query.sort
        )
        yield f"Sorted by {', then '.join(order) or 'number'}"
    if query.columns is not None:
        yield f"Columns {', '.join(view.label_for(name) for name in query.columns)}"


def _called(context: Context, view: RecordView, queries: Sequence[ListQuery]) -> Texts:
    """What is to be said for the values that the queries narrow by."""
    values: dict[str, dict[str, None]] = {}
    for query in queries:
        for applied in query.applied_filters:
            named = dict.fromkeys(applied.values[:MOST_VALUES])
            values.setdefault(applied.name, {}).update(named)
    asker = Asker(datetime.now(UTC), context)
    return {
        name: filters_of(view)[name].texts_of(asker, list(some)) for name, some in values.items()
    }
