"""Ways to narrow a list, one file each: parameters and search terms in, conditions out, and the
facet that shows it. A new one is a file here and a line below."""

from backoffice.admin.attributes import attribute_name, attribute_of
from backoffice.admin.lists.filters.base import AppliedFilter, Asker, Drawing, Filter
from backoffice.admin.lists.filters.boolean import BooleanFilter
from backoffice.admin.lists.filters.custom import ChoiceFilter
from backoffice.admin.lists.filters.enumeration import EnumerationFilter
from backoffice.admin.lists.filters.period import DateFilter
from backoffice.admin.lists.filters.range import RangeFilter
from backoffice.admin.lists.filters.relation import RelationFilter
from backoffice.admin.lists.filters.text import TextFilter
from backoffice.admin.lists.relations import is_to_one
from backoffice.admin.view import OptionFilter, RecordView
from backoffice.columns import kind_of

__all__ = [
    "AppliedFilter",
    "Asker",
    "ChoiceFilter",
    "Drawing",
    "Filter",
    "OptionFilter",
    "filter_for",
    "filters_of",
    "search_fields_of",
]

FILTERS: dict[str, type[Filter]] = {
    "choices": EnumerationFilter,
    "period": DateFilter,
    "range": RangeFilter,
    "text": TextFilter,
    "yes_no": BooleanFilter,
}
"""The filter of each facet that a kind of column may have."""


def filter_for(view: RecordView, name: str) -> Filter | None:
    """The filter that fits an attribute's kind, or a relation to one; None where none does."""
    if name in view.mapper.relationships:
        return RelationFilter(view, name) if is_to_one(view, name) else None
    attribute = attribute_of(view.model, name)
    fitting = FILTERS.get(kind_of(attribute).facet) if attribute is not None else None
    return fitting(view, name) if fitting is not None else None


def filters_of(view: RecordView) -> dict[str, Filter]:
    """The filters at the side of a view's lists, by name, in order."""
    if "filters" not in view.cache:
        own: list[Filter] = [ChoiceFilter(view, option) for option in view.option_filters]
        fitting = (filter_for(view, attribute_name(attribute)) for attribute in view.list_filters)
        found = (*own, *(each for each in fitting if each is not None))
        view.cache["filters"] = {each.name: each for each in found}
    filters: dict[str, Filter] = view.cache["filters"]
    return filters


def search_fields_of(view: RecordView) -> dict[str, Filter]:
    """What a search may compare, by what the search calls it: ``price``, ``created``."""
    if "search_fields" not in view.cache:
        names = [*view.get_list_columns(), *map(attribute_name, view.column_searchable_list)]
        fitting = (filter_for(view, name) for name in names)
        found: dict[str, Filter] = {}
        for each in (*filters_of(view).values(), *(each for each in fitting if each is not None)):
            found.setdefault(each.term_name, each)
        view.cache["search_fields"] = found
    fields: dict[str, Filter] = view.cache["search_fields"]
    return fields
