"""The question before a delete, with everything that the delete does."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Choice, Link


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
    label: str
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
