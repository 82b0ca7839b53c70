"""Every link in the pages leads somewhere, and every page is linked to."""

import re
from pathlib import Path

import pytest

from backoffice.config import CHECKOUT
from tests.docs.pages import PAGES, name_of, prose

_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


def local_links(page: Path) -> list[str]:
    """Where the page's links lead that do not leave the checkout."""
    return [href for href in _LINK.findall(prose(page)) if "://" not in href]


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make, spelt as forges spell them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page: Path) -> None:
    for href in local_links(page):
        path, _, anchor = href.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), href
        assert target.is_relative_to(CHECKOUT), href
        assert not anchor or anchor in anchors(target), href


def test_every_page_is_linked_to_from_another() -> None:
    linked = {
        (page.parent / href.partition("#")[0]).resolve()
        for page in PAGES
        for href in local_links(page)
    }
    assert [name_of(page) for page in PAGES if page not in linked] == ["README.md"]


def test_the_index_of_decisions_lists_every_one_by_its_number() -> None:
    folder = CHECKOUT / "docs" / "decisions"
    files = {path.name for path in folder.glob("*.md")} - {"README.md"}
    listed = re.findall(
        r"^\| \[(\d{4})\]\((\1-[\w-]+\.md)\) \|", (folder / "README.md").read_text(), re.MULTILINE
    )
    assert {name for _, name in listed} == files
    assert listed == sorted(listed)
