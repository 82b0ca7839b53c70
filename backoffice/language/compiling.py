"""Making what the back office reads of the translations: .mo files, and JSON for the scripts.

de/LC_MESSAGES/messages.po     written by translators, and kept in the repository
de/LC_MESSAGES/messages.mo     made of it, for the server
de/LC_MESSAGES/scripts.json    made of it, for the browser: the texts of scripts alone
"""

import json
import re
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from backoffice.language.catalogues import Catalogue, load_file
from backoffice.language.extraction import PACKAGE, texts_of

STATIC = PACKAGE / "static"

_COUNTED = (*range(200), 1_000_000)
"""Numbers in which all plural forms of whole numbers occur. French and its relatives have one for
whole millions."""


def compile_catalogues(folder: Path) -> list[Path]:
    """Make the .mo and .json files of all .po files; returns the .po files.

    Raises:
        ValueError: a file cannot be read, or a translation has a place that its English text has
            not, such as a misspelt "{nmae}": no page could be written with it. The error names the
            file and the line.
    """
    found = sorted(folder.glob("*/LC_MESSAGES/messages.po"))
    for path in found:
        locale = path.parent.parent.name
        try:
            with path.open("rb") as file:
                catalogue = read_po(file, locale=locale, abort_invalid=True)
        except PoFileError as error:
            raise ValueError(f"{path.name} of {locale}, line {error.lineno + 1}") from None
        for message in catalogue:
            if message.id and (unknown := _unknown_places(message)):
                where = f"{path.name} of {locale}, line {message.lineno}"
                raise ValueError(f"{where}: the English text has no {', '.join(unknown)}")
        compiled = path.with_suffix(".mo")
        with compiled.open("wb") as file:
            write_mo(file, catalogue)
        texts = script_texts(load_file(compiled), Locale.parse(locale))
        path.with_name("scripts.json").write_text(to_json(texts), encoding="utf-8")
    return found


def _unknown_places(message: Message) -> list[str]:
    """The places of a translation that its English text does not have: "{nmae}"."""
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    translated = [message.string] if isinstance(message.string, str) else message.string or ()
    known = {"{count}"} if message.pluralizable else set()
    known.update(place for text in texts for place in _PLACE.findall(text))
    found = [place for text in translated for place in _PLACE.findall(text or "")]
    return [] if message.fuzzy else [place for place in found if place not in known]


_PLACE = re.compile(r"\{[^{}]*\}?|\}")


def script_texts(catalogue: Catalogue, locale: Locale) -> dict[str, Any]:
    """The translations of the scripts' texts: a text for each, or one for each plural form by the
    form's name in CLDR, which browsers know."""
    texts: dict[str, Any] = {}
    for path in sorted(STATIC.glob("*.js")):
        for _line, message, _context in texts_of(path):
            if isinstance(message, str):
                texts[message] = catalogue.gettext(message)
            else:
                one, many = message[0], message[1]
                forms = {
                    form: catalogue.ngettext(one, many, count) for form, count in _counts(locale)
                }
                if not {one, many}.issuperset(forms.values()):
                    texts[one] = forms
    return {message: text for message, text in texts.items() if text != message}


def _counts(locale: Locale) -> list[tuple[str, int]]:
    """A number for each plural form of a language."""
    found: dict[str, int] = {}
    for count in _COUNTED:
        found.setdefault(locale.plural_form(count), count)
    found.setdefault("other", 100)  # where "other" is for fractions alone, which nothing counts
    return list(found.items())


def to_json(texts: dict[str, Any]) -> str:
    """JSON that can be written into a page: without "<", which could end the element around it."""
    return json.dumps(texts, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
