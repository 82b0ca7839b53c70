"""What a list may be sorted by, and which of it an index serves."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Table, UniqueConstraint

from backoffice.admin.attributes import attribute_name, column_of, label_names, may_be_null
from backoffice.admin.lists.cursor import SortTerm, expand
from backoffice.admin.lists.relations import is_optional, joined
from backoffice.admin.records.keys import key_attributes
from backoffice.admin.view import RecordView
from backoffice.columns import kind_of
from backoffice.db.queries.indexes import is_ordered

Sort = tuple[tuple[str, bool], ...]
"""Columns by name, the first counting most, each with whether it is descending."""

MOST_KEPT = 1000
"""Statements and orders that a view keeps."""

MOST_COLUMNS = 4
"""Columns that a list may be sorted by at once."""


def default_sort(view: RecordView, hidden: Collection[str] = ()) -> Sort:
    """The order of a list that nobody sorted. ``hidden``: the fields that the person may not see,
    which no order may tell of."""
    default: Any = view.column_default_sort
    if not default:
        return ()
    some = default if isinstance(default, list) else [default]
    pairs = [one if isinstance(one, tuple) else (one, False) for one in some]
    named = ((attribute_name(attribute), bool(descending)) for attribute, descending in pairs)
    return tuple((name, descending) for name, descending in named if name not in hidden)


KEY = "key"
"""How an address says: in the order of the primary key, which no column need show."""


def read_sort(text: str) -> Sort:
    """A sort as the address writes it: ``category,-price``; () for ``KEY``."""
    if text == KEY:
        return ()
    names = [part.strip() for part in text.split(",") if part.strip("- ")]
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in names)


def write_sort(sort: Iterable[tuple[str, bool]]) -> str:
    """``read_sort`` the other way round."""
    return ",".join(f"-{name}" if descending else name for name, descending in sort) or KEY


def sortable_names(view: RecordView, hidden: Collection[str] = ()) -> list[str]:
    """The columns that a list may be sorted by; a relation sorts by its records' label. ``hidden``:
    the fields that the person may not see."""
    names = (attribute_name(attribute) for attribute in view.column_sortable_list)
    return [name for name in names if name not in hidden]


def sort_terms(view: RecordView, sort: Sort) -> list[SortTerm]:
    """An order's terms; the primary key ends every one, so that no two rows tie."""
    key = ("terms", sort)
    if key not in view.cache:
        if len(view.cache) >= MOST_KEPT:  # people sort in more ways than one can keep
            return _sort_terms(view, sort)
        view.cache[key] = _sort_terms(view, sort)
    kept: list[SortTerm] = view.cache[key]
    return kept


def _sort_terms(view: RecordView, sort: Sort) -> list[SortTerm]:
    terms: list[SortTerm] = []
    for name, descending in sort:
        terms += label_terms(view, name, descending)
    descending = terms[-1].descending if terms else False
    named = {name for name, _descending in sort}
    keys = (one.key for one in key_attributes(view))
    terms += [_term(view, view.model, name, descending) for name in keys if name not in named]
    return expand(terms)


def label_terms(view: RecordView, name: str, descending: bool) -> list[SortTerm]:
    """What sorting by ``name`` compares."""
    if name not in view.mapper.relationships:
        return [_term(view, view.model, name, descending)]
    entity, optional = joined(view, name), is_optional(view, name)
    labels = label_names(view.mapper.relationships[name].mapper.class_)
    return [_term(view, entity, label, descending, optional=optional) for label in labels]


def _term(
    view: RecordView, entity: Any, name: str, descending: bool, *, optional: bool = False
) -> SortTerm:
    attribute = getattr(entity, name)
    compared = kind_of(attribute).sort_key(view.site.database.dialect, attribute)
    return SortTerm(compared, descending, optional or may_be_null(attribute))


def is_index_backed(view: RecordView, name: str) -> bool:
    """Whether a model's index holds the records in the order of ``name``, so that a page of a list
    sorted by it is read straight away however many there are.

    For a relation: whether its records are held in the order of their label, and each one's own
    together. What may be NULL is sorted by that first, which no index of a column alone does.

    ``python -m backoffice doctor`` asks the database; a test holds the two together.
    """
    key = ("served", name)  # asked for each column of each page, and always answered the same
    if key not in view.cache:
        view.cache[key] = _is_index_backed(view, name)
    return bool(view.cache[key])


def _is_index_backed(view: RecordView, name: str) -> bool:
    terms = label_terms(view, name, descending=False)
    column = column_of(terms[0].expression)
    if column is None or any(term.nullable for term in terms):
        return False
    if name not in view.mapper.relationships:
        return _leads_index(column)
    local = view.mapper.relationships[name].local_columns
    return len(local) == 1 and _leads_index(*local) and _leads_index(column)


def _leads_index(column: Any) -> bool:
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
    return any(one is column for one in leading)
