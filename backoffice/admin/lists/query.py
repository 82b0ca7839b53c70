"""One object turns a list's address into SQL, and back into links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, not_, or_, select, true
from sqlalchemy.orm import load_only, selectinload

from backoffice.admin.attributes import attribute_name, attribute_of, label_names, to_load
from backoffice.admin.field_permissions import reads_hidden_field
from backoffice.admin.lists.cursor import Cursor, SortTerm
from backoffice.admin.lists.filters import AppliedFilter, Filter, filters_of
from backoffice.admin.lists.relations import is_to_one, join, related
from backoffice.admin.lists.search import Term
from backoffice.admin.lists.sorting import Sort, default_sort, sort_terms, write_sort
from backoffice.admin.options import ColumnTotal
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.admin.records.keys import among, keys_where
from backoffice.admin.records.labels import label_texts
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.db.queries.search import escape_like, like, resolved, unresolved


@dataclass(frozen=True)
class SearchClause:
    """A term of the search with what it means; ``condition`` is of a term without its minus."""

    term: Term
    condition: ColumnElement[bool] = field(compare=False)


@dataclass(frozen=True)
class ListQuery:
    """What a list shows: which records, in which order, from where, which columns.

    ``addresses.read_address`` makes it of an address. The list, its totals, "all that match",
    bulk work and export ask it for ``predicate``, so they cannot disagree. ``pinned_pairs`` is that
    predicate as text, to be read again later.

    ``messages`` says what was wrong with the address; whatever was, the rest still works.
    ``columns``: None for those that the person or the view has arranged. ``exact``: the number is
    to be counted whatever it takes. ``saved_view``: the number of the saved view that the address
    came from, or "all"; "" for none. ``now``: the moment that "today" goes by.
    ``hidden``: the fields that the person may not see, which nothing here reads.
    ``found``: the keys of all that match, where they were few and have been asked for; the
    predicate names them, and nothing is searched for again.
    """

    view: RecordView
    search: str = ""
    asked: tuple[SearchClause, ...] = ()
    applied_filters: tuple[AppliedFilter, ...] = ()
    sort: Sort = ()
    page_size: int = 50
    cursor: Cursor | None = None
    columns: tuple[str, ...] | None = None
    exact: bool = False
    saved_view: str = ""
    messages: tuple[str, ...] = ()
    visible: ColumnElement[bool] | None = field(default=None, compare=False)
    hidden: frozenset[str] = field(default=frozenset(), compare=False)
    now: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)
    found: tuple[Any, ...] | None = field(default=None, compare=False)

    @classmethod
    def of_words(cls, view: RecordView, text: str, context: Context | None) -> "ListQuery":
        """The records that hold every word of ``text``, which is no search language here, of those
        that the person may see; ``context`` is as for ``addresses.read_address``."""
        words = [Term(word) for word in text.split()]
        asked = tuple(SearchClause(word, word_condition(view, word, context)) for word in words)
        hidden = context.hidden(view) if context is not None else frozenset()
        visible = view.visible(context) if context is not None else None
        sort = default_sort(view, hidden)
        return cls(view, search=text, asked=asked, sort=sort, visible=visible, hidden=hidden)

    # Which records --------------------------------------------------------------------

    @property
    def narrowed(self) -> bool:
        """Whether search or filters leave anything out."""
        return bool(self.asked or self.applied_filters)

    @property
    def bounded(self) -> bool:
        """Whether there may be fewer records than the table has rows."""
        return self.narrowed or not (self.visible is None or self.visible is true())

    def predicate(self, *, but: str = "") -> ColumnElement[bool]:
        """The condition that search and filters make; true where neither is used.

        It is about the view's table alone, so that it can stand in any SELECT, UPDATE or DELETE of
        it. ``but``: the name of a filter to leave out.
        """
        if self.found is not None and but not in {one.name for one in self.applied_filters}:
            return among(self.view, self.found)
        conditions = [one.condition for one in self.applied_filters if one.name != but]
        for one in self.asked:
            negated = one.term.negated
            # What is NULL does not hold the word either.
            conditions.append(
                not_(func.coalesce(one.condition, false())) if negated else one.condition
            )
        if self.visible is not None:
            conditions.append(self.visible)
        return and_(true(), *conditions)

    def unresolved(self) -> list[ColumnElement[Any]]:
        """What PostgreSQL is to be asked beforehand: the keys of related records that the search
        names, so that it plans for as many as there are."""
        return [one for asked in self.asked for one in unresolved(asked.condition)]

    def resolve(self, answers: Sequence[Any]) -> "ListQuery":
        """The query with the answers to ``unresolved`` in it."""
        waiting = iter(answers)
        asked = (
            replace(
                one,
                condition=resolved(
                    one.condition, [next(waiting) for _key in unresolved(one.condition)]
                ),
            )
            for one in self.asked
        )
        return replace(self, asked=tuple(asked)) if answers else self

    @property
    def by_index(self) -> bool:
        """Whether an index leads to what the search names, where the database has one for it."""
        words = (one.term for one in self.asked if not one.term.negated)
        return any(not (word.field or word.is_short) for word in words)

    @property
    def one_range(self) -> bool:
        """Whether one index holds all that match side by side, in whatever order it has besides:
        the records of one category."""
        applied_filters = [one for one in self.applied_filters if len(one.pairs) == 1]
        return (
            not self.asked
            and len(self.applied_filters) == len(applied_filters) == 1
            and filters_of(self.view)[applied_filters[0].name].is_one_range
        )

    @property
    def short_words(self) -> tuple[str, ...]:
        """The words that no index can find, where no other term narrows the search."""
        words = [one.term for one in self.asked if not one.term.negated]
        if self.applied_filters or not all(word.is_short for word in words):
            return ()
        return tuple(word.text for word in words)

    # In which order -------------------------------------------------------------------

    @property
    def order(self) -> str:
        """List and sort in words, to tell whether a cursor belongs to them."""
        return f"{self.view.identity}:{write_sort(self.sort)}"

    def sort_terms(self) -> list[SortTerm]:
        """The order's terms, of which the primary key is the last."""
        return sort_terms(self.view, self.sort)

    # What to ask for ------------------------------------------------------------------

    @property
    def shown(self) -> tuple[str, ...]:
        """The names of the columns that are read, in order."""
        names = self.columns or tuple(self.view.get_list_columns())
        return tuple(name for name in names if name not in self.hidden) if self.hidden else names

    @property
    def filters(self) -> Mapping[str, Filter]:
        """The filters that the person may use, by name, in order."""
        all_of_them = filters_of(self.view)
        return {name: one for name, one in all_of_them.items() if name not in self.hidden}

    @property
    def totals(self) -> Mapping[int, ColumnTotal]:
        """The totals that the person may see, by their place among the view's."""
        numbered = enumerate(self.view.list_totals)
        return {
            place: one
            for place, one in numbered
            if not (self.hidden and reads_hidden_field(self.view, one.expression, self.hidden))
        }

    def select_records(self) -> Select[Any]:
        """The matching records as entities, without order or limit; shown columns only."""
        sorted_by = tuple(name for name, _descending in self.sort)
        return select_shown(self.view, self.shown, sorted_by).where(self.predicate())

    def select_keys(self) -> Select[Any]:
        """The matching records' primary keys, without order or limit: a column for each of the
        key's."""
        keys: Select[Any] = keys_where(self.view, self.predicate(), None)
        return keys

    def some(self, *columns: Any, but: str = "") -> Select[Any]:
        """Columns of the matching records, no more than are counted."""
        statement = select(*columns).select_from(self.view.model)
        return statement.where(self.predicate(but=but)).limit(COUNT_LIMIT + 1)

    def bounded_count(self) -> Any:
        """The count, to ``COUNT_LIMIT`` + 1, as a scalar subquery."""
        some = self.some(literal(1).label("one")).subquery()
        return select(func.count()).select_from(some).scalar_subquery()

    # Back into links ------------------------------------------------------------------

    def pairs(self, **changes: str | None) -> list[tuple[str, str]]:
        """The address's pairs with some changed (None drops one), without the cursor."""
        pairs: list[tuple[str, str]] = []
        if self.search:
            pairs.append(("search", self.search))
        for applied in self.applied_filters:
            pairs += applied.pairs
        if self.sort != default_sort(self.view, self.hidden):
            pairs.append(("sort", write_sort(self.sort)))
        if self.page_size != self.view.page_size:
            pairs.append(("pageSize", str(self.page_size)))
        if self.columns is not None:
            pairs.append(("columns", ",".join(self.columns)))
        if self.saved_view:
            pairs.append(("view", self.saved_view))
        pairs = [pair for pair in pairs if pair[0] not in changes]
        return pairs + [(name, value) for name, value in changes.items() if value is not None]

    def query_string(self, **changes: str | None) -> str:
        """The pairs as text behind a path: "" or "?…"."""
        return written(self.pairs(**changes))

    def pinned_pairs(self) -> list[tuple[str, str]]:
        """The pairs that mean the same records' condition whenever they are read: "today" stays
        the day that it was."""
        return self.pairs(asof=self.now.isoformat())

    def without(self, applied: AppliedFilter, left: Sequence[tuple[str, str]]) -> str:
        """The query string with only ``left`` of what a filter asked for."""
        gone = {name for name, _value in applied.pairs}
        return written([*(pair for pair in self.pairs() if pair[0] not in gone), *left])


def select_shown(view: RecordView, shown: Sequence[str], sorted_by: Sequence[str]) -> Select[Any]:
    """All records as entities with the columns ``shown``, joined to what they are sorted by."""
    model: Any = view.model
    always = (attribute_name(attribute) for attribute in view.always_loaded)
    statement: Select[Any] = select(model)
    columns = to_load(model, {*shown, *always, *label_names(model)})
    if columns is not None:
        statement = statement.options(load_only(*columns))
    for name in dict.fromkeys((*shown, *sorted_by)):
        if is_to_one(view, name):
            statement = join(statement, view, name, shown=name in shown)
        elif name in view.mapper.relationships:
            statement = statement.options(selectinload(getattr(model, name)))
    return statement


def written(pairs: Sequence[tuple[str, str]]) -> str:
    """Pairs as the query string of an address, with its question mark; "" for none."""
    return f"?{urlencode(pairs)}" if pairs else ""


def word_condition(view: RecordView, term: Term, context: Context | None) -> ColumnElement[bool]:
    """What a word of a search must match: any of the view's searchable columns that the person may
    see."""
    if "\x00" in term.text:  # no database stores it, so nothing can match it
        return false()
    pattern = f"%{escape_like(term.text)}%"
    own = view.search_condition(pattern, context)
    return _any_searchable(view, pattern, context) if own is None else own


def _any_searchable(view: RecordView, pattern: str, context: Context | None) -> ColumnElement[bool]:
    """Whether any of the view's searchable columns that the person may see is like ``pattern``."""
    dialect = view.site.database.dialect
    found: list[ColumnElement[bool]] = []
    for name in view.searchable_names(context.hidden(view) if context is not None else ()):
        if name in view.mapper.relationships:
            words = label_texts(view.related_view(name))
            labels = or_(*(like(label, pattern) for label in words))
            found.append(related(view, name, labels, context))
        elif (attribute := attribute_of(view.model, name)) is not None:
            found.append(like(kind_of(attribute).sql_words(dialect, attribute), pattern))
    return or_(*found) if found else false()
