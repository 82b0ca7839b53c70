"""A filter for relations to one record."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true

from backoffice.admin.lists.errors import InvalidCondition, no_choice
from backoffice.admin.lists.facet_results import FacetResult, FacetRow, facet_row
from backoffice.admin.lists.filters.applied import (
    AppliedFilter,
    Given,
    apply_choices,
    distinct_values,
)
from backoffice.admin.lists.filters.base import (
    FacetInput,
    Filter,
    FilterContext,
    SampleAddress,
    text_comparison,
)
from backoffice.admin.lists.relations import (
    RelationColumns,
    has_related,
    has_related_key,
    relation_columns,
)
from backoffice.admin.lists.sample_values import SAMPLE_WORD, sample_key
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet, FacetOption
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.admin.records.keys import (
    has_key_in,
    key_attributes,
    key_for,
    key_from_row,
    parse_key,
    write_key,
)
from backoffice.admin.records.labels import (
    label_columns,
    label_expression,
    label_search_texts,
    search_result_text,
)
from backoffice.db.queries.search import contains
from backoffice.language import _
from backoffice.language import number as written_number

OFFERED = 25
"""Related records that a facet offers; the others are found by typing."""

LINES_KEPT_FREE = 9
"""Lines kept free for what comes a moment later: as many as are seen before the facet scrolls."""

LOOKUP_LIMIT = 20
"""Related records that typing shows without a script."""


class RelationFilter(Filter):
    """Records that belong to one of the selected records: ``category=3&category=8``."""

    @property
    def target(self) -> Any:
        """The view of the related records."""
        return self.view.related_view(self.name)

    @property
    def _relation_columns(self) -> RelationColumns | None:
        return relation_columns(self.view, self.name)

    def read(self, given: Given, context: FilterContext) -> AppliedFilter | None:
        texts = distinct_values(given.get(self.name, ()))
        keys = {text: parse_key(self.target, text) for text in texts}
        if wrong := [text for text, key in keys.items() if key is None]:
            raise no_choice(wrong[0])
        if not keys:
            return None
        condition = has_related_key(self.view, self.name, list(keys.values()), context.viewer)
        return apply_choices(self.name, list(keys), condition)

    def term_condition(self, term: Term, context: FilterContext) -> ColumnElement[bool]:
        compare = text_comparison(term)
        labels = label_search_texts(self.target, context.viewer)
        if not labels:
            raise InvalidCondition(
                _(
                    "You don't have permission to see the names of {records}",
                    records=self.target.label_plural,
                )
            )
        condition = or_(*(compare(label, term.text) for label in labels))
        return has_related(self.view, self.name, condition, context.viewer)

    @property
    def is_index_range(self) -> bool:
        return self._relation_columns is not None and self._relation_columns.remote_is_key

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)

    def lookup_href(self, context: FilterContext) -> str | None:
        return self.view.site.href(self.view.identity, "lookup", self.name)

    # Counting -------------------------------------------------------------------------

    @property
    def has_labels(self) -> bool:
        return True

    def is_same_for_all(self, context: FilterContext) -> bool:
        return self._visible(context) is true() and bool(label_columns(self.target, context.viewer))

    def _visible(self, context: FilterContext) -> ColumnElement[bool]:
        visible: ColumnElement[bool] = (
            context.viewer.visible(self.target) if context.viewer is not None else true()
        )
        return visible

    def columns_to_count(
        self, context: FilterContext, options: Sequence[tuple[str, str]]
    ) -> list[Any]:
        # In a one-to-one relation each related record has one record: there is nothing to count.
        relation = self._relation_columns
        return list(relation.local) if relation is not None and self._is_many_to_one else []

    @property
    def _is_many_to_one(self) -> bool:
        relation = self.view.mapper.relationships[self.name]
        return bool(relation.direction.name == "MANYTOONE")

    def facet_selects(
        self,
        context: FilterContext,
        columns: Sequence[Any],
        selected: Sequence[str],
        lookup_text: str,
    ) -> Iterator[Select[Any]]:
        """The values that most records have, with their counts (uncounted: the first by label);
        the selected ones; and those that the typed text finds. The facet sorts them by label."""
        target, visible, keys = self.target, self._visible(context), self.label_keys(selected)
        by_label = self._select_by_label(context, "value").where(visible)
        if columns:
            yield self._select_counted(context, columns, keys).where(visible)
        else:
            yield by_label.limit(OFFERED)
        if keys:
            yield by_label.where(has_key_in(target, keys)).limit(len(keys))
        if text := lookup_text.strip()[:100]:
            label = label_expression(target, context.viewer)
            matches = self._select_by_label(context, "found").where(visible, contains(label, text))
            yield matches.limit(LOOKUP_LIMIT + 1)

    def label_select(self, context: FilterContext, keys_parameter: str) -> Select[Any]:
        by_label = self._select_by_label(context, "value").where(self._visible(context))
        return by_label.where(has_key_in(self.target, keys_parameter))

    def label_keys(self, selected: Sequence[str]) -> list[Any]:
        return [parse_key(self.target, text) for text in selected]

    def _row(self, context: FilterContext, kind: str, *numbers: Any) -> list[Any]:
        target = self.target
        key = key_for(target).sql_text(self.dialect)
        label = label_expression(target, context.viewer)
        return facet_row(self.name, kind, key, label, *numbers)

    def _select_by_label(self, context: FilterContext, kind: str) -> Select[Any]:
        """SELECT the related records, sorted by label, without a limit."""
        target = self.target
        labels = label_columns(target, context.viewer)
        statement = select(*self._row(context, kind)).select_from(target.model)
        return statement.order_by(*labels, *key_attributes(target))

    def _select_counted(
        self, context: FilterContext, columns: Sequence[Any], keys: Sequence[Any]
    ) -> Select[Any]:
        relation, number = self._relation_columns, func.count()
        assert relation is not None
        first = []
        if keys and relation.remote_is_key:  # selected values have a count, however small it is
            selected = columns_equal_keys(relation, columns, keys)
            first = [case((selected, 0), else_=1)]
        groups = (
            select(*columns, number.label("number"), func.sum(number).over().label("all"))
            .where(*(column.is_not(None) for column in columns))
            .group_by(*columns)
            .order_by(*first, number.desc(), *columns)
            .limit(OFFERED + len(keys))
            .subquery()
        )
        own = list(groups.c)[: len(columns)]
        equal = zip(own, relation.remote, strict=True)
        on = and_(*(column == remote for column, remote in equal))
        row = self._row(context, "value", groups.c.number, groups.c.all)
        counted = select(*row).select_from(self.target.model).join(groups, on)
        return counted.order_by(groups.c.number.desc(), *key_attributes(self.target))

    def read_row(self, result: FacetResult, row: FacetRow) -> None:
        if row.kind == "found" and row.value is not None:
            result.found.append(row.value)
        if len(result.found) > LOOKUP_LIMIT or row.value is None:
            return
        result.labels.setdefault(row.value, row.label or "")
        number, total = row.numbers[:2]
        if total is not None and total <= COUNT_LIMIT:
            result.counts[row.value] = written_number(number)

    # The page -------------------------------------------------------------------------

    def facet(self, inputs: FacetInput) -> Facet:
        result, values = inputs.result, inputs.values
        # A steady order: a choice keeps its place, whatever the counts are. What was just searched
        # for comes first.
        in_order = sorted(
            result.labels.items(),
            key=lambda item: (item[0] not in result.found, item[1].casefold(), item[0]),
        )
        found = ""
        if inputs.lookup_text:
            number = min(len(result.found), LOOKUP_LIMIT)
            found = search_result_text(self.target, number, len(result.found) > LOOKUP_LIMIT)
        return Facet(
            kind="options",
            options=tuple(
                FacetOption(key, label, key in values, result.counts.get(key, ""))
                for key, label in in_order
            ),
            lookup_href=self.lookup_href(inputs.context),
            find_name=f"{self.name}_find",
            find_text=inputs.lookup_text,
            found=found,
            name=self.name,
            label=self.label,
            active=inputs.applied is not None,
            coming=LINES_KEPT_FREE if inputs.coming else 0,
        )

    def part_text(self, text: str, result: FacetResult) -> str:
        return result.labels.get(text, f"#{text}")

    def missing_messages(self, result: FacetResult, values: Sequence[str]) -> list[str]:
        missing = [value for value in values if self._normalized(value) not in result.labels]
        return [
            _("There is no {record} with the ID {id}.", record=self.target.label, id=value)
            for value in missing
        ]

    def _normalized(self, text: str) -> str:
        """A key as the database writes it: "7" for "007"."""
        return write_key(self.target, parse_key(self.target, text))

    def value_labels(self, context: FilterContext, values: Sequence[str]) -> Mapping[str, str]:
        target = self.target
        keys = {value: parse_key(target, value) for value in values}
        label = label_expression(target, context.viewer)
        statement = select(*key_attributes(target), label).where(
            has_key_in(target, list(keys.values())), self._visible(context)
        )
        assert context.viewer is not None, "labels are read for a person"
        rows = context.viewer.session.execute(statement)
        labels = {key_from_row(target, row): str(row[-1]) for row in rows}
        return {value: labels.get(key, f"#{value}") for value, key in keys.items()}

    # The doctor -----------------------------------------------------------------------

    def sample_addresses(self) -> list[SampleAddress]:
        key = sample_key(self.target)
        return [("", [(self.name, key)])] if key else []

    @property
    def search_sample(self) -> str:
        return SAMPLE_WORD


def columns_equal_keys(
    relation: RelationColumns, columns: Sequence[Any], keys: Sequence[Any]
) -> ColumnElement[bool]:
    """The condition that ``columns``, those of the relation in its order, are one of the keys."""
    alternatives = []
    for key in keys:
        parts = (key,) if relation.is_single else key
        alternatives.append(
            and_(*(column == part for column, part in zip(columns, parts, strict=True)))
        )
    return or_(*alternatives)
