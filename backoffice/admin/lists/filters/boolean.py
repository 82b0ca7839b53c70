"""A filter for yes or no."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_

from backoffice.admin.lists.errors import InvalidCondition, no_choice
from backoffice.admin.lists.filters.applied import (
    AppliedFilter,
    Given,
    apply_choices,
    distinct_values,
)
from backoffice.admin.lists.filters.base import (
    FilterContext,
    MultipleChoiceFilter,
    OptionCountFilter,
    indicator_columns,
)
from backoffice.admin.lists.search import Term, shortened
from backoffice.language import _


class BooleanFilter(OptionCountFilter, MultipleChoiceFilter):
    """Yes or no: ``is_active=yes``."""

    is_state = True

    def _is(self, text: str) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = self.column == self.kind.bound(
            self.dialect, self.kind.parse(text)
        )
        return condition

    def read(self, given: Given, context: FilterContext) -> AppliedFilter | None:
        texts = distinct_values(given.get(self.name, ()))
        if wrong := [text for text in texts if text not in ("yes", "no")]:
            raise no_choice(wrong[0])
        if not texts:
            return None
        return apply_choices(self.name, texts, or_(*(self._is(text) for text in texts)))

    def term_condition(self, term: Term, context: FilterContext) -> ColumnElement[bool]:
        if term.operator in (":", "="):
            try:
                return self._is(term.text.lower())
            except ValueError:
                pass
        raise InvalidCondition(_("“{text}” is neither “yes” nor “no”", text=shortened(term.text)))

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"is:{self.term_name}", f"{self.term_name}:no")

    def completions(self, context: FilterContext) -> tuple[str, ...]:
        return ("yes", "no")

    def options(self, context: FilterContext) -> Sequence[tuple[str, str]]:
        return (("yes", _("Yes")), ("no", _("No")))

    def columns_to_count(
        self, context: FilterContext, options: Sequence[tuple[str, str]]
    ) -> list[Any]:
        return indicator_columns([self._is(value) for value, _text in options])

    def value_labels(self, context: FilterContext, values: Sequence[str]) -> dict[str, str]:
        return {"yes": _("yes"), "no": _("no")}
