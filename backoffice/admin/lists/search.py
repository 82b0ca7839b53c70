"""The search language: what somebody types into the box, taken apart.

    hex bolt          both words, anywhere in the searched columns
    "hex bolt"        the words as they stand, beside each other
    -zinc             not that word
    price>10          a field, compared: : = > >= < <=
    price:10..20      a field's range, either end may be left open
    is:low            a state that the view names

Nothing is ever refused here: what is no field is a word. Whether a field takes its value is for
``listing`` to say.
"""

import re
from dataclasses import dataclass

LONGEST_SEARCH = 200
MOST_TERMS = 10
INDEXED_LENGTH = 3
"""Characters from which on a trigram index finds a word."""

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
    """One part of a search. ``text``: the word, the phrase, or the field's value.

    ``field`` and ``operator`` are "" for a word. ``start`` and ``end``: where it stands in what
    was typed, its minus included.
    """

    text: str
    field: str = ""
    operator: str = ""
    negated: bool = False
    start: int = 0
    end: int = 0

    @property
    def is_short(self) -> bool:
        """Whether it is a word that no trigram index can find."""
        return not self.field and len(self.text) < INDEXED_LENGTH


def take_apart(search: str) -> tuple[Term, ...]:
    """The terms of a search, in order; all of them, however many."""
    terms = []
    for match in _TERM.finditer(search):
        part = match.groupdict()
        field, operator = part["field"] or "", part["operator"] or ""
        given = (part["quoted_value"], part["value"], part["phrase"], part["word"])
        text = next(one for one in given if one is not None)
        if not text.strip():
            continue  # quotes with nothing in them look for nothing
        terms.append(
            Term(text, field, operator, bool(part["minus"]), start=match.start(), end=match.end())
        )
    return tuple(terms)


def without(search: str, term: Term) -> str:
    """The search with ``term`` taken out."""
    return f"{search[: term.start].rstrip()} {search[term.end :].lstrip()}".strip()


def quoted(value: str) -> str:
    """``value`` as a field's value is written: in quotes where it holds blanks."""
    return f'"{value}"' if re.search(r"\s", value) else value


def shortened(text: str, length: int = 40) -> str:
    """What somebody gave, as a message repeats it: printable, and not longer than ``length``."""
    printable = "".join(character if character.isprintable() else "·" for character in text)
    return printable if len(printable) <= length else printable[: length - 1] + "…"
