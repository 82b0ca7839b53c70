"""Windows on the back office: opens each screen, takes its picture, and checks it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error, FloatRect, Page, Response

from bench.screens.checks import RULES, problems_on, untranslated_on, violations_on
from bench.screens.screens import NOBODY, Screen
from bench.screens.signing_in import sign_in
from bench.screens.stage import Stage
from tests.browser.chromium import Complaints

HEIGHTS = {1440: 900, 1280: 800, 768: 1024, 390: 844}
COLOURS = ("light", "dark")
DIRECTIONS = {"ltr": "en", "rtl": "qps-plocm"}
"""With the language of each. The mirrored one is English that is 40 % longer."""

PATIENCE = 15_000
"""Milliseconds."""


@dataclass(frozen=True)
class Window:
    """A kind of window: its width in pixels, its colours, and the direction of its texts."""

    width: int
    colours: str
    direction: str

    @property
    def name(self) -> str:
        return f"{self.width}-{self.colours}-{self.direction}"

    @property
    def height(self) -> int:
        return HEIGHTS.get(self.width, 800)


@dataclass
class Shown:
    """A screen in a window: its picture, and what is wrong with it, each as a sentence."""

    screen: Screen
    picture: Path | None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Camera:
    """Takes and checks screens in one kind of window.

    ``folder``: where the pictures go. ``html``: where the HTML of each page goes; None for nowhere.
    ``most``: how many windows high a long page's picture is.
    """

    chromium: Browser
    stage: Stage
    window: Window
    folder: Path
    axe: bool = True
    html: Path | None = None
    most: int = 3

    def take(self, screens: Sequence[Screen]) -> Iterator[Shown]:
        """Each of the screens, in order."""
        contexts: dict[tuple[str, bool], BrowserContext] = {}
        complaints = Complaints()
        try:
            for screen in screens:
                key = (screen.person, screen.empty)
                if key not in contexts:
                    contexts[key] = self._context(screen)
                    complaints.listen(contexts[key])
                shown = self._take(contexts[key], screen)
                shown.problems += complaints.heard
                complaints.heard = []
                yield shown
        finally:
            for context in contexts.values():
                context.close()

    def _context(self, screen: Screen) -> BrowserContext:
        address = self.stage.empty if screen.empty else self.stage.address
        context = self.chromium.new_context(
            base_url=address,
            viewport={"width": self.window.width, "height": self.window.height},
            color_scheme="dark" if self.window.colours == "dark" else "light",
            reduced_motion="reduce",
            extra_http_headers={"Accept-Language": DIRECTIONS[self.window.direction]},
        )
        context.set_default_timeout(PATIENCE)
        if screen.person != NOBODY:
            sign_in(context, address, screen.person)
        return context

    def _take(self, context: BrowserContext, screen: Screen) -> Shown:
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", lambda one: answers.append(one) if _is_page(one, page) else None)
        shown = Shown(screen, None)
        try:
            screen.open(page, self.stage.keys)
            shown.picture = self._photograph(page, screen)
            shown.problems += self._problems(page)
            if self.html is not None:
                (self.html / f"{file_name(screen)}.html").write_bytes(answers[-1].body())
        except (Error, AssertionError) as error:
            shown.problems.append(f"could not be opened: {str(error).splitlines()[0]}")
        finally:
            page.close()
        return shown

    def _photograph(self, page: Page, screen: Screen) -> Path:
        picture = self.folder / f"{file_name(screen)}.png"
        most = min(_height(page), self.most * self.window.height)
        # What floats above the page is where it is: the whole page would move it.
        if page.locator("dialog[open], :popover-open").count() or most <= self.window.height:
            page.screenshot(path=picture)
        else:
            clip: FloatRect = {"x": 0, "y": 0, "width": self.window.width, "height": most}
            page.screenshot(path=picture, full_page=True, clip=clip)
        return picture

    def _problems(self, page: Page) -> list[str]:
        found = problems_on(page)
        if self.window.direction == "rtl":
            found += untranslated_on(page, self.stage.words)
        if self.axe:
            # Where a bar covers half a row depends on the window: so none is covered here.
            height = max(_height(page), self.window.height)
            page.set_viewport_size({"width": self.window.width, "height": height})
            found += violations_on(page, RULES[self.window.colours])
        return found


def _height(page: Page) -> int:
    height: int = page.evaluate("document.documentElement.scrollHeight")
    return height


def _is_page(answer: Response, page: Page) -> bool:
    """Whether it is what the window shows, and not a redirect to it."""
    asked = answer.request
    shown = asked.is_navigation_request() and asked.frame == page.main_frame
    return shown and not 300 <= answer.status < 400


def file_name(screen: Screen) -> str:
    """A screen's name as that of a file."""
    return re.sub(r"[^a-z0-9]+", "-", screen.name).strip("-")


@contextmanager
def folder_of(place: Path) -> Iterator[Path]:
    """A folder that holds nothing of an earlier run."""
    place.mkdir(parents=True, exist_ok=True)
    for old in place.glob("*.*"):
        old.unlink()
    yield place
