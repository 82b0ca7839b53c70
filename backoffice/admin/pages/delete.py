"""The page that asks before a deletion, with all that the deletion does."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Choice, Link


@dataclass(frozen=True, slots=True)
class AffectedRecords:
    """What a deletion does to one kind of record.

    ``title``: a sentence, "10 items are deleted with it". ``links``: the first of them; ``more``:
    "and 5 more" for those besides, "" for none.
    """

    title: str
    links: tuple[Link, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Ways:
    """The two ways for the records of the first ``AffectedRecords``: "move" and "delete".

    ``move``: where they may be moved. ``chosen``: "" for no way yet. ``why_not_move``,
    ``why_not_delete``: why a way is closed, "" if it is open; one of them is.
    """

    title: str
    move_label: str
    target_label: str
    delete_label: str
    move: Choice
    chosen: Literal["", "move", "delete"] = ""
    why_not_move: str = ""
    why_not_delete: str = ""


@dataclass(frozen=True, slots=True)
class DeletePage:
    """Asks before records are deleted.

    ``records``: the first of them; ``more``: "and 5 more" for ``more_records``. ``problems``: why
    they cannot be deleted, or were not. ``ways``: radio buttons ``below`` ("move", "delete") and a
    select named as the choice; None if there is nothing to choose. ``confirm``: the label of the
    field ``confirm``, into which a number is typed; "" where nothing is. ``wrong``: the name of the
    field that was refused, "" for none. ``hidden``: fields posted unchanged. ``others``: the page
    without the records that cannot be deleted; None where nothing would be left.
    """

    heading: str
    title: str
    action: str
    pks: str
    records: tuple[Link, ...]
    affected: tuple[AffectedRecords, ...]
    cancel_href: str
    more: str = ""
    more_records: tuple[Link, ...] = ()
    problems: tuple[str, ...] = ()
    may_delete: bool = True
    ways: Ways | None = None
    confirm: str = ""
    confirm_typed: str = ""
    wrong: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    others: Link | None = None
