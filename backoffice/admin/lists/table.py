"""The table of a list: its headings, and its rows as cells."""

from collections.abc import Sequence
from functools import partial

from backoffice.admin.lists.aggregates import aggregate_cells
from backoffice.admin.lists.fetch import ListRows
from backoffice.admin.lists.plain_rows import key_printer, label_printer, print_cells
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sort_choices import is_too_slow
from backoffice.admin.lists.sorting import sortable_names, write_sort
from backoffice.admin.pages.list import Column, Row, RowMark
from backoffice.admin.pages.parts import Cell
from backoffice.admin.records.cells import cells_or_hidden, column_align, column_kind
from backoffice.admin.records.keys import key_writer, quote_key
from backoffice.admin.records.labels import record_label
from backoffice.admin.records.seen import note_seen
from backoffice.admin.return_url import with_next
from backoffice.admin.view import Context, RecordView
from backoffice.language import _


def build_column(query: ListQuery, list_href: str, name: str) -> Column:
    """The heading of a column, with the links that sort by it."""
    view = query.view
    order = [sorted_name for sorted_name, _descending in query.sort]
    directions = dict(query.sort)
    sort_href = add_href = None
    refused = ""
    if name in sortable_names(view, query.unsortable):
        if is_too_slow(query, name):
            label = view.label_for(name)
            refused = _(
                "There are too many {records} to sort by {column}, which has no index.",
                records=view.label_plural,
                column=label,
            )
        else:
            sort_href, add_href = _sort_hrefs(query, list_href, name)
    return Column(
        name=name,
        label=view.label_for(name),
        kind=column_kind(view, name),
        align=column_align(view, name),
        unit=view.unit_for(name),
        sort_href=sort_href,
        add_href=add_href,
        sorted="" if name not in order else "descending" if directions[name] else "ascending",
        place=order.index(name) + 1 if name in order and len(order) > 1 else 0,
        refused=refused,
    )


def _sort_hrefs(query: ListQuery, list_href: str, name: str) -> tuple[str, str]:
    """The list sorted by a column alone, and by it besides the others. A column that the list is
    sorted by ascending is turned to descending."""
    directions = dict(query.sort)
    descending = name in directions and not directions[name]
    is_only = list(directions) == [name]
    alone = [(name, descending and is_only)]
    added = [(other, descending if other == name else down) for other, down in query.sort]
    if name not in directions:
        added.append((name, False))
    return (
        list_href + query.query_string(sort=write_sort(alone)),
        list_href + query.query_string(sort=write_sort(added)),
    )


def build_rows(
    context: Context,
    view: RecordView,
    page: ListRows,
    names: Sequence[str],
    back: str,
    screen: str = "",
) -> tuple[Row, ...]:
    """The rows of a page's records. Their first cell links to the record, with ``back`` as the page
    to return to. ``screen``: the one that it links to; "" for the form, if the person may edit, or
    else the details."""
    suffix = with_next("", back)
    screen = screen or ("edit" if context.may("edit", view) else "details")
    may_open = context.may(screen, view)
    href = context.site.href(view.identity, screen, "")
    own = [name for name in names if name not in view.column_aggregates]
    if page.shape is not None:
        key_of = key_printer(page.shape.record)
        label_of = label_printer(context, page.shape.record)
        all_cells = print_cells(context, view, page.shape, page.records, own)
    else:
        note_seen(context, view, page.records)
        key_of, label_of = key_writer(view.model), partial(record_label, context)
        all_cells = list(map(tuple, cells_or_hidden(context, view, page.records, own)))
    if len(own) < len(names) and page.records:
        keys = [key_of(record) for record in page.records]
        columns: dict[str, Sequence[Cell]] = dict(
            zip(own, zip(*all_cells, strict=True), strict=True)
        )
        columns |= aggregate_cells(context, view, keys, names)
        all_cells = list(zip(*(columns[name] for name in names), strict=True))
    saved = context.browser.saved_key(view.identity)
    rows = []
    for record, cells in zip(page.records, all_cells, strict=True):
        text = key_of(record)
        key = quote_key(text)
        if cells[0].kind == "hidden":  # the record is called by its key
            cells[0].kind, cells[0].text, cells[0].tone = "text", f"#{text}", ""
        if may_open:
            cells[0].href = f"{href}{key}{suffix}"
            cells[0].text = cells[0].text or f"#{text}"  # an empty link could not be clicked
        mark: RowMark = "saved" if text == saved else ""
        rows.append(Row(key, label_of(record), cells, mark))
    return tuple(rows)
