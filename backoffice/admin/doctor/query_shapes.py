"""What a view's list may be asked for: each search, filter and order, as the statement that it
becomes, with the indexes that it needs to be answered straight away."""

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
from backoffice.admin.lists.sample_values import WORD, some_value
from backoffice.admin.lists.search import INDEXED_LENGTH
from backoffice.admin.lists.sorting import label_terms, sortable_names, write_sort
from backoffice.admin.records.keys import key_attributes, key_for
from backoffice.admin.view import RecordView
from backoffice.db.queries.indexes import Need
from backoffice.db.queries.search import found_by_keys, is_text_search


@dataclass(frozen=True)
class Question:
    """One thing that a list may be asked for.

    ``what`` says it, as "Sort by Price"; ``variant`` tells it from others of the same name
    ("descending"). ``statement``, with its ``parameters``: what is to be explained; None for what
    needs no index at all.
    ``order``: it is an order, which ``leading``'s index is to hold; else it narrows the list.
    ``further``: the page begins inside that order, so that the index must lead to its place.
    """

    view: RecordView
    what: str
    variant: str = ""
    statement: Select[Any] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    order: bool = False
    leading: str = ""
    further: bool = False


def questions_of(view: RecordView) -> Iterator[Question]:
    """Everything that the view's configuration lets people ask of its list."""
    yield from _orders(view)
    for one in filters_of(view).values():
        yield from _filtered(view, one)
    yield from _searches(view)


def needs_of(condition: ColumnElement[bool]) -> tuple[Need, ...]:
    """The indexes that lead to the rows of a condition: one for each column that it compares with
    a value, in subqueries too. One that compares two columns joins tables, and is no such need."""
    needs: dict[Need, None] = {}
    for element in visitors.iterate(condition):
        if (text := is_text_search(element)) is not None:
            # Words in what is no column of text are looked for in what is made of it.
            columns = _columns(text) if isinstance(text, Column) else []
            needs.update(dict.fromkeys(_need(column, "trigram") for column in columns))
        elif (keys := _compared(element)) is not None:
            needs.update(dict.fromkeys(_need(column, "ordered") for column in _columns(keys)))
    return tuple(needs)


# Orders -----------------------------------------------------------------------------------------


def _orders(view: RecordView) -> Iterator[Question]:
    asked = read_address(view, (), None)
    yield _ordered(asked, "The usual order", "", further=False)
    yield _ordered(asked, "The usual order", "far into it", further=True)
    yield _ordered(asked, "The usual order", "far into it, backward", further=True, backward=True)
    for name in sortable_names(view):
        for descending in (False, True):
            way = "descending" if descending else "ascending"
            pairs = [("sort", write_sort([(name, descending)]))]
            asked = read_address(view, pairs, None)
            what = f"Sort by {view.label_for(name)}"
            yield _ordered(asked, what, way, further=False)
            yield _ordered(asked, what, f"{way}, far into it", further=True)


def _ordered(
    query: ListQuery, what: str, variant: str, *, further: bool, backward: bool = False
) -> Question:
    terms = query.sort_terms()
    values = tuple(some_value(term.kind) for term in terms) if further else ()
    needs = order_needs(query.view, query.sort[0][0] if query.sort else None)
    return Question(
        query.view,
        what,
        variant,
        *select_page(query, values, backward=backward),
        needs,
        order=True,
        leading=needs[0].table if needs else table_of(query.view).fullname,
        further=further,
    )


def order_needs(view: RecordView, name: str | None) -> tuple[Need, ...]:
    """The indexes that hold a list in the order of ``name`` (None: of its key), the leading one
    first. Of a relation: its records' by what they are called, and the list's by the relation.
    None at all where no index can hold it, because it is computed."""
    if name is None:
        return (_need(key_for(view).columns[0], "ordered"),)
    (first, *_others) = label_terms(view, name, descending=False)
    column = column_of(first.expression)
    if column is None:
        return ()
    leading = [_need(column, "ordered")]
    if name in view.mapper.relationships:
        pairs = view.mapper.relationships[name].local_remote_pairs or ()
        leading += [_need(local, "ordered") for local, _remote in pairs[:1]]
    return tuple(leading)


def table_of(view: RecordView) -> Table:
    """The table that a view's records are in."""
    table = view.mapper.local_table
    assert isinstance(table, Table)
    return table


# Filters and searches ---------------------------------------------------------------------------


def _filtered(view: RecordView, one: Filter) -> Iterator[Question]:
    what = f"Filter {one.label}"
    asked = one.samples()
    if not asked:
        yield Question(view, what)
    for variant, pairs in asked:
        yield from _narrowed(view, what, pairs, variant)


def _searches(view: RecordView) -> Iterator[Question]:
    if view.column_searchable_list:
        what = f"Search ({INDEXED_LENGTH} characters or more)"
        yield from _narrowed(view, what, [("search", WORD)])
        for name, one in search_fields_of(view).items():
            if one.search_sample:
                pairs = [("search", f"{name}:{one.search_sample}")]
                yield from _narrowed(view, f"Search {name}:…", pairs)


def _narrowed(
    view: RecordView, what: str, pairs: Sequence[tuple[str, str]], variant: str = ""
) -> Iterator[Question]:
    """The statement that searches, and the one that reads a page of what is found, if that is more
    than a few: it sorts them, so that the order needs no index."""
    query = read_address(view, pairs, None)
    assert not query.messages, f"{what}: {query.messages}"
    needs = needs_of(query.predicate())
    yield Question(view, what, variant, query.some(*key_attributes(view)), needs=needs)
    rows = f"{variant}, its rows".removeprefix(", ")
    yield Question(view, what, rows, *select_page(query, few=True), needs)


_COMPARISONS = (
    operators.eq,
    operators.in_op,
    operators.lt,
    operators.le,
    operators.gt,
    operators.ge,
)


def _compared(element: Any) -> Any | None:
    """The side of a comparison that is a column, where the other is none."""
    if (column := found_by_keys(element)) is not None:
        return column
    if not isinstance(element, BinaryExpression) or element.operator not in _COMPARISONS:
        return None
    left = element.left
    if isinstance(left, Tuple):  # a key of several columns: an index leads by the first of them
        (left, *_others) = left.clauses
    if isinstance(element.right, Column) or not isinstance(left, Column):
        return None
    return left


def _columns(expression: Any) -> list[Column[Any]]:
    """The tables' columns in an expression, whatever aliases they stand under."""
    return [
        column
        for part in visitors.iterate(getattr(expression, "expression", expression))
        if isinstance(part, ColumnElement)
        for column in part.base_columns
        if isinstance(column, Column) and isinstance(column.table, Table)
    ]


def _need(column: Any, kind: Any) -> Need:
    return Need(column.table.fullname, column.name, kind)
