"""Yes or no."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_

from backoffice.admin.lists.bounds import Unreadable
from backoffice.admin.lists.facet_results import FacetSummary, SummaryRow
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
from backoffice.admin.lists.search import Term


class BooleanFilter(TickedFilter):
    """Yes or no: ``is_active=yes``."""

    is_state = True

    def _is(self, text: str) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = self.column == self.kind.bound(
            self.dialect, self.kind.parse(text)
        )
        return condition

    def read(self, given: Given, asker: Asker) -> AppliedFilter | None:
        texts = few(given.get(self.name, ()))
        if wrong := [text for text in texts if text not in ("yes", "no")]:
            raise Unreadable(f"cannot be “{wrong[0]}”")
        if not texts:
            return None
        return ticked(self.name, texts, or_(*(self._is(text) for text in texts)))

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        if term.operator in (":", "="):
            try:
                return self._is(term.text.lower())
            except ValueError:
                pass
        raise Unreadable("is “yes” or “no”")

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"is:{self.term_name}", f"{self.term_name}:no")

    def completions(self, asker: Asker) -> tuple[str, ...]:
        return ("yes", "no")

    def options(self, asker: Asker) -> Sequence[tuple[str, str]]:
        return (("yes", "Yes"), ("no", "No"))

    def counted(self, asker: Asker, options: Sequence[tuple[str, str]]) -> list[Any]:
        return ones([self._is(value) for value, _text in options])

    def selects(
        self, asker: Asker, columns: Sequence[Any], ticked: Sequence[str], typed: str
    ) -> Iterator[Select[Any]]:
        return select_sums(self.name, columns)

    def take(self, said: FacetSummary, row: SummaryRow) -> None:
        take_sums(said, row)

    def texts_of(self, asker: Asker, values: Sequence[str]) -> dict[str, str]:
        return {"yes": "yes", "no": "no"}
