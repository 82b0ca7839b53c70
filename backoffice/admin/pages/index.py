"""The overview, the first page after signing in."""

from dataclasses import dataclass

from backoffice.admin.pages.history import Entry


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
class IndexPage:
    """The overview: the kinds of records, and the latest changes."""

    heading: str
    entries: tuple[IndexEntry, ...]
    latest: tuple[Entry, ...] = ()
    feed_href: str | None = None
