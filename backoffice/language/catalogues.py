"""Catalogues: the translations of a language, from its .mo file."""

import gettext
from pathlib import Path
from typing import Protocol

LOCALES = Path(__file__).resolve().parent.parent / "locales"
"""The folder of the catalogues, ``de/LC_MESSAGES/messages.mo``. ``script/venv`` makes the .mo
files of the .po files."""


class Catalogue(Protocol):
    """What a language's texts are looked up in, with gettext's own names."""

    def gettext(self, message: str) -> str: ...
    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str: ...
    def pgettext(self, context: str, message: str) -> str: ...


def load_catalogue(locale: str) -> Catalogue | None:
    """The catalogue of a locale such as "de_CH", or else that of its language; None if there is
    none: its texts are English.

    Raises:
        OSError: it cannot be read.
    """
    path = _find(locale, "messages.mo")
    return None if path is None else load_file(path)


def load_file(path: Path) -> Catalogue:
    """The catalogue in a .mo file.

    Raises:
        OSError: it is no .mo file, or cannot be read.
    """
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def load_script_texts(locale: str) -> str:
    """The translations of the scripts' texts as JSON; "" if there are none."""
    path = _find(locale, "scripts.json")
    return "" if path is None else path.read_text(encoding="utf-8")


def _find(locale: str, name: str) -> Path | None:
    """The file of that name of a locale: for "zh_Hant_TW" in its own folder, or else in "zh_Hant"
    or "zh"."""
    parts = locale.split("_")
    for length in range(len(parts), 0, -1):
        path = LOCALES / "_".join(parts[:length]) / "LC_MESSAGES" / name
        if path.is_file():
            return path
    return None
