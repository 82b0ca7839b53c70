"""Contact sheets: all pictures of one kind of window on one page, drawn by the browser."""

import html
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser

from bench.screens.windows import Shown, Window

GRID = {1440: (6, 4), 1280: (6, 4), 768: (9, 3), 390: (14, 3)}
"""Columns and rows of a sheet, by the width of the windows."""

SHEET_WIDTH = 1900
"""Pixels."""

_STYLE = """
body { margin: 12px; font: 12px/1.3 sans-serif; background: #777; color: #fff; }
h1 { font-size: 16px; margin: 0 0 8px; }
main { display: grid; gap: 10px; align-items: start; }
figure { margin: 0; }
img { width: 100%; display: block; object-fit: cover; object-position: top; }
figcaption { padding: 2px 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.wrong figcaption { background: #b00; }
.none { background: #b00; display: block; }
"""


def sheets(chromium: Browser, window: Window, shown: Sequence[Shown], folder: Path) -> list[Path]:
    """Draw the sheets of one kind of window in ``folder``; returns their files."""
    columns, rows = GRID.get(window.width, (6, 4))
    at_once = columns * rows
    context = chromium.new_context(viewport={"width": SHEET_WIDTH, "height": 800})
    made = []
    try:
        for number, start in enumerate(range(0, len(shown), at_once), start=1):
            title = f"{window.name}-{number}"
            page = folder / f"{title}.html"
            text = _page(title, window, columns, shown[start : start + at_once], folder)
            page.write_text(text, encoding="utf-8")
            drawing = context.new_page()
            drawing.goto(page.as_uri())
            drawing.wait_for_load_state("load")
            drawing.screenshot(path=page.with_suffix(".png"), full_page=True)
            drawing.close()
            made.append(page.with_suffix(".png"))
    finally:
        context.close()
    return made


def _page(title: str, window: Window, columns: int, shown: Sequence[Shown], folder: Path) -> str:
    figures = []
    for one in shown:
        drawn = '<span class="none"></span>'
        if one.picture:
            source = html.escape(str(one.picture.relative_to(folder)))
            drawn = f'<a href="{source}"><img src="{source}" alt=""></a>'
        caption = html.escape(one.screen.name)
        if one.problems:
            caption += f" ({len(one.problems)})"
        state = ' class="wrong"' if one.problems else ""
        figures.append(f"<figure{state}>{drawn}<figcaption>{caption}</figcaption></figure>")
    shape = (
        f"main {{ grid-template-columns: repeat({columns}, minmax(0, 1fr)) }}"
        f" img, .none {{ aspect-ratio: {window.width} / {window.height} }}"
    )
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{title}</title>"
        f"<style>{_STYLE}{shape}</style><h1>{title}</h1><main>{''.join(figures)}</main></html>"
    )
