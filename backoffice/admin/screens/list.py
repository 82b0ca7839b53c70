"""The list of a view's records."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from sqlalchemy.exc import DBAPIError
from starlette.responses import Response

from backoffice.admin.field_permissions import why_hidden
from backoffice.admin.forms.build import may_add
from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.column_settings import column_settings_form, shown_columns
from backoffice.admin.lists.cursor import cursor_signer
from backoffice.admin.lists.facet_counts import fetch_facet_counts
from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.facets import build_chips, build_facets, missing_choices
from backoffice.admin.lists.fetch import (
    ListResult,
    ListRows,
    fetch_list,
    fetch_unsorted,
    limit_time,
)
from backoffice.admin.lists.filters import FilterContext, filters_of, search_fields_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sorting import is_index_backed, sortable_names, write_sort
from backoffice.admin.lists.table_size import table_size
from backoffice.admin.pages.list import Column, Completion, EmptyState, ListPage, Row, Total
from backoffice.admin.pages.parts import Link, Option, Pager
from backoffice.admin.records.cells import column_align, column_kind, seen_cells
from backoffice.admin.records.keys import in_address, key_writer
from backoffice.admin.records.labels import record_label
from backoffice.admin.return_url import with_next
from backoffice.admin.saved_views.find import (
    VisibleView,
    current_view,
    default_view,
    find_views,
    left_out_labels,
)
from backoffice.admin.saved_views.query import ALL, VIEW
from backoffice.admin.saved_views.tabs import save_view_form, view_tabs
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences
from backoffice.db.resilience.time_limits import timed_out

IGNORED = ("find",)
"""What a form's buttons send along."""

VIEW_GONE = "That saved view is gone, or is no longer shared with you."

LONGEST_NUMBER = 14
"""Characters of a number that its column has room for: "-2,147,483,648"."""


MOST_SHOWN = 1_000
"""Characters of a value that a list prints, a line of which is seen and the rest on hover."""


def list_screen(context: Context, view: RecordView) -> Response:
    """One page of the list. Statements: saved views, time limit, count, rows, and one for totals
    and facets together."""
    preferences = ListPreferences.of(context.person.preferences, view.identity)
    saved = find_views(context, view)
    parameters = context.request.query_params.multi_items()
    if not parameters and (opened := default_view(preferences, saved)) is not None:
        parameters = [*parse_qsl(opened.query), (VIEW, str(opened.id))]
    finds = {f"{name}_find": name for name, one in filters_of(view).items() if one.has_labels}
    typed = {finds[name]: value for name, value in parameters if name in finds}
    ignored = {*IGNORED, *finds} - {
        name for one in filters_of(view).values() for name in one.parameters
    }
    parameters = [(name, value) for name, value in parameters if name not in ignored]
    query = read_address(view, parameters, context)
    here = context.site.href(view.identity, "list")
    answered, summary = _ask(context, query, typed, with_facets=preferences.filters_open)
    query, rows = answered.query, answered.rows
    messages = [*query.messages, *answered.messages, *_honest(context, answered)]
    messages += missing_choices(query, summary)
    current = current_view(saved, query.saved_view)
    if current is None and query.saved_view not in ("", ALL):
        messages.append(VIEW_GONE)
    if current is not None and current.left_out:
        messages.append(_less_than_saved(context, view, current))
    back = f"{here}?{context.request.url.query}" if context.request.url.query else ""
    names = shown_columns(view, preferences, query.columns)
    suffix = query.query_string(page=context.request.query_params.get("page"), count="exact")
    listed = tuple(_rows(context, view, rows, names, back))
    page = ListPage(
        heading=view.name_plural,
        label=view.label,
        label_plural=view.label_plural,
        columns=tuple(_column(context, query, here, name) for name in names),
        rows=listed,
        wide=_has_long_numbers(listed),
        count="many" if answered.count is None else str(answered.count),
        exact_href=None if answered.count is not None and answered.count.exact else here + suffix,
        pager=_pager(context, query, rows, here),
        action=here,
        search=query.search,
        search_hint=_search_hint(view, query.hidden),
        completions=tuple(_completions(context, query)),
        chips=build_chips(query, summary, here),
        facets=tuple(build_facets(context, query, summary, typed)),
        facets_open=preferences.filters_open,
        totals=_totals(view, summary),
        totals_of=_totals_of(query, answered, summary),
        views=view_tabs(context, view, saved, query.pairs(), current),
        save_view=save_view_form(context, view, query.pairs(), names, current),
        column_settings=column_settings_form(context, view, names, preferences),
        carried=tuple(pair for pair in query.pairs() if pair[0] in ("sort", "columns", "view")),
        page_sizes=tuple(
            # The usual size is sent as nothing, so that it does not stand in the address.
            Option("" if size == view.page_size else str(size), str(size), size == query.page_size)
            for size in sorted({*view.page_size_options, query.page_size})
        ),
        create_href=(
            with_next(context.site.href(view.identity, "create"), back)
            if may_add(context, view)
            else None
        ),
        delete_href=(
            context.site.href(view.identity, "delete") if context.may("delete", view) else None
        ),
        next=back,
        clear_href=here + _everything(saved) if query.filtered else None,
        messages=tuple(messages),
        empty=None if rows.records else _empty(context, answered, here, here + _everything(saved)),
    )
    title = view.name_plural
    return page_response(
        context, "list.html", title, page, crumbs=(Link(title),), status=_status(answered)
    )


def _ask(
    context: Context, query: ListQuery, typed: dict[str, str], *, with_facets: bool
) -> tuple[ListResult, FacetResults]:
    """Everything that the page needs of the database, under the list's time limit.

    What takes too long is left out: facets, then an exact number, then the order, then the rows.
    """
    session, limit = context.session, context.settings.list_time_limit
    answered = None
    try:
        # Half of it where there is another way to go.
        seconds = limit if query.exact or not query.has_predicate else limit / 2
        with limit_time(session, query, seconds) as resolved:
            answered = fetch_list(session, resolved)
            count = answered.count
            return answered, fetch_facet_counts(
                context, answered.query, count, typed, with_facets=with_facets
            )
    except DBAPIError as error:
        if not timed_out(error):
            raise
        session.rollback()
    if answered is None and query.exact:
        told = f"Counting took longer than {_seconds(limit)} and was stopped."
        query = replace(query, exact=False, messages=(*query.messages, told))
        return _ask(context, query, typed, with_facets=with_facets)
    summary = FacetResults()
    try:
        with limit_time(session, query, limit) as resolved:
            # Uncounted: what may be ticked, and what is.
            summary = fetch_facet_counts(context, query, None, typed, with_facets=with_facets)
            answered = answered or fetch_unsorted(session, resolved)
    except DBAPIError as error:
        if not timed_out(error):
            raise
        session.rollback()
    return answered or ListResult(query, ListRows(), None, too_slow=True), summary


def _honest(context: Context, answered: ListResult) -> list[str]:
    """What a person should know about how the answer came to be."""
    told = []
    if answered.rows.restarted:
        told.append("Nothing is left on that page: this is the first one.")
    query, view = answered.query, answered.query.view
    short = query.short_words
    if short and not answered.too_slow and table_size(view).is_large:
        words = " and ".join(f"“{word}”" for word in short)
        told.append(
            f"{words} {'is' if len(short) == 1 else 'are'} too short for the index: all "
            f"{view.label_plural} were looked through. A word of three characters or more is quick."
        )
    return told


def _column(context: Context, query: ListQuery, here: str, name: str) -> Column:
    view = query.view
    order = [one for one, _descending in query.sort]
    directions = dict(query.sort)
    sort_href = add_href = None
    refused = ""
    if name in sortable_names(view, query.hidden):
        turned = name in directions and not directions[name]
        alone = write_sort([(name, turned and order == [name])])
        added = [(one, turned if one == name else down) for one, down in query.sort]
        added += [] if name in directions else [(name, False)]
        sort_href = here + query.query_string(sort=alone)
        add_href = here + query.query_string(sort=write_sort(added))
        if not query.filtered and not is_index_backed(view, name) and table_size(view).is_large:
            sort_href = add_href = None
            label = view.label_for(name)
            refused = f"So many {view.label_plural} are not sorted by {label}: no index"
    return Column(
        name=name,
        label=view.label_for(name),
        kind=column_kind(view, name),
        align=column_align(view.mapper, name),
        unit=view.unit_for(name),
        sort_href=sort_href,
        add_href=add_href,
        sorted="" if name not in order else "descending" if directions[name] else "ascending",
        place=order.index(name) + 1 if name in order and len(order) > 1 else 0,
        refused=refused,
    )


def _rows(
    context: Context, view: RecordView, rows: ListRows, names: Sequence[str], back: str
) -> list[Row]:
    """The rows as cells. The first cell leads to the record and knows the way back."""
    suffix = with_next("", back)
    screen = "edit" if context.may("edit", view) else "details"
    leads = context.may(screen, view)
    address = context.site.href(view.identity, screen, "")
    key_of = key_writer(view.model)
    listed = []
    cells_of_rows = seen_cells(context, view, rows.records, names)
    for record, cells in zip(rows.records, cells_of_rows, strict=True):
        key = in_address(key_of(record))
        if leads:
            cells[0].href = f"{address}{key}{suffix}"
            cells[0].text = cells[0].text or f"#{key}"  # something that can be clicked
        for cell in cells:
            if len(cell.text) > MOST_SHOWN:
                cell.text = cell.hover = f"{cell.text[:MOST_SHOWN]}…"
        listed.append(Row(key, record_label(record), tuple(cells)))
    return listed


def _has_long_numbers(rows: Sequence[Row]) -> bool:
    """Whether a number would not fit its column. Cut, it would read as another number."""
    return any(
        len(cell.text) > LONGEST_NUMBER
        for row in rows
        for cell in row.cells
        if cell.kind in ("number", "money")
    )


def _pager(context: Context, query: ListQuery, rows: ListRows, here: str) -> Pager:
    if rows.previous is None and rows.next is None:
        return Pager()
    write = cursor_signer(context.settings.signing_key).write
    return Pager(
        first=here + query.query_string() if rows.previous else None,
        previous=here + query.query_string(page=write(rows.previous)) if rows.previous else None,
        next=here + query.query_string(page=write(rows.next)) if rows.next else None,
        last=here + query.query_string(page="last") if rows.next else None,
    )


def _less_than_saved(context: Context, view: RecordView, current: VisibleView) -> str:
    """What of a saved view is left out for this person, and why."""
    labels = " and ".join(left_out_labels(view, current))
    hidden = [name for name in current.left_out if not context.may_see(view, name)]
    why = why_hidden(context, view, hidden[0]) if hidden else "that choice is not offered to you"
    return f"The view “{current.name}” also uses {labels}, which is left out: {why}."


def _search_hint(view: RecordView, hidden: frozenset[str]) -> str:
    labels = [view.label_for(name).lower() for name in view.searchable_names(hidden)]
    if view.search_hint or not labels:
        return view.search_hint
    *others, last = labels
    return f"Search {', '.join(others)} and {last}" if others else f"Search {last}"


def _completions(context: Context, query: ListQuery) -> Iterator[Completion]:
    """What a search may compare, by what it is called there."""
    filter_context = FilterContext(query.now, context)
    for name, one in search_fields_of(query.view).items():
        if context.may_see(query.view, one.name):
            yield Completion(
                name,
                one.label,
                one.examples,
                one.completions(filter_context),
                one.lookup_href(filter_context),
            )


def _totals(view: RecordView, summary: FacetResults) -> tuple[Total, ...]:
    currency = view.site.settings.currency
    return tuple(
        Total(one.label, text, currency if one.unit == "currency" else one.unit)
        for place, one in enumerate(view.list_totals)
        if (text := summary.totals.get(place)) is not None
    )


def _totals_of(query: ListQuery, answered: ListResult, summary: FacetResults) -> str:
    if not summary.totals or answered.count is None:
        return ""
    view, number = query.view, answered.count.number
    noun = view.label if number == 1 else view.label_plural
    return f"{number:,} matching {noun}" if query.filtered else f"{number:,} {noun}"


def _status(answered: ListResult) -> int:
    """A list that could not be answered is no page that anything should take for one."""
    return 422 if answered.too_slow else 200


def _everything(saved: Sequence[object]) -> str:
    """The query string of the list without search and filters; plain, it may show a saved view."""
    return f"?{VIEW}={ALL}" if saved else ""


def _empty(context: Context, answered: ListResult, here: str, all_of_them: str) -> EmptyState:
    query, view = answered.query, answered.query.view
    everything = Link(f"Show all {view.label_plural}", all_of_them)
    if answered.too_slow:
        return _slow(context, query, everything, here)
    if query.filtered:
        return EmptyState(
            f"No {view.label_plural} match",
            "Try other words, or take a filter away.",
            (everything,),
        )
    create: tuple[Link, ...] = ()
    if may_add(context, view):
        create = (Link(f"Add {view.label}", context.site.href(view.identity, "create")),)
    return EmptyState(f"No {view.label_plural} yet", "What you add is listed here.", create)


def _slow(context: Context, query: ListQuery, everything: Link, here: str) -> EmptyState:
    """The page for a list that took too long: what it was, and the ways on."""
    view = query.view
    reasons = [
        f"“{word}” is shorter than three characters, which no index finds. Add a longer word."
        for word in query.short_words
    ]
    links = []
    for name, _descending in query.sort[:1]:
        if not is_index_backed(view, name):
            reasons.append(
                f"No index holds {view.label_plural} in the order of {view.label_for(name)}."
            )
            links.append(Link("Use the usual order", here + query.query_string(sort=None)))
    if not reasons and query.clauses:
        reasons.append(f"The search “{query.search}” had to look at too many {view.label_plural}.")
    if not reasons:
        reasons.append("The database is slow at present, or lacks an index (see “doctor”).")
    if query.search:
        links.append(Link("Without the search", here + query.query_string(search=None)))
    return EmptyState(
        f"This list took longer than {_seconds(context.settings.list_time_limit)}",
        "It was stopped, so that nobody else waits for it. Narrow it, or ask for less.",
        (*links, everything),
        tuple(reasons),
    )


def _seconds(number: int) -> str:
    return "1 second" if number == 1 else f"{number} seconds"
