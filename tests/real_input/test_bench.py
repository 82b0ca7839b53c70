"""The benchmark runs from beginning to end, on few parts; nobody judges its figures here."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.config import CHECKOUT
from tests import databases
from tests.databases import Kind
from tests.real_input.parts import PATH_VARIABLE

pytestmark = pytest.mark.thorough


@pytest.mark.databases("postgresql")
def test_list_and_edit_are_measured_beside_the_stock_sqladmin(
    database_kind: Kind, tmp_path: Path
) -> None:
    parts = tmp_path / "parts.csv"
    with parts.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["name", "description", "category", "price", "quantity"])
        rows.writerows([f"R{n}", f"Resistor {n} Ω", "Resistors", "0.10", n] for n in range(60))
        rows.writerow(["R1", "A name that is taken", "Resistors", "0.10", 1])
    environment = dict(os.environ) | {
        "TEST_POSTGRES_URL": databases.server_url(database_kind),
        PATH_VARIABLE: str(parts),
    }
    environment.pop(databases.FOLDER_VARIABLE)
    command = [sys.executable, "-m", "bench", "serve"]
    command += ["--rounds", "1", "--requests", "10", "--connections", "2"]

    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    assert "60 items in 1 categories (parts.csv, 61 rows of which 1 were refused)" in done.stdout
    for scenario in ("list", "edit: form", "edit: save"):
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"{scenario} ")]
        assert line.count("×") >= 3


def test_a_start_is_measured_beside_another_commit() -> None:
    command = [sys.executable, "-m", "bench", "start", "--beside", "HEAD"]
    command += ["--rounds", "1", "--views", "2"]
    environment = dict(os.environ)
    environment.pop(databases.FOLDER_VARIABLE)

    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    sides = [line.split()[0] for line in done.stdout.splitlines() if "create_app" in line]
    assert sides == ["before", "ours"]
