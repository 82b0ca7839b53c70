"""One object turns a list's query string into SQL, and back into links."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, select
from sqlalchemy.orm import contains_eager, load_only

from backoffice.admin.keys import key_attribute, parse_key
from backoffice.admin.keyset import Cursor, CursorSigner, SortTerm, beyond, expand, order_by
from backoffice.admin.view import attribute_name
from backoffice.history import RecordSession

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView

COUNT_LIMIT = 10_000
"""Rows counted exactly; beyond it the count reads "10,000+"."""

LONGEST_SEARCH = 200
MOST_WORDS = 10
MOST_MESSAGES = 5
PARAMETERS = ("search", "sortBy", "sort", "pageSize", "at")


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows match. ``more``: there are more than ``number``."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"


@dataclass(frozen=True, slots=True)
class ListRows:
    """One page of records, and the cursors of its neighbours (None where there is none)."""

    records: tuple[Any, ...]
    previous: Cursor | None
    next: Cursor | None
    restarted: bool = False
    """Whether the page asked for is gone, and this is the first one instead."""


@dataclass(frozen=True)
class ListQuery:
    """What a list shows: which records, in which order, from where, how many a page.

    ``messages`` says what was wrong with the query string; whatever was, the rest still works.
    ``filters`` maps a filter's name to its value: a key for a relation, a bool for a boolean.
    """

    view: "RecordView"
    search: str = ""
    sort_by: str | None = None
    descending: bool = False
    page_size: int = 50
    cursor: Cursor | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    visible: ColumnElement[bool] | None = field(default=None, compare=False)

    @classmethod
    def parse(
        cls,
        view: "RecordView",
        parameters: Sequence[tuple[str, str]],
        signer: CursorSigner,
        visible: ColumnElement[bool] | None = None,
    ) -> "ListQuery":
        """Read a query string's pairs. Never raises: what cannot be read becomes a message.

        ``visible``: the records that the person may see at all; None for all.
        """
        query = _Reader(view, parameters, signer).read()
        return replace(query, visible=visible)

    # Which records --------------------------------------------------------------------

    def predicate(self) -> ColumnElement[bool]:
        """The condition that search and filters make; true where neither is used."""
        conditions = [*self._filter_conditions(), *self._search_conditions()]
        if self.visible is not None:
            conditions.append(self.visible)
        return and_(literal(True), *conditions) if conditions else and_(True)

    def _filter_conditions(self) -> Iterator[ColumnElement[bool]]:
        own = {one.name: one for one in self.view.option_filters}
        for name, value in self.filters.items():
            if name in own:
                condition = own[name].condition(value)
                if condition is not None:
                    yield condition
            elif name in self.view.mapper.relationships:
                yield _foreign_key(self.view, name) == value
            else:
                yield getattr(self.view.model, name).is_(value)

    def _search_conditions(self) -> Iterator[ColumnElement[bool]]:
        for word in self.search.split()[:MOST_WORDS]:
            if "\x00" in word:  # no database stores it, so nothing can match it
                yield false()
                continue
            pattern = f"%{_escape_like(word)}%"
            yield self.view.search_condition(pattern)

    # In which order -------------------------------------------------------------------

    @property
    def order(self) -> str:
        """The sort in words, to tell whether a cursor belongs to it."""
        return f"{self.sort_by or ''}:{'desc' if self.descending else 'asc'}"

    def sort_terms(self) -> list[SortTerm]:
        """The order's terms; the primary key ends every one, so that no two rows tie."""
        key = key_attribute(self.view)
        if self.sort_by is None:
            return [SortTerm(key, self.descending)]
        expression = sort_expression(self.view, self.sort_by)
        if expression is key:
            return [SortTerm(key, self.descending)]
        nullable = _nullable(self.view, self.sort_by)
        terms = [SortTerm(expression, self.descending, nullable), SortTerm(key, self.descending)]
        return expand(terms)

    # The rows -------------------------------------------------------------------------

    def fetch(self, session: RecordSession) -> ListRows:
        """The page's records, with the relations that the list shows: one statement.

        Where the cursor's page has become empty, or reaches the start, a second one reads the
        first page.
        """
        rows = self._fetch_at(session, self.cursor)
        if self.cursor is None:
            return rows
        if not rows.records:
            first = self._fetch_at(session, None)
            return ListRows(first.records, first.previous, first.next, restarted=True)
        if self.cursor.backward and rows.previous is None:
            return self._fetch_at(session, None)
        return rows

    def _fetch_at(self, session: RecordSession, cursor: Cursor | None) -> ListRows:
        terms = self.sort_terms()
        backward = cursor is not None and cursor.backward
        statement = self.select_records().add_columns(*(term.expression for term in terms))
        if cursor is not None and cursor.values:
            statement = statement.where(beyond(terms, cursor.values, backward=backward))
        statement = statement.order_by(*order_by(terms, backward=backward))
        found = session.execute(statement.limit(self.page_size + 1)).all()
        more = len(found) > self.page_size
        found = found[: self.page_size]
        if backward:
            found = list(reversed(found))
        if not found:
            return ListRows((), None, None)
        has_previous = more if backward else cursor is not None
        has_next = bool(cursor and cursor.values) if backward else more
        first, last = tuple(found[0][1:]), tuple(found[-1][1:])
        return ListRows(
            records=tuple(row[0] for row in found),
            previous=Cursor(self.order, first, backward=True) if has_previous else None,
            next=Cursor(self.order, last) if has_next else None,
        )

    def select_records(self) -> Select[Any]:
        """The matching records as entities, without order or limit; listed columns only."""
        view, model = self.view, self.view.model
        names = view.get_list_columns()
        shown = {name for name in names if name in view.mapper.column_attrs}
        shown |= {attribute_name(a) for a in view.always_loaded if attribute_name(a) not in names}
        statement: Select[Any] = select(model).where(self.predicate())
        columns = [getattr(model, name) for name in sorted(shown)]
        statement = statement.options(load_only(*columns))
        for name in names:
            if name in view.mapper.relationships:
                relation = getattr(model, name)
                statement = statement.outerjoin(relation).options(contains_eager(relation))
        return statement

    def count(self, session: RecordSession) -> Count:
        """How many records match, counted to ``COUNT_LIMIT``: one statement."""
        number = session.scalar(select(self.bounded_count())) or 0
        return Count(min(number, COUNT_LIMIT), more=number > COUNT_LIMIT)

    def bounded_count(self) -> Any:
        """The count as a scalar subquery, to count several lists in one statement."""
        some = (
            select(literal(1).label("one"))
            .select_from(self.view.model)
            .where(self.predicate())
            .limit(COUNT_LIMIT + 1)
            .subquery()
        )
        return select(func.count()).select_from(some).scalar_subquery()

    # Back into links ------------------------------------------------------------------

    @property
    def narrowed(self) -> bool:
        """Whether search or filters leave anything out."""
        return bool(self.search or self.filters)

    def pairs(self, **changes: str | None) -> list[tuple[str, str]]:
        """The query string's pairs with some changed (None drops one), without the cursor."""
        pairs: dict[str, str | None] = {"search": self.search or None}
        pairs |= {name: _written(value) for name, value in self.filters.items()}
        default_by, default_descending = default_sort(self.view)
        if (self.sort_by, self.descending) != (default_by, default_descending):
            pairs |= {"sortBy": self.sort_by, "sort": "desc" if self.descending else "asc"}
        if self.page_size != self.view.page_size:
            pairs["pageSize"] = str(self.page_size)
        pairs |= changes
        return [(name, value) for name, value in pairs.items() if value is not None]

    def query_string(self, **changes: str | None) -> str:
        """The pairs as text behind a path: "" or "?…"."""
        pairs = self.pairs(**changes)
        return f"?{urlencode(pairs)}" if pairs else ""


class _Reader:
    """Reads a query string into a ListQuery, collecting what it cannot read."""

    def __init__(
        self, view: "RecordView", parameters: Sequence[tuple[str, str]], signer: CursorSigner
    ) -> None:
        self.view, self.signer = view, signer
        self.messages: list[str] = []
        self.given: dict[str, str] = {}
        self.filter_names = [attribute_name(attribute) for attribute in view.list_filters]
        self.own_filters = {one.name: one for one in view.option_filters}
        for name, value in parameters:
            if name not in {*PARAMETERS, *self.filter_names, *self.own_filters}:
                if len(self.messages) < MOST_MESSAGES:
                    self.messages.append(f"There is no list option named “{_short(name)}”.")
            elif value.strip():
                self.given[name] = value.strip()

    def read(self) -> ListQuery:
        search = self._search()
        sort_by, descending = self._sort()
        page_size = self._page_size()
        filters = dict(self._filters())
        query = ListQuery(self.view, search, sort_by, descending, page_size, None, filters)
        cursor = self._cursor(query)
        return ListQuery(
            self.view,
            search,
            sort_by,
            descending,
            page_size,
            cursor,
            filters,
            tuple(self.messages),
        )

    def _search(self) -> str:
        search = self.given.get("search", "")
        if search and not self.view.column_searchable_list:
            self.messages.append(f"{self.view.name_plural} cannot be searched.")
            return ""
        if len(search) > LONGEST_SEARCH:
            self.messages.append(f"The search was cut to its first {LONGEST_SEARCH} characters.")
            search = search[:LONGEST_SEARCH]
        if len(search.split()) > MOST_WORDS:
            self.messages.append(f"Only the first {MOST_WORDS} words are searched for.")
        return search

    def _sort(self) -> tuple[str | None, bool]:
        default = default_sort(self.view)
        name, direction = self.given.get("sortBy"), self.given.get("sort", "asc")
        if name is None:
            if "sort" in self.given:
                self.messages.append("The sort direction was ignored: no column was named.")
            return default
        if name not in sortable_names(self.view):
            self.messages.append(f"The list cannot be sorted by “{_short(name)}”.")
            return default
        if direction not in ("asc", "desc"):
            self.messages.append("The sort direction is “asc” or “desc”.")
            direction = "asc"
        return name, direction == "desc"

    def _page_size(self) -> int:
        text = self.given.get("pageSize")
        if text is None:
            return self.view.page_size
        largest = max(self.view.page_size_options)
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= largest:
            self.messages.append(f"The page size is a number from 1 to {largest}.")
            return self.view.page_size
        return int(text)

    def _filters(self) -> Iterator[tuple[str, Any]]:
        for name in self.filter_names:
            if (text := self.given.get(name)) is None:
                continue
            value: Any
            if name in self.view.mapper.relationships:
                value = parse_key(self.view.related_view(name), text)
            else:
                value = {"yes": True, "no": False}.get(text)
            if value is None:
                label = self.view.label_for(name)
                self.messages.append(f"The filter {label} cannot be “{_short(text)}”.")
            else:
                yield name, value
        for name, one in self.own_filters.items():
            if (text := self.given.get(name)) is None:
                continue
            if one.condition(text) is None:
                self.messages.append(f"The filter {one.label} cannot be “{_short(text)}”.")
            else:
                yield name, text

    def _cursor(self, query: ListQuery) -> Cursor | None:
        text = self.given.get("at")
        if text is None:
            return None
        if text == "last":
            return Cursor(query.order, (), backward=True)
        cursor = self.signer.read(text)
        fits = cursor is not None and cursor.order == query.order
        if cursor is None or not fits or len(cursor.values) != len(query.sort_terms()):
            self.messages.append("That page is not known: this is the first one.")
            return None
        return cursor


def default_sort(view: "RecordView") -> tuple[str | None, bool]:
    """The column and direction (descending?) of a list that nobody sorted."""
    default = view.column_default_sort
    if not default:
        return None, False
    if isinstance(default, list):
        default = default[0]
    if isinstance(default, tuple):
        attribute, descending = default
        return attribute_name(attribute), bool(descending)
    return attribute_name(default), False


def sortable_names(view: "RecordView") -> list[str]:
    """The columns that a list may be sorted by; a relation sorts by its records' label."""
    return [attribute_name(attribute) for attribute in view.column_sortable_list]


def sort_expression(view: "RecordView", name: str) -> Any:
    """What sorting by ``name`` compares."""
    if name in view.mapper.relationships:
        return view.related_view(name).label_attribute
    return getattr(view.model, name)


def _nullable(view: "RecordView", name: str) -> bool:
    if name in view.mapper.relationships:
        return any(column.nullable for column in view.mapper.relationships[name].local_columns)
    return bool(view.mapper.columns[name].nullable)


def _foreign_key(view: "RecordView", name: str) -> Any:
    (column,) = view.mapper.relationships[name].local_columns
    return getattr(view.model, view.mapper.get_property_by_column(column).key)


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _written(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _short(text: str) -> str:
    printable = "".join(character if character.isprintable() else "·" for character in text)
    return printable if len(printable) <= 40 else printable[:39] + "…"
