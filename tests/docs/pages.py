"""The pages that are tested, and how they are taken apart."""

import re
from dataclasses import dataclass
from pathlib import Path

from backoffice.config import CHECKOUT

PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])

_FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. ``language``: what follows the fence ("python run")."""

    language: str
    text: str


def guide(name: str) -> list[Path]:
    """The pages of a guide that has a page for each task: its entry page, then the others."""
    docs = CHECKOUT / "docs"
    return [docs / f"{name}.md", *sorted((docs / name).glob("*.md"))]


def on_one_line(pages: list[Path]) -> str:
    """The text of the pages, in which a sentence is found however it is wrapped."""
    return " ".join(" ".join(page.read_text().split()) for page in pages)


def name_of(page: Path) -> str:
    """A page's path in the checkout, to name a test by."""
    return str(page.relative_to(CHECKOUT))


def blocks(page: Path) -> list[Block]:
    """The page's fenced blocks, in order."""
    return [Block(language.strip(), text) for language, text in _FENCED.findall(page.read_text())]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCED.sub("", page.read_text())


def section(page: Path, heading: str) -> str:
    """The text under a heading, up to the next one of any level.

    Raises:
        LookupError: the page has no such heading.
    """
    found = re.search(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", page.read_text(), re.MULTILINE | re.DOTALL
    )
    if found is None:
        raise LookupError(f"{name_of(page)} has no heading {heading!r}")
    return found[1]
