"""A filter for a column whose type lists its values: an enum."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, null, select

from backoffice.admin.lists.errors import InvalidCondition, no_choice
from backoffice.admin.lists.facet_results import FacetResult, FacetRow, facet_row
from backoffice.admin.lists.filters.applied import (
    AppliedFilter,
    Given,
    apply_choices,
    distinct_values,
)
from backoffice.admin.lists.filters.base import FilterContext, MultipleChoiceFilter
from backoffice.admin.lists.search import Term, quote_value
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.language import _, number


class EnumerationFilter(MultipleChoiceFilter):
    """Some of the type's values, each as its kind writes it: ``status=open&status=held``."""

    def read(self, given: Given, context: FilterContext) -> AppliedFilter | None:
        texts = distinct_values(given.get(self.name, ()))
        known = dict(self.kind.choices)
        if wrong := [text for text in texts if text not in known]:
            raise no_choice(wrong[0])
        return apply_choices(self.name, texts, self._is_any(texts)) if texts else None

    def _is_any(self, texts: Sequence[str]) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = self.column.in_([self.kind.parse(text) for text in texts])
        return condition

    def term_condition(self, term: Term, context: FilterContext) -> ColumnElement[bool]:
        if term.operator not in (":", "="):
            raise InvalidCondition(_("A choice is compared with “:”"))
        try:
            value = self.kind.parse(term.text)
        except ValueError:
            raise no_choice(term.text) from None
        condition: ColumnElement[bool] = self.column == self.kind.bound(self.dialect, value)
        return condition

    def accepts(self, term: Term, context: FilterContext) -> bool:
        try:
            self.kind.parse(term.text)
        except ValueError:
            return False
        return True

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)

    def completions(self, context: FilterContext) -> tuple[str, ...]:
        return tuple(quote_value(text) for text, _label in self.kind.choices)

    def options(self, context: FilterContext) -> Sequence[tuple[str, str]]:
        return self.kind.choices

    def columns_to_count(
        self, context: FilterContext, options: Sequence[tuple[str, str]]
    ) -> list[Any]:
        return [self.kind.sql_key(self.dialect, self.column)]

    def facet_selects(
        self,
        context: FilterContext,
        columns: Sequence[Any],
        selected: Sequence[str],
        lookup_text: str,
    ) -> Iterator[Select[Any]]:
        for key in columns:
            number = func.count()
            total = func.sum(number).over()
            row = facet_row(self.name, "value", key, null(), number, total)
            yield select(*row).select_from(key.table).where(key.is_not(None)).group_by(key)

    def read_row(self, result: FacetResult, row: FacetRow) -> None:
        records, total = row.numbers[:2]
        # Above the limit not all matching records were counted.
        if total <= COUNT_LIMIT and row.value is not None:
            result.counts[self.kind.write(self.kind.decode(row.value))] = number(records)
