"""What an order costs: a large table is only sorted in an order that an index holds."""

from dataclasses import replace

from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sorting import default_sort, is_index_backed
from backoffice.admin.lists.table_size import LARGE, table_size
from backoffice.admin.records.counting import COUNT_LIMIT
from backoffice.history import RecordSession
from backoffice.language import _, number


def in_indexed_order(session: RecordSession, query: ListQuery) -> tuple[ListQuery, tuple[str, ...]]:
    """The query, and no message; or in the view's own sort, and a message that says why.

    The sort changes if the table is large and no index holds it in the order asked for, and if the
    sort adds up the records of a large table.
    """
    view = query.view
    unindexed = [name for name, _descending in query.sort[:1] if not is_index_backed(view, name)]
    default = default_sort(view, query.unsortable)
    if not (unindexed or added_up_relations(query)) or query.sort == default:
        return query, ()
    added_up = added_up_relations(query)
    tables = [view, *(view.related_view(name) for name in added_up)]
    if all(table_size(table).estimated_rows(session) <= LARGE for table in tables):
        return query, ()
    if added_up:
        message = _(
            "There are too many {records} to sort by {column}.",
            records=tables[-1].label_plural,
            column=view.label_for(query.sort[0][0]),
        )
        return replace(query, sort=default, cursor=None), (message,)
    message = _(
        "There are too many {records} to sort by {column}, which has no index. Filter the list to "
        "{most} or fewer first.",
        records=view.label_plural,
        column=view.label_for(unindexed[0]),
        most=number(COUNT_LIMIT),
    )
    return replace(query, sort=default, cursor=None), (message,)


def added_up_relations(query: ListQuery) -> list[str]:
    """The relations whose records are added up to sort the list."""
    aggregates = query.view.column_aggregates
    return [aggregates[name].relation_name for name, _down in query.sort if name in aggregates]
