"""A filter that a view defines itself, as an ``OptionFilter``."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, or_

from backoffice.admin.field_permissions import hidden_columns, reads_hidden_field
from backoffice.admin.lists.errors import InvalidCondition, no_choice
from backoffice.admin.lists.facet_results import MOST_SUMS
from backoffice.admin.lists.filters.applied import (
    MOST_VALUES,
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
from backoffice.admin.lists.search import Term, quote_value, shortened
from backoffice.admin.view import OptionFilter, RecordView
from backoffice.language import ENGLISH, _, current_language, speak


class CustomFilter(OptionCountFilter, MultipleChoiceFilter):
    """An ``OptionFilter`` of a view: choices with conditions of their own."""

    def __init__(self, view: RecordView, option_filter: OptionFilter) -> None:
        super().__init__(view, option_filter.name)
        self.option_filter = option_filter
        self.is_personal = option_filter.offers is not None

    @property
    def label(self) -> str:
        return _(self.option_filter.label)

    @property
    def wanted_name(self) -> str:
        return self.option_filter.search_name

    def offers(self, value: str, context: FilterContext) -> bool:
        if context.viewer is None:
            return True
        if self.option_filter.offers is not None:
            return self.option_filter.offers(context.viewer, value)
        return value in dict(self.option_filter.options(context.viewer))

    def choice_condition(self, value: str, context: FilterContext) -> ColumnElement[bool]:
        """The condition of one choice.

        Raises:
            InvalidCondition: the view has no such choice, or does not offer it to the person.
        """
        condition = None
        if self.offers(value, context):
            condition = self.option_filter.condition(self.view, value, context.viewer)
        if condition is None:
            raise no_choice(value)
        if context.viewer is not None and reads_hidden_field(context.viewer, condition):
            raise InvalidCondition(
                _("You don't have permission for “{text}”", text=shortened(value))
            )
        return condition

    def read(self, given: Given, context: FilterContext) -> AppliedFilter | None:
        values = distinct_values(given.get(self.name, ()))
        if not values:
            return None
        return apply_choices(
            self.name,
            values,
            or_(*(self.choice_condition(value, context) for value in values)),
        )

    def term_condition(self, term: Term, context: FilterContext) -> ColumnElement[bool]:
        if term.operator not in (":", "="):
            raise InvalidCondition(_("A choice is compared with “:”"))
        try:
            return self.choice_condition(term.text.lower(), context)
        except InvalidCondition:
            named = self._values_named(term, context)
            if not named:
                raise
            return or_(*(self.choice_condition(value, context) for value in named))

    def _values_named(self, term: Term, context: FilterContext) -> list[str]:
        """The choices that a term means by their texts: ``who:ada``. It may run a statement."""
        wanted = term.text.casefold()
        with speak(ENGLISH):  # addresses are the same in all languages
            texts = [(value, text.casefold()) for value, text in self.options(context)]
        named = [value for value, text in texts if wanted == text]
        if not named and term.operator == ":":
            named = [value for value, text in texts if wanted in text]
        return named[:MOST_VALUES]

    def accepts(self, term: Term, context: FilterContext) -> bool:
        try:
            self.choice_condition(term.text.lower(), context)
        except InvalidCondition:
            return False
        return True

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)

    def completions_of(self, options: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """What a term may compare with, of the choices that a list has: their texts where these
        are one English word, as people say it, or the value is a number, which says nothing; else
        their values."""
        is_english = current_language().catalogue is None
        return tuple(
            quote_value(text)
            if value.isdigit()
            else text.lower()
            if is_english and text.isalpha()
            else quote_value(value)
            for value, text in options
        )

    def options(self, context: FilterContext) -> Sequence[tuple[str, str]]:
        """The choices, without those whose conditions use what the person may not see."""
        viewer = context.viewer
        if viewer is None:
            return ()
        offered = tuple(self.option_filter.options(viewer))
        if not hidden_columns(viewer):
            return offered
        return tuple(
            (value, text)
            for value, text in offered
            if (condition := self.option_filter.condition(self.view, value, viewer)) is None
            or not reads_hidden_field(viewer, condition)
        )

    def columns_to_count(
        self, context: FilterContext, options: Sequence[tuple[str, str]]
    ) -> list[Any]:
        if not self.option_filter.counted:
            return []
        # These options are offered, so there is no need to ask ``offers``.
        conditions = [
            self.option_filter.condition(self.view, value, context.viewer)
            for value, _text in options[: MOST_SUMS - 1]
        ]
        return indicator_columns(
            [false() if condition is None else condition for condition in conditions]
        )
