"""The related record: one of some."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true

from backoffice.admin.lists.bounds import Unreadable
from backoffice.admin.lists.facet_results import FacetSummary, SummaryRow, summary_row
from backoffice.admin.lists.filters.base import (
    AppliedFilter,
    Asker,
    Drawing,
    Filter,
    Given,
    Sample,
    few,
    text_comparison,
    ticked,
)
from backoffice.admin.lists.relations import Ends, belongs_to, ends, related
from backoffice.admin.lists.sample_values import WORD, some_key
from backoffice.admin.lists.search import Term
from backoffice.admin.pages.list import Facet, FacetOption
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.admin.records.keys import (
    among,
    key_attributes,
    key_for,
    key_in_row,
    parse_key,
    write_key,
)
from backoffice.admin.records.labels import label_texts, label_words, search_result_text
from backoffice.db.queries.search import contains

OFFERED = 8
"""Related records that a facet offers to tick; the others are found by typing."""

FOUND = 20
"""Related records that such a search shows where there is no script."""


class RelationFilter(Filter):
    """The records that belong to one of some others: ``category=3&category=8``."""

    @property
    def target(self) -> Any:
        """The view of the related records."""
        return self.view.related_view(self.name)

    @property
    def _ends(self) -> Ends | None:
        return ends(self.view, self.name)

    def read(self, given: Given, asker: Asker) -> AppliedFilter | None:
        keys = {text: parse_key(self.target, text) for text in few(given.get(self.name, ()))}
        if wrong := [text for text, key in keys.items() if key is None]:
            raise Unreadable(f"cannot be “{wrong[0]}”")
        if not keys:
            return None
        condition = belongs_to(self.view, self.name, list(keys.values()), asker.context)
        return ticked(self.name, list(keys), condition)

    def condition_of(self, term: Term, asker: Asker) -> ColumnElement[bool]:
        matches = text_comparison(term)
        labels = or_(*(matches(words, term.text) for words in label_texts(self.target)))
        return related(self.view, self.name, labels, asker.context)

    @property
    def is_one_range(self) -> bool:
        return self._ends is not None and self._ends.by_key

    @property
    def examples(self) -> tuple[str, ...]:
        return (f"{self.term_name}:",)

    def lookup_href(self, asker: Asker) -> str | None:
        return self.view.site.href(self.view.identity, "lookup", self.name)

    # Counted --------------------------------------------------------------------------

    @property
    def has_labels(self) -> bool:
        return True

    def sees_all(self, asker: Asker) -> bool:
        return self._visible(asker) is true()

    def _visible(self, asker: Asker) -> ColumnElement[bool]:
        visible: ColumnElement[bool] = (
            self.target.visible(asker.context) if asker.context is not None else true()
        )
        return visible

    def counted(self, asker: Asker, options: Sequence[tuple[str, str]]) -> list[Any]:
        # Where the other side leads here each record has one of its own: nothing to count.
        found = self._ends
        return list(found.local) if found is not None and self._is_many_to_one else []

    @property
    def _is_many_to_one(self) -> bool:
        relation = self.view.mapper.relationships[self.name]
        return bool(relation.direction.name == "MANYTOONE")

    def selects(
        self, asker: Asker, columns: Sequence[Any], ticked: Sequence[str], typed: str
    ) -> Iterator[Select[Any]]:
        """The commonest values with their counts (or the first by name), what is ticked, and what
        was searched for."""
        target, seen = self.target, self._visible(asker)
        keys = [parse_key(target, text) for text in ticked]
        listed = self._listed("value").where(seen)
        if columns:
            yield self._select_counted(columns, keys).where(seen)
        else:
            yield listed.limit(OFFERED)
        if keys:
            yield listed.where(among(target, keys)).limit(len(keys))
        if text := typed.strip()[:100]:
            matches = self._listed("found").where(seen, contains(label_words(target), text))
            yield matches.limit(FOUND + 1)

    def _row(self, kind: str, *numbers: Any) -> list[Any]:
        target = self.target
        key = key_for(target).sql_text(self.dialect)
        return summary_row(self.name, kind, key, label_words(target), *numbers)

    def _listed(self, kind: str) -> Select[Any]:
        """The related records by label, without a limit."""
        target = self.target
        order = (*target.label_attributes, *key_attributes(target))
        return select(*self._row(kind)).select_from(target.model).order_by(*order)

    def _select_counted(self, columns: Sequence[Any], keys: Sequence[Any]) -> Select[Any]:
        found, number = self._ends, func.count()
        assert found is not None
        # What is ticked keeps its number, however few it has.
        ticks = belongs_to_columns(found, columns, keys) if keys and found.by_key else None
        first = [case((ticks, 0), else_=1)] if ticks is not None else []
        groups = (
            select(*columns, number.label("number"), func.sum(number).over().label("all"))
            .where(*(column.is_not(None) for column in columns))
            .group_by(*columns)
            .order_by(*first, number.desc(), *columns)
            .limit(OFFERED + len(keys))
            .subquery()
        )
        own = list(groups.c)[: len(columns)]
        joined = and_(*(a == b for a, b in zip(own, found.remote, strict=True)))
        row = self._row("value", groups.c.number, groups.c.all)
        counted = select(*row).select_from(self.target.model).join(groups, joined)
        return counted.order_by(groups.c.number.desc(), *key_attributes(self.target))

    def take(self, said: FacetSummary, row: SummaryRow) -> None:
        if row.kind == "found":
            said.searched += 1
        if said.searched > FOUND or row.value is None:
            return
        said.labels.setdefault(row.value, row.label or "")
        number, every = row.numbers[:2]
        if every is not None and every <= COUNT_LIMIT:
            said.counts[row.value] = f"{number:,}"

    # Shown ----------------------------------------------------------------------------

    def facet(self, drawing: Drawing) -> Facet:
        said, values = drawing.said, drawing.values
        by_ticks = sorted(said.labels.items(), key=lambda item: item[0] not in values)
        told = ""
        if drawing.typed:
            number, more = min(said.searched, FOUND), said.searched > FOUND
            told = search_result_text(self.target, number, more)
        return Facet(
            kind="options",
            options=tuple(
                FacetOption(key, label, key in values, said.counts.get(key, ""))
                for key, label in by_ticks
            ),
            lookup_href=self.lookup_href(drawing.asker),
            find_name=f"{self.name}_find",
            find_text=drawing.typed,
            found=told,
            name=self.name,
            label=self.label,
            active=drawing.applied is not None,
        )

    def part_text(self, text: str, said: FacetSummary) -> str:
        return said.labels.get(text, f"#{text}")

    def missing(self, said: FacetSummary, values: Sequence[str]) -> list[str]:
        gone = [value for value in values if self._written(value) not in said.labels]
        return [f"There is no {self.target.label} #{value} (any more)." for value in gone]

    def _written(self, text: str) -> str:
        """A key as the database writes it: not "007"."""
        return write_key(self.target, parse_key(self.target, text))

    def texts_of(self, asker: Asker, values: Sequence[str]) -> Mapping[str, str]:
        target = self.target
        keys = {value: parse_key(target, value) for value in values}
        statement = select(*key_attributes(target), label_words(target)).where(
            among(target, list(keys.values())), self._visible(asker)
        )
        assert asker.context is not None, "somebody reads it"
        rows = asker.context.session.execute(statement)
        found = {key_in_row(target, row): str(row[-1]) for row in rows}
        return {value: found.get(key, f"number {value}") for value, key in keys.items()}

    # For the doctor -------------------------------------------------------------------

    def samples(self) -> list[Sample]:
        key = some_key(self.target)
        return [("", [(self.name, key)])] if key else []

    @property
    def search_sample(self) -> str:
        return WORD


def belongs_to_columns(
    found: Ends, columns: Sequence[Any], keys: Sequence[Any]
) -> ColumnElement[bool]:
    """Whether the columns, in the order of a relation's own, hold one of some keys."""
    alternatives = []
    for key in keys:
        parts = (key,) if found.is_single else key
        alternatives.append(
            and_(*(column == part for column, part in zip(columns, parts, strict=True)))
        )
    return or_(*alternatives)
