"""A record's fields, and its related records."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Cell, Link


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a record with its value. ``unit``: shown behind the value ("EUR")."""

    label: str
    cell: Cell
    unit: str = ""


@dataclass(frozen=True, slots=True)
class RelatedRecords:
    """The related records of one relation: the first of them, and a link to the list of all."""

    label: str
    count: str
    links: tuple[Link, ...]
    all_link: Link | None = None


@dataclass(frozen=True, slots=True)
class Byline:
    """Who created or changed a record, and when: "created", "Ada Lovelace", "3 days ago"."""

    what: Literal["created", "changed"]
    who: str
    at: Cell
    href: str | None = None


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """A record's fields and its related records.

    ``bylines``: who created it and who changed it last. ``links``: of the view's own.
    ``actions``: on this record.
    ``locked``: sentences that say why the record cannot be changed or deleted.
    """

    heading: str
    label: str
    facts: tuple[Fact, ...]
    related: tuple[RelatedRecords, ...] = ()
    edit_href: str | None = None
    history_href: str | None = None
    delete_href: str | None = None
    bylines: tuple[Byline, ...] = ()
    links: tuple[Link, ...] = ()
    actions: tuple[Link, ...] = ()
    locked: tuple[str, ...] = ()
