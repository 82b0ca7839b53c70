"""What the pages give to copy runs unchanged."""

import subprocess
import sys

import pytest

from backoffice.config import CHECKOUT, Settings
from tests.databases import child_environment
from tests.docs.pages import PAGES, blocks, name_of

README = CHECKOUT / "README.md"
SNIPPETS = [
    pytest.param(block.text, id=f"{name_of(page)}-{number}")
    for page in PAGES
    for number, block in enumerate(
        (block for block in blocks(page) if block.language == "python run"), 1
    )
]


def run(code: str, settings: Settings) -> str:
    """Run ``code`` as a program in the checkout; returns what it printed.

    In a process of its own: a model that it declares is in nobody else's metadata.
    """
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env=child_environment(settings),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("code", SNIPPETS)
def test_the_snippet_runs(code: str, settings: Settings) -> None:
    run(code, settings)


@pytest.mark.databases("sqlite")
def test_the_readmes_script_finds_what_it_added(settings: Settings) -> None:
    (script,) = (block.text for block in blocks(README) if "Stainless bolts" in block.text)
    assert run(script, settings).strip() == "['M4 × 20 A2']"


def test_every_python_block_says_that_it_runs() -> None:
    for page in PAGES:
        if page.name == "adding-a-model.md":  # one program in several files, with its own test
            continue
        languages = {block.language for block in blocks(page) if "python" in block.language}
        assert languages <= {"python run"}, name_of(page)


def test_pages_are_found() -> None:
    assert README in PAGES
    found = {name_of(page) for page in PAGES}
    assert {"docs/operators.md", "docs/operators/keyboard.md", "docs/deploying/on-call.md"} <= found
