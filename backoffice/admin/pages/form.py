"""A record's form, with what was typed and what is wrong with it."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Cell, Choice, FieldKind, OptionGroup


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that two people changed: what it was, what it is now, and whose that is.

    ``name`` is of the two radio buttons that decide ("theirs" or "mine"); "mine" is what stands in
    the field's own input. ``was``: None where nobody knows it. ``chosen``: "" where nothing was
    chosen yet.
    """

    name: str
    was: str | None
    theirs: str
    mine: str
    who: str
    at: Cell
    chosen: Literal["", "theirs", "mine"] = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form, with what was typed (``value``, or ``checked`` of a boolean).

    ``error``: the sentence to show at the field, "" where there is none. ``choice`` is there when
    ``kind`` is "choice", ``groups`` when it is "checks" (each box is named ``name``; a ``choice``
    beside them is a search that adds boxes). ``kind``
    "locked" is text that this person may not change, with the reason in ``help``. ``conflict``:
    what somebody else made of the field meanwhile. ``maximum``: most characters, None for no limit.
    """

    name: str
    label: str
    kind: FieldKind
    value: str = ""
    checked: bool = False
    error: str = ""
    help: str = ""
    unit: str = ""
    required: bool = False
    blank: str = "None"
    """What the first choice of a select is called that need not be made."""
    maximum: int | None = None
    autocomplete: str = "off"
    choice: Choice | None = None
    groups: tuple[OptionGroup, ...] = ()
    conflict: FieldConflict | None = None


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form to create or edit a record.

    ``problems``: what was wrong with the whole of it. ``hidden``: fields sent along unchanged.
    ``buttons``: in order, the first is the primary one; each is named ``save`` and its text is its
    value. ``taken_over``: sentences about what somebody else changed. ``message``: why the person
    has to fill in the form, "" for no reason. ``cancel_href``: "" where the person has to.
    """

    heading: str
    label: str
    action: str
    fields: tuple[FormField, ...]
    buttons: tuple[str, ...]
    cancel_href: str
    problems: tuple[str, ...] = ()
    taken_over: tuple[str, ...] = ()
    message: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    details_href: str | None = None
    history_href: str | None = None
    delete_href: str | None = None
