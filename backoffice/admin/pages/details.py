"""A record's fields, and the records that belong to it."""

from dataclasses import dataclass

from backoffice.admin.pages.parts import Cell, Link


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """The records that belong to the one shown: the first few, and a link to all."""

    label: str
    count: str
    links: tuple[Link, ...]
    all_link: Link | None = None


@dataclass(frozen=True, slots=True)
class Byline:
    """Who did something to a record and when: "Created", "Ada Lovelace", "3 days ago"."""

    what: str
    who: str
    at: Cell
    href: str | None = None


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """A record's fields, as label and cell, and what belongs to it.

    ``bylines``: who created it and who changed it last, in one calm line.
    """

    heading: str
    label: str
    fields: tuple[tuple[str, Cell], ...]
    related: tuple[RelatedRecords, ...] = ()
    edit_href: str | None = None
    history_href: str | None = None
    delete_href: str | None = None
    bylines: tuple[Byline, ...] = ()
    links: tuple[Link, ...] = ()
