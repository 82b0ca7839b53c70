"""Languages, and the one of the current request."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final, Literal

from babel import Locale, UnknownLocaleError

from backoffice.language.catalogues import Catalogue, load_catalogue, load_script_texts
from backoffice.language.pseudo import PSEUDO_LOCALES, PseudoCatalogue


@dataclass(frozen=True)
class Language:
    """A language that a person reads.

    ``code``: as in HTML, "en" or "de-CH". Texts that have no translation are English; numbers and
    dates always follow ``locale``.
    """

    code: str
    locale: Locale
    catalogue: Catalogue | None
    """The translated texts; None for English ones."""

    @property
    def lang(self) -> str:
        """The code for a ``lang`` attribute. A language for tests is a private kind of English
        there: its own code is no tag of HTML."""
        _qps, is_pseudo, kind = self.code.partition("qps-")
        return f"en-x-{kind}" if is_pseudo else self.code

    @property
    def texts_code(self) -> str:
        """The language of the texts, for ``<html lang>``: "en" if they are not translated."""
        return self.lang if self.catalogue is not None else "en"

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The direction in which the texts are written."""
        if self.catalogue is None or self.locale.text_direction != "rtl":
            return "ltr"
        return "rtl"

    @cached_property
    def name(self) -> str:
        """The language's name in itself: "Deutsch (Schweiz)"."""
        return self.locale.get_display_name(self.locale) or self.code

    def __hash__(self) -> int:
        return hash(self.code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Language) and other.code == self.code


_CODE = re.compile(
    r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-[a-z0-9]{5,8})?", re.ASCII | re.IGNORECASE
)
"""A language, and perhaps its script, its region and a variant, as BCP 47 has them."""


@cache
def find_language(code: str) -> Language:
    """The language with that code, such as "en", "en-GB" or "de".

    Two more are for tests: "qps-ploc" makes every translated text longer and marks it, and
    "qps-plocm" also writes it from right to left.

    Raises:
        ValueError: there is no such language.
    """
    if code in PSEUDO_LOCALES:
        return Language(code, Locale.parse(PSEUDO_LOCALES[code]), PseudoCatalogue())
    try:
        # Babel reads "de@euro", "de.UTF-8" and "root" as well, which mean nothing to a browser.
        locale = Locale.parse(code, sep="-") if _CODE.fullmatch(code) else None
    except (UnknownLocaleError, ValueError):
        locale = None
    if locale is None:
        raise ValueError(f"{code!r} is not a language: write a code like en, en-GB or de")
    return Language(code, locale, load_catalogue(str(locale)))


ENGLISH: Final = find_language("en")

_CURRENT: ContextVar[Language] = ContextVar("language", default=ENGLISH)

current_language = _CURRENT.get
"""The language of the current request; English outside of requests, as on the command line."""


def scripts_catalogue() -> str:
    """The texts of scripts in the current language, as JSON for the page; "" if they are English.
    The keys are the English texts."""
    language = current_language()
    return "" if language.catalogue is None else _script_texts(language.code)


@cache
def _script_texts(code: str) -> str:
    language = find_language(code)
    if isinstance(language.catalogue, PseudoCatalogue):
        # Only tests use it. Its texts are made from the scripts themselves.
        from backoffice.language.compiling import script_texts, to_json

        return to_json(script_texts(language.catalogue, language.locale))
    return load_script_texts(str(language.locale))


def set_language(language: Language) -> None:
    """Use a language from here to the end of the request."""
    _CURRENT.set(language)


@contextmanager
def speak(language: Language) -> Iterator[None]:
    """Use a language within a ``with`` block."""
    token = _CURRENT.set(language)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def preferred_language(accepted: str, offered: Sequence[str], otherwise: str) -> str:
    """The code of the offered language that suits an Accept-Language header best.

    ``otherwise``: the code if none does, or the header cannot be read. A header's "de-AT" finds
    "de", and its "de" finds "de-CH", before a language that is wanted less.
    """
    wanted = _by_preference(accepted)
    for base in dict.fromkeys(map(_base, wanted)):
        related = {code.lower(): code for code in offered if _base(code) == base}
        if related:
            nearest = [code for code in (*wanted, base) if code in related]
            return related[nearest[0]] if nearest else next(iter(related.values()))
    return otherwise


def _base(code: str) -> str:
    """The language of a code, without its script and region."""
    return code.partition("-")[0].lower()


def _by_preference(accepted: str) -> list[str]:
    """The codes of an Accept-Language header, the most wanted first."""
    weighted: list[tuple[float, str]] = []
    for part in accepted[:500].split(","):
        code, _semicolon, weight = part.partition(";")
        code = code.strip()
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if quality > 0 and code.replace("-", "").isalnum() and code.isascii():
            weighted.append((-quality, code.lower()))
    return [code for _quality, code in sorted(weighted, key=lambda pair: pair[0])]
