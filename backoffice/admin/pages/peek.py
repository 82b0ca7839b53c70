"""A record beside the list, without leaving it."""

from dataclasses import dataclass

from backoffice.admin.pages.details import Fact


@dataclass(frozen=True, slots=True)
class Peek:
    """What a list shows of a record beside its rows. ``edit_href``: None if the person may not
    change it."""

    heading: str
    facts: tuple[Fact, ...]
    details_href: str
    edit_href: str | None = None
