"""Every link in the pages leads somewhere, and every page is linked to."""

import re
from pathlib import Path

import pytest

from backoffice.config import CHECKOUT
from tests.docs.pages import PAGES, guide, name_of, prose

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


@pytest.mark.parametrize("name", ["operators", "deploying"])
def test_each_page_of_a_guide_is_listed_under_its_heading_and_leads_back(name: str) -> None:
    entry, *others = guide(name)
    listed = dict(
        re.findall(rf"^\| \[([^\]]+)\]\({name}/([\w-]+\.md)\) \|", prose(entry), re.MULTILINE)
    )
    headings = {}
    for page in others:
        (heading,) = re.findall(r"^# (.+)$", prose(page), re.MULTILINE)
        assert page.read_text().startswith(f"# {heading}\n\nFor "), name_of(page)
        assert f"](../{entry.name})." in page.read_text().splitlines()[-1], name_of(page)
        headings[heading] = page.name
    assert listed == headings


def test_every_page_that_the_code_names_is_there() -> None:
    named = {
        (name, name_of(file))
        for folder in ("backoffice", "examples", "bench", "migrations", "script", "tests")
        for file in (CHECKOUT / folder).rglob("*")
        if file.is_file() and file.suffix in ("", ".py", ".html", ".js", ".css", ".po")
        for name in re.findall(r"\bdocs/[\w/-]+\.md\b", file.read_text())
    }
    assert len(named) > 10
    assert [where for where in sorted(named) if not (CHECKOUT / where[0]).is_file()] == []


def test_the_index_of_decisions_lists_every_one_by_its_number() -> None:
    folder = CHECKOUT / "docs" / "decisions"
    files = {path.name for path in folder.glob("*.md")} - {"README.md"}
    listed = re.findall(
        r"^\| \[(\d{4})\]\((\1-[\w-]+\.md)\) \|", (folder / "README.md").read_text(), re.MULTILINE
    )
    assert {name for _, name in listed} == files
    assert listed == sorted(listed)
