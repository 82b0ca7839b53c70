"""A filter for text."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from backoffice.admin.lists.errors import no_choice
from backoffice.admin.lists.filters.applied import AppliedFilter, Given, Part, last_value
from backoffice.admin.lists.filters.base import (
    FacetInput,
    Filter,
    FilterContext,
    SampleAddress,
    text_comparison,
)
from backoffice.admin.lists.sample_values import SAMPLE_WORD
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet, FacetOption
from backoffice.db.queries.search import contains, ends_with, equals, starts_with
from backoffice.language import N_, _

TEXT_OPERATORS: dict[str, tuple[str, Callable[[Any, str], ColumnElement[bool]]]] = {
    "contains": (N_("contains"), contains),
    "starts": (N_("starts with"), starts_with),
    "ends": (N_("ends with"), ends_with),
    "is": (N_("is"), equals),
    "without": (N_("does not contain"), lambda column, text: ~contains(column, text)),
}


class TextFilter(Filter):
    """Text that contains, starts with, ends with or is another:
    ``description=zinc&description_op=starts``."""

    @property
    def words(self) -> Any:
        """The column as text to search in."""
        return self.kind.sql_words(self.dialect, self.column)

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_op")

    def read(self, given: Given, context: FilterContext) -> AppliedFilter | None:
        text, operator = (last_value(given, parameter) for parameter in self.parameters)
        if not text:
            return None
        operator = operator or "contains"
        if operator not in TEXT_OPERATORS:
            raise no_choice(operator)
        words, compare = TEXT_OPERATORS[operator]
        pairs = [(self.name, text)]
        if operator != "contains":
            pairs.append((f"{self.name}_op", operator))
        part = Part(_("{comparison} “{text}”", comparison=_(words), text=text))
        return AppliedFilter(self.name, tuple(pairs), (part,), compare(self.words, text))

    def term_condition(self, term: Term, context: FilterContext) -> ColumnElement[bool]:
        return text_comparison(term)(self.words, term.text)

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)

    def facet(self, inputs: FacetInput) -> Facet:
        selected = inputs.value(f"{self.name}_op") or "contains"
        return Facet(
            kind="text",
            options=tuple(
                FacetOption(
                    "" if operator == "contains" else operator, _(words), operator == selected
                )
                for operator, (words, _compare) in TEXT_OPERATORS.items()
            ),
            low=inputs.value(self.name),
            name=self.name,
            label=self.label,
            active=inputs.applied is not None,
        )

    def sample_addresses(self) -> list[SampleAddress]:
        # Nearly every record does not contain a text, so no index is needed for that.
        return [
            (words, [(self.name, SAMPLE_WORD), (f"{self.name}_op", operator)])
            for operator, (words, _compare) in TEXT_OPERATORS.items()
            if operator != "without"
        ]
