"""What a person should know about the list they see, in sentences."""

from collections.abc import Iterator

from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.facets import missing_choices
from backoffice.admin.lists.fetch import ListResult
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.table_size import table_size
from backoffice.language import _


def list_messages(result: ListResult, facets: FacetResults) -> Iterator[str]:
    """The messages of the query, of its results and of filters whose choice is gone."""
    query = result.query
    yield from query.messages
    yield from result.messages
    if result.rows.restarted:
        yield _("That page is now empty; this is the first one")
    if query.at_word_beginnings:
        yield _word_beginnings_message(query)
    elif query.short_words and not result.too_slow and table_size(query.view).is_large:
        yield _short_words_message(query)
    yield from missing_choices(query, facets)


def _word_beginnings_message(query: ListQuery) -> str:
    return _(
        "{words}: found only at the start of a word, because there are so many {records}. "
        "Enter three characters or more to search inside words.",
        words=_short_words(query),
        records=query.view.label_plural,
    )


def _short_words_message(query: ListQuery) -> str:
    return _(
        "{words}: too short for a quick search of so many {records}. "
        "Enter three characters or more.",
        words=_short_words(query),
        records=query.view.label_plural,
    )


def _short_words(query: ListQuery) -> str:
    """The short words of a search, in quotes."""
    return ", ".join(_("“{word}”", word=word) for word in query.short_words)
