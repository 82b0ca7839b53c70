"""docs/settings.md, .env.example and the settings say the same."""

import itertools
import re
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from backoffice.config import CHECKOUT, Settings

ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
DOCUMENTED = {
    name: default
    for name, default, _, _ in ROW.findall((CHECKOUT / "docs" / "settings.md").read_text())
}

EXAMPLE = (CHECKOUT / ".env.example").read_text()
ASSIGNMENT = re.compile(r"^#(?=([A-Z_]+)=)", re.MULTILINE)
"""What is to be taken away so that a line of .env.example counts."""


def written(default: Any) -> str:
    """A default as the page writes it."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, tuple):
        default = ",".join(default)
    return "–" if default in (None, "") else f"`{default}`"


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(DOCUMENTED) == {name.upper() for name in Settings.model_fields}


def test_every_default_is_the_one_in_force() -> None:
    defaults = {
        name.upper(): written(field.default) for name, field in Settings.model_fields.items()
    }
    assert defaults == DOCUMENTED


def test_the_example_has_every_setting_in_the_order_of_the_page() -> None:
    assert ASSIGNMENT.findall(EXAMPLE) == list(DOCUMENTED)


def test_the_example_as_it_is_sets_nothing() -> None:
    assert [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")] == []


def test_the_example_says_something_of_each_setting() -> None:
    lines = EXAMPLE.splitlines()
    for above, line in itertools.pairwise(lines):
        if ASSIGNMENT.match(line):
            assert re.fullmatch(r"# .+\.", above), line


def settings_in(file: Path | None) -> Settings:
    """The settings that a file of this kind makes; None: those without one."""
    options: dict[str, Any] = {"_env_file": file}
    return Settings(**options)


def test_the_example_uncommented_is_the_default_of_every_setting(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(ASSIGNMENT.sub("", EXAMPLE))
    assert settings_in(file) == settings_in(None)
    file.write_text(file.read_text().replace("LOW_STOCK=10", "LOW_STOCK=11"))
    assert settings_in(file).low_stock == 11
