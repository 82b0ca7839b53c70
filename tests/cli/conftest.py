"""Running commands as somebody at a shell does, but in this process."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from backoffice.cli import main
from backoffice.config import Settings
from tests.databases import child_environment


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``python -m backoffice`` with words; ``piped`` is what comes through standard input."""

    def run_command(*words: str, piped: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
        try:
            code = main(words)
        except SystemExit as leaving:  # argparse
            code = int(leaving.code or 0)
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return run_command


@pytest.fixture
def use_settings(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], None]:
    """Makes commands find the database and the key of ``settings`` in the environment."""

    def use(settings: Settings) -> None:
        for name, value in child_environment(settings).items():
            monkeypatch.setenv(name, value)

    return use
