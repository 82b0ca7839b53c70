"""How wide the columns of a list are, by what they hold."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from backoffice.admin.lists.widths import fit_columns, text_width
from backoffice.admin.pages import widths
from backoffice.admin.pages.list import Column, Row
from backoffice.admin.pages.parts import Cell, CellKind
from backoffice.admin.pages.rendering import PACKAGE
from backoffice.admin.pages.widths import TableRoom


def fitted(
    kinds: Sequence[CellKind],
    *rows: Sequence[str],
    chosen: Mapping[str, int] = MappingProxyType({}),
) -> tuple[list[Column], TableRoom]:
    """The columns of these kinds, called "0", "1" and so on, as wide as their texts need."""
    columns = [Column(f"{place}", f"C{place}", kind) for place, kind in enumerate(kinds)]
    cells = [Row(str(place), "", tuple(map(Cell, texts))) for place, texts in enumerate(rows)]
    return columns, fit_columns(columns, cells, chosen, ticks=True)


def test_a_column_takes_the_width_of_what_it_holds_and_the_name_the_rest() -> None:
    kinds: list[CellKind] = ["text", "relation", "money"]
    short, room = fitted(kinds, ("Bolt", "Nuts", "1.00"))
    long, longer_room = fitted(kinds, ("Bolt", "Socket screws", "1,234,567,890.00"))
    assert [column.room for column in short] == ["rest", "flexible", ""]
    assert [column.main for column in short] == [False, False, True]
    assert short[0].width == 0
    assert short[1].width < long[1].width
    assert short[2].width < long[2].width
    assert room.taken < longer_room.taken


def test_words_have_a_cap_and_a_number_is_never_cut() -> None:
    texts = ("Bolt", "x" * 300, "9" * 24, "y" * 300, "z" * 300)
    columns, _room = fitted(["text", "relation", "number", "email", "moment"], texts)
    relation, number, email, moment = [column.width for column in columns[1:]]
    assert relation == 14 * 2
    assert number > text_width("9" * 24) * 2
    assert email == 18 * 2
    assert moment < relation


def test_a_description_gives_way() -> None:
    columns, room = fitted(["text", "long"], ("a", "b"))
    assert [column.room for column in columns] == ["rest", "spare"]
    assert "has-spare" in room.classes


def test_behind_a_number_the_text_that_says_most_takes_the_rest() -> None:
    columns, room = fitted(["number", "long", "text", "moment"], ("#1", "Changed", "Ada", "now"))
    assert [column.room for column in columns] == ["", "rest", "flexible", ""]
    assert "has-spare" not in room.classes
    numbers, _room = fitted(["number", "money"], ("1", "2"))
    assert [column.room for column in numbers] == ["rest", ""]


def test_a_width_that_a_person_chose_comes_first_and_stays_within_the_steps() -> None:
    chosen = {"1": 30, "2": 10_000, "gone": 9}
    columns, _room = fitted(["text", "long", "money"], ("Bolt", "of steel", "1.00"), chosen=chosen)
    assert [column.width for column in columns] == [0, 30, widths.MOST]
    assert [column.room for column in columns] == ["rest", "", ""]


def test_a_list_without_rows_also_has_widths() -> None:
    columns, room = fitted(["text", "number"])
    assert columns[1].width >= widths.LEAST
    assert room.taken >= widths.LEAST_TAKEN


def test_signs_of_chinese_are_as_wide_as_they_are_high() -> None:
    assert text_width("螺栓") > text_width("ab") * 1.5
    assert text_width("iiii") < text_width("MMMM") / 2


@pytest.mark.parametrize("taken", [0, 13, 40, 41, 1000])
def test_the_stylesheet_has_a_rule_for_whatever_is_printed(taken: float) -> None:
    sheet = widths.stylesheet()
    for name in TableRoom(taken, taken).classes.split():
        assert f".{name} {{" in sheet
    assert f".w-{widths.LEAST} {{" in sheet
    assert f".w-{widths.MOST} {{" in sheet


def test_the_stylesheet_is_the_one_that_is_served() -> None:
    """Else: ``python -m backoffice.admin.pages.widths > backoffice/static/widths.css``."""
    assert (Path(PACKAGE) / "static" / "widths.css").read_text() == widths.stylesheet()
