"""How wide the columns of a list are, by what they hold."""

from pathlib import Path

import pytest

from backoffice.admin.lists.widths import fit_columns, text_width
from backoffice.admin.pages import widths
from backoffice.admin.pages.list import Column, Row
from backoffice.admin.pages.parts import Cell, CellKind
from backoffice.admin.pages.rendering import PACKAGE


def columns_of(*kinds: CellKind) -> list[Column]:
    return [Column(f"{place}", f"C{place}", kind) for place, kind in enumerate(kinds)]


def rows_of(*texts: tuple[str, ...]) -> list[Row]:
    return [Row(str(place), "", tuple(map(Cell, cells))) for place, cells in enumerate(texts)]


def test_a_column_takes_the_width_of_what_it_holds_and_the_name_the_rest() -> None:
    columns = columns_of("text", "relation", "money")
    short, room = fit_columns(columns, rows_of(("Bolt", "Nuts", "1.00")), {}, ticks=True)
    long, longer_room = fit_columns(
        columns, rows_of(("Bolt", "Socket screws", "1,234,567,890.00")), {}, ticks=True
    )
    assert [column.room for column in short] == ["rest", "flexible", ""]
    assert short[0].width == 0
    assert short[1].width < long[1].width
    assert short[2].width < long[2].width
    assert room.taken < longer_room.taken


def test_words_have_a_cap_and_a_number_is_never_cut() -> None:
    columns = columns_of("text", "relation", "number", "email", "moment")
    texts = ("Bolt", "x" * 300, "9" * 24, "y" * 300, "z" * 300)
    fitted, _room = fit_columns(columns, rows_of(texts), {}, ticks=False)
    relation, number, email, moment = [column.width for column in fitted[1:]]
    assert relation == 14 * 2
    assert number > text_width("9" * 24) * 2
    assert email == 18 * 2
    assert moment < relation


def test_a_description_gives_way_and_behind_a_number_the_text_that_says_most_takes_the_rest() -> (
    None
):
    fitted, room = fit_columns(columns_of("text", "long"), rows_of(("a", "b")), {}, ticks=True)
    assert [column.room for column in fitted] == ["rest", "spare"]
    assert "has-spare" in room.classes
    feed, _room = fit_columns(
        columns_of("number", "long", "text", "moment"),
        rows_of(("#1", "Changed", "Ada", "now")),
        {},
        ticks=False,
    )
    assert [column.room for column in feed] == ["", "rest", "flexible", ""]


def test_a_width_that_a_person_chose_comes_first_and_stays_within_the_steps() -> None:
    columns = columns_of("text", "long", "money")
    rows = rows_of(("Bolt", "of steel", "1.00"))
    fitted, _room = fit_columns(columns, rows, {"1": 30, "2": 10_000, "gone": 9}, ticks=False)
    assert [column.width for column in fitted] == [0, 30, widths.MOST]
    assert [column.room for column in fitted] == ["rest", "", ""]


def test_a_list_without_rows_has_widths_too() -> None:
    fitted, room = fit_columns(columns_of("text", "number"), [], {}, ticks=False)
    assert fitted[1].width >= widths.LEAST
    assert room.taken >= widths.LEAST_TAKEN


def test_signs_of_chinese_are_as_wide_as_they_are_high() -> None:
    assert text_width("螺栓") > text_width("ab") * 1.5
    assert text_width("iiii") < text_width("MMMM") / 2


@pytest.mark.parametrize("taken", [0, 13, 40, 41, 1000])
def test_the_stylesheet_has_a_rule_for_whatever_is_printed(taken: float) -> None:
    sheet = widths.stylesheet()
    for name in widths.TableRoom.of(taken, taken, spare=False).classes.split():
        assert f".{name} {{" in sheet
    assert f".w-{widths.LEAST} {{" in sheet
    assert f".w-{widths.MOST} {{" in sheet


def test_the_stylesheet_is_the_one_that_is_served() -> None:
    """Else: ``python -m backoffice.admin.pages.widths > backoffice/static/widths.css``."""
    assert (Path(PACKAGE) / "static" / "widths.css").read_text() == widths.stylesheet()
