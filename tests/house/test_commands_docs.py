"""docs/commands.md tells of every command, option, script and exit code, and of no other."""

import argparse
import re

from backoffice.cli import build_parser, outcome
from backoffice.config import CHECKOUT

PAGE = (CHECKOUT / "docs" / "commands.md").read_text()
SECTIONS = dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def options() -> dict[str, set[str]]:
    """The options of each command, as the parser knows them."""
    (commands,) = (
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return {
        name: {option for action in parser._actions for option in action.option_strings}
        - {"-h", "--help"}
        for name, parser in commands.choices.items()
    }


def test_every_command_is_documented_and_no_other() -> None:
    assert set(SECTIONS) == set(options())


def test_every_option_is_documented_and_no_other() -> None:
    for name, expected in options().items():
        told = set(re.findall(r"^\| (.+?) \|", SECTIONS[name], re.MULTILINE))
        found = {option for cell in told for option in re.findall(r"--[a-z-]{2,}", cell)}
        assert found == expected, name


def test_every_script_is_documented() -> None:
    told = set(re.findall(r"^\| `(script/\w+)` \|", PAGE, re.MULTILINE))
    assert told == {f"script/{path.name}" for path in (CHECKOUT / "script").iterdir()}


def test_every_exit_code_is_documented() -> None:
    told = re.findall(r"^\| (\d+) \|", PAGE.partition("## Exit codes")[2], re.MULTILINE)
    codes = [outcome.DONE, outcome.FAILED, outcome.USAGE, outcome.SETTINGS]
    assert told == [str(code) for code in codes]
