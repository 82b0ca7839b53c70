"""What a record is called on a page."""

from typing import Any

from backoffice.admin.keys import text_of
from backoffice.admin.lists.attributes import label_names


def record_label(record: Any) -> str:
    """What a record is called: what its model says of it, else the values that name it; "#5", its
    key, where those are blank. Never blank, so that it can be a link."""
    model: Any = type(record)
    if model.__str__ is object.__str__ and model.__repr__ is object.__repr__:
        values = (getattr(record, name) for name in label_names(model))
        text = " ".join(str(value) for value in values if value is not None)
    else:
        text = str(record)
    return text if text.strip() else f"#{text_of(record)}"
