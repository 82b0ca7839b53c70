"""Ways to narrow a list, one file each: parameters and search terms in, conditions out, and the
facet that shows it. A new one is a file here and a line below."""

from typing import TYPE_CHECKING

from backoffice.admin.attributes import attribute_of
from backoffice.admin.lists.filters.base import Asker, Drawing, Filter, Narrowing
from backoffice.admin.lists.filters.boolean import BooleanFilter
from backoffice.admin.lists.filters.enumeration import EnumerationFilter
from backoffice.admin.lists.filters.option import ChoiceFilter, OptionFilter
from backoffice.admin.lists.filters.period import DateFilter
from backoffice.admin.lists.filters.range import RangeFilter
from backoffice.admin.lists.filters.relation import RelationFilter
from backoffice.admin.lists.filters.text import TextFilter
from backoffice.admin.lists.relations import is_to_one
from backoffice.columns import kind_of

if TYPE_CHECKING:
    from backoffice.admin.view import RecordView

__all__ = [
    "Asker",
    "ChoiceFilter",
    "Drawing",
    "Filter",
    "Narrowing",
    "OptionFilter",
    "filter_for",
]

FILTERS: dict[str, type[Filter]] = {
    "choices": EnumerationFilter,
    "period": DateFilter,
    "range": RangeFilter,
    "text": TextFilter,
    "yes_no": BooleanFilter,
}
"""The filter of each facet that a kind of column may have."""


def filter_for(view: "RecordView", name: str) -> Filter | None:
    """The filter that fits an attribute's kind, or a relation to one; None where none does."""
    if name in view.mapper.relationships:
        return RelationFilter(view, name) if is_to_one(view, name) else None
    attribute = attribute_of(view.model, name)
    fitting = FILTERS.get(kind_of(attribute).facet) if attribute is not None else None
    return fitting(view, name) if fitting is not None else None
