"""Parts of several pages: links, cells, options, choices.

A page object holds plain values. A screen fills it and a template prints it. Nothing in it reaches
the database, so a template cannot either. Addresses are paths on this site.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class Link:
    """Text with a link. ``href``: None for text alone."""

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
"""How a cell is printed: "date" with digits of one width, "code" with letters of one width,
"hidden" in place of a value that the person may not see."""


Tone = Literal["", "warning", "danger", "success", "muted"]


class Mark(NamedTuple):
    """A word about a value ("low", "out") and its colour."""

    word: str
    tone: Tone


# Not frozen: a page makes hundreds, and setting a frozen one's fields takes five times as long.
@dataclass(slots=True)
class Cell:
    """A value as it is printed.

    ``text``: "" is printed as a dash. ``hover``: the whole or exact value, for the title attribute.
    ``mark``: a word about the value ("low", "out"). ``tone``: the colour of the mark, or of the
    text where there is no mark.
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
    """A group of checkboxes: the roles, or a view's permissions. ``label``: "" for none. ``link``:
    to what else can be chosen of the group. ``more``: options that only this group has."""

    label: str
    options: tuple[Option, ...]
    link: Link | None = None
    more: tuple[Option, ...] = ()
    own_names: bool = False
    """Whether the options are this group's alone, and no columns of a table of groups."""

    @property
    def all_options(self) -> tuple[Option, ...]:
        """``options`` and ``more``."""
        return self.options + self.more


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice among records: a select, or a search above 200 records.

    ``lookup_href``: where a script searches, with ``q`` added to the query; the answer is JSON
    (``{"results": [{"id", "text"}], "more"}``). None for a select. Without a script, a text box
    ``find_name`` and a button ``find`` with the value ``name`` load the form again, with the found
    records in ``options``. ``found``: the result in words ("20 of many: type more to narrow"), or
    "".
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
    "radios",
    "checks",
    "moment",
    "date",
    "time",
    "code",
    "locked",
]
"""The control of a field. "code": a text of several lines in letters of one width."""


@dataclass(frozen=True, slots=True)
class Pager:
    """Links to other pages of a list or history; None if there is none."""

    first: str | None = None
    previous: str | None = None
    next: str | None = None
    last: str | None = None
