"""The page of the fields of one view that a role permits."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Option

Permitted = Literal["", "read", "write"]
"""What a limited role permits of a field: nothing, reading, or reading and writing."""


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A choice: radio buttons named ``name``."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class RoleFieldsPage:
    """The fields of one view. ``limited``: the two radio buttons that choose between all fields and
    those ticked. ``hidden``: names and values of hidden inputs."""

    heading: str
    intro: str
    action: str
    cancel_href: str
    limited: FieldChoice
    fields: tuple[FieldChoice, ...]
    problems: tuple[str, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    may_save: bool = True
