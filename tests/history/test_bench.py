"""The benchmark runs from beginning to end, on few items; nobody judges its figures here."""

import os
import subprocess
import sys

import pytest

from backoffice.config import CHECKOUT
from tests import databases
from tests.databases import Kind


@pytest.mark.databases("postgresql")
def test_the_cost_of_history_is_measured(database_kind: Kind) -> None:
    environment = dict(os.environ) | {"TEST_POSTGRES_URL": databases.server_url(database_kind)}
    environment.pop(databases.FOLDER_VARIABLE)
    command = [sys.executable, "-m", "bench", "history"]
    command += ["--items", "300", "--saves", "5", "--rounds", "1"]

    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    for line in ("a save with history", "ratio", "delete the category", "undo the delete"):
        assert f"\n{line} " in done.stdout, done.stdout
    assert "300 items in one category" in done.stdout
