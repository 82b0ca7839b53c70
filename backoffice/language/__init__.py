"""The language of a request: texts by gettext, and its formats of numbers and dates.

    from backoffice.language import _, ngettext

    _("Wrong e-mail or password.")
    _("“{name}” was deleted.", name=category.name)
    ngettext("{count} item changed.", "{count} items changed.", number)

The text in the code is the English one, and the key of every translation: a whole sentence, with
named places for what differs. ``N_`` marks a text that is translated later, where it is shown.
"""

from backoffice.language.languages import (
    ENGLISH,
    Language,
    current_language,
    find_language,
    preferred_language,
    scripts_catalogue,
    set_language,
    speak,
)
from backoffice.language.numbers import number
from backoffice.language.texts import N_, _, ngettext, pgettext

__all__ = [
    "ENGLISH",
    "N_",
    "Language",
    "_",
    "current_language",
    "find_language",
    "ngettext",
    "number",
    "pgettext",
    "preferred_language",
    "scripts_catalogue",
    "set_language",
    "speak",
]
