"""A filter for numbers, times of the day and durations."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from backoffice.admin.lists.bounds import read_bounds, typed_text
from backoffice.admin.lists.facet_results import FacetResult, FacetRow, facet_row
from backoffice.admin.lists.filters.applied import (
    AppliedFilter,
    Given,
    Part,
    last_value,
    range_text,
)
from backoffice.admin.lists.filters.base import FacetInput, Filter, FilterContext, SampleAddress
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.language.numbers import grouped

_LONGEST = 30
"""Digits before or after the point; a number with more is shown as its kind shows it."""


class RangeFilter(Filter):
    """Values from one to another, including both: ``price_from=10&price_to=20``."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, given: Given, context: FilterContext) -> AppliedFilter | None:
        low, high = (last_value(given, parameter) for parameter in self.parameters)
        if not low and not high:
            return None
        bounds = zip(self.parameters, (low, high), strict=True)
        pairs = tuple((parameter, value) for parameter, value in bounds if value)
        condition = self.term_condition(Term(f"{low}..{high}", self.name, ":"), context)
        shown = range_text(typed_text(self.kind, low), typed_text(self.kind, high))
        return AppliedFilter(self.name, pairs, (Part(shown),), condition)

    def term_condition(self, term: Term, context: FilterContext) -> ColumnElement[bool]:
        bounds = read_bounds(self.kind, self.dialect, term.operator, term.text)
        return bounds.condition(self.kind.sort_key(self.dialect, self.column))

    @property
    def examples(self) -> tuple[str, ...]:
        if self.kind.is_number:
            return (f"{self.term_name}>10", f"{self.term_name}:10..20")
        return (f"{self.term_name}>{self.kind.example}",)

    def columns_to_count(
        self, context: FilterContext, options: Sequence[tuple[str, str]]
    ) -> list[Any]:
        return [self.column]

    def facet_selects(
        self,
        context: FilterContext,
        columns: Sequence[Any],
        selected: Sequence[str],
        lookup_text: str,
    ) -> Iterator[Select[Any]]:
        for value in columns:
            bounds = (
                self.kind.sql_encode(self.dialect, bound)
                for bound in (func.min(value), func.max(value))
            )
            row = facet_row(self.name, "bounds", *bounds, func.count())
            yield select(*row).select_from(value.table)

    def read_row(self, result: FacetResult, row: FacetRow) -> None:
        if row.numbers[0] <= COUNT_LIMIT and row.value is not None and row.label is not None:
            result.bounds = range_text(self._bound_text(row.value), self._bound_text(row.label))

    def _bound_text(self, text: str) -> str:
        """The lowest or highest value as shown. ``text``: as the database writes it."""
        if not self.kind.is_number:
            return self.kind.show(self.kind.decode(text), UTC)
        number = Decimal(text)
        if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
            return self.kind.show(self.kind.decode(text), UTC)
        whole, _, fraction = f"{number:,f}".partition(".")
        fraction = fraction.rstrip("0")
        if fraction and self.kind.print == "money":
            fraction = fraction.ljust(2, "0")
        return grouped(f"{whole}.{fraction}" if fraction else whole)

    def facet(self, inputs: FacetInput) -> Facet:
        low, high = (inputs.value(parameter) for parameter in self.parameters)
        return Facet(
            kind="range",
            unit=self.view.unit_for(self.name),
            low=typed_text(self.kind, low),
            high=typed_text(self.kind, high),
            bounds=inputs.result.bounds,
            coming=int(inputs.coming),
            keys="decimal" if self.kind.is_number else "text",
            name=self.name,
            label=self.label,
            active=inputs.applied is not None,
        )

    def sample_addresses(self) -> list[SampleAddress]:
        value = "10" if self.kind.is_number else self.kind.example
        return [("", [(name, value) for name in self.parameters])] if value else []
