"""The command line as a whole: help, exit codes, one sentence for what goes wrong."""

import contextlib
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backoffice import cli
from backoffice.config import CHECKOUT, Settings
from tests.cli.conftest import Run


def test_without_a_command_help_lists_them_all(run: Run) -> None:
    told = run()
    assert told.code == 0
    for command in cli.COMMANDS:
        assert command.NAME in told.out
        assert command.SUMMARY.endswith(".")


def test_it_runs_as_a_module_from_the_checkout() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "backoffice"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "createsuperuser" in told.stdout


def test_an_unknown_command_is_exit_code_2(run: Run) -> None:
    assert run("dance").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "--settings-only"),
        ("serve",),
        ("demo",),
        ("createsuperuser", "--email", "ada@example.com", "--password-stdin"),
        ("set-password", "--email", "ada@example.com", "--password-stdin"),
    ],
    ids=" ".join,
)
def test_a_wrong_setting_stops_every_command_with_a_sentence_and_exit_code_78(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    for name, value in (("LOW_STOCK", "few"), ("DATABASE_URL", "oracle://db/x")):
        monkeypatch.setenv(name, value)
        told = run(*words)
        assert told.code == 78
        assert told.out == ""
        assert re.fullmatch(rf"backoffice: {name} .+\.\n", told.err)
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    "words",
    [("demo",), ("createsuperuser", "--email", "ada@example.com", "--password-stdin")],
    ids=" ".join,
)
def test_a_database_that_does_not_answer_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:hunter2@127.0.0.1:1/none")
    told = run(*words)
    assert told.code == 1
    assert re.fullmatch(r"backoffice: the database does not answer.+\n", told.err)
    assert "hunter2" not in told.err


def test_a_database_without_tables_says_how_they_are_made(
    run: Run, use_settings: Callable[[Settings], None], empty_settings: Settings
) -> None:
    use_settings(empty_settings)
    told = run("demo")
    assert told.code == 1
    assert "alembic upgrade head" in told.err


def test_every_command_and_option_is_documented_where_it_is_defined() -> None:
    parser = cli.build_parser()
    (commands,) = (action for action in parser._actions if action.dest == "==SUPPRESS==")
    assert isinstance(commands.choices, dict)
    for name, subparser in commands.choices.items():
        for action in subparser._actions:
            assert action.help, (name, action.dest)


def test_each_command_has_a_module_of_its_name() -> None:
    folder = Path(cli.__file__).parent
    for command in cli.COMMANDS:
        assert (folder / f"{command.NAME.replace('-', '_')}.py").is_file()


def test_into_a_pipe_a_line_is_there_when_it_is_printed() -> None:
    piped = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(piped):
        cli.main([])
        assert piped.line_buffering
