"""A day or moment in a period of time."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_

from backoffice.admin.lists.bounds import Unreadable
from backoffice.admin.lists.facet_results import FacetSummary, SummaryRow
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
    ones,
    select_sums,
    take_sums,
)
from backoffice.admin.lists.periods import PRESETS, Period, read_period
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet, FacetOption


class DateFilter(Filter):
    """A moment or day: in a period that has a name, or from one day to another, in UTC."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_from", f"{self.name}_to")

    def read(self, given: Given, asker: Asker) -> AppliedFilter | None:
        preset, low, high = (one_of(given, parameter) for parameter in self.parameters)
        bounds = tuple((p, v) for p, v in zip(self.parameters[1:], (low, high), strict=True) if v)
        pairs, parts, conditions = list(bounds), [], []
        if preset:
            if preset not in PRESETS:
                raise Unreadable(f"cannot be “{preset}”")
            pairs.insert(0, (self.name, preset))
            parts.append(Part(PRESETS[preset], bounds))
            conditions.append(self._within(read_period(preset, asker.now)))
        if bounds:
            parts.append(Part(from_to(low, high), ((self.name, preset),) if preset else ()))
            conditions.append(self._within(read_period(f"{low}..{high}", asker.now)))
        if not conditions:
            return None
        return AppliedFilter(self.name, tuple(pairs), tuple(parts), and_(*conditions))

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        period = read_period(term.text, asker.now)
        if term.operator in (":", "="):
            return self._within(period)
        if ".." in term.text:
            raise Unreadable("is compared with one date, or “:” and a range")
        start, end = period.start, period.end
        chosen = {
            ">": Period(end, None),
            ">=": Period(start, None),
            "<": Period(None, start),
            "<=": Period(None, end),
        }[term.operator]
        return self._within(chosen)

    def _within(self, period: Period) -> ColumnElement[bool]:
        return period.condition(self.column, self.dialect)

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:7d", f"{self.term_name}:2026-01..2026-03")

    def completions(self, asker: Asker) -> tuple[str, ...]:
        return tuple(PRESETS)

    def options(self, asker: Asker) -> Sequence[tuple[str, str]]:
        return tuple(PRESETS.items())

    def counted(self, asker: Asker, options: Sequence[tuple[str, str]]) -> list[Any]:
        return ones([self._within(read_period(name, asker.now)) for name, _text in options])

    def selects(
        self, asker: Asker, columns: Sequence[Any], ticked: Sequence[str], typed: str
    ) -> Iterator[Select[Any]]:
        return select_sums(self.name, columns)

    def take(self, said: FacetSummary, row: SummaryRow) -> None:
        take_sums(said, row)

    def facet(self, drawing: Drawing) -> Facet:
        low, high = (drawing.value(parameter) for parameter in self.parameters[1:])
        counts = drawing.said.counts
        presets = (
            FacetOption(value, text, value in drawing.values, counts.get(value, ""))
            for value, text in PRESETS.items()
        )
        return Facet(
            kind="dates",
            options=(FacetOption("", "Any time", not drawing.values), *presets),
            low=low,
            high=high,
            name=self.name,
            label=self.label,
            active=drawing.applied is not None,
        )

    def samples(self) -> list[Sample]:
        return [("", [(name, "2026-01-31") for name in self.parameters[1:]])]
