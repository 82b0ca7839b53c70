"""Rules of the house that no linter knows."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import backoffice
from backoffice.config import CHECKOUT

PYPROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
LAYERS = [
    *("cli", "web", "views", "admin", "auth", "history", "models", "columns", "db"),
    *("config", "language", "logfmt"),
]
LONGEST_FILE = 420
"""About 400 lines; past that a file is about two things."""


def tracked(pattern: str) -> list[Path]:
    """The files of the checkout that match, but for those that git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--deduplicate", pattern],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [CHECKOUT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def test_the_import_contract_holds_the_layers_that_the_package_tells_of() -> None:
    (layers,) = (
        contract
        for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    assert layers["layers"] == ["__main__", *LAYERS]
    assert layers["exhaustive"] is True
    told = re.findall(r"``(\w+)``", (backoffice.__doc__ or "").partition("Layers")[2])
    assert told == LAYERS


def test_every_layer_has_its_package() -> None:
    for layer in LAYERS:
        if layer not in ("config", "logfmt"):  # one file each
            assert (CHECKOUT / "backoffice" / layer / "__init__.py").is_file(), layer


def test_tools_and_interpreter_agree_on_the_oldest_python() -> None:
    oldest = (CHECKOUT / ".python-version").read_text().strip()
    assert oldest == PYPROJECT["tool"]["mypy"]["python_version"]
    assert f"py{oldest.replace('.', '')}" == PYPROJECT["tool"]["ruff"]["target-version"]
    assert f"--python-version {oldest}" in (CHECKOUT / "script" / "lock").read_text()


def test_no_file_is_long() -> None:
    long = {
        str(path.relative_to(CHECKOUT)): lines
        for pattern in ("*.py", "*.js", "*.css", "*.html", "script/*")
        for path in tracked(pattern)
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_file_is_named_for_holding_anything() -> None:
    names = {path.name for path in tracked("*.py")}
    assert names & {"utils.py", "helpers.py", "common.py", "misc.py"} == set()


@pytest.mark.parametrize("path", [*tracked("script/*"), *tracked(".ci/*")], ids=lambda p: p.name)
def test_scripts_run_as_they_are(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert first in ("#!/bin/sh", "#!/usr/bin/env bash", "#!/usr/bin/env python3"), first
    assert path.stat().st_mode & 0o111 == 0o111
    if "python" not in first:
        subprocess.run([first.split("/")[-1].split()[-1], "-n", str(path)], check=True)


@pytest.mark.parametrize("name", ["serve", "check", "test", "lint", "venv", "lock"])
def test_the_scripts_need_no_shell_but_sh(name: str) -> None:
    text = (CHECKOUT / "script" / name).read_text()
    assert text.startswith("#!/bin/sh\n")
    assert not re.search(r"\[\[|\bfunction\b|\blocal\b|<<<|pipefail|\$\{\w+\[", text)


def test_banned_imports_are_let_through_where_they_belong_and_nowhere_else() -> None:
    let_through = {
        pattern
        for pattern, rules in PYPROJECT["tool"]["ruff"]["lint"]["per-file-ignores"].items()
        if "TID251" in rules
    }
    assert let_through == {"backoffice/history/*", "backoffice/db/*", "bench/*", "tests/*"}
