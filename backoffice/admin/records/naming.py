"""What a record is called on a page."""

from functools import cache
from typing import Any

from backoffice.admin.keys import text_of
from backoffice.admin.lists.attributes import label_names


def record_label(record: Any) -> str:
    """What a record is called: what its model says of it, else the values that name it; "#5", its
    key, where those are blank. Never blank, so that it can be a link."""
    model: Any = type(record)
    if _says_itself(model):
        text = str(record)
    else:
        values = (getattr(record, name) for name in label_names(model))
        text = " ".join(str(value) for value in values if value is not None)
    return text if text.strip() else f"#{text_of(record)}"


@cache
def _says_itself(model: Any) -> bool:
    """Whether a model has a text of its own, and not Python's "<Item object at …>"."""
    return model.__str__ is not object.__str__ or model.__repr__ is not object.__repr__
