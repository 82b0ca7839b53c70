"""Decisions are numbered and headed in one form, and listed."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES

DECISIONS = [page for page in PAGES if re.match(r"\d{4}-", page.name)]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_is_headed_by_its_number_and_listed(page: Path) -> None:
    number = page.name[:4]
    assert re.match(rf"# {number} · \S", page.read_text())
    assert f"[{number}]({page.name})" in (page.parent / "README.md").read_text()
