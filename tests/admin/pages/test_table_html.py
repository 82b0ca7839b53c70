"""The rows of a list: what is cut, marked and said in them."""

import re
from collections.abc import Sequence

import pytest

from backoffice.admin.pages.list import Column, ListPage, Row, RowMark
from backoffice.admin.pages.parts import Cell, CellKind, Pager
from backoffice.admin.pages.table_html import END, LONGEST_END, rows_html
from backoffice.language import find_language, speak

LONG = "Hexagon bolt with flange, DIN 6921 "


def printed(
    texts: Sequence[str], kind: CellKind = "text", *, mark: RowMark = "", href: str | None = None
) -> str:
    """The HTML of a list with one column, and a row for each text."""
    cells = [Cell(text, kind, href) for text in texts]
    rows = tuple(Row(str(place), cell.text, (cell,), mark) for place, cell in enumerate(cells))
    columns = (Column("name", "Name", kind),)
    page = ListPage("Items", "item", "items", columns, rows, "", Pager(), "/", delete_href="/")
    return str(rows_html(page))


def parts(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<span class="parts"><span>([^<]*)</span><span>([^<]*)</span></span>', html)


def test_texts_that_differ_at_their_ends_keep_these_in_view() -> None:
    html = printed([f"{LONG}M10×40 8.8 zinc", f"{LONG}M10×55 A2", "Nut"], href="/1")
    assert parts(html) == [(f"{LONG}M10×40 ", "8.8 zinc"), (LONG, "M10×55 A2")]
    assert f'title="{LONG}M10×55 A2"' in html
    for start, end in parts(html):
        assert END <= len(end) <= LONGEST_END
        assert f'<a href="/1"><span class="parts"><span>{start}' in html


def test_a_text_without_a_blank_is_cut_anywhere() -> None:
    serial = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert parts(printed([f"{serial}1", f"{serial}2"])) == [
        (serial[:19], "TUVWXYZ1"),
        (serial[:19], "TUVWXYZ2"),
    ]


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        ([f"{LONG}A2"], "text"),
        ([f"{LONG}A2", "Another one, with quite another name"], "text"),
        ([f"{LONG}A2", f"{LONG}A4"], "long"),
        ([LONG[:20], LONG[:22]], "text"),
    ],
    ids=["alone", "different", "description", "short"],
)
def test_other_texts_are_cut_at_their_ends(texts: list[str], kind: CellKind) -> None:
    assert parts(printed(texts, kind)) == []


def test_what_is_cut_is_escaped() -> None:
    assert "<b>" not in printed([f"<b>{LONG}<b>", f"<b>{LONG}</b>"])


def test_a_row_that_was_just_saved_is_marked() -> None:
    assert '<tr class="saved">' in printed(["Nut"], mark="saved")
    assert "<tr>" in printed(["Nut"])


def test_a_row_is_selected_by_its_name_in_every_language() -> None:
    with speak(find_language("qps-ploc")):
        html = printed(["{Nut} & <bolt>"])
    assert "{Nut} &amp; &lt;bolt&gt;" in html
    assert "\0" not in html


def test_on_a_page_from_right_to_left_words_have_their_own_direction() -> None:
    assert "dir=" not in printed(["Nut"])
    with speak(find_language("qps-plocm")):
        assert ' dir="auto">Nut' in printed(["Nut"])
        assert "dir=" not in printed(["7"], "number")
