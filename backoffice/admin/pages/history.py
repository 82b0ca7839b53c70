"""The pages of history, changesets and undo."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Cell, Link, Pager


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an old or new value. ``changed``: whether it differs from the other value."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's old and new value, in pieces; none where there was no value, or the person may not
    see it (``hidden``)."""

    label: str
    old: tuple[Part, ...] = ()
    new: tuple[Part, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A line about a changeset, or about one of its changes.

    ``what``: the end of a sentence ("changed price and quantity", "deleted 3 items"). ``record``:
    where it is about one record. ``href``: the changeset. ``undo_href``: its undo, None where the
    person may not or it is undone. ``undone``: the changeset that undid it. ``is_new_life``:
    whether it created a new record with the key of a deleted one.
    """

    what: str
    who: str
    at: Cell
    source: str
    href: str
    operation: Literal["create", "update", "delete", "load", "mixed"]
    record: Link | None = None
    reason: str = ""
    fields: tuple[FieldChange, ...] = ()
    undo_href: str | None = None
    undone: Link | None = None
    is_new_life: bool = False


@dataclass(frozen=True, slots=True)
class Beginning:
    """The load that created a record, in a sentence: "{before} {link}{after}".

    ``hover``: when that was, to the second.
    """

    before: str
    link: Link
    after: str
    hover: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A record's history, the latest change first. ``is_deleted``: the record does not exist.

    ``beginning``: the load that created it, or may have; None on all pages but the last.
    """

    heading: str
    label: str
    entries: tuple[Entry, ...]
    pager: Pager
    beginning: Beginning | None = None
    is_deleted: bool = False
    details_href: str | None = None
    edit_href: str | None = None


@dataclass(frozen=True, slots=True)
class ChangesetPage:
    """A changeset: the line about it, facts (label and cell), and what it did to each record.

    ``more``: a sentence about the records that are not listed, "" if all are.
    """

    heading: str
    entry: Entry
    facts: tuple[tuple[str, Cell], ...]
    changes: tuple[Entry, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What an undo does to one kind of record, and why some of them stay as they are."""

    text: str
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UndoConflict:
    """A field that was changed again: a checkbox named ``overwrite`` with the value ``token``."""

    token: str
    record: Link
    label: str
    before: str
    after: str
    now: str
    checked: bool = False


@dataclass(frozen=True, slots=True)
class UndoPage:
    """Asks before an undo, and says what it does.

    ``problems``: why it cannot be done, or why the page is shown again. ``overwrite_all``: whether
    there are more conflicts than shown, which a checkbox of that name overwrites. ``may_undo``:
    whether there is a button that POSTs to ``action``. ``reason``: the value of a text field.
    """

    heading: str
    entry: Entry
    action: str
    steps: tuple[UndoStep, ...]
    conflicts: tuple[UndoConflict, ...]
    cancel_href: str
    may_undo: bool
    overwrite_all: bool = False
    problems: tuple[str, ...] = ()
    reason: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
