"""docs/architecture.md tells of the code that is there."""

import re
import tomllib
from pathlib import Path

import pytest

from backoffice.config import CHECKOUT
from backoffice.db import Database
from backoffice.web.app import create_app
from tests.docs.pages import PAGES, name_of, prose, section

PAGE = CHECKOUT / "docs" / "architecture.md"
_PATH = re.compile(r"(?<![\w/<])[\w.-]+(?:/[\w.-]+)*(?:/|\.(?:py|html|js|css|toml|ini|md))(?![\w])")


def paths(text: str) -> set[str]:
    """What reads like a path of the checkout: a folder with its slash, or a file of ours."""
    return {found for found in _PATH.findall(text) if not found.startswith(".")}


def test_every_path_it_names_exists() -> None:
    roots = (CHECKOUT, CHECKOUT / "backoffice", PAGE.parent)
    named = paths(PAGE.read_text())
    assert len(named) > 30
    missing = {path for path in named if not any((root / path).exists() for root in roots)}
    assert missing == set()


@pytest.mark.parametrize("page", [page for page in PAGES if page != PAGE], ids=name_of)
def test_every_module_that_another_page_names_exists(page: Path) -> None:
    roots = (CHECKOUT, CHECKOUT / "backoffice")
    named = set(re.findall(r"`((?:[\w-]+/)+[\w.-]+\.(?:py|html|js))`", prose(page)))
    assert {path for path in named if not any((root / path).exists() for root in roots)} == set()


@pytest.mark.databases("sqlite")
def test_the_picture_has_the_middleware_in_its_order(database: Database) -> None:
    app = create_app(database=database)
    names = [str(getattr(one.cls, "__name__", "")) for one in app.user_middleware]
    assert re.findall(r"^ │ (\w+) +│", section(PAGE, "One picture"), re.MULTILINE) == names


def test_its_layers_are_those_of_the_import_contract() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (one["layers"] for one in contracts["contracts"] if one["type"] == "layers")
    told = re.findall(r"^\| `(\w+)` \|", section(PAGE, "The layers"), re.MULTILINE)
    assert ["__main__", *told] == layers
