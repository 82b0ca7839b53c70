"""A record's fields, and its related records."""

from dataclasses import dataclass

from backoffice.admin.pages.parts import Cell, Link


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """The related records of one relation: the first of them, and a link to the list of all."""

    label: str
    count: str
    links: tuple[Link, ...]
    all_link: Link | None = None


@dataclass(frozen=True, slots=True)
class Byline:
    """Who created or changed a record, and when: "Created", "Ada Lovelace", "3 days ago"."""

    what: str
    who: str
    at: Cell
    href: str | None = None


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """A record's fields, each a label and a cell, and its related records.

    ``bylines``: who created it and who changed it last. ``links``: of the view's own.
    ``actions``: on this record.
    ``locked``: sentences that say why the record cannot be changed or deleted.
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
    actions: tuple[Link, ...] = ()
    locked: tuple[str, ...] = ()
