"""What surrounds every page: the navigation, the person, the notices."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Link


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the side navigation.

    ``icon``: the name of an outline (``admin/pages/icons.py``), or "" for a table.
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
