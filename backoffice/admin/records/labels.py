"""Labels: what a record is called on a page."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from sqlalchemy import func, literal

from backoffice.admin.attributes import is_labelled_by_values, label_names, may_be_null
from backoffice.admin.records.keys import key_for, key_text
from backoffice.admin.records.seen import is_seen
from backoffice.admin.view import Context, RecordView
from backoffice.columns import kind_of
from backoffice.language import _
from backoffice.models import Audited


def record_label(context: Context, record: Any) -> str:
    """The record's label: its model's ``__str__``, or else the values of its label attributes.

    "#5", with the record's key, if that text is blank: a label is never blank, because links have
    labels as their text. So also if the person may not see the label, or the record.
    """
    model: Any = type(record)
    view = context.site.nearest_view(model)
    if view is not None and not shows_label(context, view, record):
        return label_or_key("", key_text(record))
    text = _label_writer(model)(record)
    return text if text.strip() else label_or_key("", key_text(record))


def shows_label(context: Context, view: RecordView, record: Any) -> bool:
    """Whether the person may see the label of a loaded record. A statement if the view has a
    condition for the records that they may see, and this one was not looked up."""
    if context.fields(view).label_hidden:
        return False
    return context.sees_all(view) or is_seen(context, view, key_text(record))


def label_of_values(values: Iterable[Any], key: str) -> str:
    """The label of a record that was not loaded, from its label columns; "#5" if that is blank."""
    return label_or_key(_join(values), key)


def label_or_key(label: str, key: str) -> str:
    """The label, or "#5" with the key if the label is blank."""
    return label if label.strip() else f"#{key}"


def stored_label(context: Context, view: RecordView | None, label: str, key: str) -> str:
    """What the history calls a record of ``view``, by the label and the key that it stored; "#5" if
    the person may not see labels."""
    is_hidden = view is not None and context.fields(view).label_hidden
    return label_or_key("" if is_hidden else label, key)


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


def label_search_texts(view: RecordView, context: Context | None) -> list[Any]:
    """The parts of a record's label in SQL, as texts that a search looks for words in; [] if the
    person may not see labels. ``context``: None for nobody in particular."""
    dialect = view.site.database.dialect
    return [kind_of(part).sql_words(dialect, part) for part in label_columns(view, context)]


def label_columns(view: RecordView, context: Context | None) -> list[Any]:
    """What records are sorted by and named from in choices: the attributes of their labels; [] if
    the person may not see labels, so that the order tells nothing either. ``context``: as for
    ``label_search_texts``."""
    is_hidden = context is not None and context.fields(view).label_hidden
    return [] if is_hidden else view.label_attributes


def label_expression(view: RecordView, context: Context | None) -> Any:
    """The label of a view's records as one text in SQL; "#5" if the person may not see labels.
    ``context``: as for ``label_search_texts``."""
    search_texts = label_search_texts(view, context)
    if not search_texts:
        return literal("#").concat(key_for(view).sql_text(view.site.database.dialect))
    texts = [
        func.coalesce(text, "") if may_be_null(part) else text
        for part, text in zip(view.label_attributes, search_texts, strict=True)
    ]
    label, *other_texts = texts
    for text in other_texts:
        label = label.concat(" ").concat(text)
    return label


def search_result_text(target: RecordView, number: int, more: bool) -> str:
    """The sentence about the result of a search for records of ``target``. ``more``: whether it
    found more than ``number``."""
    if more:
        return _(
            "The first {records}. Type more to narrow the search.", records=target.counted(number)
        )
    if number == 0:
        return _("No {labels} match. Try other words.", labels=target.label_plural)
    return _("{records} found.", records=target.counted(number))
