"""One of the values that a column's type lists."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, null, select

from backoffice.admin.lists.bounds import Unreadable
from backoffice.admin.lists.facet_results import FacetSummary, SummaryRow, summary_row
from backoffice.admin.lists.filters.base import (
    AppliedFilter,
    Asker,
    Given,
    TickedFilter,
    few,
    ticked,
)
from backoffice.admin.lists.search import Term, quoted, shortened
from backoffice.admin.records.counting import COUNT_LIMIT


class EnumerationFilter(TickedFilter):
    """Some of a type's values: ``status=open&status=held``, each as its kind writes it."""

    def read(self, given: Given, asker: Asker) -> AppliedFilter | None:
        texts = few(given.get(self.name, ()))
        known = dict(self.kind.choices)
        if wrong := [text for text in texts if text not in known]:
            raise Unreadable(f"cannot be “{shortened(wrong[0])}”: there is no such choice")
        return ticked(self.name, texts, self._among(texts)) if texts else None

    def _among(self, texts: Sequence[str]) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = self.column.in_([self.kind.parse(one) for one in texts])
        return condition

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        if term.operator not in (":", "="):
            raise Unreadable("is compared with “:”")
        try:
            value = self.kind.parse(term.text)
        except ValueError:
            raise Unreadable(
                f"cannot be “{shortened(term.text)}”: there is no such choice"
            ) from None
        condition: ColumnElement[bool] = self.column == self.kind.bound(self.dialect, value)
        return condition

    def takes(self, term: Term, asker: Asker) -> bool:
        try:
            self.kind.parse(term.text)
        except ValueError:
            return False
        return True

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)

    def completions(self, asker: Asker) -> tuple[str, ...]:
        return tuple(quoted(text) for text, _label in self.kind.choices)

    def options(self, asker: Asker) -> Sequence[tuple[str, str]]:
        return self.kind.choices

    def counted(self, asker: Asker, options: Sequence[tuple[str, str]]) -> list[Any]:
        return [self.kind.sql_key(self.dialect, self.column)]

    def selects(
        self, asker: Asker, columns: Sequence[Any], ticked: Sequence[str], typed: str
    ) -> Iterator[Select[Any]]:
        for kept in columns:
            number = func.count()
            every = func.sum(number).over()
            row = summary_row(self.name, "value", kept, null(), number, every)
            yield select(*row).select_from(kept.table).where(kept.is_not(None)).group_by(kept)

    def take(self, said: FacetSummary, row: SummaryRow) -> None:
        number, every = row.numbers[:2]
        if every <= COUNT_LIMIT and row.value is not None:  # of some it would say nothing
            said.counts[self.kind.write(self.kind.decode(row.value))] = f"{number:,}"
