"""The lists of related records on a record's page, with their links."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from backoffice.admin.details.facts import is_to_many
from backoffice.admin.forms.build import may_add, posted_name
from backoffice.admin.lists.cursor import cursor_signer
from backoffice.admin.lists.related import RelatedRows, fetch_related, sorted_names
from backoffice.admin.lists.sorting import write_sort
from backoffice.admin.lists.table import build_column, build_rows
from backoffice.admin.lists.widths import fit_columns
from backoffice.admin.pages.details import RelatedList
from backoffice.admin.pages.list import Column
from backoffice.admin.pages.parts import Link, Pager
from backoffice.admin.records.keys import key_text
from backoffice.admin.return_url import with_next
from backoffice.admin.view import Context, RecordView
from backoffice.language import _, ngettext

SORT, PAGE = ".sort", ".page"
"""Ends of the parameters of a record's page: "items.sort" is the sort of its items, "items.page" a
cursor of them."""


def related_lists(context: Context, view: RecordView, record: Any) -> Iterator[RelatedList]:
    """The related records that the page shows: one statement for each relation. Relations that the
    person may not see are left out."""
    for name in view.get_details_columns():
        if is_to_many(view, name) and context.may_see(view, name):
            yield _related_list(context, view, record, name)


def _related_list(context: Context, view: RecordView, record: Any, name: str) -> RelatedList:
    query = context.request.query_params
    related = fetch_related(
        context, view, record, name, query.get(name + SORT, ""), query.get(name + PAGE, "")
    )
    target = related.query.view
    href = _list_href(context, related)
    back = href if related.filtered else ""
    rows = build_rows(context, target, related.rows, related.names, back, "details")
    columns = tuple(_column(context, related, name, shown) for shown in related.names)
    return RelatedList(
        name=name,
        label=view.label_for(name),
        count=str(related.count),
        columns=columns,
        rows=rows,
        room=fit_columns(columns, rows, {}, ticks=False),
        add=_add_link(context, related, key_text(record), back),
        all_link=Link(_show_all(related), href)
        if related.filtered and related.count.number
        else None,
        pager=Pager() if related.filtered else _pager(context, related, name),
        messages=related.messages,
    )


def _list_href(context: Context, related: RelatedRows) -> str:
    """The list of all these records, in the order that the page has them in."""
    target = related.query.view
    return context.site.href(target.identity, "list") + related.query.query_string(pageSize=None)


def _show_all(related: RelatedRows) -> str:
    if related.count.more:
        return _("Show all")
    return ngettext("Show it in the list", "Show all {count}", related.count.number)


def _add_link(context: Context, related: RelatedRows, key: str, back: str) -> Link | None:
    """The form of a new related record; None if the person may not add one, or if its form cannot
    choose this record."""
    target, reverse = related.query.view, related.reverse
    fields = {*target.get_form_columns(), *target.form_extra_fields}
    if reverse not in fields or not (
        may_add(context, target) and context.may_write(target, reverse)
    ):
        return None
    if reverse in target.locked_fields(context, None):
        return None
    href = (
        f"{context.site.href(target.identity, 'create')}?{urlencode({posted_name(reverse): key})}"
    )
    return Link(_("Add {record}", record=target.label), with_next(href, back))


def _column(context: Context, related: RelatedRows, relation: str, name: str) -> Column:
    """The heading of a column. It sorts the small list; sorted ascending, it turns it around."""
    query = related.query
    column = build_column(query, "", name)
    if name not in sorted_names(related):
        return replace(column, sort_href=None, add_href=None)
    descending = (name, False) in query.sort
    changes = {relation + SORT: write_sort([(name, descending)]), relation + PAGE: None}
    return replace(column, sort_href=_page_href(context, relation, changes), add_href=None)


def _pager(context: Context, related: RelatedRows, relation: str) -> Pager:
    write = cursor_signer(context.settings.signing_key).write
    rows = related.rows

    def href(page: str | None) -> str:
        return _page_href(context, relation, {relation + PAGE: page})

    return Pager(
        first=href(None) if rows.previous else None,
        previous=href(write(rows.previous)) if rows.previous else None,
        next=href(write(rows.next)) if rows.next else None,
    )


def _page_href(context: Context, relation: str, changes: dict[str, str | None]) -> str:
    """The page that is shown, with other parameters, at the list of this relation."""
    request = context.request
    kept = [
        (name, value) for name, value in request.query_params.multi_items() if name not in changes
    ]
    changed = [(name, value) for name, value in changes.items() if value is not None]
    query = urlencode([*kept, *changed])
    return f"{request.url.path}{'?' if query else ''}{query}#related-{relation}"
