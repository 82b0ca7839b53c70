"""Labels: what a record is called on a page."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from sqlalchemy import func

from backoffice.admin.attributes import label_names, may_be_null
from backoffice.admin.records.keys import key_text
from backoffice.admin.view import RecordView
from backoffice.columns import kind_of
from backoffice.models import Audited


def record_label(record: Any) -> str:
    """The record's label: its model's ``__str__``, or else the values of its label attributes.

    "#5", with the record's key, if that text is blank: a label is never blank, because links have
    labels as their text.
    """
    model: Any = type(record)
    text = _label_writer(model)(record)
    return text if text.strip() else label_or_key("", key_text(record))


def label_of_values(values: Iterable[Any], key: str) -> str:
    """The label of a record that was not loaded, from its label columns; "#5" if that is blank."""
    return label_or_key(_join(values), key)


def label_or_key(label: str, key: str) -> str:
    """The label, or "#5" with the key if the label is blank."""
    return label if label.strip() else f"#{key}"


def _join(values: Iterable[Any]) -> str:
    return " ".join(str(value) for value in values if value is not None)


@cache
def _label_writer(model: Any) -> Callable[[Any], str]:
    """The function that writes the label of a record of ``model``. A model without ``__str__`` and
    ``__repr__`` of its own is named by values: Python's text is "<Item object at …>"."""
    if not is_labelled_by_values(model) or model.__str__ is Audited.__str__:
        return str
    names = label_names(model)

    def by_values(record: Any) -> str:
        return _join(getattr(record, name) for name in names)

    return by_values


def is_labelled_by_values(model: Any) -> bool:
    """Whether the values of its label attributes are a record's label, and not a text that the
    model's own ``__str__`` makes."""
    own = model.__str__ is not object.__str__ or model.__repr__ is not object.__repr__
    return model.__str__ is Audited.__str__ or not own


def label_search_texts(view: RecordView) -> list[Any]:
    """The parts of a record's label in SQL, as texts that a search looks for words in."""
    dialect = view.site.database.dialect
    return [kind_of(part).sql_words(dialect, part) for part in view.label_attributes]


def label_expression(view: RecordView) -> Any:
    """The label of a view's records as one text in SQL."""
    texts = [
        func.coalesce(text, "") if may_be_null(part) else text
        for part, text in zip(view.label_attributes, label_search_texts(view), strict=True)
    ]
    label, *other_texts = texts
    for text in other_texts:
        label = label.concat(" ").concat(text)
    return label


def search_result_text(target: RecordView, number: int, more: bool) -> str:
    """The sentence about the result of a search for records of ``target``. ``more``: whether it
    found more than ``number``."""
    if more:
        return f"The first {number} {target.label_plural}: type more to narrow the search."
    if number == 0:
        return f"No {target.label_plural} match: try other words."
    return f"{number} {target.label if number == 1 else target.label_plural} found."
