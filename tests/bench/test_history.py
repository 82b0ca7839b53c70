"""The benchmark runs from beginning to end, on few items; nobody judges its figures here."""

import os
import subprocess
import sys

import pytest

from backoffice.config import CHECKOUT
from tests import databases
from tests.databases import Kind

pytestmark = pytest.mark.thorough


def measured(*words: str, kind: Kind) -> str:
    """What a benchmark printed."""
    environment = dict(os.environ) | {"TEST_POSTGRES_URL": databases.server_url(kind)}
    environment.pop(databases.FOLDER_VARIABLE)
    done = subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.databases("postgresql")
def test_the_cost_of_history_is_measured(database_kind: Kind) -> None:
    told = measured(
        "history", "--items", "300", "--saves", "5", "--rounds", "1", kind=database_kind
    )
    for line in ("a save with history", "ratio", "delete the category", "undo the delete"):
        assert f"\n{line} " in told, told
    assert "300 items in one category" in told


@pytest.mark.databases("postgresql")
def test_the_cost_of_verifying_is_measured(database_kind: Kind) -> None:
    told = measured(
        "verify", "--items", "60", "--changes", "250", "--acts", "10", kind=database_kind
    )
    assert "250 changes in " in told
    for line in ("verify the chain", "compare the records"):
        assert f"\n{line} " in told, told
    assert "Records compared: 60, in 180 fields." in told
