"""The list of a view's records."""

from starlette.responses import Response

from backoffice.admin.choices import build_choice
from backoffice.admin.keys import key_of
from backoffice.admin.listing import ListQuery, ListRows, sortable_names
from backoffice.admin.pages import (
    Cell,
    Choice,
    Column,
    EmptyState,
    Link,
    ListPage,
    Option,
    Pager,
    Row,
)
from backoffice.admin.view import RecordView
from backoffice.admin.visit import Visit
from backoffice.admin.way_back import carrying


def list_screen(visit: Visit, view: RecordView) -> Response:
    """One page of the list: rows, count and the filters' choices, a statement each."""
    parameters = visit.request.query_params.multi_items()
    typed = {name: value for name, value in parameters if name.endswith("_find")}
    parameters = [pair for pair in parameters if pair[0] not in typed and pair[0] not in IGNORED]
    query = ListQuery.parse(view, parameters, visit.site.cursors, view.visible(visit))
    rows = query.fetch(visit.session)
    count = query.count(visit.session)
    messages = list(query.messages)
    if rows.restarted:
        messages.append("Nothing is left on that page: this is the first one.")
    here = visit.site.href(view.identity, "list")
    back = f"{here}?{visit.request.url.query}" if visit.request.url.query else ""
    page = ListPage(
        heading=view.name_plural,
        noun=view.noun,
        nouns=view.nouns,
        columns=tuple(_column(view, query, here, name) for name in view.get_list_columns()),
        rows=tuple(_rows(visit, view, rows, back)),
        count=str(count),
        pager=_pager(visit, query, rows, here),
        action=here,
        search=query.search,
        search_hint=_search_hint(view),
        filters=tuple(_filters(visit, view, query, typed)),
        carried=tuple((name, value) for name, value in query.pairs() if name in ("sortBy", "sort")),
        page_sizes=tuple(
            # The usual size is sent as nothing, so that it does not stand in the address.
            Option("" if size == view.page_size else str(size), str(size), size == query.page_size)
            for size in sorted({*view.page_size_options, query.page_size})
        ),
        create_href=(
            carrying(visit.site.href(view.identity, "create"), back)
            if visit.may("create", view)
            else None
        ),
        delete_href=(
            visit.site.href(view.identity, "delete") if visit.may("delete", view) else None
        ),
        next=back,
        clear_href=here if query.narrowed else None,
        messages=tuple(messages),
        empty=None if rows.records else _empty(visit, view, query, here),
    )
    return visit.page("list.html", view.name_plural, page, crumbs=(Link(view.name_plural),))


IGNORED = ("find",)
"""What a form's buttons send along."""


def _column(view: RecordView, query: ListQuery, here: str, name: str) -> Column:
    kind = view.column_kind(name)
    sort_href = None
    ascending = True
    is_sorted = query.sort_by == name
    if name in sortable_names(view):
        ascending = not (is_sorted and not query.descending)
        changes = {"sortBy": name, "sort": "asc" if ascending else "desc"}
        sort_href = here + query.query_string(**changes)
    return Column(
        name=name,
        label=view.label_for(name),
        kind=kind,
        unit=view.unit_for(name),
        sort_href=sort_href,
        sorted=("descending" if query.descending else "ascending") if is_sorted else "",
    )


def _rows(visit: Visit, view: RecordView, rows: ListRows, back: str) -> list[Row]:
    """The rows as cells. The first cell leads to the record and knows the way back."""
    suffix = carrying("", back)
    screen = "edit" if visit.may("edit", view) else "details"
    leads = visit.may(screen, view)
    listed = []
    for record, cells in zip(rows.records, view.cells(visit, rows.records), strict=True):
        key = str(key_of(view, record))
        if leads:
            first = cells[0]
            href = visit.site.href(view.identity, screen, key) + suffix
            cells[0] = Cell(first.text, first.kind, href, first.hover, first.mark, first.tone)
        listed.append(Row(key, str(record), tuple(cells)))
    return listed


def _pager(visit: Visit, query: ListQuery, rows: ListRows, here: str) -> Pager:
    if rows.previous is None and rows.next is None:
        return Pager()
    write = visit.site.cursors.write
    return Pager(
        first=here + query.query_string() if rows.previous else None,
        previous=here + query.query_string(at=write(rows.previous)) if rows.previous else None,
        next=here + query.query_string(at=write(rows.next)) if rows.next else None,
        last=here + query.query_string(at="last") if rows.next else None,
    )


def _search_hint(view: RecordView) -> str:
    labels = [
        view.label_for(attribute if isinstance(attribute, str) else attribute.key).lower()
        for attribute in view.column_searchable_list
    ]
    return view.search_hint or (f"Search {' and '.join(labels)}" if labels else "")


def _filters(
    visit: Visit, view: RecordView, query: ListQuery, typed: dict[str, str]
) -> list[Choice]:
    choices = []
    for attribute in view.list_filters:
        name, label = attribute.key, view.label_for(attribute.key)
        value = query.filters.get(name)
        if name in view.mapper.relationships:
            if visit.may("list", view.related_view(name)):
                chosen = "" if value is None else str(value)
                find_text = typed.get(f"{name}_find")
                choices.append(
                    build_choice(visit, view, name, chosen, label=label, find_text=find_text)
                )
            continue
        options: tuple[Option, ...] = (
            Option("yes", "Yes", value is True),
            Option("no", "No", value is False),
        )
        choices.append(Choice(name, label, options))
    for one in view.option_filters:
        value = query.filters.get(one.name)
        options = tuple(Option(key, text, key == value) for key, text in one.options(visit))
        choices.append(Choice(one.name, one.label, options))
    return choices


def _empty(visit: Visit, view: RecordView, query: ListQuery, here: str) -> EmptyState:
    if query.narrowed:
        return EmptyState(
            f"No {view.nouns} match",
            "Try other words, or take a filter away.",
            Link(f"Show all {view.nouns}", here),
        )
    create = None
    if visit.may("create", view):
        create = Link(f"Add {view.noun}", visit.site.href(view.identity, "create"))
    return EmptyState(f"No {view.nouns} yet", "What you add stands here.", create)
