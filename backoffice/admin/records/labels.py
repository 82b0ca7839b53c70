"""What a record is called on a page."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import func

from backoffice.admin.attributes import label_names, may_be_null
from backoffice.admin.records.keys import text_of
from backoffice.admin.view import RecordView
from backoffice.columns import kind_of


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


def label_texts(view: RecordView) -> list[Any]:
    """The parts of what a view's records are called, as text to look for words in."""
    dialect = view.site.database.dialect
    return [kind_of(part).sql_words(dialect, part) for part in view.label_attributes]


def label_words(view: RecordView) -> Any:
    """What a view's records are called, as one text in SQL."""
    texts = [
        func.coalesce(text, "") if may_be_null(part) else text
        for part, text in zip(view.label_attributes, label_texts(view), strict=True)
    ]
    label, *further = texts
    for text in further:
        label = label.concat(" ").concat(text)
    return label


def search_result_text(target: RecordView, number: int, more: bool) -> str:
    """How a search for records of ``target`` went: so many, and whether there are more."""
    if more:
        return f"The first {number} {target.label_plural}: type more to narrow the search."
    if number == 0:
        return f"No {target.label_plural} match: try other words."
    return f"{number} {target.label if number == 1 else target.label_plural} found."
