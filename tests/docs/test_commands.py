"""Every command that a page tells to type can be typed."""

import argparse
import re
import shlex
from pathlib import Path

import alembic.config
import pytest

from backoffice.cli import COMMANDS, build_parser
from backoffice.config import CHECKOUT, Settings
from tests.docs.pages import PAGES, blocks, name_of

_BACKOFFICE = re.compile(r"python -m backoffice (?=[a-z])([^`\n|…]*)")


def lines_to_type(page: Path) -> list[str]:
    """The lines of the page's shell blocks, without comments."""
    lines = [
        line
        for block in blocks(page)
        if block.language == "sh"
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def parses(parser: argparse.ArgumentParser, typed: str) -> bool:
    try:
        parser.parse_args(shlex.split(typed, comments=True))
    except SystemExit:
        return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_of_ours_is_one_with_these_options(page: Path) -> None:
    for typed in _BACKOFFICE.findall("\n".join(lines_to_type(page))):
        assert parses(build_parser(), typed), typed


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_a_sentence_names_is_one(page: Path) -> None:
    names = {command.NAME for command in COMMANDS}
    assert {typed.split()[0] for typed in _BACKOFFICE.findall(page.read_text())} <= names


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_script_is_there(page: Path) -> None:
    for name in re.findall(r"\bscript/[a-z]+", page.read_text()):
        assert (CHECKOUT / name).is_file(), name


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_alembic_command_is_one(page: Path) -> None:
    parser = alembic.config.CommandLine().parser
    for typed in re.findall(r"\balembic ([a-z][^`\n]*)", "\n".join(lines_to_type(page))):
        assert parses(parser, typed), typed


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_setting_in_a_block_is_one(page: Path) -> None:
    known = {name.upper() for name in Settings.model_fields} | {"PYTHONUNBUFFERED"}
    for block in blocks(page):
        if block.language in ("sh", "ini"):
            named = set(re.findall(r"(?:^|[ =])([A-Z]+_?[A-Z_]+)=", block.text, re.MULTILINE))
            assert named <= known


def test_the_readme_begins_with_the_two_commands() -> None:
    first = blocks(CHECKOUT / "README.md")[0]
    commands = re.findall(r"^script/\w+", first.text, re.MULTILINE)
    assert commands == ["script/serve", "script/test"]
