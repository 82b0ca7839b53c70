"""The search language: parsing what is typed into the search box.

    hex bolt          both words, anywhere in the searched columns
    "hex bolt"        exactly these words, next to each other
    -zinc             not that word
    price>10          a field, compared: : = > >= < <=
    price:10..20      a field's range, either end may be left open
    is:low            a state that the view defines

Parsing never fails. Whether a name is a field of the list, and a value fits it, is decided in
``address``.
"""

import re
from dataclasses import dataclass

LONGEST_SEARCH = 200
MOST_TERMS = 10
INDEXED_LENGTH = 3
"""Characters that a word needs so that a trigram index finds it."""

_TERM = re.compile(
    r"""(?P<minus>-)?
        (?:
            (?P<field>[^\W\d]\w*) (?P<operator>:|>=|<=|=|>|<)
            (?: "(?P<quoted_value>[^"]*)(?:"|$) | (?P<value>[^\s"]\S*) )
          | "(?P<phrase>[^"]*)(?:"|$)
          | (?P<word>\S+)
        )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a search. ``text``: the word, the phrase, or the field's value.

    ``field`` and ``operator``: "" for a word or phrase. ``negated``: it has a minus. ``start``,
    ``end``: its position in the search, including the minus.
    """

    text: str
    field: str = ""
    operator: str = ""
    negated: bool = False
    start: int = 0
    end: int = 0

    @property
    def is_short(self) -> bool:
        """Whether it is a word that is too short for a trigram index."""
        return not self.field and len(self.text) < INDEXED_LENGTH


def parse_search(search: str) -> tuple[Term, ...]:
    """All terms of a search, in order."""
    terms = []
    for match in _TERM.finditer(search):
        part = match.groupdict()
        field, operator = part["field"] or "", part["operator"] or ""
        texts = (part["quoted_value"], part["value"], part["phrase"], part["word"])
        text = next(text for text in texts if text is not None)
        if not text.strip():
            continue  # empty quotes search for nothing
        terms.append(
            Term(text, field, operator, bool(part["minus"]), start=match.start(), end=match.end())
        )
    return tuple(terms)


def quote_value(value: str) -> str:
    """A field's value as a search writes it: in quotes if it has spaces."""
    return f'"{value}"' if re.search(r"\s", value) else value


def shortened(text: str, length: int = 40) -> str:
    """A text from an address, fit for a message: printable, and at most ``length`` characters."""
    printable = "".join(character if character.isprintable() else "·" for character in text)
    return printable if len(printable) <= length else printable[: length - 1] + "…"
