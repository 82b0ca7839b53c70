"""A form, with what was typed and what is wrong with it."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Cell, Choice, FieldKind, Link, OptionGroup
from backoffice.admin.pages.steps import Steps


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that two people changed.

    ``name``: of the two radio buttons that decide, "theirs" and "mine"; "mine" is the value of the
    field's own input. ``was``: the value before either change, None if unknown. ``who``, ``at``:
    who changed it to ``theirs``, and when. ``chosen``: "" where nothing was chosen yet.
    """

    name: str
    was: str | None
    theirs: str
    mine: str
    who: str
    at: Cell
    is_own: bool = False
    """Whether it was the person who edits now, in another window."""
    chosen: Literal["", "theirs", "mine"] = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form, with what was typed: ``value``, or ``checked`` of a boolean.

    ``error``: a sentence, "" for none. ``choice``: of the kind "choice". ``groups``: the checkboxes
    of the kind "checks", all of them named ``name``; a ``choice`` beside them is a search that adds
    checkboxes. The kind "locked" is text that the person cannot change, with the reason in
    ``help``. ``conflict``: somebody else also changed the field. ``maximum``: the number of
    characters, None for no limit.
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
    blank: str = ""
    """The text of a select's first choice, where nothing need be chosen."""
    maximum: int | None = None
    autocomplete: str = "off"
    choice: Choice | None = None
    groups: tuple[OptionGroup, ...] = ()
    conflict: FieldConflict | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button that sends a form. ``value``: what it posts, in every language."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form that creates or edits a record, or changes the password.

    ``problems``: what is wrong with the form as a whole. ``hidden``: fields posted unchanged.
    ``buttons``: the first is the primary one; all are named ``save``.
    ``taken_over``: sentences about what somebody else changed. ``message``: why the person has to
    fill in the form, "" for no reason. ``cancel_href``: "" if the person has to.
    ``actions``: on the record.
    """

    heading: str
    label: str
    action: str
    fields: tuple[FormField, ...]
    buttons: tuple[Button, ...]
    cancel_href: str
    problems: tuple[str, ...] = ()
    taken_over: tuple[str, ...] = ()
    message: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    details_href: str | None = None
    history_href: str | None = None
    delete_href: str | None = None
    actions: tuple[Link, ...] = ()
    steps: Steps | None = None
