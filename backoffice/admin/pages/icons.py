"""Icons: the outlines of Heroicons by name, and the few drawings that they lack.

A view names an outline: ``icon = "cube"``. Templates name an outline too, or what the icon is for:
``icon("close")``. All have one grid of 24 × 24, and the stylesheet gives all the same lines
(``.icon-drawn``). Decision 19 says why.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zipfile import ZipFile

from markupsafe import Markup

ARCHIVE = files("heroicons") / "heroicons.zip"
"""The package's icons. This path is not documented, so a test checks it. The package's own function
opens the archive for each icon, which takes 150 ms of a start; reading all of it takes 20 ms."""

_OUTLINE = re.compile(r"outline/([a-z0-9-]+)\.svg")
_SHAPE = re.compile(r'<path\b[^>]* d="([^"]+)"')


def read_outlines() -> dict[str, Markup]:
    """The inside of each outline's ``svg`` element, by name.

    These are shapes only. The stylesheet gives their lines colour, width and ends.
    """
    with ARCHIVE.open("rb") as file, ZipFile(file) as archive:
        found = {
            match[1]: archive.read(match[0]).decode()
            for match in map(_OUTLINE.fullmatch, archive.namelist())
            if match
        }
    return {
        name: Markup("".join(f'<path d="{shape}"/>' for shape in _SHAPE.findall(svg)))  # noqa: S704 - pinned by hash
        for name, svg in found.items()
    }


OUTLINES: Mapping[str, Markup] = read_outlines()
"""The outlines that a view's ``icon`` can name."""

USES = {
    "ascending": "arrow-long-up",
    "auto": "computer-desktop",
    "close": "x-mark",
    "columns": "view-columns",
    "create": "plus",
    "delete": "trash",
    "descending": "arrow-long-down",
    "error": "exclamation-circle",
    "filters": "funnel",
    "first": "chevron-double-left",
    "history": "clock",
    "info": "information-circle",
    "keep": "bookmark",
    "last": "chevron-double-right",
    "left": "chevron-left",
    "load": "arrow-down-tray",
    "menu": "bars-3",
    "mixed": "rectangle-stack",
    "right": "chevron-right",
    "search": "magnifying-glass",
    "success": "check-circle",
    "table": "table-cells",
    "undo": "arrow-uturn-left",
    "update": "pencil",
    "warning": "exclamation-triangle",
}
"""The outlines by their use, where templates name the use."""

OURS = {
    "fold": '<rect x="3" y="4.5" width="18" height="15" rx="2.25"/>'
    '<path d="M9 4.5v15M16.25 9.75 14 12l2.25 2.25"/>',
    "unsorted": '<path d="M12 4.5v15M8.5 8 12 4.5 15.5 8M8.5 16l3.5 3.5 3.5-3.5M4.5 17.5l15-11"/>',
}
"""Drawings of our own, for what Heroicons lack."""

MIRRORED = frozenset({"first", "fold", "last", "left", "right", "sign-out", "undo"})
"""The icons that point in the direction of reading, and turn round where it does."""

DRAWINGS: Mapping[str, Markup] = {
    **OUTLINES,
    **{use: OUTLINES[name] for use, name in USES.items()},
    **{use: Markup(shapes) for use, shapes in OURS.items()},  # noqa: S704 - constants above
}
"""The inside of the ``svg`` element of every icon that a template can name."""


@cache
def icon(name: str, size: int = 18) -> Markup:
    """An icon of so many pixels, by the name of its use or of its outline.

    Raises:
        KeyError: there is no such icon.
    """
    turns = " icon-turns" if name in MIRRORED else ""
    return Markup(  # noqa: S704 - the drawings are constants
        f'<svg class="icon-drawn{turns}" width="{size}" height="{size}" viewBox="0 0 24 24" '
        f'aria-hidden="true" focusable="false">{DRAWINGS[name]}</svg>'
    )
