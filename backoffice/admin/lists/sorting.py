"""Sorting a list: which columns it can be sorted by, and in which orders an index holds it."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Table, UniqueConstraint

from backoffice.admin.attributes import attribute_name, column_of, label_names, may_be_null
from backoffice.admin.lists.aggregates import sort_value
from backoffice.admin.lists.cursor import SortTerm, expand_nulls
from backoffice.admin.lists.relations import is_optional, join_target
from backoffice.admin.records.keys import key_attributes
from backoffice.admin.view import RecordView
from backoffice.columns import kind_of
from backoffice.db.queries.indexes import is_ordered

Sort = tuple[tuple[str, bool], ...]
"""Names of columns, each with whether it is descending. The first sorts first."""

MOST_COLUMNS = 4
"""Columns that a list may be sorted by at once."""


def default_sort(view: RecordView, hidden: Collection[str] = ()) -> Sort:
    """The sort of a list whose address has none, without the ``hidden`` fields: the order would
    reveal their values."""
    key = ("default sort", frozenset(hidden))
    return view.cache.get(key, lambda: _find_default_sort(view, hidden))


def _find_default_sort(view: RecordView, hidden: Collection[str]) -> Sort:
    default: Any = view.column_default_sort
    if not default:
        return ()
    columns = default if isinstance(default, list) else [default]
    pairs = [column if isinstance(column, tuple) else (column, False) for column in columns]
    named = ((attribute_name(attribute), bool(descending)) for attribute, descending in pairs)
    return tuple((name, descending) for name, descending in named if name not in hidden)


KEY = "key"
"""The value of ``sort`` in an address that sorts by the primary key."""


def read_sort(text: str) -> Sort:
    """The sort that an address names: ``category,-price``; () for ``KEY``."""
    if text == KEY:
        return ()
    names = [part.strip() for part in text.split(",") if part.strip("- ")]
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in names)


def write_sort(sort: Iterable[tuple[str, bool]]) -> str:
    """A sort as an address names it, for ``read_sort``."""
    return ",".join(f"-{name}" if descending else name for name, descending in sort) or KEY


def sortable_names(view: RecordView, hidden: Collection[str] = ()) -> list[str]:
    """The names of the columns and relations that a list can be sorted by, without the ``hidden``
    ones. A relation sorts by its records' labels."""
    names = (attribute_name(attribute) for attribute in view.column_sortable_list)
    return [name for name in names if name not in hidden]


def sort_terms(view: RecordView, sort: Sort) -> list[SortTerm]:
    """The terms of ORDER BY. They end in the primary key, so that no two rows are equal."""
    return view.cache.get(("terms", sort), lambda: _sort_terms(view, sort))


def _sort_terms(view: RecordView, sort: Sort) -> list[SortTerm]:
    terms: list[SortTerm] = []
    for name, descending in sort:
        terms += column_terms(view, name, descending)
    descending = terms[-1].descending if terms else False
    named = {name for name, _descending in sort}
    keys = (attribute.key for attribute in key_attributes(view))
    terms += [_term(view, view.model, name, descending) for name in keys if name not in named]
    return expand_nulls(terms)


def column_terms(view: RecordView, name: str, descending: bool) -> list[SortTerm]:
    """The terms that sort by a column, or by the label of a relation's records."""
    if name in view.column_aggregates:
        return [SortTerm(sort_value(view, name), descending)]
    if name not in view.mapper.relationships:
        return [_term(view, view.model, name, descending)]
    entity, optional = join_target(view, name), is_optional(view, name)
    labels = label_names(view.mapper.relationships[name].mapper.class_)
    return [_term(view, entity, label, descending, optional=optional) for label in labels]


def _term(
    view: RecordView, entity: Any, name: str, descending: bool, *, optional: bool = False
) -> SortTerm:
    attribute = getattr(entity, name)
    compared = kind_of(attribute).sort_key(view.site.database.dialect, attribute)
    return SortTerm(compared, descending, optional or may_be_null(attribute))


def is_index_backed(view: RecordView, name: str) -> bool:
    """Whether an index that the model declares holds the records in the order of ``name``. A page
    in that order is read quickly from a table of any size.

    A relation needs two indexes: of the related records by label, and of the records by relation.
    No index holds the order of a column that may be NULL, since "is NULL" is sorted by first.

    ``python -m backoffice doctor`` asks the database itself; a test compares the two.
    """
    return view.cache.get(("index-backed", name), lambda: _is_index_backed(view, name), always=True)


def _is_index_backed(view: RecordView, name: str) -> bool:
    terms = column_terms(view, name, descending=False)
    column = column_of(terms[0].expression)
    if column is None or any(term.nullable for term in terms):
        return False
    if name not in view.mapper.relationships:
        return leads_index(column)
    local = view.mapper.relationships[name].local_columns
    return len(local) == 1 and leads_index(*local) and leads_index(column)


def leads_index(column: Any) -> bool:
    """Whether an index that the model declares begins with a column."""
    table = column.table
    if not isinstance(table, Table):
        return False
    leading = [next(iter(table.primary_key.columns), None)]
    leading += [next(iter(index.columns), None) for index in table.indexes if is_ordered(index)]
    leading += [
        next(iter(constraint.columns), None)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    return any(first is column for first in leading)
