"""The orders of a list, as choices in words: "Name, A to Z"."""

from collections.abc import Iterator

from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sorting import (
    Sort,
    default_sort,
    is_index_backed,
    sortable_names,
    write_sort,
)
from backoffice.admin.lists.table_size import table_size
from backoffice.admin.pages.parts import Option
from backoffice.admin.view import RecordView
from backoffice.columns import kind_of
from backoffice.language import N_, _, current_language

TEXTS = (N_("{column}, A to Z"), N_("{column}, Z to A"))
NUMBERS = (N_("{column}, lowest first"), N_("{column}, highest first"))
TIMES = (N_("{column}, oldest first"), N_("{column}, newest first"))
OTHERS = (N_("{column}, ascending"), N_("{column}, descending"))

BY_FACET = {"text": TEXTS, "period": TIMES, "choices": OTHERS, "yes_no": OTHERS}
"""What the directions of a column are called, by ``Kind.facet``, unless it holds numbers."""


def sort_choices(query: ListQuery) -> tuple[Option, ...]:
    """Both directions of every column that the list can be sorted by, and the present order.

    The list's own order has an empty value, so that it does not appear in addresses.
    """
    view = query.view
    own = default_sort(view, query.unsortable)
    sorts = dict.fromkeys(_sorts(query))
    if not sorts:
        return ()
    for needed in (query.sort, own):
        if needed not in sorts:
            sorts = {needed: None} | sorts
    key = ("sort choices", tuple(sorts), own, query.sort, current_language().code)
    return view.cache.get(
        key,
        lambda: tuple(
            Option(
                "" if sort == own else write_sort(sort), sort_text(view, sort), sort == query.sort
            )
            for sort in sorts
        ),
    )


def is_too_slow(query: ListQuery, name: str) -> bool:
    """Whether the list is too long to be sorted by a column that no index holds in order."""
    view = query.view
    if aggregate := view.column_aggregates.get(name):  # each record's are added up to sort them
        target = view.related_view(aggregate.relation_name)
        return table_size(view).is_large or table_size(target).is_large
    return not query.filtered and not is_index_backed(view, name) and table_size(view).is_large


def sort_text(view: RecordView, sort: Sort) -> str:
    """A sort in words: "Category, A to Z, then Price, highest first"."""
    if not sort:
        return _("ID")
    first, *others = (_direction_text(view, name, descending) for name, descending in sort)
    text = first
    for other in others:
        text = _("{order}, then {other}", order=text, other=other)
    return text


def _sorts(query: ListQuery) -> Iterator[Sort]:
    for name in sortable_names(query.view, query.unsortable):
        if not is_too_slow(query, name):
            yield ((name, False),)
            yield ((name, True),)


def _direction_text(view: RecordView, name: str, descending: bool) -> str:
    return _(_directions(view, name)[descending], column=view.label_for(name))


def _directions(view: RecordView, name: str) -> tuple[str, str]:
    if name in view.mapper.relationships:
        return TEXTS
    aggregate = view.column_aggregates.get(name)
    kind = aggregate.kind if aggregate else kind_of(getattr(view.model, name))
    return NUMBERS if kind.is_number else BY_FACET.get(kind.facet or "", OTHERS)
