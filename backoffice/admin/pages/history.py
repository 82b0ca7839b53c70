"""What the screens of history and undo show, as plain values (see ``admin.pages``)."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Cell, Link, Pager


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an old or new value; ``changed`` pieces are the ones that differ."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's old and new value, in pieces; empty where there was none, and where the person may
    not see them (``hidden``)."""

    label: str
    old: tuple[Part, ...] = ()
    new: tuple[Part, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done: a line of the feed, of a record's history, of a changeset.

    ``what`` is a sentence ("changed price and quantity", "deleted 3 items"), ``record`` the record
    it is about where it is one. ``href`` leads to the changeset, ``undo_href`` to taking it back
    (None where the person may not, or it is done). ``undone``: by which changeset it was.
    ``is_new_life``: whether it made a new record with the key of one that was deleted before.
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
    """What a history begins with where no change does: "{before} {link}{after}".

    ``hover``: when that was, to the second.
    """

    before: str
    link: Link
    after: str
    hover: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A record's history, the newest first. ``gone``: the record does not exist any more.

    ``beginning``: the load that made it, or perhaps did; None on all pages but the last.
    """

    heading: str
    label: str
    entries: tuple[Entry, ...]
    pager: Pager
    beginning: Beginning | None = None
    gone: bool = False
    details_href: str | None = None
    edit_href: str | None = None


@dataclass(frozen=True, slots=True)
class ChangesetPage:
    """One act as a whole: the line about it, facts (label, cell), and what it did to each record.

    ``more``: a sentence about the records that are not listed, "" if all are. ``verified``: what
    the seal says, "" if it has none yet.
    """

    heading: str
    entry: Entry
    facts: tuple[tuple[str, Cell], ...]
    changes: tuple[Entry, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What undoing does to one kind of record, in a sentence, and why some stay as they are."""

    text: str
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UndoConflict:
    """A field that was changed again since: a checkbox named ``overwrite`` with value ``token``."""

    token: str
    record: Link
    label: str
    before: str
    after: str
    now: str
    checked: bool = False


@dataclass(frozen=True, slots=True)
class UndoPage:
    """Asks before undoing, and says what will happen.

    ``problems``: why it cannot be done, or what changed since it was asked. ``overwrite_all``:
    there are more conflicts than shown, so a checkbox of that name takes them all. POST to
    ``action``; the button reads "Undo" and is there if ``may_undo``. ``reason``: a text field.
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
