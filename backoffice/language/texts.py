"""Texts in the language of the current request."""

from typing import Any

from backoffice.language.languages import current_language
from backoffice.language.numbers import number


def _(message: str, /, **values: Any) -> str:
    """The text in the current language, with ``values`` in its named places.

    ``message``: the English text, a whole sentence: ``_("{name} was saved.", name=name)``. Write
    numbers by ``number``, or say them by ``ngettext``.

    Raises:
        KeyError: a place of the text has no value.
    """
    catalogue = current_language().catalogue
    if catalogue is not None and message:
        message = catalogue.gettext(message)
    return message.format_map(values) if values else message


def ngettext(one: str, many: str, count: int, /, **values: Any) -> str:
    """The text for a number: ``ngettext("{count} item", "{count} items", 3)``.

    ``{count}`` in the text is the number, with its digits grouped, unless ``values`` has another
    text for it. ``values``: for the other places.
    """
    catalogue = current_language().catalogue
    if catalogue is not None:
        message = catalogue.ngettext(one, many, count)
    else:
        message = one if count == 1 else many
    values.setdefault("count", number(count))
    return message.format_map(values)


def pgettext(context: str, message: str, /, **values: Any) -> str:
    """A text that is ambiguous by itself: ``pgettext("a state", "Open")``."""
    catalogue = current_language().catalogue
    if catalogue is not None:
        message = catalogue.pgettext(context, message)
    return message.format_map(values) if values else message


def N_(message: str) -> str:
    """Mark a text for translators; ``_`` translates it where it is shown."""
    return message
