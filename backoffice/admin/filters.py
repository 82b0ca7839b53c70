"""What a view says of its filters; they are in ``lists/filters/``, one file each."""

from backoffice.admin.lists.filters import (
    Asker,
    ChoiceFilter,
    Filter,
    Narrowing,
    OptionFilter,
    filter_for,
)

__all__ = ["Asker", "ChoiceFilter", "Filter", "Narrowing", "OptionFilter", "filter_for"]
