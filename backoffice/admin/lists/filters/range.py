"""A value between two others: of numbers, times of the day and durations."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from backoffice.admin.lists.bounds import read_bounds
from backoffice.admin.lists.facet_results import FacetSummary, SummaryRow, summary_row
from backoffice.admin.lists.filters.base import (
    AppliedFilter,
    Asker,
    Drawing,
    Filter,
    Given,
    Part,
    Sample,
    from_to,
    one_of,
)
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet
from backoffice.admin.records.counting import COUNT_LIMIT

_LONGEST = 30
"""A number of more digits than this before or after its point is told as its kind shows it."""


class RangeFilter(Filter):
    """A value between two others, both included: ``price_from=10&price_to=20``."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, given: Given, asker: Asker) -> AppliedFilter | None:
        low, high = (one_of(given, parameter) for parameter in self.parameters)
        if not low and not high:
            return None
        bounds = zip(self.parameters, (low, high), strict=True)
        pairs = tuple((parameter, value) for parameter, value in bounds if value)
        condition = self.condition_of(Term(f"{low}..{high}", self.name, ":"), asker)
        return AppliedFilter(self.name, pairs, (Part(from_to(low, high)),), condition)

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        bounds = read_bounds(self.kind, self.dialect, term.operator, term.text)
        return bounds.condition(self.kind.sort_key(self.dialect, self.column))

    @property
    def examples(self) -> tuple[str, ...]:
        if self.kind.is_number:
            return (f"{self.term_name}>10", f"{self.term_name}:10..20")
        return (f"{self.term_name}>{self.kind.example}",)

    def counted(self, asker: Asker, options: Sequence[tuple[str, str]]) -> list[Any]:
        return [self.column]

    def selects(
        self, asker: Asker, columns: Sequence[Any], ticked: Sequence[str], typed: str
    ) -> Iterator[Select[Any]]:
        for value in columns:
            ends = (
                self.kind.sql_encode(self.dialect, end)
                for end in (func.min(value), func.max(value))
            )
            row = summary_row(self.name, "bounds", *ends, func.count())
            yield select(*row).select_from(value.table)

    def take(self, said: FacetSummary, row: SummaryRow) -> None:
        if row.numbers[0] <= COUNT_LIMIT and row.value is not None and row.label is not None:
            said.bounds = f"{self._end(row.value)} to {self._end(row.label)}"

    def _end(self, text: str) -> str:
        """The least or most that there is, as the database writes it."""
        if not self.kind.is_number:
            return self.kind.show(self.kind.decode(text), UTC)
        number = Decimal(text)
        if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
            return self.kind.show(self.kind.decode(text), UTC)
        whole, _, fraction = f"{number:,f}".partition(".")
        fraction = fraction.rstrip("0")
        if fraction and self.kind.print == "money":
            fraction = fraction.ljust(2, "0")
        return f"{whole}.{fraction}" if fraction else whole

    def facet(self, drawing: Drawing) -> Facet:
        low, high = (drawing.value(parameter) for parameter in self.parameters)
        return Facet(
            kind="range",
            unit=self.view.unit_for(self.name),
            low=low,
            high=high,
            bounds=drawing.said.bounds,
            keys="decimal" if self.kind.is_number else "text",
            name=self.name,
            label=self.label,
            active=drawing.applied is not None,
        )

    def samples(self) -> list[Sample]:
        value = "10" if self.kind.is_number else self.kind.example
        return [("", [(name, value) for name in self.parameters])] if value else []
