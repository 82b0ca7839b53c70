"""The list query: which records a list shows, in which order, from where. As SQL and as links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, not_, or_, select, true
from sqlalchemy.orm import load_only, selectinload

from backoffice.admin.attributes import (
    attribute_name,
    attribute_of,
    attributes_to_load,
    label_names,
)
from backoffice.admin.field_permissions import reads_hidden_field, unsearchable, unsortable
from backoffice.admin.lists.cursor import Cursor, SortTerm
from backoffice.admin.lists.filters import AppliedFilter, Filter, filters_of
from backoffice.admin.lists.relations import has_related, is_to_one, join
from backoffice.admin.lists.search import Term
from backoffice.admin.lists.sorting import Sort, default_sort, sort_terms, write_sort
from backoffice.admin.options import ColumnTotal
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.admin.records.keys import has_key_in, select_keys
from backoffice.admin.records.labels import label_search_texts
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.db.queries.search import escape_like, like, resolved, unresolved


@dataclass(frozen=True)
class SearchClause:
    """A term of the search and its SQL condition. The condition ignores the term's minus."""

    term: Term
    condition: ColumnElement[bool] = field(compare=False)


@dataclass(frozen=True)
class ListQuery:
    """Which records a list shows, in which order, from where, and which of their columns.

    ``address.read_address`` makes it from an address. The list, its facets and totals, bulk changes
    and the export all use its ``predicate``, so they cannot disagree.

    ``search``: the search as typed; ``clauses``: its terms with their conditions. ``columns``: the
    columns that the address names; None if it names none. ``shown``: the columns that the page
    shows, if neither the address nor the view decides that. ``exact``: count all matches, however
    long that takes. ``counts_shown``: count for facets and totals now, however many match, and not
    by a second request. ``saved_view``: the id of the saved view that the address comes from, "all"
    for the whole list, "" for neither. ``messages``: sentences about what was wrong with the
    address; the rest of it works. ``visible``: the condition for the records that the person may
    see; None for all. ``hidden``: the fields that they may not see, which no condition or column
    uses; ``unsortable``: those that no sort uses. ``totals``: the totals that they may see, by
    their position in ``view.list_totals``. ``now``: the time that "today" refers to.
    ``matched_keys``: the keys of all matches, once ``count_matches`` has read them because they are
    few; the predicate then uses them instead of the search. ``at_word_beginnings``: the short words
    of the search are only found where a word begins with them (``find_word_beginnings``).
    """

    view: RecordView
    search: str = ""
    clauses: tuple[SearchClause, ...] = ()
    applied_filters: tuple[AppliedFilter, ...] = ()
    sort: Sort = ()
    page_size: int = 50
    cursor: Cursor | None = None
    columns: tuple[str, ...] | None = None
    shown: tuple[str, ...] | None = None
    exact: bool = False
    counts_shown: bool = False
    saved_view: str = ""
    messages: tuple[str, ...] = ()
    visible: ColumnElement[bool] | None = field(default=None, compare=False)
    hidden: frozenset[str] = field(default=frozenset(), compare=False)
    unsortable: frozenset[str] = field(default=frozenset(), compare=False)
    totals: Mapping[int, ColumnTotal] = field(default_factory=dict, compare=False)
    now: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)
    matched_keys: tuple[Any, ...] | None = field(default=None, compare=False)
    at_word_beginnings: bool = field(default=False, compare=False)

    @classmethod
    def of_words(cls, view: RecordView, text: str, context: Context | None) -> "ListQuery":
        """The query for the records that contain every word of ``text``, in the view's own sort.

        ``text`` is plain words here, without the search language. ``context``: as for
        ``address.read_address``.
        """
        terms = [Term(word) for word in text.split()]
        clauses = tuple(SearchClause(term, word_condition(view, term, context)) for term in terms)
        query = cls(view, search=text, clauses=clauses).seen_by(context)
        return replace(query, sort=default_sort(view, query.unsortable))

    def seen_by(self, context: Context | None) -> "ListQuery":
        """This query for the records and fields that the person may see; ``context``: as for
        ``address.read_address``."""
        totals = dict(enumerate(self.view.list_totals))
        if context is None:
            return replace(self, totals=totals)
        hidden = context.hidden(self.view)
        return replace(
            self,
            visible=context.visible(self.view),
            hidden=hidden,
            unsortable=unsortable(context, self.view),
            totals={
                position: total
                for position, total in totals.items()
                if not reads_hidden_field(context, total.expression)
            },
        )

    # Which records --------------------------------------------------------------------

    @property
    def filtered(self) -> bool:
        """Whether the list has a search or a filter."""
        return bool(self.clauses or self.applied_filters)

    @property
    def has_predicate(self) -> bool:
        """Whether the predicate can exclude a record: by search, filters or permissions."""
        return self.filtered or not (self.visible is None or self.visible is true())

    def predicate(self, *, except_filter: str = "") -> ColumnElement[bool]:
        """The condition that search, filters and permissions make; true if there are none.

        It uses columns of the view's own table and subqueries, so it fits any SELECT, UPDATE or
        DELETE of that table. ``except_filter``: the name of a filter to leave out, "" for none.
        """
        applied_filters = [a for a in self.applied_filters if a.name != except_filter]
        if self.matched_keys is not None and len(applied_filters) == len(self.applied_filters):
            return has_key_in(self.view, self.matched_keys)
        conditions = [applied.condition for applied in applied_filters]
        for clause in self.clauses:
            condition = clause.condition
            # A column that is NULL does not contain the word either.
            conditions.append(
                not_(func.coalesce(condition, false())) if clause.term.negated else condition
            )
        if self.visible is not None:
            conditions.append(self.visible)
        return and_(true(), *conditions)

    def unresolved(self) -> list[ColumnElement[Any]]:
        """Subqueries of the search that PostgreSQL is to run first: the keys of related records.

        With their results in place of the subqueries its planner knows how many keys there are.
        """
        return [key for clause in self.clauses for key in unresolved(clause.condition)]

    def resolve(self, results: Sequence[Any]) -> "ListQuery":
        """This query with the results of ``unresolved``, in its order; itself if there are none."""
        if not results:
            return self
        remaining = iter(results)
        clauses = []
        for clause in self.clauses:
            keys = [next(remaining) for _key in unresolved(clause.condition)]
            clauses.append(replace(clause, condition=resolved(clause.condition, keys)))
        return replace(self, clauses=tuple(clauses))

    @property
    def uses_search_index(self) -> bool:
        """Whether a word of the search is long enough for a trigram index, if there is one."""
        terms = (clause.term for clause in self.clauses if not clause.term.negated)
        return any(not (term.field or term.is_short) for term in terms)

    @property
    def is_index_range(self) -> bool:
        """Whether one index holds all matches next to each other: the records of one category."""
        if self.clauses or len(self.applied_filters) != 1:
            return False
        (applied,) = self.applied_filters
        return len(applied.pairs) == 1 and filters_of(self.view)[applied.name].is_index_range

    @property
    def short_words(self) -> tuple[str, ...]:
        """The search's words, if all are too short for an index and no filter is applied; or ()."""
        terms = [clause.term for clause in self.clauses if not clause.term.negated]
        if self.applied_filters or not all(term.is_short for term in terms):
            return ()
        return tuple(term.text for term in terms)

    def find_word_beginnings(self, context: Context | None) -> "ListQuery":
        """This query, with short words found only where a word begins with them: a trigram index
        can do that. Itself if it has other words or filters, or if the view has a search of its
        own.

        ``context``: as for ``address.read_address``.
        """
        if not self.short_words or self.view.search_condition("%", context) is not None:
            return self
        clauses = tuple(
            replace(clause, condition=_begins_a_word(self.view, clause.term, context))
            if clause.term.is_short and not clause.term.negated
            else clause
            for clause in self.clauses
        )
        return replace(self, clauses=clauses, at_word_beginnings=True)

    # In which order -------------------------------------------------------------------

    @property
    def order(self) -> str:
        """The list and its sort as text. A cursor stores it, and fits no other list or sort."""
        return f"{self.view.identity}:{write_sort(self.sort)}"

    def sort_terms(self) -> list[SortTerm]:
        """The terms of ORDER BY. The primary key is the last."""
        return sort_terms(self.view, self.sort)

    # What to select -------------------------------------------------------------------

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """The names of the columns to load, in order."""
        names = self.shown or self.columns or tuple(self.view.get_list_columns())
        left_out = {*self.hidden, *self.view.column_aggregates}  # these are read by the page's keys
        return tuple(name for name in names if name not in left_out) if left_out else names

    @property
    def filters(self) -> Mapping[str, Filter]:
        """The filters that the person may use, by name, in order."""
        filters = filters_of(self.view)
        return {name: filters[name] for name in filters if name not in self.hidden}

    def select_records(self) -> Select[Any]:
        """SELECT the matching records as entities, with the shown columns; no order, no limit."""
        sort_names = tuple(name for name, _descending in self.sort)
        return select_shown(self.view, self.shown_columns, sort_names).where(self.predicate())

    def select_keys(self) -> Select[Any]:
        """SELECT the matching records' primary keys, a column for each of theirs; no limit."""
        keys: Select[Any] = select_keys(self.view, self.predicate(), None)
        return keys

    def select_matching(self, *columns: Any, except_filter: str = "") -> Select[Any]:
        """SELECT columns of the matching records, at most ``COUNT_LIMIT`` + 1 rows.

        ``except_filter``: as for ``predicate``.
        """
        statement = select(*columns).select_from(self.view.model)
        statement = statement.where(self.predicate(except_filter=except_filter))
        return statement.limit(COUNT_LIMIT + 1)

    def bounded_count(self) -> Any:
        """The number of matches, at most ``COUNT_LIMIT`` + 1, as a scalar subquery."""
        matching = self.select_matching(literal(1).label("one")).subquery()
        return select(func.count()).select_from(matching).scalar_subquery()

    # Back into links ------------------------------------------------------------------

    def pairs(self, **changes: str | None) -> list[tuple[str, str]]:
        """The address's parameters as pairs, with ``changes`` (None removes one), without the
        cursor."""
        pairs = [pair for pair in self._pairs if pair[0] not in changes]
        return pairs + [(name, value) for name, value in changes.items() if value is not None]

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = []
        if self.search:
            pairs.append(("search", self.search))
        for applied in self.applied_filters:
            pairs += applied.pairs
        if self.sort != default_sort(self.view, self.unsortable):
            pairs.append(("sort", write_sort(self.sort)))
        if self.page_size != self.view.page_size:
            pairs.append(("pageSize", str(self.page_size)))
        if self.columns is not None:
            pairs.append(("columns", ",".join(self.columns)))
        if self.saved_view:
            pairs.append(("view", self.saved_view))
        return pairs

    def query_string(self, **changes: str | None) -> str:
        """``pairs`` as a query string with its question mark; "" for none."""
        return format_query_string(self.pairs(**changes))

    def pinned_pairs(self) -> list[tuple[str, str]]:
        """The address's pairs with the time that "today" refers to, so that they keep matching the
        same days when they are read again later."""
        return self.pairs(asof=self.now.isoformat())

    def query_string_without_filters(self) -> str:
        """The query string of the same search and sort without filters."""
        filtered = {name for applied in self.applied_filters for name, _value in applied.pairs}
        return format_query_string([pair for pair in self.pairs() if pair[0] not in filtered])

    def query_string_without(
        self, applied: AppliedFilter, remaining: Sequence[tuple[str, str]]
    ) -> str:
        """The query string with the pairs ``remaining`` instead of all of an applied filter's."""
        removed = {name for name, _value in applied.pairs}
        kept = [pair for pair in self.pairs() if pair[0] not in removed]
        return format_query_string([*kept, *remaining])


def select_shown(view: RecordView, shown: Sequence[str], sort_names: Sequence[str]) -> Select[Any]:
    """SELECT all records as entities, with the columns ``shown``, joined to what sorts them."""
    model: Any = view.model
    always = (attribute_name(attribute) for attribute in view.always_loaded)
    statement: Select[Any] = select(model)
    columns = attributes_to_load(model, {*shown, *always, *label_names(model)})
    if columns is not None:
        statement = statement.options(load_only(*columns))
    for name in dict.fromkeys((*shown, *sort_names)):
        if is_to_one(view, name):
            statement = join(statement, view, name, shown=name in shown)
        elif name in view.mapper.relationships:
            statement = statement.options(selectinload(getattr(model, name)))
    return statement


def format_query_string(pairs: Sequence[tuple[str, str]]) -> str:
    """Pairs as an address's query string with its question mark; "" for none."""
    return f"?{_encoded(tuple(pairs))}" if pairs else ""


@lru_cache(maxsize=2048)
def _encoded(pairs: tuple[tuple[str, str], ...]) -> str:
    """The links of a page are those of the previous page."""
    return urlencode(pairs)


def word_condition(view: RecordView, term: Term, context: Context | None) -> ColumnElement[bool]:
    """The condition that a searchable column contains a word; only columns that the person may see.

    ``context``: as for ``address.read_address``.
    """
    if "\x00" in term.text:  # no database stores it, so nothing can match it
        return false()
    pattern = f"%{escape_like(term.text)}%"
    own_condition = view.search_condition(pattern, context)
    if own_condition is not None:
        return own_condition
    return _any_column_like(view, (pattern,), context)


def _begins_a_word(view: RecordView, term: Term, context: Context | None) -> ColumnElement[bool]:
    """The condition that a searchable column has a word that begins with a term's text."""
    if "\x00" in term.text:
        return false()
    start = escape_like(term.text)
    return _any_column_like(view, (f"{start}%", f"% {start}%"), context)


def _any_column_like(
    view: RecordView, patterns: Sequence[str], context: Context | None
) -> ColumnElement[bool]:
    dialect = view.site.database.dialect
    conditions: list[ColumnElement[bool]] = []
    for name in view.searchable_names(unsearchable(context, view) if context is not None else ()):
        if name in view.mapper.relationships:
            labels = label_search_texts(view.related_view(name), context)
            label_condition = or_(*(like(text, pattern) for text in labels for pattern in patterns))
            conditions.append(has_related(view, name, label_condition, context))
        elif (attribute := attribute_of(view.model, name)) is not None:
            text = kind_of(attribute).sql_words(dialect, attribute)
            conditions += (like(text, pattern) for pattern in patterns)
    return or_(*conditions) if conditions else false()
