"""The pictures of the README, of the demo's records."""

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from bench.screens.png import smaller
from bench.screens.screens import SCREENS
from bench.screens.stage import Stage
from bench.screens.windows import HEIGHTS, Camera, Window

MOST_BYTES = 1_500_000
"""Of all pictures together."""


@dataclass(frozen=True)
class Picture:
    """A file of ``docs/pictures``: a screen in a window."""

    name: str
    screen: str
    width: int = 1280
    colours: str = "light"


PICTURES = (
    Picture("list", "list with filters"),
    Picture("conflict", "form, conflict"),
    Picture("undo", "undo"),
    Picture("bulk", "list, ticked"),
    Picture("phone", "list with filters", 390),
    Picture("dark", "category", colours="dark"),
)


class TooMuch(Exception):
    """A picture could not be taken, or all are too large together; the text says which."""


def take_pictures(chromium: Browser, stage: Stage, folder: Path) -> int:
    """Make all pictures in ``folder``; returns their bytes.

    Raises:
        TooMuch: they have more than MOST_BYTES, or a screen could not be opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    total = 0
    screens = {screen.name: screen for screen in SCREENS}
    for picture in PICTURES:
        window = Window(picture.width, picture.colours, "ltr")
        camera = Camera(chromium, stage, window, folder, axe=False, most=1)
        (shown,) = camera.take([screens[picture.screen]])
        if shown.picture is None or shown.problems:
            raise TooMuch(f"{picture.name}: {'; '.join(shown.problems)}")
        data = smaller(shown.picture.read_bytes())
        shown.picture.unlink()
        (folder / f"{picture.name}.png").write_bytes(data)
        total += len(data)
    if total > MOST_BYTES:
        raise TooMuch(f"the pictures have {total:,} bytes, and may have {MOST_BYTES:,}")
    return total


assert {picture.width for picture in PICTURES} <= set(HEIGHTS)
