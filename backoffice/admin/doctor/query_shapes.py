"""The shapes of a view's list queries: each search, filter and sort, as the SQL that a list would
send, with the indexes that it needs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BinaryExpression, Column, ColumnElement, Select, Table, Tuple
from sqlalchemy.sql import operators, visitors

from backoffice.admin.attributes import column_of
from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.fetch import select_page
from backoffice.admin.lists.filters import Filter, filters_of, search_fields_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sample_values import SAMPLE_WORD, sample_value
from backoffice.admin.lists.search import INDEXED_LENGTH
from backoffice.admin.lists.sorting import column_terms, sortable_names, write_sort
from backoffice.admin.records.keys import key_attributes, key_for
from backoffice.admin.view import RecordView
from backoffice.db.queries.indexes import Need
from backoffice.db.queries.search import found_by_keys, is_text_search


@dataclass(frozen=True)
class QueryShape:
    """One kind of query that a list can send.

    ``title``: its name, such as "Sort by Price". ``variant``: what differs from others with it
    ("descending"); "" for nothing. ``statement``, with its ``parameters``: the SQL to explain; None
    if it needs no index. ``needs``: the indexes that it needs. ``is_sort``: whether it sorts the
    list; else it filters it. ``leading_table``: the table whose index must hold a sort's order.
    ``from_cursor``: whether the page starts at a cursor, to which that index must lead.
    """

    view: RecordView
    title: str
    variant: str = ""
    statement: Select[Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    is_sort: bool = False
    leading_table: str = ""
    from_cursor: bool = False


def query_shapes_of(view: RecordView) -> Iterator[QueryShape]:
    """All query shapes that the view's options allow."""
    yield from _sort_shapes(view)
    for list_filter in filters_of(view).values():
        yield from _filter_shapes(view, list_filter)
    yield from _search_shapes(view)


def needs_of(condition: ColumnElement[bool]) -> tuple[Need, ...]:
    """The indexes that find the rows of a condition: one for each column that it compares with a
    value, also in subqueries. Comparing two columns joins tables and needs none."""
    needs: dict[Need, None] = {}
    for element in visitors.iterate(condition):
        if (text := is_text_search(element)) is not None:
            # No index has the text of an expression.
            columns = _table_columns(text) if isinstance(text, Column) else []
            needs.update(dict.fromkeys(_need(column, "trigram") for column in columns))
        elif (compared := _compared_column(element)) is not None:
            columns = _table_columns(compared)
            needs.update(dict.fromkeys(_need(column, "ordered") for column in columns))
    return tuple(needs)


# Sorts ------------------------------------------------------------------------------------------


def _sort_shapes(view: RecordView) -> Iterator[QueryShape]:
    query = read_address(view, (), None)
    title = "Default order"
    yield _sort_shape(query, title, "", from_cursor=False)
    yield _sort_shape(query, title, "later page", from_cursor=True)
    yield _sort_shape(query, title, "later page, backward", from_cursor=True, backward=True)
    for name in sortable_names(view):
        title = f"Sort by {view.label_for(name)}"
        for descending in (False, True):
            direction = "descending" if descending else "ascending"
            query = read_address(view, [("sort", write_sort([(name, descending)]))], None)
            yield _sort_shape(query, title, direction, from_cursor=False)
            yield _sort_shape(query, title, f"{direction}, later page", from_cursor=True)


def _sort_shape(
    query: ListQuery, title: str, variant: str, *, from_cursor: bool, backward: bool = False
) -> QueryShape:
    terms = query.sort_terms()
    values = tuple(sample_value(term.kind) for term in terms) if from_cursor else ()
    needs = sort_needs(query.view, query.sort[0][0] if query.sort else None)
    return QueryShape(
        query.view,
        title,
        variant,
        *select_page(query, values, backward=backward),
        needs,
        is_sort=True,
        leading_table=needs[0].table if needs else table_of(query.view).fullname,
        from_cursor=from_cursor,
    )


def sort_needs(view: RecordView, name: str | None) -> tuple[Need, ...]:
    """The indexes that have a list in the order of a column or relation, the leading one first.

    ``name``: None for the primary key. A relation needs an index of the related records by label,
    and one of the list's records by relation. () for an expression, whose order no index holds.
    """
    if name is None:
        return (_need(key_for(view).columns[0], "ordered"),)
    (first, *_others) = column_terms(view, name, descending=False)
    column = column_of(first.expression)
    if column is None:
        return ()
    needs = [_need(column, "ordered")]
    if name in view.mapper.relationships:
        pairs = view.mapper.relationships[name].local_remote_pairs or ()
        needs += [_need(local, "ordered") for local, _remote in pairs[:1]]
    return tuple(needs)


def table_of(view: RecordView) -> Table:
    """The table of a view's records."""
    table = view.mapper.local_table
    assert isinstance(table, Table)
    return table


# Filters and searches ---------------------------------------------------------------------------


def _filter_shapes(view: RecordView, list_filter: Filter) -> Iterator[QueryShape]:
    title = f"Filter {list_filter.label}"
    addresses = list_filter.sample_addresses()
    if not addresses:
        yield QueryShape(view, title)
    for variant, pairs in addresses:
        yield from _condition_shapes(view, title, pairs, variant)


def _search_shapes(view: RecordView) -> Iterator[QueryShape]:
    if view.column_searchable_list:
        title = f"Search ({INDEXED_LENGTH} characters or more)"
        yield from _condition_shapes(view, title, [("search", SAMPLE_WORD)])
        for list_filter in dict.fromkeys(search_fields_of(view).values()):
            if list_filter.search_sample:
                name = list_filter.term_name
                pairs = [("search", f"{name}:{list_filter.search_sample}")]
                yield from _condition_shapes(view, f"Search {name}:…", pairs)


def _condition_shapes(
    view: RecordView, title: str, pairs: Sequence[tuple[str, str]], variant: str = ""
) -> Iterator[QueryShape]:
    """The statement that counts the matches, and the one that fetches a page of them.

    The latter sorts the matches, as a list does with few of them, so it needs no index to sort.
    """
    query = read_address(view, pairs, None)
    assert not query.messages, f"{title}: {query.messages}"
    needs = needs_of(query.predicate())
    count = query.select_matching(*key_attributes(view))
    yield QueryShape(view, title, variant, count, needs=needs)
    rows_variant = f"{variant}, rows".removeprefix(", ")
    yield QueryShape(view, title, rows_variant, *select_page(query, sort_first=True), needs)


_COMPARISONS = (
    operators.eq,
    operators.in_op,
    operators.lt,
    operators.le,
    operators.gt,
    operators.ge,
)


def _compared_column(element: Any) -> Any | None:
    """The column that a comparison compares with a value; None for anything else."""
    if (column := found_by_keys(element)) is not None:
        return column
    if not isinstance(element, BinaryExpression) or element.operator not in _COMPARISONS:
        return None
    left = element.left
    if isinstance(left, Tuple):  # a key of several columns: an index begins with the first
        (left, *_others) = left.clauses
    if isinstance(element.right, Column) or not isinstance(left, Column):
        return None
    return left


def _table_columns(expression: Any) -> list[Column[Any]]:
    """The columns of tables in an expression, also of aliased tables."""
    return [
        column
        for part in visitors.iterate(getattr(expression, "expression", expression))
        if isinstance(part, ColumnElement)
        for column in part.base_columns
        if isinstance(column, Column) and isinstance(column.table, Table)
    ]


def _need(column: Any, kind: Any) -> Need:
    return Need(column.table.fullname, column.name, kind)
