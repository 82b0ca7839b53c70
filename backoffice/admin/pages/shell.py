"""The frame of every page: navigation, person, notices."""

from dataclasses import dataclass
from typing import Literal

from backoffice.admin.pages.parts import Link


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """An entry of the navigation. ``icon``: an outline's name (``icons.py``), "" for a table.
    ``key``: the letter that goes there after ``g``, "" for none."""

    text: str
    href: str
    current: bool = False
    icon: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice about what was done, which the next page shows once.

    ``button``: whether a button that posts takes the place of ``link``; it undoes a change, or an
    undo ("redo").
    """

    kind: Literal["success", "info", "warning", "error"]
    text: str
    link: Link | None = None
    button: Literal["", "undo", "redo"] = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and its size in pixels, so that nothing moves when it arrives."""

    href: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ShownBrand:
    """How an installation looks. ``stylesheet``: the address of its colours, "" for the product's.
    ``logo``: None for the product's mark. ``icon``: the address of the icon in a browser's tab."""

    stylesheet: str
    logo: Picture | None
    icon: str
    icon_type: str


Theme = Literal["auto", "light", "dark"]

HOME_KEY = "o"
"""The letter that goes to the overview after ``g``."""


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """A language that a person may choose. ``lang``: its code for HTML. ``name``: in itself,
    "Deutsch"."""

    code: str
    lang: str
    name: str


@dataclass(frozen=True, slots=True)
class UserMenu:
    """The menu of the person who is signed in: the same on all their pages.

    ``languages``: those to choose from, none if there is no choice; ``language``: the code of the
    chosen one, "" for the browser's. ``is_untranslated``: whether the texts are English although
    the person reads another language.
    """

    name: str
    email: str
    links: tuple[Link, ...]
    theme: Theme
    languages: tuple[LanguageChoice, ...]
    language: str
    is_untranslated: bool


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that go to places, after ``g``: to the overview, and to each place by its key."""

    home: str
    places: tuple[tuple[str, str], ...]
    """Each key with the name of the place."""


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of every page. ``user_menu``: None if nobody is signed in."""

    product: str
    title: str
    csrf_token: str
    theme: Theme
    path: str
    """This page's path and query, to return to after switching the theme."""
    brand: ShownBrand
    user_menu: UserMenu | None = None
    home_key: str = HOME_KEY
    menu: tuple[MenuEntry, ...] = ()
    breadcrumbs: tuple[Link, ...] = ()
    notices: tuple[ShownNotice, ...] = ()
    refused: bool = False
    """Whether the page says why something was not done: then its title begins with "Error:"."""

    @property
    def keys(self) -> Keys:
        """The keys to the places that this person can go to."""
        places = tuple((entry.key, entry.text) for entry in self.menu if entry.key)
        return Keys(self.home_key, places)
