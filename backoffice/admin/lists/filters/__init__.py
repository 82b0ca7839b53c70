"""Filters of a list, one file each. A new one is a file here and a line in ``FILTERS``."""

from collections.abc import Iterable

from backoffice.admin.attributes import attribute_name, attribute_of
from backoffice.admin.lists.filters.applied import AppliedFilter
from backoffice.admin.lists.filters.base import FacetInput, Filter, FilterContext
from backoffice.admin.lists.filters.boolean import BooleanFilter
from backoffice.admin.lists.filters.custom import CustomFilter
from backoffice.admin.lists.filters.enumeration import EnumerationFilter
from backoffice.admin.lists.filters.period import PeriodFilter
from backoffice.admin.lists.filters.range import RangeFilter
from backoffice.admin.lists.filters.relation import RelationFilter
from backoffice.admin.lists.filters.text import TextFilter
from backoffice.admin.lists.relations import is_to_one
from backoffice.admin.view import OptionFilter, RecordView
from backoffice.columns import kind_of

__all__ = [
    "AppliedFilter",
    "CustomFilter",
    "FacetInput",
    "Filter",
    "FilterContext",
    "OptionFilter",
    "filter_for",
    "filters_of",
    "search_fields_of",
]

FILTERS: dict[str, type[Filter]] = {
    "choices": EnumerationFilter,
    "period": PeriodFilter,
    "range": RangeFilter,
    "text": TextFilter,
    "yes_no": BooleanFilter,
}
"""The filter for each value of ``Kind.facet``."""


def filter_for(view: RecordView, name: str) -> Filter | None:
    """The filter of a column or a relation to one record; None if it cannot be filtered by."""
    if name in view.mapper.relationships:
        return RelationFilter(view, name) if is_to_one(view, name) else None
    attribute = attribute_of(view.model, name)
    filter_class = FILTERS.get(kind_of(attribute).facet) if attribute is not None else None
    return filter_class(view, name) if filter_class is not None else None


def filters_of(view: RecordView) -> dict[str, Filter]:
    """The filters at the side of a view's lists, by name, in order."""
    return view.cache.get("filters", lambda: _make_filters(view), always=True)


def _make_filters(view: RecordView) -> dict[str, Filter]:
    filters: list[Filter] = [CustomFilter(view, option) for option in view.option_filters]
    filters += _filters_for(view, map(attribute_name, view.list_filters))
    return {list_filter.name: list_filter for list_filter in filters}


def search_fields_of(view: RecordView) -> dict[str, Filter]:
    """The filters that a search may use, by each name that a search has for them: ``price``,
    ``created``. One that has two is shown by its ``term_name``."""
    return view.cache.get("search_fields", lambda: _make_search_fields(view), always=True)


def _make_search_fields(view: RecordView) -> dict[str, Filter]:
    names = [*view.get_list_columns(), *map(attribute_name, view.column_searchable_list)]
    fields: dict[str, Filter] = {}
    for list_filter in (*filters_of(view).values(), *_filters_for(view, names)):
        fields.setdefault(list_filter.plain_name, list_filter)
    for list_filter in tuple(fields.values()):
        name = list_filter.wanted_name
        if name not in ("", "is", *fields):
            fields[name], list_filter.spoken_name = list_filter, name
    return fields


def _filters_for(view: RecordView, names: Iterable[str]) -> list[Filter]:
    """The filters of those columns and relations that can be filtered by."""
    filters = (filter_for(view, name) for name in names)
    return [list_filter for list_filter in filters if list_filter is not None]
