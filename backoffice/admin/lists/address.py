"""Reading a list's address: every parameter means something, or a message says that it does not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement

from backoffice.admin.field_permissions import why_hidden
from backoffice.admin.lists.bounds import Unreadable
from backoffice.admin.lists.column_settings import read_columns
from backoffice.admin.lists.cursor import Cursor, cursor_signer, read_values
from backoffice.admin.lists.filters import AppliedFilter, Asker, filters_of, search_fields_of
from backoffice.admin.lists.query import ListQuery, SearchClause, word_condition
from backoffice.admin.lists.search import LONGEST_SEARCH, MOST_TERMS, Term, shortened, take_apart
from backoffice.admin.lists.sorting import (
    KEY,
    MOST_COLUMNS,
    Sort,
    default_sort,
    read_sort,
    sortable_names,
)
from backoffice.admin.records.keys import parse_key
from backoffice.admin.view import Context, RecordView

MOST_MESSAGES = 5
LONGEST_VALUE = 200
"""Characters of a filter's value."""

PARAMETERS = ("search", "sort", "pageSize", "page", "columns", "count", "view", "asof")
"""What every list's address may say, besides its filters: the words, the order (``-price,name``),
rows a page, where the page begins, the columns, ``count=exact``, the saved view it came from, and
the moment that its relative dates go by."""


def read_address(
    view: RecordView,
    parameters: Sequence[tuple[str, str]],
    context: Context | None,
    now: datetime | None = None,
) -> ListQuery:
    """The list query that an address's pairs ask for.

    Never raises: what cannot be read, or is not for this person, becomes one of its messages, and
    the rest works. ``context``: who asks; None for nobody in particular, as where indexes are
    looked for: to them nothing is hidden. ``now``: None for the present moment.
    """
    return _Reader(view, parameters, context, now or datetime.now(UTC)).read()


class _Reader:
    """Reads an address, collecting what it cannot read."""

    def __init__(
        self,
        view: RecordView,
        parameters: Sequence[tuple[str, str]],
        context: Context | None,
        now: datetime,
    ) -> None:
        self.view, self.context = view, context
        self.hidden = context.hidden(view) if context is not None else frozenset()
        self.messages: list[str] = []
        self.given: dict[str, list[str]] = {}
        known = set(PARAMETERS)
        for one in filters_of(view).values():
            known.update(one.parameters)
        for name, value in parameters:
            if name not in known:
                self._tell(f"There is no list option named “{shortened(name)}”.")
            elif value.strip():
                self.given.setdefault(name, []).append(value.strip())
        self.asker = Asker(self._as_of(now), context)

    def read(self) -> ListQuery:
        search = self._search()
        query = ListQuery(
            self.view,
            search,
            asked=tuple(self._asked(search)),
            applied_filters=tuple(self._applied_filters()),
            sort=self._sort(),
            page_size=self._page_size(),
            columns=self._columns(),
            exact=self._exact(),
            saved_view=self._saved_view(),
            visible=self.view.visible(self.context) if self.context is not None else None,
            hidden=self.hidden,
            now=self.asker.now,
        )
        cursor = self._cursor(query)
        return replace(query, cursor=cursor, messages=tuple(self.messages))

    def _tell(self, message: str) -> None:
        if len(self.messages) < MOST_MESSAGES and message not in self.messages:
            self.messages.append(message)

    def _one(self, name: str) -> str | None:
        values = self.given.get(name)
        return values[-1] if values else None

    # Which records --------------------------------------------------------------------

    def _search(self) -> str:
        search = self._one("search") or ""
        if search and not self.view.searchable_names(self.hidden):
            self._tell(f"{self.view.name_plural} cannot be searched.")
            return ""
        if len(search) > LONGEST_SEARCH:
            self._tell(f"The search was cut to its first {LONGEST_SEARCH} characters.")
            search = search[:LONGEST_SEARCH].strip()
        return search

    def _asked(self, search: str) -> Iterator[SearchClause]:
        terms = take_apart(search)
        if len(terms) > MOST_TERMS:
            self._tell(f"Only the first {MOST_TERMS} words of a search are looked for.")
        for term in terms[:MOST_TERMS]:
            if not term.field:
                yield SearchClause(term, word_condition(self.view, term, self.context))
                continue
            try:
                condition = self._field(term)
            except Unreadable as error:
                self._tell(
                    f"“{shortened(term.field)}” {error}. This part of the search was left out."
                )
                continue
            if condition is not None:
                yield SearchClause(term, condition)
                continue
            # No field of that name: a colon is a character like others.
            text = search[term.start : term.end]
            word = Term(text[1:] if term.negated else text, negated=term.negated)
            if term.field.isalpha() and term.operator == ":" and not term.text.startswith("/"):
                self._tell(
                    f"“{shortened(term.field)}” is no field of {self.view.label_plural}: the "
                    f"search was for the text “{shortened(word.text)}”."
                )
            yield SearchClause(word, word_condition(self.view, word, self.context))

    def _field(self, term: Term) -> ColumnElement[bool] | None:
        """What a term that names a field means; None if there is no such field."""
        name = term.field.lower()
        field = search_fields_of(self.view).get(name)
        if name == "is" and not (field is not None and field.takes(term, self.asker)):
            named = search_fields_of(self.view).get(term.text.lower())
            if named is not None and named.is_state and named.name not in self.hidden:
                return named.condition_of(Term("yes", named.name, ":"), self.asker)
            if field is None and any(one.is_state for one in search_fields_of(self.view).values()):
                raise Unreadable(f"cannot be “{shortened(term.text)}”")
        if field is not None and field.name in self.hidden:
            raise Unreadable(f"cannot be searched: {self._why_hidden(field.name)}")
        return field.condition_of(term, self.asker) if field is not None else None

    def _why_hidden(self, name: str) -> str:
        assert self.context is not None, "nothing is hidden from nobody in particular"
        return why_hidden(self.context, self.view, name)

    def _applied_filters(self) -> Iterator[AppliedFilter]:
        for one in filters_of(self.view).values():
            given = {
                name: [value[:LONGEST_VALUE] for value in self.given[name]]
                for name in one.parameters
                if name in self.given
            }
            try:
                if given and one.name in self.hidden:
                    raise Unreadable(f"cannot be used: {self._why_hidden(one.name)}")
                applied = one.read(given, self.asker) if given else None
            except Unreadable as error:
                self._tell(f"The filter {one.label} {shortened(str(error), 120)}.")
                continue
            if applied is not None:
                yield applied

    def _as_of(self, now: datetime) -> datetime:
        text = self._one("asof")
        if text is None:
            return now
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            self._tell("The moment that dates go by could not be read: they go by the present.")
            return now

    # How they are shown ---------------------------------------------------------------

    def _sort(self) -> Sort:
        text = self._one("sort")
        if text is None:
            return default_sort(self.view, self.hidden)
        if text == KEY:
            return ()
        allowed = sortable_names(self.view)
        sort: dict[str, bool] = {}
        for name, descending in read_sort(text):
            if name in allowed and name in self.hidden:
                label = self.view.label_for(name)
                self._tell(f"The list is not sorted by {label}: {self._why_hidden(name)}.")
            elif name not in allowed:
                self._tell(f"The list cannot be sorted by “{shortened(name)}”.")
            elif len(sort) == MOST_COLUMNS and name not in sort:
                self._tell(f"The list is sorted by {MOST_COLUMNS} columns at most.")
            else:
                sort.setdefault(name, descending)
        return tuple(sort.items()) or default_sort(self.view, self.hidden)

    def _page_size(self) -> int:
        text = self._one("pageSize")
        if text is None:
            return self.view.page_size
        largest = max(self.view.page_size_options)
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= largest:
            self._tell(f"The page size is a number from 1 to {largest}.")
            return self.view.page_size
        return int(text)

    def _columns(self) -> tuple[str, ...] | None:
        text = self._one("columns")
        if text is None:
            return None
        names, problems = read_columns(self.view, text.split(","))
        for problem in problems:
            self._tell(problem)
        return names

    def _exact(self) -> bool:
        text = self._one("count")
        if text not in (None, "exact"):
            self._tell("The count is “exact” or not asked for.")
        return text == "exact"

    def _saved_view(self) -> str:
        text = self._one("view") or ""
        if text and text != "all" and not (text.isascii() and text.isdecimal() and len(text) < 10):
            self._tell("There is no such saved view.")
            return ""
        return text

    def _cursor(self, query: ListQuery) -> Cursor | None:
        text = self._one("page")
        if text is None:
            return None
        if text == "last":
            return Cursor(query.order, backward=True)
        cursor = cursor_signer(self.view.site.settings.signing_key).read(text)
        if cursor is None or cursor.order != query.order or not self._fits(query, cursor):
            self._tell("That page is not known: this is the first one.")
            return None
        return cursor

    def _fits(self, query: ListQuery, cursor: Cursor) -> bool:
        """Whether a cursor's values are of the columns that there are now."""
        try:
            if cursor.values:
                read_values(query.sort_terms(), cursor.values)
        except ValueError:
            return False
        return not cursor.key or parse_key(self.view, cursor.key) is not None
