"""Formatting and parsing numbers in a language.

A *plain* number is one that every language reads: ASCII digits, "-" in front, "." before the
fraction. Addresses, the history and the command line hold plain numbers.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cached_property

from backoffice.language.languages import ENGLISH, Language, current_language

PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", re.ASCII)

_MARKS = dict.fromkeys(map(ord, "\u061c\u200e\u200f"))
"""Marks of direction, which some languages write beside a minus sign."""
_BLANKS = " \xa0\u2009\u202f"
_APOSTROPHES = "'’"

_NUMBERS: ContextVar[Language | None] = ContextVar("numbers", default=None)


class Ambiguous(ValueError):
    """A text that means two numbers: "1.234" where a point groups digits. ``readings``: both, as
    plain numbers."""

    def __init__(self, text: str, readings: tuple[str, str]) -> None:
        super().__init__(text)
        self.readings = readings


class NumberStyle:
    """How the readers of a language write numbers."""

    def __init__(self, language: Language) -> None:
        locale = language.locale
        system = locale.default_numbering_system
        # CLDR names the symbols of some systems only where they differ from those of Latin digits.
        symbols = {**locale.number_symbols["latn"], **locale.number_symbols.get(system, {})}
        self.decimal: str = symbols["decimal"]
        self.group: str = symbols["group"]
        self.minus: str = symbols["minusSign"]
        zero = _ZEROS.get(system, ord("0"))
        self.digits = "".join(map(chr, range(zero, zero + 10)))
        self.sizes: tuple[int, int] = locale.decimal_formats[None].grouping
        self._from_english = str.maketrans(
            dict(zip("0123456789", self.digits, strict=True))
            | {",": self.group, ".": self.decimal, "-": self.minus}
        )
        self._to_ascii = str.maketrans(self.digits, "0123456789")

        self.grouped: Callable[[str], str] = self._make_grouped()
        """Writes a number as Python groups it, "-1,234.50", in this style."""

    @property
    def is_english(self) -> bool:
        """Whether numbers look as Python writes them: "-1,234.50"."""
        return self.grouped is str

    def _make_grouped(self) -> Callable[[str], str]:
        """A list calls it for each of its numbers: it is the quickest one that will do."""
        group, decimal, minus = self.group, self.decimal, self.minus
        if self.sizes != (3, 3) or not self.digits.isascii():
            return self._grouped
        if (group, decimal, minus) == (",", ".", "-"):
            return str

        def write(english: str) -> str:
            written = english.replace(",", "\0").replace(".", decimal).replace("\0", group)
            return written if minus == "-" else written.replace("-", minus)

        return write

    def _grouped(self, english: str) -> str:
        if self.sizes != (3, 3):
            english = _regrouped(english, *self.sizes)
        return english.translate(self._from_english)

    def typed(self, plain: str) -> str:
        """A plain number as somebody types it: in this style, without groups."""
        return plain.translate(self._from_english)

    def read(self, text: str) -> str:
        """The plain number of a typed text: one in this style, with or without groups, or a plain
        one. A text that is neither is returned as it is.

        Raises:
            Ambiguous: it is both, and they differ.
        """
        text = text.translate(_MARKS).strip()
        ours = self._read_ours(text)
        if ours is None:
            return text
        if ours != text and PLAIN.fullmatch(text) and Decimal(ours) != Decimal(text):
            raise Ambiguous(text, (ours, text))
        return ours

    def _read_ours(self, text: str) -> str | None:
        found = self._pattern.fullmatch(text)
        if found is None:
            return None
        sign, whole, point, fraction = found.groups(default="")
        whole = re.sub(r"\D", "", whole.translate(self._to_ascii))
        sign = "-" if sign in ("-", "−") else sign
        return sign + whole + (f".{fraction.translate(self._to_ascii)}" if point else "")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        digit = f"[{self.digits}]"
        group = self.group
        for alike in (_BLANKS, _APOSTROPHES):
            if group in alike:
                group = alike
        first, others = self.sizes
        grouped = (
            rf"{digit}{{1,{max(first, others)}}}"
            rf"(?:[{re.escape(group)}]{digit}{{{others}}})*[{re.escape(group)}]{digit}{{{first}}}"
        )
        decimal = re.escape(self.decimal)
        # As ``PLAIN`` has it: one of the parts beside the decimal point may be missing.
        whole = rf"{grouped}|{digit}+|(?={decimal}{digit})"
        return re.compile(rf"([+-]?|−)({whole})(?:({decimal})({digit}*))?")


_ZEROS = {
    "adlm": 0x1E950,
    "arab": 0x0660,
    "arabext": 0x06F0,
    "beng": 0x09E6,
    "cakm": 0x11136,
    "deva": 0x0966,
    "hmnp": 0x1E140,
    "mtei": 0xABF0,
    "mymr": 0x1040,
    "nkoo": 0x07C0,
    "olck": 0x1C50,
    "tibt": 0x0F20,
}
"""The code points of zero in the numbering systems that are some language's own, each followed by
the digits to nine. Other numbers have ASCII digits."""


def number_style() -> NumberStyle:
    """How numbers are written and read now: as in the current language, unless ``numbers_in``
    says otherwise."""
    return _style_of(_NUMBERS.get() or current_language())


@contextmanager
def numbers_in(language: Language) -> Iterator[None]:
    """Read and write numbers as in that language within a ``with`` block, and leave its texts."""
    token = _NUMBERS.set(language)
    try:
        yield
    finally:
        _NUMBERS.reset(token)


@contextmanager
def plain_numbers() -> Iterator[None]:
    """Read and write plain numbers within a ``with`` block, as addresses hold them."""
    with numbers_in(ENGLISH):
        yield


def number(value: int | float | Decimal) -> str:
    """A number with its digits grouped, in the current language: "1,234"."""
    return grouped(f"{value:,}")


def grouped(english: str) -> str:
    """A number that Python has grouped, "-1,234.50", as the current language writes it."""
    return number_style().grouped(english)


def _style_of(language: Language) -> NumberStyle:
    found = _STYLES.get(language.code)
    if found is None:
        found = _STYLES[language.code] = NumberStyle(language)
    return found


_STYLES: dict[str, NumberStyle] = {}


def _regrouped(english: str, first: int, others: int) -> str:
    """A number with groups of other sizes: "12,34,567" for "1,234,567"."""
    sign = "-" if english.startswith("-") else ""
    whole, point, fraction = english.removeprefix("-").replace(",", "").partition(".")
    head, tail = whole[:-first], whole[-first:]
    groups = [tail]
    while head:
        groups.append(head[-others:])
        head = head[:-others]
    return sign + ",".join(reversed(groups)) + point + fraction
