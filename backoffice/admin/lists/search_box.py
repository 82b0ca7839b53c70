"""The search box of a list: its hint, the examples of its help, and what it completes."""

import re
from collections.abc import Iterator, Sequence

from backoffice.admin.field_permissions import unsearchable
from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.filters import CustomFilter, FilterContext, search_fields_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.options import within_a_sentence
from backoffice.admin.pages.list import Completion, Row, SearchExample
from backoffice.admin.view import Context, RecordView
from backoffice.language import _

_TWO_WORDS = re.compile(r"([^\W\d_]{3,}) ([^\W\d_]{3,})")

_ROWS_READ = 5
"""Rows to look through for two words. If these have none, later ones seldom do."""


def search_hint(context: Context, view: RecordView) -> str:
    """The search box's placeholder: "Search name, description and category"."""
    names = view.searchable_names(unsearchable(context, view))
    labels = [within_a_sentence(view.label_for(name)) for name in names]
    if view.search_hint or not labels:
        return _(view.search_hint)
    *others, last = labels
    if not others:
        return _("Search {field}", field=last)
    return _("Search {fields} and {field}", fields=", ".join(others), field=last)


def search_examples(
    context: Context, query: ListQuery, names: Sequence[str], rows: Sequence[Row]
) -> tuple[SearchExample, ...]:
    """Searches by words, made of a text that the list shows and a search looks in.

    ``names``: of the columns, in the order of the rows' cells.
    """
    first, second = _words_shown(context, query, names, rows)
    return (
        SearchExample(f"{first} {second}", _("both words, in any order, also inside longer words")),
        SearchExample(f'"{first} {second}"', _("exactly these words, side by side")),
        SearchExample(f"-{second}", _("without this word")),
    )


def _words_shown(
    context: Context, query: ListQuery, names: Sequence[str], rows: Sequence[Row]
) -> tuple[str, str]:
    """Two words that are side by side in a searched text of the first rows, or else any two."""
    view = query.view
    searched = view.searchable_names(unsearchable(context, view))
    places = [place for place, name in enumerate(names) if name in searched]
    places = [place for place in places if names[place] not in view.mapper.relationships]
    for row in rows[:_ROWS_READ]:
        for place in places:
            cell = row.cells[place]
            if cell.kind != "hidden" and (match := _TWO_WORDS.search(cell.text)):
                return match[1].lower(), match[2].lower()
    return _("red"), _("box")


def completions(context: Context, query: ListQuery, results: FacetResults) -> Iterator[Completion]:
    """The fields of the search language that the person may see, each label once.

    ``results``: of the list's facets, whose choices were read.
    """
    filter_context = FilterContext(query.now, context)
    labels = set()
    for found in dict.fromkeys(search_fields_of(query.view).values()):
        label = found.label
        if label in labels or not context.may_see(query.view, found.name):
            continue
        if isinstance(found, CustomFilter):
            values = found.completions_of(results.of(found.name).options)
            if not values:
                continue  # all its choices use what the person may not see
        else:
            values = found.completions(filter_context)
        labels.add(label)
        href = found.lookup_href(filter_context)
        yield Completion(found.term_name, label, found.examples, values, href)
