"""What a person should know about the list they see, in sentences."""

from collections.abc import Iterator

from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.facets import missing_choices
from backoffice.admin.lists.fetch import ListResult
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.table_size import table_size


def list_messages(result: ListResult, facets: FacetResults) -> Iterator[str]:
    """The messages of the query, of its results and of filters whose choice is gone."""
    query = result.query
    yield from query.messages
    yield from result.messages
    if result.rows.restarted:
        yield "Nothing is left on that page: this is the first one."
    if query.at_word_beginnings:
        yield _word_beginnings_message(query)
    elif query.short_words and not result.too_slow and table_size(query.view).is_large:
        yield _short_words_message(query)
    yield from missing_choices(query, facets)


def _word_beginnings_message(query: ListQuery) -> str:
    words, verb = _short_words(query)
    return (
        f"{words} {verb} short: among so many {query.view.label_plural}, only words that begin "
        f"with {'it' if verb == 'is' else 'them'} were found. Type three characters or more to "
        "search inside words."
    )


def _short_words_message(query: ListQuery) -> str:
    words, verb = _short_words(query)
    return (
        f"{words} {verb} too short for the index: all {query.view.label_plural} were looked "
        "through. A word of three characters or more is quick."
    )


def _short_words(query: ListQuery) -> tuple[str, str]:
    """The short words of a search, in quotes, and the verb that follows them."""
    words = [f"“{word}”" for word in query.short_words]
    return " and ".join(words), "is" if len(words) == 1 else "are"
