"""Words in a column of text."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from backoffice.admin.lists.bounds import Unreadable
from backoffice.admin.lists.filters.base import (
    AppliedFilter,
    Asker,
    Drawing,
    Filter,
    Given,
    Part,
    Sample,
    one_of,
    text_comparison,
)
from backoffice.admin.lists.sample_values import WORD
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet, FacetOption
from backoffice.db.queries.search import contains, ends_with, equals, starts_with

TEXT_OPERATORS: dict[str, tuple[str, Callable[[Any, str], ColumnElement[bool]]]] = {
    "contains": ("contains", contains),
    "starts": ("starts with", starts_with),
    "ends": ("ends with", ends_with),
    "is": ("is", equals),
    "without": ("does not contain", lambda column, text: ~contains(column, text)),
}


class TextFilter(Filter):
    """A text compared: ``description=zinc&description_op=starts``."""

    @property
    def words(self) -> Any:
        """The text that is looked into."""
        return self.kind.sql_words(self.dialect, self.column)

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_op")

    def read(self, given: Given, asker: Asker) -> AppliedFilter | None:
        text, operator = (one_of(given, parameter) for parameter in self.parameters)
        if not text:
            return None
        operator = operator or "contains"
        if operator not in TEXT_OPERATORS:
            raise Unreadable(f"cannot be compared by “{operator}”")
        words, compare = TEXT_OPERATORS[operator]
        pairs = [(self.name, text)]
        if operator != "contains":
            pairs.append((f"{self.name}_op", operator))
        part = Part(f"{words} “{text}”")
        return AppliedFilter(self.name, tuple(pairs), (part,), compare(self.words, text))

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        return text_comparison(term)(self.words, term.text)

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)

    def facet(self, drawing: Drawing) -> Facet:
        chosen = drawing.value(f"{self.name}_op") or "contains"
        return Facet(
            kind="text",
            options=tuple(
                FacetOption("" if key == "contains" else key, words, key == chosen)
                for key, (words, _compare) in TEXT_OPERATORS.items()
            ),
            low=drawing.value(self.name),
            name=self.name,
            label=self.label,
            active=drawing.applied is not None,
        )

    def samples(self) -> list[Sample]:
        # What does not contain a text is nearly everything.
        ways = {key: words for key, (words, _compare) in TEXT_OPERATORS.items() if key != "without"}
        return [(ways[key], [(self.name, WORD), (f"{self.name}_op", key)]) for key in ways]
