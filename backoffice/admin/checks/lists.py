"""Problems with a view's list: filters, sorts, searches and totals that cannot work."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import SelectBase

from backoffice.admin.attributes import attribute_name
from backoffice.admin.checks.names import option, qualified
from backoffice.admin.lists.address import PARAMETERS
from backoffice.admin.lists.filters import CustomFilter, Filter, filter_for
from backoffice.admin.lists.sorting import default_sort
from backoffice.admin.view import RecordView
from backoffice.columns import kind_of


def list_problems(view: RecordView) -> Iterator[str]:
    """The problems with a view's list. ``view``: one that ``check_names`` passed."""
    yield from _filters(view)
    yield from _sorts(view)
    yield from _searches(view)
    yield from _totals(view)
    yield from _always_loaded(view)
    yield from _marks(view)


def _kind(view: RecordView, name: str) -> Any:
    """The kind of a column, a column_property or a hybrid."""
    return kind_of(getattr(view.model, name))


def _leads_to_many(view: RecordView, name: str) -> bool:
    relation = view.mapper.relationships.get(name)
    return relation is not None and bool(relation.uselist)


def _typed(view: RecordView, name: str) -> str:
    """An attribute and its kind as problems name them: "Item.price (decimal)"."""
    if name not in view.mapper.relationships:
        return f"{qualified(view, name)} ({_kind(view, name).name})"
    relation = view.mapper.relationships[name]
    which = "a to-many relation" if relation.uselist else "a relation"
    return f"{qualified(view, name)} ({which})"


def _filters(view: RecordView) -> Iterator[str]:
    where = option(view, "list_filters")
    filters: list[Filter] = [
        CustomFilter(view, option_filter) for option_filter in view.option_filters
    ]
    for name in map(attribute_name, view.list_filters):
        found = filter_for(view, name)
        if found is None:
            yield (
                f"{where}: there is no filter for {_typed(view, name)}. Remove it, or write "
                "an OptionFilter."
            )
        else:
            filters.append(found)
    readers: dict[str, str] = {}
    for list_filter in filters:
        label = f"the filter {list_filter.name!r}"
        for key in list_filter.parameters:
            if key in PARAMETERS:
                yield f"{where}: {label} reads {key!r}, a parameter of every list."
            elif key in readers:
                yield (
                    f"{where}: {label} and {readers[key]} both read {key!r} from an address. "
                    "Remove one of them, or give an OptionFilter another name."
                )
            readers.setdefault(key, label)


def _sorts(view: RecordView) -> Iterator[str]:
    given = {
        "column_sortable_list": [
            attribute_name(attribute) for attribute in view.column_sortable_list
        ],
        "column_default_sort": [name for name, _descending in default_sort(view)],
    }
    for name, keys in given.items():
        for key in keys:
            where = option(view, name)
            if key in view.column_aggregates:
                continue
            if _leads_to_many(view, key):
                yield f"{where}: a list cannot be sorted by {_typed(view, key)}. Remove it."
            elif key in view.mapper.relationships:
                if name == "column_sortable_list" and key not in view.get_list_columns():
                    yield f"{where}: {qualified(view, key)} must be in column_list as well."
            elif not _kind(view, key).sortable:
                yield f"{where}: a list cannot be sorted by {_typed(view, key)}. Remove it."


def _searches(view: RecordView) -> Iterator[str]:
    if type(view).search_condition is not RecordView.search_condition:
        return
    where = option(view, "column_searchable_list")
    for key in map(attribute_name, view.column_searchable_list):
        if _leads_to_many(view, key):
            yield f"{where}: the search box cannot search {_typed(view, key)}. Remove it."
        elif key in view.mapper.relationships:
            target = view.mapper.relationships[key].mapper.class_
            for label in getattr(target, "label_from", ()):
                found = kind_of(getattr(target, label))
                if found.facet != "text":
                    yield (
                        f"{where}: {qualified(view, key)} is searched by "
                        f"{target.__name__}.{label} ({found.name}), which is not text. Remove it."
                    )
        elif _kind(view, key).facet != "text":
            yield (
                f"{where}: {_typed(view, key)} is not text. Remove it: columns in "
                f"column_list can be searched as “{key}:…” anyway."
                if _kind(view, key).facet and key in view.get_list_columns()
                else f"{where}: {_typed(view, key)} is not text. Remove it."
            )


def _totals(view: RecordView) -> Iterator[str]:
    where = option(view, "list_totals")
    for total in view.list_totals:
        expression = total.expression
        expression = getattr(expression, "expression", expression)
        kind = kind_of(expression)
        if not kind.is_number:
            what = f"something that is not a number ({kind.name})"
            yield f"{where}: {total.label!r} adds up {what}. Remove it."
        others = {
            f"{column.table.name}.{column.name}"
            for part in visitors.iterate(expression)
            for column in getattr(part, "base_columns", ())
            if isinstance(column, Column) and column.table not in view.mapper.tables
        }
        if others and not _is_subquery(expression):
            yield (
                f"{where}: {total.label!r} reads {', '.join(sorted(others))}, but a total can "
                f"only use columns of {view.model.__name__}. Remove it."
            )


def _is_subquery(expression: Any) -> bool:
    return any(isinstance(part, SelectBase) for part in visitors.iterate(expression))


def _always_loaded(view: RecordView) -> Iterator[str]:
    for key in map(attribute_name, view.always_loaded):
        if key not in view.mapper.column_attrs:
            where = option(view, "always_loaded")
            yield f"{where}: {_typed(view, key)} is not a column. Remove it."


def _marks(view: RecordView) -> Iterator[str]:
    shown = {*view.get_list_columns(), *view.get_details_columns()}
    fields = {*view.get_form_columns(), *view.form_extra_fields}
    places_of = {"column_marks": shown, "value_marks": shown, "column_units": shown | fields}
    for name, places in places_of.items():
        for key in map(attribute_name, getattr(view, name)):
            if key not in places:
                yield (
                    f"{option(view, name)}: {qualified(view, key)} is not shown anywhere, so this "
                    "has no effect. Remove it, or put it into column_list."
                )
