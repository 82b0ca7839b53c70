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
    """A field's old and new value, in pieces; none if there was no value, or the person may not
    see it (``hidden``).

    ``is_long``: whether the values do not fit in a line together. ``note``: a sentence in place of
    the values, where they are not kept: "Password changed".
    """

    label: str
    old: tuple[Part, ...] = ()
    new: tuple[Part, ...] = ()
    hidden: bool = False
    is_long: bool = False
    note: str = ""

    @property
    def old_text(self) -> str:
        return "".join(part.text for part in self.old)

    @property
    def new_text(self) -> str:
        return "".join(part.text for part in self.new)

    @property
    def is_cut(self) -> bool:
        """Whether any of the old value is gone; if not, something was added to it."""
        return not self.old or any(part.changed for part in self.old)

    @property
    def is_new(self) -> bool:
        """Whether any of the new value is new; if not, something was cut."""
        return not self.new or any(part.changed for part in self.new)


@dataclass(frozen=True, slots=True)
class Title:
    """What was done, without who did it: "{before}{link}{after}", as in "Price changed on Bolt"."""

    before: str
    link: Link | None = None
    after: str = ""

    @property
    def text(self) -> str:
        """The title without its link."""
        return f"{self.before}{self.link.text if self.link else ''}{self.after}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line about a changeset, or about one of its changes.

    ``href``: the changeset. ``undo_href``: its undo, None if the person may not or it is undone.
    ``undone``: the changeset that undid it. ``is_new_life``: whether it created a new record with
    the key of a deleted one.
    """

    title: Title
    who: str
    at: Cell
    source: str
    href: str
    operation: Literal["create", "update", "delete", "load", "mixed"]
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
    """A changeset: the line about it, and what it did to each record.

    ``undoes``: the changeset that it undid. ``technical``: facts (label and text) for those who
    look into a trouble. ``more``: a sentence about the records that are not listed, "" if all are.
    """

    heading: str
    entry: Entry
    changes: tuple[Entry, ...]
    undoes: Link | None = None
    technical: tuple[tuple[str, str], ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What an undo does to one kind of record, and why some of them stay as they are.

    ``previews``: the first records with their fields before and after the undo, as entries without
    a person. ``more``: a sentence about the others, "" for none.
    """

    text: str
    troubles: tuple[str, ...] = ()
    previews: tuple["UndoPreview", ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """A record that an undo writes, with its fields now and afterwards."""

    record: Link
    operation: Literal["create", "update", "delete"]
    fields: tuple[FieldChange, ...] = ()


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
    whether the button works, which POSTs to ``action``. ``button``: its text. ``refused``: whether
    a POST was refused. ``reason``: the value of a text field.
    """

    heading: str
    entry: Entry
    action: str
    steps: tuple[UndoStep, ...]
    conflicts: tuple[UndoConflict, ...]
    cancel_href: str
    may_undo: bool
    button: str
    refused: bool = False
    overwrite_all: bool = False
    problems: tuple[str, ...] = ()
    reason: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
