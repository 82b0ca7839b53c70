"""The files that a newcomer, an editor or a type checker looks for are there and are true."""

import configparser
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from backoffice.config import CHECKOUT

PYPROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
DEVELOPMENT = (CHECKOUT / "requirements-dev.in").read_text()
HOOKS = CHECKOUT / ".pre-commit-config.yaml"


def text_files() -> list[Path]:
    """The files of the checkout that somebody writes in an editor."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--deduplicate", "--eol"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = (line.split("\t") for line in listed.stdout.splitlines())
    paths = [
        CHECKOUT / name for kind, name in told if "i/-text" not in kind and "w/-text" not in kind
    ]
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="module")
def editor() -> configparser.ConfigParser:
    """What .editorconfig says, by pattern."""
    rules = configparser.ConfigParser()
    rules.read_string("[about]\n" + (CHECKOUT / ".editorconfig").read_text())
    assert rules["about"]["root"] == "true"
    return rules


def test_every_file_is_written_as_editors_are_told(editor: configparser.ConfigParser) -> None:
    everything = editor["*"]
    assert (everything["charset"], everything["end_of_line"]) == ("utf-8", "lf")
    assert everything["insert_final_newline"] == everything["trim_trailing_whitespace"] == "true"
    assert everything["indent_style"] == "space"
    wrong = [
        str(path.relative_to(CHECKOUT))
        for path in text_files()
        if (text := path.read_bytes().decode())
        and (not text.endswith("\n") or re.search(r"\r|[ \t]$|^ *\t", text, re.MULTILINE))
    ]
    assert wrong == []


def test_editors_and_the_linter_agree_on_the_length_of_a_line(
    editor: configparser.ConfigParser,
) -> None:
    assert editor["*.py"]["max_line_length"] == str(PYPROJECT["tool"]["ruff"]["line-length"])


def test_the_hooks_are_valid_and_fetch_nothing() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", str(HOOKS)],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout
    assert set(re.findall(r"repo: (\S+)", HOOKS.read_text())) == {"local"}


def test_the_hooks_call_scripts_of_ours() -> None:
    entries = re.findall(r"entry: (.+)", HOOKS.read_text())
    assert entries == ["script/lint", "script/check"]
    assert all((CHECKOUT / entry).is_file() for entry in entries)


def test_what_contributing_tells_to_run_is_installed() -> None:
    page = (CHECKOUT / "CONTRIBUTING.md").read_text()
    programs = set(re.findall(r"\.venv/bin/([\w-]+)", page)) - {"python"}
    assert programs == {"pre-commit"}
    assert all(re.search(rf"^{name}\b", DEVELOPMENT, re.MULTILINE) for name in programs)


def test_contributing_tells_what_the_house_tests_hold() -> None:
    from tests.house.test_house import LONGEST_FILE

    assert f"{LONGEST_FILE} lines at most" in (CHECKOUT / "CONTRIBUTING.md").read_text()


def test_the_license_is_mit() -> None:
    text = (CHECKOUT / "LICENSE").read_text()
    assert text.startswith("MIT License\n\nCopyright (c) 2026 The back office authors\n")
    assert "without restriction" in text


def test_other_programs_are_told_that_the_package_has_types() -> None:
    assert (CHECKOUT / "backoffice" / "py.typed").read_text() == ""


def test_what_the_quick_check_leaves_out_is_there() -> None:
    listed = (CHECKOUT / "script" / "check").read_text().partition("for path in")[2]
    paths = listed.partition("; do")[0].replace("\\", "").split()
    assert paths
    assert [path for path in paths if not (CHECKOUT / "tests" / path).exists()] == []
