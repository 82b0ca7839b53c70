"""The page that asks before a deletion, with all that the deletion does."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Choice, Link


@dataclass(frozen=True, slots=True)
class AffectedRecords:
    """What a deletion does to one kind of record.

    ``counted`` and ``effect`` make a sentence: "10 items", "are deleted with it". ``links``: the
    first of them; ``more``: how many there are besides, "" for none.
    """

    counted: str
    effect: str
    label: str
    links: tuple[Link, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class DeletePage:
    """Asks before records are deleted.

    ``problems``: why they cannot be deleted; a warning where ``may_delete`` is set all the same.
    ``move``: the records to which the first of ``affected`` may be moved instead of being deleted;
    then there are radio buttons ``below`` ("move", "delete") and a select named as the choice.
    ``confirm``: the number to type into the field ``confirm``; None where nothing is to be typed.
    ``hidden``: fields posted unchanged. ``others``: to the same page without the records that
    cannot be deleted; None where nothing would be left.
    """

    heading: str
    label: str
    action: str
    pks: str
    records: tuple[Link, ...]
    affected: tuple[AffectedRecords, ...]
    cancel_href: str
    problems: tuple[str, ...] = ()
    may_delete: bool = True
    move: Choice | None = None
    below: Literal["", "move", "delete"] = ""
    confirm: int | None = None
    confirm_text: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    others: Link | None = None
