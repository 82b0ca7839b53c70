"""The related records of one record as a small list, in the columns and the order of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, exists, literal, select
from sqlalchemy.orm import with_parent

from backoffice.admin.lists.address import read_cursor
from backoffice.admin.lists.counting import count_matches
from backoffice.admin.lists.fetch import ListRows, fetch_page_and_count
from backoffice.admin.lists.filters import filters_of
from backoffice.admin.lists.filters.applied import AppliedFilter
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.relations import is_to_one
from backoffice.admin.lists.sort_costs import in_indexed_order
from backoffice.admin.lists.sorting import (
    Sort,
    default_sort,
    is_index_backed,
    read_sort,
    sortable_names,
)
from backoffice.admin.lists.table_size import LARGE, table_size
from backoffice.admin.records.counting import Count
from backoffice.admin.records.keys import key_text
from backoffice.admin.view import Context, RecordView

ROWS = 10
"""Related records of one relation that a page shows."""

MOST_COLUMNS = 6
"""Columns of their list that it shows, the first ones."""


@dataclass(frozen=True, slots=True)
class RelatedRows:
    """The first records of a relation, and how many there are.

    ``query``: the list query that they come from, of the view of the related records. ``names``:
    the columns to show. ``reverse``: the relation that leads back, "" for none. ``filtered``:
    whether their own list can show these records alone. ``messages``: why the order is another one
    than was asked for.
    """

    query: ListQuery
    rows: ListRows
    count: Count
    names: tuple[str, ...]
    reverse: str
    filtered: bool
    messages: tuple[str, ...] = ()


def fetch_related(
    context: Context, view: RecordView, record: Any, name: str, sort: str = "", page: str = ""
) -> RelatedRows:
    """Fetch the first records that the relation ``name`` of a loaded record leads to, with their
    number: one statement. Only those that the person may see, in columns that they may see.

    ``sort``: as the address of a list has it, "" for the order of their list. ``page``: the signed
    cursor of another page, "" for the first. Of a large table, what no index sorts is counted
    first, by a second statement.
    """
    target, reverse = view.related_view(name), reverse_relation(view, name)
    filtered = reverse in filters_of(target) and is_to_one(target, reverse)
    pairs = ((reverse, key_text(record)),) if filtered else ()
    belongs = AppliedFilter(reverse or name, pairs, (), _belongs(view, record, name))
    query = ListQuery(target).seen_by(context)
    names = _shown_names(target, reverse, query.hidden)
    query = replace(
        query,
        applied_filters=(belongs,),
        sort=_read_sort(query, sort),
        page_size=ROWS,
        shown=names,
    )
    query, messages = _affordable(context, query)
    query = replace(query, cursor=read_cursor(query, page) if page else None)
    rows, count = fetch_page_and_count(context.session, query)
    return RelatedRows(query, rows, count, names, reverse, filtered, messages)


def reverse_relation(view: RecordView, name: str) -> str:
    """The relation of the related records that leads back: "category" for the items of a category;
    "" if they have none."""
    relation, target = view.mapper.relationships[name], view.related_view(name).mapper
    if relation.back_populates and relation.back_populates in target.relationships:
        return relation.back_populates
    there = {(remote, local) for local, remote in relation.local_remote_pairs or ()}
    for other in target.relationships:
        if (
            relation.secondary is None
            and other.secondary is None
            and not other.uselist
            and set(other.local_remote_pairs or ()) == there
        ):
            return str(other.key)
    return ""


def _belongs(view: RecordView, record: Any, name: str) -> ColumnElement[bool]:
    """The condition that a related record belongs to ``record``, in columns of its own table and
    subqueries."""
    relation = view.mapper.relationships[name]
    condition = with_parent(record, getattr(view.model, name))
    if relation.secondary is None:
        return condition
    # Each record once, even if it is linked twice.
    return exists(select(literal(1)).where(condition))


def _shown_names(target: RecordView, reverse: str, hidden: frozenset[str]) -> tuple[str, ...]:
    """The columns of the related records' list, without what is the same in each row, what takes a
    statement of its own and what the person may not see. The first column is always shown."""
    relations = target.mapper.relationships
    same = {reverse}
    if reverse and is_to_one(target, reverse):
        same |= {
            target.mapper.get_property_by_column(column).key
            for column in relations[reverse].local_columns
            if column in target.mapper.columns.values()
        }
    first, *others = target.get_list_columns()
    names = [
        name
        for name in others
        if name not in same
        and name not in hidden
        and (name not in relations or is_to_one(target, name))
    ]
    return tuple([first, *names][:MOST_COLUMNS])


def _read_sort(query: ListQuery, text: str) -> Sort:
    default = default_sort(query.view, query.unsortable)
    if not text:
        return default
    allowed = sortable_names(query.view, query.unsortable)
    named = dict(pair for pair in read_sort(text)[:1] if pair[0] in allowed)
    return tuple(named.items()) or default


def _affordable(context: Context, query: ListQuery) -> tuple[ListQuery, tuple[str, ...]]:
    """The query, and no message; or in the order of its list, and a message that says why, if there
    are too many records to sort them without an index."""
    view, session = query.view, context.session
    unindexed = [name for name, _descending in query.sort[:1] if not is_index_backed(view, name)]
    if not unindexed or query.sort == default_sort(view, query.unsortable):
        return query, ()
    if table_size(view).estimated_rows(session) <= LARGE:
        return query, ()
    count, keys = count_matches(session, query)
    if count.more:
        return in_indexed_order(session, query)
    return replace(query, matched_keys=keys), ()


def sorted_names(related: RelatedRows) -> Sequence[str]:
    """The columns by whose headings the small list can be sorted: any if the records are few, else
    those that an index sorts."""
    query = related.query
    return [
        name
        for name in sortable_names(query.view, query.unsortable)
        if not related.count.more or is_index_backed(query.view, name)
    ]
