"""A language for tests: English that is accented, two fifths longer, and marked at both ends.

A text on the screen without the marks is not translatable. A page that breaks with it would break
with German. The codes are Microsoft's, which browsers and translators know.
"""

import re

PSEUDO_LOCALES = {"qps-ploc": "de_CH", "qps-plocm": "ar_EG"}
"""The codes, and the locales by which they write numbers: one groups digits by apostrophes, the
other has digits of its own and is written from right to left."""

_ACCENTED = str.maketrans("aceinouyACEINOUY", "áçéíñóúýÁÇÉÍÑÓÚÝ")
_KEPT = re.compile(r"(\{[^}]*\}|<[^>]*>|&[a-z]+;)")
"""Places for values, and tags."""

GROWTH = 0.4

LONGEST_WORD = 20
"""Characters of a word that makes a text longer. Lines break between words, as in German."""


class PseudoCatalogue:
    """Makes a translation of any text."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)


def pseudo(message: str) -> str:
    """The text, accented, longer and between marks: "⟦Sávé ~~⟧"."""
    parts = _KEPT.split(message)
    written = "".join(
        part if _KEPT.fullmatch(part) else part.translate(_ACCENTED) for part in parts
    )
    length = sum(len(part) for part in parts if not _KEPT.fullmatch(part))
    more = max(1, round(length * GROWTH) - 1)
    words = (f"{'~' * LONGEST_WORD} " * (more // LONGEST_WORD + 1))[:more].rstrip()
    return f"⟦{written} {words}⟧"
