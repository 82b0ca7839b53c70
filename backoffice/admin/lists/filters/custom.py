"""A view's own filters: choices that are no column's values."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_

from backoffice.admin.lists.bounds import Unreadable
from backoffice.admin.lists.facet_results import MOST_SUMS, FacetSummary, SummaryRow
from backoffice.admin.lists.filters.base import (
    AppliedFilter,
    Asker,
    Given,
    TickedFilter,
    few,
    ones,
    select_sums,
    take_sums,
    ticked,
)
from backoffice.admin.lists.search import Term, shortened
from backoffice.admin.view import OptionFilter, RecordView


class ChoiceFilter(TickedFilter):
    """An ``OptionFilter`` on the lists of its view."""

    def __init__(self, view: RecordView, option_filter: OptionFilter) -> None:
        super().__init__(view, option_filter.name)
        self.option_filter = option_filter
        self.is_personal = option_filter.offers is not None

    @property
    def label(self) -> str:
        return self.option_filter.label

    def offers(self, value: str, asker: Asker) -> bool:
        if asker.context is None:
            return True
        if self.option_filter.offers is not None:
            return self.option_filter.offers(asker.context, value)
        return value in dict(self.option_filter.options(asker.context))

    def meaning(self, value: str, asker: Asker) -> ColumnElement[bool]:
        """The condition of one choice. Raises Unreadable if the person is not offered it."""
        condition = None
        if self.offers(value, asker):
            condition = self.option_filter.condition(self.view, value, asker.context)
        if condition is None:
            raise Unreadable(f"cannot be “{shortened(value)}”: there is no such choice")
        return condition

    def read(self, given: Given, asker: Asker) -> AppliedFilter | None:
        values = few(given.get(self.name, ()))
        if not values:
            return None
        return ticked(self.name, values, or_(*(self.meaning(value, asker) for value in values)))

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        if term.operator not in (":", "="):
            raise Unreadable("is compared with “:”")
        return self.meaning(term.text.lower(), asker)

    def takes(self, term: Term, asker: Asker) -> bool:
        try:
            self.meaning(term.text.lower(), asker)
        except Unreadable:
            return False
        return True

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.name}:",)

    def completions(self, asker: Asker) -> tuple[str, ...]:
        if not self.option_filter.counted:
            return ()
        return tuple(value for value, _text in self.options(asker))

    def options(self, asker: Asker) -> Sequence[tuple[str, str]]:
        return tuple(self.option_filter.options(asker.context)) if asker.context is not None else ()

    def counted(self, asker: Asker, options: Sequence[tuple[str, str]]) -> list[Any]:
        if not self.option_filter.counted:
            return []
        # Not asked is whether it is offered: these are what is offered.
        meanings = [
            self.option_filter.condition(self.view, value, asker.context)
            for value, _text in options[: MOST_SUMS - 1]
        ]
        return ones([false() if meaning is None else meaning for meaning in meanings])

    def selects(
        self, asker: Asker, columns: Sequence[Any], ticked: Sequence[str], typed: str
    ) -> Iterator[Select[Any]]:
        return select_sums(self.name, columns)

    def take(self, said: FacetSummary, row: SummaryRow) -> None:
        take_sums(said, row)
