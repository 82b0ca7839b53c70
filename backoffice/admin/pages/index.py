"""The first page after signing in."""

from dataclasses import dataclass

from backoffice.admin.pages.history import Entry


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A kind of record on the index page, with how many there are ("2,000", "10,000+").

    ``label`` names one in "Add item"; ``icon`` is as in the navigation.
    """

    name_plural: str
    href: str
    count: str
    create_href: str | None = None
    label: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The first page after signing in."""

    heading: str
    entries: tuple[IndexEntry, ...]
    latest: "tuple[Entry, ...]" = ()
    feed_href: str | None = None
