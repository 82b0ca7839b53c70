"""A record's fields, and its related records."""

from dataclasses import dataclass, field
from typing import Literal

from backoffice.admin.pages.list import Column, Row
from backoffice.admin.pages.parts import Cell, Link, OptionGroup, Pager
from backoffice.admin.pages.steps import Steps
from backoffice.admin.pages.widths import NO_ROOM, TableRoom


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of a record with its value. ``unit``: shown behind the value ("EUR")."""

    label: str
    cell: Cell
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """What is ticked in groups of checkboxes, to read: a row for each group, and a column for each
    option that several have."""

    label: str
    groups: tuple[OptionGroup, ...]


@dataclass(frozen=True, slots=True)
class RelatedList:
    """The first records of one relation, as a small list.

    ``name``: of the relation, for the section's id. ``count``: "128" or "10,000+". ``add``: the
    form of a new related record, with the relation filled in. ``all_link``: the list of all of
    them; where there is none, ``pager`` has further pages. ``messages``: sentences about what the
    list could not do.
    """

    name: str
    label: str
    count: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    room: TableRoom = NO_ROOM
    add: Link | None = None
    all_link: Link | None = None
    pager: Pager = field(default_factory=Pager)
    messages: tuple[str, ...] = ()
    has_ticks: bool = False


@dataclass(frozen=True, slots=True)
class Byline:
    """Who created or changed a record, and when: "created", "Ada Lovelace", "3 days ago".

    ``who``: "" for a load.
    """

    what: Literal["created", "loaded", "restored", "changed"]
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
    matrices: tuple[Matrix, ...] = ()
    steps: Steps | None = None
    related: tuple[RelatedList, ...] = ()
    edit_href: str | None = None
    history_href: str | None = None
    delete_href: str | None = None
    bylines: tuple[Byline, ...] = ()
    links: tuple[Link, ...] = ()
    actions: tuple[Link, ...] = ()
    locked: tuple[str, ...] = ()
