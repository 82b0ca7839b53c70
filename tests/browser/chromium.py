"""The browser on this machine, and what its pages complain of.

Playwright drives a Chromium that is installed already; it downloads none.
"""

import shutil
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Playwright,
    Response,
    WebError,
    sync_playwright,
)

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The headless shell comes first: it has no window, and takes half the processor time."""

PATH_VARIABLE = "CHROMIUM"
"""Names the browser's program where it has none of these names or is not on the PATH."""

ARGUMENTS = (
    "--no-sandbox",  # containers seldom let it make one, and it opens no page but ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

STATUS_OF_A_PAGE = "Failed to load resource: the server responded with a status of 4"
"""What Chromium says of every page that is a 4xx; those are judged by their responses here."""


class Started:
    """Playwright and a browser, started when first asked for.

    Playwright's synchronous interface leaves an event loop running in the thread that uses it, and
    no test could run one of its own beside it: ``stop`` before any other test.
    """

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def browser(self, program: Path) -> Browser:
        if self._browser is None:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=program, args=list(ARGUMENTS)
            )
        return self._browser

    def stop(self) -> None:
        """End both, if they were started."""
        browser, playwright = self._browser, self._playwright
        self._browser = self._playwright = None
        if browser:
            browser.close()
        if playwright:
            playwright.stop()


class Complaints:
    """All that went wrong on the pages of a browser's windows, as sentences.

    Console errors and warnings (what the Content-Security-Policy refused is among them), scripts
    that failed, files that are missing, answers of 500 and above, and questions nobody expected.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._script)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(STATUS_OF_A_PAGE):
            self.heard.append(f"console {message.type}: {message.text}")

    def _script(self, error: WebError) -> None:
        self.heard.append(f"script: {error.error}")

    def _response(self, response: Response) -> None:
        missing = response.status >= 400 and response.request.resource_type != "document"
        if missing or response.status >= 500:
            self.heard.append(f"{response.status}: {response.url}")


def find_chromium(given: str | None) -> Path | None:
    """The browser's program: the one ``given``, else the first on the PATH; None if none is."""
    for name in (given,) if given else NAMES:
        if found := shutil.which(name):
            return Path(found)
    return None


class Answering:
    """Answers the browser's own questions ("Leave this page?") and remembers that they came."""

    def __init__(self, *, leave: bool) -> None:
        self.asked: list[str] = []
        self.leave = leave

    def __call__(self, dialog: Dialog) -> None:
        self.asked.append(dialog.type)
        if self.leave:
            dialog.accept()
        else:
            dialog.dismiss()
