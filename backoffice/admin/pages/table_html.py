"""The rows of a list as HTML, and a cell for the other pages.

Everything else is printed by templates. A page has some 250 cells, and a template takes twice as
long for them as this does.
"""

from collections.abc import Sequence, Set

from markupsafe import Markup

from backoffice.admin.pages.compiling import escape_text
from backoffice.admin.pages.list import Column, ListPage, Row
from backoffice.admin.pages.parts import Cell, CellKind
from backoffice.language import _, current_language

HOVERED = 24
"""Characters of a text that may not fit its column: a longer one is also in the title."""

LONGEST = 1_000
"""Characters of a value that a cell holds: a line of them is seen, the rest in the title."""

WORDS: frozenset[CellKind] = frozenset(("text", "long", "relation", "email", "code"))
"""Kinds of columns whose values are words, in whatever language."""

SHARED = 16
"""Characters at the beginning that two texts of a column share, of which only the ends differ."""

END, LONGEST_END = 8, 18
"""Characters of its end that such a text keeps: at least, and at most to begin with a word."""


def cell_html(cell: Cell) -> Markup:
    """The content of a cell of a list, or of a field of a record."""
    return Markup(_content(cell))  # noqa: S704 - _content escapes each text


def rows_html(page: ListPage) -> Markup:
    """The rows of a list's table."""
    columns = [
        (_head(column, first=not place), _similar(column, place, page.rows))
        for place, column in enumerate(page.columns)
    ]
    tick = _tick() if page.has_ticks else None
    html: list[str] = []
    for row in page.rows:
        _add_row(html, row, columns, tick)
    return Markup("".join(html))  # noqa: S704 - _head, _tick, _add_row and _content escape texts


def _head(column: Column, *, first: bool) -> str:
    classes = "cell-name" if first else column.cell_classes
    label = escape_text(column.full_label)
    # On a page from right to left, an English text is still cut at its own end.
    direction = ' dir="auto"' if column.kind in WORDS and _is_mirrored() else ""
    return f'        <td class="{classes}" data-label="{label}"{direction}'


def _is_mirrored() -> bool:
    return current_language().direction == "rtl"


def _similar(column: Column, place: int, rows: Sequence[Row]) -> Set[str]:
    """How several texts of a column begin. Such a text is cut in its middle, or all would look the
    same. Of a description nobody needs the end."""
    if column.kind not in WORDS or column.kind == "long":
        return set()
    seen: set[str] = set()
    seen_again: set[str] = set()
    for row in rows:
        text = row.cells[place].text
        if len(text) > HOVERED:
            beginning = text[:SHARED]
            (seen_again if beginning in seen else seen).add(beginning)
    return seen_again


def _tick() -> tuple[str, str, str]:
    """What is before, between and behind a row's key and label in the cell that selects it."""
    before, _name, behind = _("Select {name}", name="\0").partition("\0")
    return (
        '        <td class="tick"><label><input type="checkbox" class="form-check-input" '
        'name="pks" value="',
        f'" form="bulk"><span class="visually-hidden">{escape_text(before)}',
        f"{escape_text(behind)}</span></label></td>\n",
    )


def _add_row(
    html: list[str],
    row: Row,
    columns: Sequence[tuple[str, Set[str]]],
    tick: tuple[str, str, str] | None,
) -> None:
    """Add a row to ``html``. ``columns``: the beginning of a column's cells, and how its texts
    begin that are cut in their middle."""
    html.append(f'      <tr class="{row.mark}">\n' if row.mark else "      <tr>\n")
    if tick is not None:
        before, between, behind = tick
        html.append(f"{before}{escape_text(row.pk)}{between}{escape_text(row.label)}{behind}")
    for (head, beginnings), cell in zip(columns, row.cells, strict=False):
        text, hover = cell.text, cell.hover
        is_long = len(text) > HOVERED
        if is_long and len(text) > LONGEST:
            text = hover = cell.text = f"{text[:LONGEST]}…"
        content = escaped = escape_text(text)
        # Most cells are a text, or a text with a link.
        if not text or cell.tone or cell.mark or cell.kind == "hidden":
            content = _content(cell)
        else:
            if is_long and beginnings and text[:SHARED] in beginnings:
                content = _two_parts(text)
            if cell.href:
                content = f'<a href="{escape_text(cell.href)}">{content}</a>'
        if hover or is_long:
            title = escape_text(hover) if hover else escaped
            html.append(f'{head} title="{title}">{content}</td>\n')
        else:
            html.append(f"{head}>{content}</td>\n")
    html.append("      </tr>\n")


def _two_parts(text: str) -> str:
    """A text whose end stays in view: list.css lets its first part shrink. It is cut between two
    words, where there is a place for that."""
    cut = text.rfind(" ", len(text) - LONGEST_END, len(text) - END) + 1 or len(text) - END
    start, end = escape_text(text[:cut]), escape_text(text[cut:])
    return f'<span class="parts"><span>{start}</span><span>{end}</span></span>'


def _nothing(word: str) -> str:
    """A dash in place of a value, and a word for those who do not see it."""
    return (
        '<span class="nothing" aria-hidden="true">–</span>'
        f'<span class="visually-hidden">{escape_text(word)}</span>'
    )


def _content(cell: Cell) -> str:
    if cell.kind == "hidden":
        content = _nothing(_("not shown to you"))
    elif not cell.text:
        content = _nothing(_("empty"))
    else:
        content = escape_text(cell.text)
    # An empty cell is not a link, and a hidden one may be the link to its record.
    if cell.href and (cell.text or cell.kind == "hidden"):
        content = f'<a href="{escape_text(cell.href)}">{content}</a>'
    elif cell.tone and cell.text and not cell.mark and cell.kind != "hidden":
        content = f'<span class="tone-{cell.tone}">{content}</span>'
    if not cell.mark:
        return content
    mark = f'<span class="mark mark-{cell.tone or "muted"}">{escape_text(cell.mark)}</span>'
    # A number stays at the right edge, below the others.
    is_first = cell.kind in ("number", "money") and not _is_mirrored()
    return f"{mark} {content}" if is_first else f"{content} {mark}"
