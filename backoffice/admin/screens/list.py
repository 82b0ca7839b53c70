"""The list of a view's records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response

from backoffice.admin.forms.build import may_add
from backoffice.admin.lists.address import read_address, split_lookup_texts
from backoffice.admin.lists.column_settings import column_settings_form, shown_columns
from backoffice.admin.lists.cursor import cursor_signer
from backoffice.admin.lists.empty import empty_state
from backoffice.admin.lists.facet_results import FacetResults
from backoffice.admin.lists.facets import build_chips, build_facets
from backoffice.admin.lists.fetch import ListResult, ListRows
from backoffice.admin.lists.messages import list_messages
from backoffice.admin.lists.query import ListQuery, format_query_string
from backoffice.admin.lists.search_box import completions, search_examples, search_hint
from backoffice.admin.lists.sort_choices import sort_choices
from backoffice.admin.lists.table import build_column, build_rows
from backoffice.admin.lists.time_limit import fetch_in_time
from backoffice.admin.lists.totals import (
    build_totals,
    counts_href,
    exact_href,
    show_counts_href,
    totals_of,
)
from backoffice.admin.lists.typed import (
    TYPED,
    language_typed,
    plain_parameters,
    typed_language,
    typed_search,
    without_blanks,
)
from backoffice.admin.lists.widths import fit_columns
from backoffice.admin.pages.list import ListPage
from backoffice.admin.pages.parts import Option, Pager
from backoffice.admin.records.action_links import list_actions
from backoffice.admin.records.counting import Count
from backoffice.admin.records.links import peek_href
from backoffice.admin.return_url import with_next
from backoffice.admin.saved_views.find import (
    VisibleView,
    current_view,
    default_view,
    find_views_and_roles,
)
from backoffice.admin.saved_views.messages import saved_view_messages
from backoffice.admin.saved_views.query import ALL, VIEW
from backoffice.admin.saved_views.tabs import save_view_form, view_tabs
from backoffice.admin.shell import page_response
from backoffice.admin.view import Context, RecordView
from backoffice.auth.preferences import ListPreferences
from backoffice.auth.saved_views import Roles

FEW_RECORDS = 6
"""Records up to which a list comes with its filters folded."""


def list_screen(context: Context, view: RecordView) -> Response:
    """One page of a view's records; 422 where they took too long.

    Costs one statement each for the saved views, the time limit, the count and the rows, and one
    for all totals and facets; where these come later (``screens/list_counts.py``), none, or one for
    the labels of selected records.
    """
    preferences = ListPreferences.of(context.person.preferences, view.identity)
    parameters = context.request.query_params.multi_items()
    problems: list[str] = []
    if code := dict(parameters).get(TYPED):
        language = language_typed(code, context.settings.offered_languages)
        parameters, problems = plain_parameters(view, parameters, language)
    if not problems and (plain_href := _plain_href(context, view, parameters, preferences)):
        return RedirectResponse(plain_href, status_code=303)
    saved, roles = find_views_and_roles(context, view, dict(parameters).get(VIEW, ""))
    parameters = _opened_parameters(parameters, preferences, saved)
    parameters, lookup_texts = split_lookup_texts(view, parameters)
    query = read_address(view, parameters, context)
    query = replace(query, shown=shown_columns(view, preferences, query.columns))
    result, facets = fetch_in_time(
        context, query, lookup_texts, with_facets=preferences.filters_open
    )
    page = _page(context, result, facets, lookup_texts, preferences, saved, roles, problems)
    return page_response(
        context,
        "list.html",
        page.heading,
        page,
        status=422 if result.too_slow else 200,
    )


def _plain_href(
    context: Context,
    view: RecordView,
    parameters: Sequence[tuple[str, str]],
    preferences: ListPreferences,
) -> str | None:
    """The address that says the same as the request's without what only its form needs; None where
    the request's is that one, or a script asks, which follows links of its own."""
    if context.request.headers.get("sec-fetch-mode", "navigate") != "navigate":
        return None
    plain = without_blanks(view, parameters)
    if plain == context.request.query_params.multi_items():
        return None
    if not plain and preferences.view is not None:
        plain = [(VIEW, ALL)]  # the plain list would open with the person's default view
    return context.site.href(view.identity, "list") + format_query_string(plain)


def _opened_parameters(
    parameters: list[tuple[str, str]],
    preferences: ListPreferences,
    saved: Sequence[VisibleView],
) -> list[tuple[str, str]]:
    """The address's parameters; for the plain list those of the person's default view."""
    if not parameters and (opened := default_view(preferences, saved)) is not None:
        return [*parse_qsl(opened.query), (VIEW, str(opened.id))]
    return parameters


def _page(
    context: Context,
    result: ListResult,
    facets: FacetResults,
    lookup_texts: Mapping[str, str],
    preferences: ListPreferences,
    saved: Sequence[VisibleView],
    roles: Roles,
    problems: Sequence[str],
) -> ListPage:
    query, view = result.query, result.query.view
    list_href = context.site.href(view.identity, "list")
    # The plain list may open with a saved view, so the whole list needs a parameter.
    all_href = f"{list_href}?{VIEW}={ALL}" if saved else list_href
    back = f"{list_href}?{context.request.url.query}" if context.request.url.query else ""
    if not back and query.saved_view:  # opened by itself: a record's page does not know of it
        back = list_href + query.query_string()
    names = query.shown or ()
    rows = build_rows(context, view, result.rows, names, back)
    delete_href = (
        context.site.href(view.identity, "delete") if context.may("delete", view) else None
    )
    actions = list_actions(context, view)
    columns = tuple(build_column(query, list_href, name) for name in names)
    has_ticks = delete_href is not None or bool(actions)
    room = fit_columns(columns, rows, preferences.widths, ticks=has_ticks)
    current = current_view(saved, query.saved_view)
    can_add = may_add(context, view)
    later = facets.later and not result.too_slow
    sorts = sort_choices(query)
    carried = ("columns", VIEW) if sorts else ("sort", "columns", VIEW)

    def address(query_string: str) -> str:
        return list_href + query_string if query_string else all_href

    return ListPage(
        heading=view.title_plural,
        label=view.label,
        label_plural=view.label_plural,
        columns=columns,
        rows=rows,
        room=room,
        peek_href=peek_href(context, view),
        count=_count_text(result),
        exact_href=exact_href(context, query, result.count),
        pager=_pager(context, query, result.rows, list_href),
        action=list_href,
        search=typed_search(view, query.search),
        search_hint=search_hint(context, view),
        search_clear_href=address(query.query_string(search=None)),
        search_examples=search_examples(context, query, names, rows),
        completions=tuple(completions(context, query, facets)),
        chips=build_chips(query, facets, list_href),
        facets=tuple(
            build_facets(
                context, query, facets, lookup_texts, coming=later and preferences.filters_open
            )
        ),
        facets_open=preferences.filters_open,
        is_short=_is_short(result),
        totals=build_totals(query, facets),
        totals_of=totals_of(query, result.count),
        views=view_tabs(context, view, saved, query.pairs(), current),
        save_view=save_view_form(context, view, query.pairs(), names, current, roles),
        column_settings=column_settings_form(context, view, names, preferences),
        carried=tuple(pair for pair in query.pairs() if pair[0] in carried),
        typed=typed_language(),
        sorts=sorts,
        page_sizes=_page_sizes(view, query.page_size),
        create_href=(
            with_next(context.site.href(view.identity, "create"), back) if can_add else None
        ),
        delete_href=delete_href,
        actions=actions,
        next=back,
        clear_href=address(query.query_string_without_filters()),
        messages=(
            *problems,
            *list_messages(result, facets),
            *saved_view_messages(context, view, query.saved_view, current),
        ),
        empty=(
            None if rows else empty_state(context, result, list_href, all_href, may_add=can_add)
        ),
        counts_href=counts_href(context, query) if later else None,
        show_counts_href=show_counts_href(context, query) if later else None,
        count_coming=later and result.count is None,
    )


def _is_short(result: ListResult) -> bool:
    """Whether the list has so few records that filters help nobody."""
    count = result.count
    return (
        not result.query.filtered
        and count is not None
        and count.exact
        and count.number <= FEW_RECORDS
    )


def _count_text(result: ListResult) -> str:
    """The count in words. Where it is unknown, the rows before the next page are a part of it."""
    count, rows = result.count, result.rows
    if count is None and rows.records:
        count = Count(len(rows.records), more=bool(rows.previous or rows.next))
    return count.of(result.query.view) if count is not None else ""


def _pager(context: Context, query: ListQuery, rows: ListRows, list_href: str) -> Pager:
    if rows.previous is None and rows.next is None:
        return Pager()
    write = cursor_signer(context.settings.signing_key).write

    def href(**parameters: str) -> str:
        return list_href + query.query_string(**parameters)

    return Pager(
        first=href() if rows.previous else None,
        previous=href(page=write(rows.previous)) if rows.previous else None,
        next=href(page=write(rows.next)) if rows.next else None,
        last=href(page="last") if rows.next else None,
    )


def _page_sizes(view: RecordView, selected: int) -> tuple[Option, ...]:
    """The choices of rows on a page. The view's own size has an empty value, so that it does not
    appear in addresses."""
    return tuple(
        Option("" if size == view.page_size else str(size), str(size), size == selected)
        for size in sorted({*view.page_size_options, selected})
    )
