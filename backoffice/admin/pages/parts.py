"""What several pages show: links, cells, options, choices.

A page is plain values: a screen collects them and a template prints them. Nothing in this package
reaches the database, so a template cannot either. Addresses are paths on this site."""

from dataclasses import dataclass
from typing import Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class Link:
    """Text that may lead somewhere; ``href`` is None where it does not."""

    text: str
    href: str | None = None


CellKind = Literal[
    "text",
    "long",
    "number",
    "money",
    "relation",
    "boolean",
    "moment",
    "date",
    "code",
    "email",
    "hidden",
]
"""How a cell prints; "date" as digits of one width, "code" in letters of one width; "hidden" is of
a value that the person may not see."""


Tone = Literal["", "warning", "danger", "success", "muted"]


class Mark(NamedTuple):
    """A word for the state of a value, "low" or "out", and its colour."""

    word: str
    tone: Tone


# Not frozen: a page makes hundreds, and setting a frozen one's fields takes five times as long.
@dataclass(slots=True)
class Cell:
    """One value, ready to print.

    ``text``: what stands there ("" prints as an empty mark). ``href``: where it leads.
    ``hover``: the whole or exact value, for the title attribute. ``mark``: a word for its state
    ("low", "out"), ``tone`` that word's colour, or the text's where there is no mark.
    """

    text: str
    kind: CellKind = "text"
    href: str | None = None
    hover: str | None = None
    mark: str | None = None
    tone: Tone = ""


# Not frozen, like Cell.
@dataclass(slots=True)
class Option:
    """One choice of a select or a lookup."""

    value: str
    text: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Checkboxes that belong together: the roles, a view's permissions. ``label`` may be ""."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice among records: a plain select, or above 200 rows a search-then-choose field.

    ``lookup_href``: where the script searches, with ``q`` added to its query (JSON:
    ``{"results": [{"id", "text"}], "more"}``); None for a plain select. Without a script,
    ``find_name``'s text box and the button named ``find`` with value ``name`` bring the form back
    with what was found in ``options``.
    ``found``: how that search went, in words ("20 of many: type more to narrow"), or "".
    """

    name: str
    label: str
    options: tuple[Option, ...]
    lookup_href: str | None = None
    find_name: str = ""
    find_text: str = ""
    found: str = ""


FieldKind = Literal[
    "line",
    "text",
    "number",
    "money",
    "boolean",
    "email",
    "password",
    "choice",
    "checks",
    "moment",
    "date",
    "time",
    "code",
    "locked",
]
"""What a field is drawn as; "code" is a text of several lines in letters of one width."""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the neighbouring pages are; None where there is none."""

    first: str | None = None
    previous: str | None = None
    next: str | None = None
    last: str | None = None
