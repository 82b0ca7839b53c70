"""What all the records of a list come to, in one statement: the values of each facet, how many
records have each, and the totals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Row,
    Select,
    func,
    literal,
    null,
    select,
    union_all,
)

from backoffice.admin.lists.facet_results import Summary, SummaryRow, summary_row
from backoffice.admin.lists.filters import Asker, Filter, filters_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.table_size import table_size
from backoffice.admin.records.counting import COUNT_LIMIT, Count
from backoffice.admin.records.keys import among, goes_as_array
from backoffice.admin.view import Context
from backoffice.db.queries.prepared import PreparedSelect

FOUND_KEYS = "found_keys"
"""The parameter of a kept statement that holds the keys of what was found."""


def fetch_facet_counts(
    context: Context,
    query: ListQuery,
    counted: Count | None,
    typed: Mapping[str, str],
    *,
    all_of: bool = True,
) -> Summary:
    """One statement for all facets and totals; none where nothing needs any.

    Records are looked at where the list has few: not above ``COUNT_LIMIT``, where that would cost
    more than the list, and totals of some would mean nothing. ``typed``: what was typed to find a
    related record by, without a script, by the facet's name. ``all_of``: whether the facets are
    shown; else only what the chips say is asked for.
    """
    summary = Summary()
    asker = Asker(query.now, context)
    ticked = {applied.name for applied in query.applied_filters}
    asked = []
    for one in query.filters.values():
        summary.of(one.name).options = one.options(asker)
        if all_of or (one.has_labels and one.name in ticked):
            asked.append(one)
    counts = counted is not None and counted.exact and 0 < counted.number <= COUNT_LIMIT
    for row in _Summing(context, query, summary, asker, counts=counts, typed=typed).rows(asked):
        name, kind, value, label, *numbers = tuple(row)
        if name:
            filters_of(query.view)[name].take(
                summary.of(name), SummaryRow(kind, value, label, numbers)
            )
        else:
            summary.totals[numbers[0]] = _total(kind, value)
    summary.asked = True
    return summary


def _together(selects: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any] | None:
    """All of them in one statement; None for none."""
    # Each in a SELECT of its own: SQLite takes no LIMIT inside a UNION otherwise.
    wrapped = [select(*one.subquery().c) for one in selects]
    if not wrapped:
        return None
    return union_all(*wrapped) if wrapped[1:] else wrapped[0]


@dataclass(frozen=True)
class _Kept:
    """A statement that is used again as long as it would count the same ``columns``."""

    columns: Mapping[str, Sequence[Any]]
    statement: PreparedSelect

    def counts(self, columns: Mapping[str, Sequence[Any]]) -> bool:
        """Whether it does: a choice's condition may be another today, or for another person."""
        return all(
            len(mine) == len(columns[name])
            and all(one.compare(other) for one, other in zip(mine, columns[name], strict=True))
            for name, mine in self.columns.items()
        )


class _Summing:
    """Makes the statement where records are counted, ticked or searched for."""

    def __init__(
        self,
        context: Context,
        query: ListQuery,
        summary: Summary,
        asker: Asker,
        *,
        counts: bool,
        typed: Mapping[str, str],
    ) -> None:
        self.context, self.query, self.summary, self.asker = context, query, summary, asker
        self.counts, self.typed = counts, typed
        self.ticked = {applied.name: applied.values for applied in query.applied_filters}

    def rows(self, asked: Sequence[Filter]) -> Iterable[Row[Any]]:
        """What the statement says. It is kept where nothing is in it but the facets that a list
        has: making it takes as long as the whole list."""
        query, view = self.query, self.query.view
        columns = {
            one.name: self._columns(one, f"facet_{place}")
            for place, one in enumerate(asked)
            if self._is_countable(one)
        }
        if (
            self.ticked
            or any(self.typed.values())
            # Where nothing is counted it does not matter what the list matches.
            or (self.counts and query.bounded and not self._is_kept_for_keys)
            or not all(one.sees_all(self.asker) for one in asked)
        ):
            made = self._statement(asked, columns, query.some)
            return self.context.session.execute(made) if made is not None else ()
        keys = query.found if self.counts else None
        key = ("summary", self.counts, keys is None, *query.totals, *(one.name for one in asked))
        kept: _Kept | None = view.cache.get(key)
        if kept is None or not kept.counts(columns):
            made = self._statement(asked, columns, self._all if keys is None else self._of_keys)
            if made is None:
                return ()
            view.cache[key] = kept = _Kept(columns, PreparedSelect(made))
        given = {} if keys is None else {FOUND_KEYS: list(keys)}
        return kept.statement.run(self.context.session.connection(), given)

    @property
    def _is_kept_for_keys(self) -> bool:
        """Whether the list's keys were found, and one statement takes any number of them."""
        view = self.query.view
        one_for_all = goes_as_array(view) or view.site.database.dialect != "postgresql"
        return self.query.found is not None and one_for_all

    def _is_countable(self, one: Filter) -> bool:
        """Whether its choices may be few enough to say how many there are of each: not of all the
        records of a large table, which is what the only filter in use could be changed to."""
        query = self.query
        alone = not query.asked and self.ticked.keys() == {one.name}
        return self.counts and not (alone and table_size(query.view).is_large)

    def _columns(self, one: Filter, name: str) -> list[Any]:
        """What of each record its facet counts."""
        counted = one.counted(self.asker, self.summary.of(one.name).options)
        return [column.label(f"{name}_{place}") for place, column in enumerate(counted)]

    def _all(self, *columns: Any) -> Select[Any]:
        return select(*columns).select_from(self.query.view.model).limit(COUNT_LIMIT + 1)

    def _of_keys(self, *columns: Any) -> Select[Any]:
        return self._all(*columns).where(among(self.query.view, FOUND_KEYS))

    def _statement(
        self,
        asked: Sequence[Filter],
        columns: Mapping[str, Sequence[Any]],
        some: Callable[..., Select[Any]],
    ) -> Select[Any] | CompoundSelect[Any] | None:
        """``some``: makes the SELECT of some columns of what the list matches."""
        totals = self.query.totals if self.counts else {}
        totals = {place: one for place, one in totals.items() if one.kind.is_number}
        # What no tick of its own leaves out is read once for all facets and the totals.
        shared = [
            column for name, own in columns.items() if name not in self.ticked for column in own
        ]
        shared += [one.expression.label(f"total_{n}") for n, one in totals.items()]
        matching = some(*shared).cte("matching") if shared else None
        selects: list[Select[Any]] = []
        for one in asked:
            own = columns.get(one.name, ())
            where: Any = matching
            if own and one.name in self.ticked:
                where = self.query.some(*own, but=one.name).subquery()
            selects += one.selects(
                self.asker,
                [where.c[column.key] for column in own],
                self.ticked.get(one.name, ()),
                self.typed.get(one.name, ""),
            )
        for number, total in totals.items():
            assert matching is not None
            added = func.sum(matching.c[f"total_{number}"])
            kind = "number" if total.kind.encoded_as_number else "money"
            selects.append(
                select(*summary_row("", kind, added, null(), literal(number))).select_from(matching)
            )
        return _together(selects)


def _total(kind: str, text: str | None) -> str:
    """A sum as it is shown, of how the database writes it."""
    number = Decimal(text or 0)
    if not number.is_finite():
        return str(text)
    return f"{int(number):,}" if kind == "number" else f"{number:,.2f}"
