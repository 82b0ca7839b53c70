"""One statement fetches what all facets and totals show: how many records have each value."""

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

from backoffice.admin.lists.counting import MOST_MATCHED_KEYS
from backoffice.admin.lists.facet_results import FacetResults, FacetRow, facet_row
from backoffice.admin.lists.filters import Filter, FilterContext, filters_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.remembered import RememberedRows
from backoffice.admin.lists.table_size import table_size
from backoffice.admin.options import ColumnTotal
from backoffice.admin.records.counting import COUNT_LIMIT, Count, bounded_count
from backoffice.admin.records.keys import binds_as_array, has_key_in
from backoffice.admin.view import Context
from backoffice.db.queries.prepared import PreparedSelect
from backoffice.language.numbers import grouped

FOUND_KEYS = "found_keys"
"""The parameter of a cached statement that holds the keys of the matching records."""


def fetch_facet_counts(
    context: Context,
    query: ListQuery,
    count: Count | None,
    lookup_texts: Mapping[str, str],
    *,
    with_facets: bool = True,
) -> FacetResults:
    """Fetch what all facets and totals show, in one statement; in none if nothing needs any.

    Records are counted if the list has at most ``COUNT_LIMIT``. More would cost more than the list
    itself. If ``counts_come_later``, only the labels of selected records are fetched. ``count``:
    the list's count, None if unknown. ``lookup_texts``: by filter name, the text typed into a facet
    to find a related record (without a script). ``with_facets``: false to fetch only the labels
    that the chips above the list need.
    """
    later = counts_come_later(query, count, lookup_texts, with_facets=with_facets)
    results = FacetResults(later=later)
    filter_context = FilterContext(query.now, context)
    filters = _filters_to_fetch(
        query, results, filter_context, labels_only=later or not with_facets
    )
    rows: Iterable[Row[Any]]
    if later:
        rows = _label_rows(context, query, filter_context, filters)
    else:
        countable = is_countable(count)
        statement = _FacetStatement(
            context,
            query,
            results,
            filter_context,
            countable=countable,
            is_long=count is not None and not count.exact,
            lookup_texts=lookup_texts,
        )
        rows = statement.rows(filters)
    _read_rows(query, results, rows)
    return results


def fetch_count_and_facets(
    context: Context, query: ListQuery, *, with_facets: bool
) -> tuple[Count, FacetResults]:
    """Fetch the list's count, to ``COUNT_LIMIT``, with all that facets and totals show, in one
    statement. Nothing else is counted if there are more.

    ``with_facets``: as for ``fetch_facet_counts``.
    """
    results = FacetResults()
    filter_context = FilterContext(query.now, context)
    filters = _filters_to_fetch(query, results, filter_context, labels_only=not with_facets)
    statement = _FacetStatement(
        context, query, results, filter_context, countable=True, with_count=True, lookup_texts={}
    )
    number = _read_rows(query, results, statement.rows(filters))
    if number > COUNT_LIMIT:  # not all matching records were counted
        results.totals.clear()
        for result in results.facets.values():
            result.counts, result.bounds = {}, ""
    return bounded_count(number), results


def _filters_to_fetch(
    query: ListQuery, results: FacetResults, filter_context: FilterContext, *, labels_only: bool
) -> list[Filter]:
    """The filters that need rows of the statement; puts the options of all into ``results``.
    ``labels_only``: only those that need labels for the chips above the list."""
    selected = {applied.name for applied in query.applied_filters}
    filters = []
    for list_filter in query.filters.values():
        results.of(list_filter.name).options = list_filter.options(filter_context)
        if not labels_only or (list_filter.has_labels and list_filter.name in selected):
            filters.append(list_filter)
    return filters


def _read_rows(query: ListQuery, results: FacetResults, rows: Iterable[Row[Any]]) -> int:
    """Put the statement's rows into ``results``. Returns the list's count; 0 if it has none."""
    count = 0
    for row in rows:
        name, kind, value, label, *numbers = tuple(row)
        if name:
            row_of_facet = FacetRow(kind, value, label, numbers)
            filters_of(query.view)[name].read_row(results.of(name), row_of_facet)
        elif kind == "count":
            count = numbers[0]
        else:
            results.totals[numbers[0]] = _total_text(kind, value)
    results.fetched = True
    return count


def counts_come_later(
    query: ListQuery, count: Count | None, lookup_texts: Mapping[str, str], *, with_facets: bool
) -> bool:
    """Whether facets and totals are counted by a second request, after the rows were sent.

    They are if the list has more than ``MOST_MATCHED_KEYS`` records, since counting for those costs
    more than the rows; or if counting its records took too long (``count`` is None). The parameters
    are those of ``fetch_facet_counts``: a page that answers a lookup counts at once.
    """
    if query.counts_shown or any(lookup_texts.values()):
        return False
    if not (with_facets and query.filters) and not counted_totals(query):
        return False
    return count is None or (is_countable(count) and count.number > MOST_MATCHED_KEYS)


def is_countable(count: Count | None) -> bool:
    """Whether a list with that count is short enough to count for its facets and totals."""
    return count is not None and count.exact and 0 < count.number <= COUNT_LIMIT


def counted_totals(query: ListQuery) -> dict[int, ColumnTotal]:
    """The totals that are added up, by their position in ``view.list_totals``."""
    return {position: total for position, total in query.totals.items() if total.kind.is_number}


def _label_rows(
    context: Context, query: ListQuery, filter_context: FilterContext, filters: Sequence[Filter]
) -> Iterable[Row[Any]]:
    """The labels of the values selected in ``filters``: one statement, none if none is."""
    if not filters:
        return ()
    selected = {applied.name: applied.values for applied in query.applied_filters}

    def build() -> PreparedSelect:
        selects = [f.label_select(filter_context, f"keys_{f.name}") for f in filters]
        built = _union(selects)
        assert built is not None
        return PreparedSelect(built)

    keys = {f"keys_{f.name}": f.label_keys(selected[f.name]) for f in filters}
    if all(f.is_same_for_all(filter_context) for f in filters):
        cache = filters[0].view.cache
        statement = cache.get(("labels", *(f.name for f in filters)), build, always=True)
    else:
        statement = build()
    return statement.run(context.session.connection(), keys)


@dataclass(frozen=True)
class _CachedStatement:
    """A statement to run again as long as it would count the same ``columns``, by filter name."""

    columns: Mapping[str, Sequence[Any]]
    statement: PreparedSelect

    def fits(self, columns: Mapping[str, Sequence[Any]]) -> bool:
        """Whether it counts these columns. An option's condition may change from day to day, and
        from person to person."""
        return all(
            len(cached) == len(columns[name])
            and all(
                column.compare(other) for column, other in zip(cached, columns[name], strict=True)
            )
            for name, cached in self.columns.items()
        )


class _FacetStatement:
    """Builds and runs the statement of ``fetch_facet_counts``, whose parameters it has.

    ``countable``: whether the list is short enough to count its records. ``with_count``: whether it
    is to find out the list's count as well. ``is_long``: whether the list has more than
    ``COUNT_LIMIT``, so that its facets only name related records; these are remembered.
    """

    def __init__(
        self,
        context: Context,
        query: ListQuery,
        results: FacetResults,
        filter_context: FilterContext,
        *,
        countable: bool,
        with_count: bool = False,
        is_long: bool = False,
        lookup_texts: Mapping[str, str],
    ) -> None:
        self.context, self.query, self.results = context, query, results
        self.filter_context = filter_context
        self.countable, self.with_count, self.lookup_texts = countable, with_count, lookup_texts
        self.is_long = is_long
        self.selected = {applied.name: applied.values for applied in query.applied_filters}

    def rows(self, filters: Sequence[Filter]) -> Iterable[Row[Any]]:
        """Run the statement for the facets of ``filters``, and for the totals.

        Building it takes as long as the whole list, so it is cached if nothing in it depends on
        this request.
        """
        columns = {
            list_filter.name: self._columns(list_filter, f"facet_{position}")
            for position, list_filter in enumerate(filters)
            if self._is_countable(list_filter)
        }
        if not self._is_cacheable(filters):
            built = self._build(filters, columns, self.query.select_matching)
            return self.context.session.execute(built) if built is not None else ()
        keys = self.query.matched_keys if self.countable else None
        names = (list_filter.name for list_filter in filters)
        made = (self.countable, self.with_count, keys is None)
        key = ("facet counts", *made, *self.query.totals, *names)

        def build() -> _CachedStatement | None:
            select_from = self._select_all if keys is None else self._select_by_keys
            built = self._build(filters, columns, select_from)
            return _CachedStatement(columns, PreparedSelect(built)) if built is not None else None

        cached = self.query.view.cache.get(
            key, build, always=True, fits=lambda cached: cached is not None and cached.fits(columns)
        )
        if cached is None:
            return ()
        parameters = {} if keys is None else {FOUND_KEYS: list(keys)}
        statement = cached.statement

        def run() -> Sequence[Row[Any]]:
            return statement.run(self.context.session.connection(), parameters).all()

        if not self.is_long:
            return run()
        view = self.query.view
        remembered = view.cache.get((*key, "rows"), RememberedRows, always=True)
        return remembered.get(view.site.database, run)

    def _is_cacheable(self, filters: Sequence[Filter]) -> bool:
        """Whether the statement is the same for every request with these filters."""
        if self.selected or any(self.lookup_texts.values()):
            return False
        # The predicate only matters if records are counted.
        if self.countable and self.query.has_predicate and not self._has_keys_parameter:
            return False
        return all(list_filter.is_same_for_all(self.filter_context) for list_filter in filters)

    @property
    def _has_keys_parameter(self) -> bool:
        """Whether the matching keys are known, and one parameter takes any number of them."""
        view = self.query.view
        takes_any_number = binds_as_array(view) or view.site.database.dialect != "postgresql"
        return self.query.matched_keys is not None and takes_any_number

    def _is_countable(self, list_filter: Filter) -> bool:
        """Whether to count the filter's choices.

        Not if it is the only filter in use: another of its choices may match any number of a large
        table's records.
        """
        is_alone = not self.query.clauses and self.selected.keys() == {list_filter.name}
        return self.countable and not (is_alone and table_size(self.query.view).is_large)

    def _columns(self, list_filter: Filter, prefix: str) -> list[Any]:
        """The columns that the filter's facet counts, labelled."""
        options = self.results.of(list_filter.name).options
        columns = list_filter.columns_to_count(self.filter_context, options)
        return [column.label(f"{prefix}_{position}") for position, column in enumerate(columns)]

    def _select_all(self, *columns: Any) -> Select[Any]:
        return select(*columns).select_from(self.query.view.model).limit(COUNT_LIMIT + 1)

    def _select_by_keys(self, *columns: Any) -> Select[Any]:
        return self._select_all(*columns).where(has_key_in(self.query.view, FOUND_KEYS))

    def _build(
        self,
        filters: Sequence[Filter],
        columns: Mapping[str, Sequence[Any]],
        select_matching: Callable[..., Select[Any]],
    ) -> Select[Any] | CompoundSelect[Any] | None:
        """The statement; None if nothing needs one. ``columns``: those to count, by filter name.
        ``select_matching``: makes the SELECT of columns of the matching records."""
        totals = counted_totals(self.query) if self.countable else {}
        # The matching records are read once for the totals and for every facet but those of filters
        # in use: such a facet also counts what its own filter excludes.
        shared = [
            column
            for name, own_columns in columns.items()
            if name not in self.selected
            for column in own_columns
        ]
        shared += [
            total.expression.label(f"total_{position}") for position, total in totals.items()
        ]
        if self.with_count and not shared:
            shared = [literal(1).label("one")]
        matching = select_matching(*shared).cte("matching") if shared else None
        selects: list[Select[Any]] = []
        if self.with_count:
            assert matching is not None
            row = facet_row("", "count", null(), null(), func.count())
            selects.append(select(*row).select_from(matching))
        for list_filter in filters:
            name = list_filter.name
            own_columns = columns.get(name, ())
            source: Any = matching
            if own_columns and name in self.selected:
                source = self.query.select_matching(*own_columns, except_filter=name).subquery()
            selects += list_filter.facet_selects(
                self.filter_context,
                [source.c[column.key] for column in own_columns],
                self.selected.get(name, ()),
                self.lookup_texts.get(name, ""),
            )
        for position, total in totals.items():
            assert matching is not None
            dialect = self.query.view.site.database.dialect
            added = total.kind.sql_sum(dialect, matching.c[f"total_{position}"])
            kind = "number" if total.kind.encoded_as_number else "money"
            columns_of_row = facet_row("", kind, added, null(), literal(position))
            selects.append(select(*columns_of_row).select_from(matching))
        return _union(selects)


def _union(selects: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any] | None:
    """All of them as one statement; None for none."""
    # SQLite takes a LIMIT inside a UNION only within a subquery.
    wrapped = [select(*statement.subquery().c) for statement in selects]
    if not wrapped:
        return None
    return union_all(*wrapped) if len(wrapped) > 1 else wrapped[0]


def _total_text(kind: str, text: str | None) -> str:
    """A total as shown. ``text``: as the database writes it; None for no records."""
    number = Decimal(text or 0)
    if not number.is_finite():
        return str(text)
    return grouped(f"{int(number):,}" if kind == "number" else f"{number:,.2f}")
