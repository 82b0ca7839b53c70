"""What a record is called on a page."""

from collections.abc import Callable
from functools import cache
from typing import Any

from backoffice.admin.keys import text_of
from backoffice.admin.lists.attributes import label_names


def record_label(record: Any) -> str:
    """What a record is called: what its model says of it, else the values that name it; "#5", its
    key, where those are blank. Never blank, so that it can be a link."""
    model: Any = type(record)
    text = _namer(model)(record)
    return text if text.strip() else f"#{text_of(record)}"


@cache
def _namer(model: Any) -> Callable[[Any], str]:
    """What names a record of ``model``: its own text, where that is not Python's "<Item object at
    …>"."""
    if model.__str__ is not object.__str__ or model.__repr__ is not object.__repr__:
        return str
    names = label_names(model)

    def by_values(record: Any) -> str:
        values = (getattr(record, name) for name in names)
        return " ".join(str(value) for value in values if value is not None)

    return by_values
