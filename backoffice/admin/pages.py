"""What a screen shows, as plain values: the view collects a page, the template prints it.

Nothing in here reaches the database, so a template cannot either. URLs are paths on this site.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from backoffice.admin.history_pages import Entry


@dataclass(frozen=True, slots=True)
class Link:
    """Text that may lead somewhere; ``href`` is None where it does not."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the side navigation.

    ``icon``: the name of an outline (``admin/icons.py``), or "" for a table.
    """

    text: str
    href: str
    current: bool = False
    icon: str = ""


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """What an act did, told once on the page after it."""

    kind: Literal["success", "info", "warning", "error"]
    text: str
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Shell:
    """What stands around every page. ``person`` is "" where nobody is signed in."""

    product: str
    title: str
    csrf_token: str
    theme: Literal["auto", "light", "dark"]
    path: str
    """This page's path and query, to come back to after switching the theme."""
    person: str = ""
    person_email: str = ""
    person_link: Link | None = None
    menu: tuple[MenuEntry, ...] = ()
    breadcrumbs: tuple[Link, ...] = ()
    notices: tuple[ShownNotice, ...] = ()


CellKind = Literal[
    "text",
    "long",
    "number",
    "money",
    "relation",
    "boolean",
    "moment",
    "date",
    "code",
    "email",
    "hidden",
]
"""How a cell prints; "date" as digits of one width, "code" in letters of one width; "hidden" is of
a value that the person may not see."""


Tone = Literal["", "warning", "danger", "success", "muted"]


class Mark(NamedTuple):
    """A word for the state of a value, "low" or "out", and its colour."""

    word: str
    tone: Tone


# Not frozen: a page makes hundreds, and setting a frozen one's fields takes five times as long.
@dataclass(slots=True)
class Cell:
    """One value, ready to print.

    ``text``: what stands there ("" prints as an empty mark). ``href``: where it leads.
    ``hover``: the whole or exact value, for the title attribute. ``mark``: a word for its state
    ("low", "out"), ``tone`` that word's colour, or the text's where there is no mark.
    """

    text: str
    kind: CellKind = "text"
    href: str | None = None
    hover: str | None = None
    mark: str | None = None
    tone: Tone = ""


# Not frozen, like Cell.
@dataclass(slots=True)
class Option:
    """One choice of a select or a lookup."""

    value: str
    text: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice among records: a plain select, or above 200 rows a search-then-choose field.

    ``lookup_href``: where the script searches, with ``q`` added to its query (JSON:
    ``{"results": [{"id", "text"}], "more"}``); None for a plain select. Without a script,
    ``find_name``'s text box and the button named ``find`` with value ``name`` bring the form back
    with what was found in ``options``.
    ``found``: how that search went, in words ("20 of many: type more to narrow"), or "".
    """

    name: str
    label: str
    options: tuple[Option, ...]
    lookup_href: str | None = None
    find_name: str = ""
    find_text: str = ""
    found: str = ""


FieldKind = Literal[
    "line",
    "text",
    "number",
    "money",
    "boolean",
    "email",
    "password",
    "choice",
    "checks",
    "moment",
    "date",
    "time",
    "code",
    "locked",
]
"""What a field is drawn as; "code" is a text of several lines in letters of one width."""


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Checkboxes that belong together: the roles, a view's permissions. ``label`` may be ""."""

    label: str
    options: tuple[Option, ...]


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
    value. ``news``: what somebody else has changed since, and the form shows. ``told``:
    why the form is here, or what cannot be done in it; "" where there is nothing to say.
    ``cancel_href``: "" where there is no way past the form.
    """

    heading: str
    noun: str
    action: str
    fields: tuple[FormField, ...]
    buttons: tuple[str, ...]
    cancel_href: str
    problems: tuple[str, ...] = ()
    news: tuple[str, ...] = ()
    told: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    details_href: str | None = None
    history_href: str | None = None
    delete_href: str | None = None


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
    noun: str
    fields: tuple[tuple[str, Cell], ...]
    related: tuple[RelatedRecords, ...] = ()
    edit_href: str | None = None
    history_href: str | None = None
    delete_href: str | None = None
    bylines: tuple[Byline, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Affected:
    """What a delete does to one kind of record: "10 items are deleted with it", the first names.

    ``counted``: how many and what they are called, with which the sentence begins; ``rest``: what
    follows that. ``more``: how many there are beyond ``links``; "" for none.
    """

    counted: str
    rest: str
    label: str
    links: tuple[Link, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class DeletePage:
    """Asks before deleting, and says all that happens.

    ``problems``: why it cannot be done now; the button stays where ``may_delete``, for what was
    only told. ``move``: where the first of those ``affected`` may be moved to instead of being
    deleted: radio buttons named ``below`` ("move", "delete"), the select named as the choice.
    ``confirm``: the number to type into the field ``confirm`` before that many are deleted, None
    where that is not asked. ``hidden``: fields sent along, such as what was shown.
    """

    heading: str
    noun: str
    action: str
    pks: str
    records: tuple[Link, ...]
    affected: tuple[Affected, ...]
    cancel_href: str
    problems: tuple[str, ...] = ()
    may_delete: bool = True
    move: Choice | None = None
    below: Literal["", "move", "delete"] = ""
    confirm: int | None = None
    confirm_text: str = ""
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A kind of record on the index page, with how many there are ("2,000", "10,000+").

    ``noun`` names it in "Add item"; ``icon`` is as in the navigation.
    """

    label: str
    href: str
    count: str
    create_href: str | None = None
    noun: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The first page after signing in."""

    heading: str
    entries: tuple[IndexEntry, ...]
    latest: "tuple[Entry, ...]" = ()
    feed_href: str | None = None


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The sign-in form: fields ``username``, ``password``, ``next``, ``csrf_token``.

    ``wait_seconds``: how long until the next try, None while there is no wait. ``hidden``: fields
    sent along unchanged, such as what was typed on a page whose session ended. ``message``: why
    the form is here, "" where nobody needs telling.
    """

    action: str
    next: str = ""
    username: str = ""
    error: str = ""
    wait_seconds: int | None = None
    hidden: tuple[tuple[str, str], ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Resend:
    """What somebody typed on a page that could not be answered, to send again as it was."""

    action: str
    fields: tuple[tuple[str, str], ...]
    button: str = "Send again"


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page for what went wrong: 403, 404, 409, 413, 422, 500, 503 and others.

    ``reference``: the request's id, for whoever reads the log; "" where it does not help.
    """

    status: int
    heading: str
    text: str
    links: tuple[Link, ...] = ()
    reference: str = ""
    resend: Resend | None = None
    details: tuple[str, ...] = field(default=())
