"""A filter for dates and datetimes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false

from backoffice.admin.lists.errors import InvalidCondition, no_choice
from backoffice.admin.lists.filters.applied import (
    AppliedFilter,
    Given,
    Part,
    last_value,
    range_text,
)
from backoffice.admin.lists.filters.base import (
    FacetInput,
    FilterContext,
    OptionCountFilter,
    SampleAddress,
    indicator_columns,
)
from backoffice.admin.lists.periods import PRESETS, Period, read_period
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet, FacetOption
from backoffice.language import _


class PeriodFilter(OptionCountFilter):
    """Dates in a preset period (``created=7d``), or from one day to another, in UTC."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_from", f"{self.name}_to")

    def read(self, given: Given, context: FilterContext) -> AppliedFilter | None:
        preset, low, high = (last_value(given, parameter) for parameter in self.parameters)
        named = zip(self.parameters[1:], (low, high), strict=True)
        bounds = tuple((parameter, value) for parameter, value in named if value)
        pairs, parts, conditions = list(bounds), [], []
        if preset:
            if preset not in PRESETS:
                raise no_choice(preset)
            pairs.insert(0, (self.name, preset))
            parts.append(Part(_(PRESETS[preset]), bounds))
            conditions.append(self._within(read_period(preset, context.now)))
        if bounds:
            parts.append(Part(range_text(low, high), ((self.name, preset),) if preset else ()))
            conditions.append(self._within(read_period(f"{low}..{high}", context.now)))
        if not conditions:
            return None
        return AppliedFilter(self.name, tuple(pairs), tuple(parts), and_(*conditions))

    def term_condition(self, term: Term, context: FilterContext) -> ColumnElement[bool]:
        period = read_period(term.text, context.now)
        if term.operator in (":", "="):
            return self._within(period)
        if ".." in term.text:
            raise InvalidCondition(_("A range is written after “:”"))
        start, end = period.start, period.end
        if term.operator == ">" and end is None:  # nothing is after the calendar
            return false()
        compared = {
            ">": Period(end, None),
            ">=": Period(start, None),
            "<": Period(None, start),
            "<=": Period(None, end),
        }[term.operator]
        return self._within(compared)

    def _within(self, period: Period) -> ColumnElement[bool]:
        return period.condition(self.column, self.dialect)

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:7d", f"{self.term_name}:2026-01..2026-03")

    def completions(self, context: FilterContext) -> tuple[str, ...]:
        return tuple(PRESETS)

    def options(self, context: FilterContext) -> Sequence[tuple[str, str]]:
        return tuple((value, _(text)) for value, text in PRESETS.items())

    def columns_to_count(
        self, context: FilterContext, options: Sequence[tuple[str, str]]
    ) -> list[Any]:
        return indicator_columns(
            [self._preset_condition(name, context.now) for name, _text in options]
        )

    def _preset_condition(self, name: str, now: datetime) -> ColumnElement[bool]:
        try:
            return self._within(read_period(name, now))
        except InvalidCondition:  # it is outside the calendar
            return false()

    def facet(self, inputs: FacetInput) -> Facet:
        low, high = (inputs.value(parameter) for parameter in self.parameters[1:])
        counts = inputs.result.counts
        presets = (
            FacetOption(value, _(text), value in inputs.values, counts.get(value, ""))
            for value, text in PRESETS.items()
        )
        return Facet(
            kind="dates",
            options=(FacetOption("", _("Any time"), not inputs.values), *presets),
            low=low,
            high=high,
            name=self.name,
            label=self.label,
            active=inputs.applied is not None,
        )

    def sample_addresses(self) -> list[SampleAddress]:
        return [("", [(name, "2026-01-31") for name in self.parameters[1:]])]
