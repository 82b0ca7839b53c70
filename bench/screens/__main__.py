"""``script/screens``: takes every screen, checks it, and says what is wrong."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from backoffice.config import CHECKOUT, VAR
from bench.screens.lighthouse import marks_of
from bench.screens.pictures import TooMuch, take_pictures
from bench.screens.screens import SCREENS, Screen
from bench.screens.sheets import sheets
from bench.screens.stage import Stage, stage
from bench.screens.tools import ToolMissing, invalid_html
from bench.screens.windows import COLOURS, DIRECTIONS, HEIGHTS, Camera, Shown, Window, folder_of
from tests.browser.chromium import PATH_VARIABLE, Started, find_chromium

PICTURES = CHECKOUT / "docs" / "pictures"


def main() -> int:
    """Returns 1 if anything is wrong with a screen."""
    arguments = _parser().parse_args()
    wanted = [screen for screen in SCREENS if _is_wanted(screen, arguments.only)]
    if arguments.list:
        print("\n".join(screen.name for screen in wanted))
        return 0
    program = find_chromium(os.environ.get(PATH_VARIABLE))
    if program is None:
        print(f"No Chromium was found on the PATH: install one, or name it in {PATH_VARIABLE}.")
        return 2
    started = Started()
    try:
        with (
            TemporaryDirectory(prefix="screens-") as folder,
            stage(Path(folder), with_odd=not arguments.pictures) as shown,
        ):
            if arguments.pictures:
                size = take_pictures(started.browser(program), shown, PICTURES)
                print(f"{PICTURES} has the pictures: {size:,} bytes.")
                return 0
            if arguments.lighthouse:
                for marks in marks_of(started.browser(program), program, shown):
                    print(marks, flush=True)
                return 0
            return _run(arguments, started.browser(program), shown, wanted)
    except (ToolMissing, TooMuch) as error:
        print(error)
        return 2
    finally:
        started.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="script/screens", description="Take and check every screen of the back office."
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="WORD", help="only screens with one of these words"
    )
    parser.add_argument(
        "--widths",
        nargs="+",
        type=int,
        default=list(HEIGHTS),
        metavar="N",
        help="(all four)",
    )
    parser.add_argument("--colours", nargs="+", choices=COLOURS, default=list(COLOURS))
    parser.add_argument(
        "--directions", nargs="+", choices=list(DIRECTIONS), default=list(DIRECTIONS)
    )
    parser.add_argument("--no-axe", dest="axe", action="store_false", help="skip axe's checks")
    parser.add_argument(
        "--pictures", action="store_true", help="make the README's pictures in docs/pictures"
    )
    parser.add_argument("--vnu", action="store_true", help="also check the HTML (needs Java, npm)")
    parser.add_argument(
        "--lighthouse", action="store_true", help="Lighthouse scores instead (needs Node.js, npm)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=VAR / "screens",
        help="for the pictures (var/screens)",
    )
    parser.add_argument("--list", action="store_true", help="print the names of the screens")
    return parser


def _is_wanted(screen: Screen, words: Sequence[str]) -> bool:
    return not words or any(word in screen.name for word in words)


def _run(
    arguments: argparse.Namespace, chromium: Browser, shown: Stage, wanted: Sequence[Screen]
) -> int:
    found: dict[str, list[str]] = {}
    for window in _windows(arguments):
        began = time.monotonic()
        taken: list[Shown] = []
        place = arguments.folder / window.name
        with folder_of(place) as folder, folder_of(place / "html") as pages:
            # The checker does not know the mirrored language, whose pages are the same besides.
            html = pages if arguments.vnu and window.direction == "ltr" else None
            camera = Camera(chromium, shown, window, folder, arguments.axe, html)
            for one in camera.take(wanted):
                taken.append(one)
                for problem in one.problems:
                    found.setdefault(problem, []).append(f"{one.screen.name} ({window.name})")
            for problem, file in invalid_html(sorted(pages.glob("*.html"))):
                found.setdefault(problem, []).append(f"{file.stem} ({window.name})")
        drawn = sheets(chromium, window, taken, arguments.folder)
        wrong = sum(bool(one.problems) for one in taken)
        seconds = time.monotonic() - began
        told = f"{len(taken)} screens, {wrong} with problems, {seconds:.0f} s"
        print(f"{window.name}: {told}, {len(drawn)} sheets", flush=True)
    return _report(found, arguments.folder / "report.txt")


def _windows(arguments: argparse.Namespace) -> list[Window]:
    return [
        Window(width, colours, direction)
        for direction in arguments.directions
        for colours in arguments.colours
        for width in arguments.widths
    ]


def _report(found: dict[str, list[str]], file: Path) -> int:
    """Print each problem once, with the screens that have it; returns the exit code."""
    lines = []
    for problem, places in sorted(found.items(), key=lambda pair: -len(pair[1])):
        screens = Counter(place.partition(" (")[0] for place in places)
        lines.append(f"{len(places)} × {problem}")
        lines.append(f"    {', '.join(screens)[:300]}; first: {places[0]}")
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    if not lines:
        print("Nothing is wrong.")
        return 0
    print("\n".join(lines))
    print(f"{len(found)} problems. {file} has this list.")
    return 1


sys.exit(main())
