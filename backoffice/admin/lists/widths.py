"""How wide the columns of a list are: as wide as what they hold, up to a cap.

One column takes the rest of the room: the name, or what a change did. A description gives way to
it, down to nothing. A person's own widths come before all of this.

The server measures the texts, so that the first paint is right and nothing jumps. It knows no font:
it counts with the mean widths of letters in the usual ones, and a little more.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from backoffice.admin.pages.list import Column, Room, Row
from backoffice.admin.pages.parts import Cell, CellKind
from backoffice.admin.pages.widths import (
    LEAST,
    LEAST_REST,
    MOST,
    STEPS_IN_A_REM,
    TableRoom,
)

_CAPS: dict[CellKind, int] = {
    "relation": 14,
    "text": 16,
    "email": 18,
    "code": 14,
    "long": 18,
    "moment": 12,
    "date": 10,
    "boolean": 9,
}
"""The widest that a column gets by itself, in rem. A number has none: cut off, it would read as
another number."""

_NAMED: frozenset[CellKind] = frozenset(("text", "relation", "email", "code", "long"))
"""Kinds that may take the rest. A first column of another kind, such as a number, needs no room."""

_PADDING, _EDGE, _TICK = 1.5, 0.5, 2.75
"""Rem beside a cell's text, at each end of the table, and of the column of ticks."""

_HEADING_CAP = 12
"""Rem that a heading may ask for. A longer one is also cut."""

_HEADING_SIZE = 0.93
"""The size of its letters beside those of a cell."""

_MOST_REST = 36
"""Rem that the column which takes the rest has before a description has any."""


def fit_columns(
    columns: Sequence[Column], rows: Sequence[Row], chosen: Mapping[str, int], *, ticks: bool
) -> TableRoom:
    """Set the columns' widths, and return how much room the table takes.

    ``chosen``: the person's own widths in steps, by the columns' names. ``ticks``: whether there is
    a column of ticks.
    """
    kinds = tuple(column.kind for column in columns)
    own = frozenset(place for place, column in enumerate(columns) if column.name in chosen)
    rooms, main = _find_rooms(kinds, own)
    cells_of = list(zip(*[row.cells for row in rows], strict=True)) or [()] * len(columns)
    last = len(columns) - 1
    taken, wanted = _TICK if ticks else 0.0, 0.0
    for place, (column, cells) in enumerate(zip(columns, cells_of, strict=True)):
        column.room, column.main = rooms[place], place == main
        if column.room == "rest":
            wanted = _text_room(cells) + _PADDING
        elif column.room != "spare":
            if place in own:
                column.width = max(LEAST, min(chosen[column.name], MOST))
            else:
                column.width = _steps(column, cells, at_edge=place in (0, last))
            taken += column.width / STEPS_IN_A_REM
    has_spare = "spare" in rooms
    # In twos, so that the columns keep their places from page to page.
    wanted = max(LEAST_REST, -(-wanted // 2) * 2)
    if has_spare:
        wanted = min(wanted, _MOST_REST)
    return TableRoom(taken + wanted, taken + LEAST_REST, spare=has_spare)


@lru_cache(maxsize=1_000)
def _find_rooms(
    kinds: tuple[CellKind, ...], own: frozenset[int]
) -> tuple[tuple[Room, ...], int | None]:
    """What each column does about the room, by the columns' kinds and the places of those with a
    width of the person's ``own``; and the place of the main number, not the first one."""
    places = range(len(kinds))
    rest = _find_rest(kinds)
    free = [place for place in places if place != rest and place not in own]
    spare = next((place for place in free if kinds[place] == "long"), None)
    flexible = next((place for place in free if kinds[place] in _NAMED and place != spare), None)
    rooms: dict[int | None, Room] = {flexible: "flexible", spare: "spare", rest: "rest"}
    numbers = (place for kind in ("money", "number") for place in places if kinds[place] == kind)
    return tuple(rooms.get(place, "") for place in places), next(filter(None, numbers), None)


def _find_rest(kinds: Sequence[CellKind]) -> int:
    """The place of the column that takes the rest: the first, or behind a number the text that says
    most."""
    if kinds[0] in _NAMED:
        return 0
    for wanted in (frozenset({"long"}), _NAMED):
        for place, kind in enumerate(kinds):
            if kind in wanted:
                return place
    return 0


def _steps(column: Column, cells: Sequence[Cell], *, at_edge: bool) -> int:
    """The width that a column needs, in steps. It is a whole rem, so that the columns keep their
    places from page to page."""
    heading = _heading_width(column.label, column.unit)
    # The mark of a column that is not sorted may be cut off at the end of its heading; before a
    # label it needs room at once.
    if column.sorted or column.refused or (column.sort_href and column.align == "right"):
        heading += 1.25
    width = max(_text_room(cells), min(heading, _HEADING_CAP)) + _PADDING
    width = min(width, _CAPS.get(column.kind, MOST)) + (_EDGE if at_edge else 0)
    steps = round(-(-width // 1)) * STEPS_IN_A_REM
    return max(LEAST, min(steps, MOST))


@lru_cache(maxsize=1_000)
def _heading_width(label: str, unit: str) -> float:
    return _HEADING_SIZE * text_width(f"{label} {unit}".rstrip())


def _text_room(cells: Sequence[Cell]) -> float:
    """The width of the longest text of a column, with its mark, in rem."""
    if not cells:
        return 0.0
    width = text_width(max([cell.text for cell in cells], key=len))
    if marks := [cell.mark for cell in cells if cell.mark]:
        width += text_width(max(marks, key=len)) + 1.25
    return width


def text_width(text: str) -> float:
    """About how wide a text of a cell is, in rem."""
    width = sum(map(_WIDTHS.__getitem__, text.encode("latin-1", "replace")))
    if not text.isascii():
        width += sum(_WIDE for character in text if character >= _FIRST_WIDE)
    return width / 1000


_FONT_SIZE = 0.875
_FIRST_WIDE = "\u1100"
_WIDE = round((1.0 - 0.56) * _FONT_SIZE * 1000)
"""How much wider than a letter a sign of Korean, Chinese or Japanese is, in thousandths of a
rem."""


def _width_of(character: str) -> int:
    if character in "ijl.,:;'|!()[]I ":
        em = 0.29
    elif character in 'ftr/\\-"`*':
        em = 0.4
    elif character in "mwMW@%":
        em = 0.92
    elif character.isupper():
        em = 0.68
    elif character.isdigit():
        em = 0.58
    else:
        em = 0.58 if character.isascii() else 0.56
    return round(em * _FONT_SIZE * 1000)


_WIDTHS = tuple(_width_of(chr(code)) for code in range(256))
"""In thousandths of a rem, by code of Latin-1."""
