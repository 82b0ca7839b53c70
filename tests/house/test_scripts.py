"""The commands of a newcomer, in a copy of the checkout that nobody has touched."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from backoffice.config import CHECKOUT
from tests.checkout import fresh_clone
from tests.cli.processes import free_port, started, until_ready


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone, with the changes that are not committed yet."""
    return fresh_clone(tmp_path / "clone")


def newcomer(port: int, tmp_path: Path) -> dict[str, str]:
    """An environment without a home; pip may keep what it fetched where it always does."""
    cache = os.environ.get("PIP_CACHE_DIR") or str(Path.home() / ".cache" / "pip")
    mine = {"HOME": "", "PORT": str(port), "PIP_CACHE_DIR": cache}
    return {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"} | mine


@pytest.mark.thorough
def test_script_serve_leads_from_a_fresh_clone_to_a_page_of_records(
    clone: Path, tmp_path: Path
) -> None:
    told = serves_a_page_of_records(clone, tmp_path, 300)
    assert "Creating .venv" in told
    assert "Installing requirements.txt" in told


def test_script_serve_leads_from_what_is_installed_to_a_page_of_records(
    clone: Path, tmp_path: Path
) -> None:
    lend_installation(clone)
    told = serves_a_page_of_records(clone, tmp_path, 60)
    assert "Installing" not in told


def lend_installation(clone: Path) -> None:
    """Give the clone this Python for its .venv, and the note that it has all that is required."""
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    checksum = subprocess.run(
        "cat requirements*.txt | cksum | tr ' ' -",
        shell=True,
        cwd=clone,
        capture_output=True,
        text=True,
        check=True,
    )
    (clone / ".venv" / f"installed-{checksum.stdout.strip()}").write_text("requirements.txt\n")


def serves_a_page_of_records(clone: Path, tmp_path: Path, seconds: float) -> str:
    """Run script/serve, sign in, open a list, and run it again; returns what it said at first."""
    port, output = free_port(), tmp_path / "serve.log"
    command, environment = [str(clone / "script" / "serve")], newcomer(port, tmp_path)

    with started(command, environment, tmp_path, output) as server:
        until_ready(port, server, output, seconds)
        told = output.read_text()
        email, password = re.findall(r"(?:E-mail|Password) +(\S+)", told)
        assert told.count(password) == 1
        assert f"http://127.0.0.1:{port}/admin/" in told
        with httpx2.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Origin": f"http://127.0.0.1:{port}"},
            follow_redirects=True,
        ) as browser:
            form = browser.get("/admin/").text
            token = re.findall(r'name="csrf_token" value="([^"]+)"', form)[0]
            data = {"username": email, "password": password, "csrf_token": token}
            landed = browser.post("/admin/login", data=data)
            assert landed.url.path == "/admin/"
            assert "Hex bolt" in browser.get("/admin/category/list").text

    # The second start finds all that done: it installs, makes and prepares nothing.
    with started(command, environment, tmp_path, output) as server:
        until_ready(port, server, output, 60)
        again = output.read_text()
    for step in ("Making", "Installing", "Password"):
        assert step not in again
    return told


def fake_python(folder: Path, body: str) -> str:
    path = folder / "python-fake"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("exit 1", "Python 3.11 or later is needed"),
        ('case "$*" in *ensurepip*) exit 1;; esac', "python3-venv"),
    ],
)
def test_without_a_fit_python_a_sentence_says_what_to_install(
    clone: Path, tmp_path: Path, body: str, sentence: str
) -> None:
    environment = newcomer(free_port(), tmp_path) | {"PYTHON": fake_python(tmp_path, body)}
    for script in ("serve", "check", "test"):
        ran = subprocess.run(
            [str(clone / "script" / script)], env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 1
        assert sentence in ran.stderr
        assert len(ran.stderr.splitlines()) == 1
    assert not (clone / ".venv").exists()


def test_the_clone_keeps_its_secrets_to_itself() -> None:
    for name in (".env", "var/secret_key", "var/backoffice.sqlite3", ".venv/bin/python"):
        subprocess.run(["git", "check-ignore", "-q", name], cwd=CHECKOUT, check=True)
