"""Reading a list's address. What cannot be read becomes a message, and the rest of it works."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement

from backoffice.admin.field_permissions import (
    unsearchable,
    why_hidden,
    why_unsortable,
)
from backoffice.admin.lists.column_settings import read_columns
from backoffice.admin.lists.cursor import Cursor, cursor_signer, decode_values
from backoffice.admin.lists.errors import InvalidCondition, no_choice
from backoffice.admin.lists.filters import (
    AppliedFilter,
    FilterContext,
    filters_of,
    search_fields_of,
)
from backoffice.admin.lists.query import ListQuery, SearchClause, word_condition
from backoffice.admin.lists.search import LONGEST_SEARCH, MOST_TERMS, Term, parse_search, shortened
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
from backoffice.columns.numbers import parse_whole_number
from backoffice.language import _

MOST_MESSAGES = 5
LONGEST_VALUE = 200
"""Characters of a filter's value."""

MOST_VIEW_ID = 10**9 - 1
"""The largest id of a saved view."""

PARAMETERS = ("search", "sort", "pageSize", "page", "columns", "count", "counts", "view", "asof")
"""The parameters of every list, besides those of its filters.

``search``; ``sort`` (``-price,name``); ``pageSize``, the rows of a page; ``page``, a cursor;
``columns``; ``count=exact``; ``counts=shown``, to have the counts of facets and totals in the page
and not a moment later; ``view``, the saved view that the address comes from; ``asof``, the time
that relative dates refer to.
"""

FIND = "find"
"""The name of the buttons that search a facet's related records (without a script)."""


def read_address(
    view: RecordView,
    parameters: Sequence[tuple[str, str]],
    context: Context | None,
    now: datetime | None = None,
) -> ListQuery:
    """The list query that an address's parameters ask for.

    It never raises. What cannot be read, or is not for this person, becomes one of the query's
    messages. ``context``: of the person's request; None for nobody in particular, as when the
    doctor looks for indexes: then nothing is hidden. ``now``: the time that "today" refers to; None
    for the present.
    """
    return _AddressReader(view, parameters, context, now or datetime.now(UTC)).read()


def split_lookup_texts(
    view: RecordView, parameters: Sequence[tuple[str, str]]
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The parameters of the list itself; and the texts that were typed into facets to find related
    records, by filter name."""
    filters = filters_of(view)
    finds = {f"{name}_find": name for name, found in filters.items() if found.has_labels}
    lookup_texts = {finds[name]: value for name, value in parameters if name in finds}
    of_filters = {parameter for found in filters.values() for parameter in found.parameters}
    ignored = {FIND, *finds} - of_filters
    return [(name, value) for name, value in parameters if name not in ignored], lookup_texts


class _AddressReader:
    """Reads an address, and collects messages about what it cannot read."""

    def __init__(
        self,
        view: RecordView,
        parameters: Sequence[tuple[str, str]],
        context: Context | None,
        now: datetime,
    ) -> None:
        self.view, self.context = view, context
        self.whole = ListQuery(view).seen_by(context)
        self.hidden, self.unsortable = self.whole.hidden, self.whole.unsortable
        self.messages: list[str] = []
        self.values: dict[str, list[str]] = {}
        known = set(PARAMETERS)
        for list_filter in filters_of(view).values():
            known.update(list_filter.parameters)
        for name, value in parameters:
            if name not in known:
                self._add_message(_("Ignored the unknown option “{name}”", name=shortened(name)))
            elif value.strip():
                self.values.setdefault(name, []).append(value.strip())
        self.filter_context = FilterContext(self._as_of(now), context)

    def read(self) -> ListQuery:
        search = self._search()
        query = replace(
            self.whole,
            search=search,
            clauses=tuple(self._clauses(search)),
            applied_filters=tuple(self._applied_filters()),
            sort=self._sort(),
            page_size=self._page_size(),
            columns=self._columns(),
            exact=self._exact(),
            counts_shown=self._counts_shown(),
            saved_view=self._saved_view(),
            now=self.filter_context.now,
        )
        cursor = self._cursor(query)
        return replace(query, cursor=cursor, messages=tuple(self.messages))

    def _add_message(self, message: str) -> None:
        if len(self.messages) < MOST_MESSAGES and message not in self.messages:
            self.messages.append(message)

    def _value(self, name: str) -> str | None:
        """The last value of a parameter; None if the address does not have it."""
        values = self.values.get(name)
        return values[-1] if values else None

    # Which records --------------------------------------------------------------------

    def _search(self) -> str:
        search = self._value("search") or ""
        unsearched = unsearchable(self.context, self.view) if self.context is not None else ()
        if search and not self.view.searchable_names(unsearched):
            self._add_message(_("You can't search {records}", records=self.view.label_plural))
            return ""
        if len(search) > LONGEST_SEARCH:
            self._add_message(
                _("Only the first {count} characters are searched for", count=LONGEST_SEARCH)
            )
            search = search[:LONGEST_SEARCH].strip()
        return search

    def _clauses(self, search: str) -> Iterator[SearchClause]:
        terms = parse_search(search)
        if len(terms) > MOST_TERMS:
            self._add_message(_("Only the first {count} words are searched for", count=MOST_TERMS))
        for term in terms[:MOST_TERMS]:
            if not term.field:
                yield SearchClause(term, word_condition(self.view, term, self.context))
                continue
            try:
                condition = self._field_condition(term)
            except InvalidCondition as error:
                self._add_message(
                    _(
                        "{problem}; ignored {term}",
                        problem=error,
                        term=shortened(search[term.start : term.end]),
                    )
                )
                continue
            if condition is not None:
                yield SearchClause(term, condition)
                continue
            # There is no such field, so the whole term is a word: a colon is an ordinary character.
            text = search[term.start : term.end]
            word = Term(text[1:] if term.negated else text, negated=term.negated)
            if term.field.isalpha() and term.operator == ":" and not term.text.startswith("/"):
                self._add_message(
                    _(
                        "There is no field “{field}”; searched for the text “{text}”",
                        field=shortened(term.field),
                        text=shortened(word.text),
                    )
                )
            yield SearchClause(word, word_condition(self.view, word, self.context))

    def _field_condition(self, term: Term) -> ColumnElement[bool] | None:
        """The condition of a term that names a field; None if there is no such field.

        Raises:
            InvalidCondition: the term has no meaning.
        """
        name = term.field.lower()
        field = search_fields_of(self.view).get(name)
        if name == "is" and not (field is not None and field.accepts(term, self.filter_context)):
            state = search_fields_of(self.view).get(term.text.lower())
            if state is not None and state.is_state and state.name not in self.hidden:
                return state.term_condition(Term("yes", state.name, ":"), self.filter_context)
            if field is None and any(
                other.is_state for other in search_fields_of(self.view).values()
            ):
                raise no_choice(term.text)
        if field is not None and field.name in self.hidden:
            raise self._hidden(term.field, field.name)
        return field.term_condition(term, self.filter_context) if field is not None else None

    def _hidden(self, said: str, name: str) -> InvalidCondition:
        """The error for a field that the person may not see, and that is called ``said``."""
        assert self.context is not None, "nothing is hidden without a context"
        why = why_hidden(self.context, self.view, name)
        return InvalidCondition(_("{field}: {reason}", field=said, reason=why))

    def _applied_filters(self) -> Iterator[AppliedFilter]:
        for list_filter in filters_of(self.view).values():
            values = {
                name: [value[:LONGEST_VALUE] for value in self.values[name]]
                for name in list_filter.parameters
                if name in self.values
            }
            if not values:
                continue
            try:
                if list_filter.name in self.hidden:
                    raise self._hidden(list_filter.label, list_filter.name)
                applied = list_filter.read(values, self.filter_context)
            except InvalidCondition as error:
                problem = shortened(str(error), 120)
                self._add_message(
                    _(
                        "{problem}; ignored the filter {filter}",
                        problem=problem,
                        filter=list_filter.label,
                    )
                )
                continue
            if applied is not None:
                yield applied

    def _as_of(self, now: datetime) -> datetime:
        text = self._value("asof")
        if text is None:
            return now
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            self._add_message(_("Ignored an unreadable time; dates are relative to now"))
            return now

    # Order, page and columns ----------------------------------------------------------

    def _sort(self) -> Sort:
        text = self._value("sort")
        if text is None:
            return default_sort(self.view, self.unsortable)
        if text == KEY:
            return ()
        allowed = sortable_names(self.view)
        sort: dict[str, bool] = {}
        for name, descending in read_sort(text):
            if name in allowed and name in self.unsortable:
                assert self.context is not None, "everything is sortable without a context"
                label, why = (
                    self.view.label_for(name),
                    why_unsortable(self.context, self.view, name),
                )
                self._add_message(_("Can't sort by {column}: {reason}", column=label, reason=why))
            elif name not in allowed:
                self._add_message(_("Can't sort by “{column}”", column=shortened(name)))
            elif len(sort) == MOST_COLUMNS and name not in sort:
                self._add_message(_("Can't sort by more than {count} columns", count=MOST_COLUMNS))
            else:
                sort.setdefault(name, descending)
        return tuple(sort.items()) or default_sort(self.view, self.unsortable)

    def _page_size(self) -> int:
        text = self._value("pageSize")
        if text is None:
            return self.view.page_size
        largest = max(self.view.page_size_options)
        page_size = parse_whole_number(text, least=1, most=largest)
        if page_size is None:
            self._add_message(_("Rows per page must be from 1 to {most}", most=largest))
            return self.view.page_size
        return page_size

    def _columns(self) -> tuple[str, ...] | None:
        text = self._value("columns")
        if text is None:
            return None
        names, problems = read_columns(self.view, text.split(","))
        for problem in problems:
            self._add_message(problem)
        return names

    def _exact(self) -> bool:
        text = self._value("count")
        if text not in (None, "exact"):
            self._add_message(_("Ignored the unknown count “{text}”", text=shortened(text or "")))
        return text == "exact"

    def _counts_shown(self) -> bool:
        text = self._value("counts")
        if text not in (None, "shown"):
            self._add_message(_("Ignored the unknown counts “{text}”", text=shortened(text or "")))
        return text == "shown"

    def _saved_view(self) -> str:
        text = self._value("view") or ""
        if text in ("", "all") or parse_whole_number(text, most=MOST_VIEW_ID) is not None:
            return text
        self._add_message(_("There is no such saved view"))
        return ""

    def _cursor(self, query: ListQuery) -> Cursor | None:
        text = self._value("page")
        if text is None:
            return None
        if text == "last":
            return Cursor(query.order, backward=True)
        cursor = read_cursor(query, text)
        if cursor is None:
            self._add_message(_("That page no longer exists; this is the first one"))
            return None
        return cursor


def read_cursor(query: ListQuery, text: str) -> Cursor | None:
    """The signed cursor in ``text``; None if it has none, or one of another list or sort."""
    cursor = cursor_signer(query.view.site.settings.signing_key).read(text)
    return cursor if cursor is not None and _fits(query, cursor) else None


def _fits(query: ListQuery, cursor: Cursor) -> bool:
    """Whether a cursor is of this list and sort, whether the sorted columns can have its values,
    and the view its key."""
    if cursor.order != query.order:
        return False
    try:
        if cursor.values:
            decode_values(query.sort_terms(), cursor.values)
    except ValueError:
        return False
    return not cursor.key or parse_key(query.view, cursor.key) is not None
