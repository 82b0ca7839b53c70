"""The rows of a list as HTML, and a cell for the other pages.

Everything else is printed by templates. A page has some 250 cells, and a template takes twice as
long for them as this does.
"""

from collections.abc import Sequence

from markupsafe import Markup

from backoffice.admin.pages.compiling import escape_text
from backoffice.admin.pages.list import Column, ListPage, Row
from backoffice.admin.pages.parts import Cell

HOVERED = 24
"""Characters of a text that may not fit its column: a longer one is in the title, too."""

EMPTY = (
    '<span class="nothing" aria-hidden="true">–</span><span class="visually-hidden">empty</span>'
)
NOT_SHOWN = (
    '<span class="nothing" aria-hidden="true">–</span>'
    '<span class="visually-hidden">not shown to you</span>'
)


def cell_html(cell: Cell) -> Markup:
    """The content of a cell of a list, or of a field of a record."""
    return Markup(_content(cell))  # noqa: S704 - _content escapes each text


def rows_html(page: ListPage) -> Markup:
    """The rows of a list's table."""
    heads = [_head(column, first=not place) for place, column in enumerate(page.columns)]
    ticks = page.has_ticks
    html = "".join([_row(row, heads, ticks=ticks) for row in page.rows])
    return Markup(html)  # noqa: S704 - _head, _row and _content escape each text


def _head(column: Column, *, first: bool) -> str:
    kind = "name" if first else column.kind
    right = " right" if column.align == "right" and not first else ""
    label = escape_text(column.full_label)
    return f'        <td class="cell-{kind}{right}" data-label="{label}"'


def _row(row: Row, heads: Sequence[str], *, ticks: bool) -> str:
    html = ["      <tr>\n"]
    if ticks:
        html.append(
            '        <td class="tick"><label><input type="checkbox" class="form-check-input" '
            f'name="pks" value="{escape_text(row.pk)}" form="bulk">'
            f'<span class="visually-hidden">Tick {escape_text(row.label)}</span></label></td>\n'
        )
    for head, cell in zip(heads, row.cells, strict=False):
        text, hover = cell.text, cell.hover
        content = escaped = escape_text(text)
        # Most cells are a text, or a text with a link.
        if not text or cell.tone or cell.mark or cell.kind == "hidden":
            content = _content(cell)
        elif cell.href:
            content = f'<a href="{escape_text(cell.href)}">{escaped}</a>'
        if hover or len(text) > HOVERED:
            title = escape_text(hover) if hover else escaped
            html.append(f'{head} title="{title}">{content}</td>\n')
        else:
            html.append(f"{head}>{content}</td>\n")
    html.append("      </tr>\n")
    return "".join(html)


def _content(cell: Cell) -> str:
    if cell.kind == "hidden":
        content = NOT_SHOWN
    elif not cell.text:
        content = EMPTY
    else:
        content = escape_text(cell.text)
    # An empty cell is no link, and a hidden one may be the link to its record.
    if cell.href and (cell.text or cell.kind == "hidden"):
        content = f'<a href="{escape_text(cell.href)}">{content}</a>'
    elif cell.tone and cell.text and not cell.mark and cell.kind != "hidden":
        content = f'<span class="tone-{cell.tone}">{content}</span>'
    if not cell.mark:
        return content
    mark = f'<span class="mark mark-{cell.tone or "muted"}">{escape_text(cell.mark)}</span>'
    # A number stays at the right edge, below the others.
    return f"{mark} {content}" if cell.kind in ("number", "money") else f"{content} {mark}"
