"""The overview, the first page after signing in."""

from dataclasses import dataclass

from backoffice.admin.pages.history import Entry
from backoffice.admin.pages.parts import Link


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A kind of record on the overview. ``count``: "2,000" or "10,000+"; "" for a page.

    ``label``: as in "Add item". ``icon``: as in the navigation.
    """

    name_plural: str
    href: str
    count: str
    create_href: str | None = None
    label: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class SearchedList:
    """A list that the search box of the overview searches, and what it is called."""

    identity: str
    name: str


@dataclass(frozen=True, slots=True)
class Attention:
    """Records that somebody should look at: "Stock: Low", how many, and the list of them."""

    text: str
    count: str
    href: str


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The overview: a search, what needs attention, the latest changes, and the kinds of records.

    ``own_changes``: a link to the person's own changes.
    """

    heading: str
    entries: tuple[IndexEntry, ...]
    searched: tuple[SearchedList, ...] = ()
    attention: tuple[Attention, ...] = ()
    latest: tuple[Entry, ...] = ()
    feed_href: str | None = None
    own_changes: Link | None = None
