"""One database, made by the older commit and copied, so that both sides begin alike."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.pages.masking import masked
from bench.pages.shapes import program
from bench.pages.stage import ADA, PASSWORD
from tests import databases
from tests.databases import SIGNING_KEY, Kind

ITEMS = 600
KEPT_OF_OURS = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")

COMMANDS = (
    "--help",
    *(f"{name} --help" for name in ("serve", "demo", "check", "doctor", "verify-history")),
    *(f"{name} --help" for name in ("createsuperuser", "set-password", "seal-history")),
    "prune-history --help",
    "nothing",
    "check",
    "doctor",
    "demo",
    "seal-history",
    "verify-history --records",
    "prune-history --older-than 1d",
    f"createsuperuser --email {ADA} --password-stdin",
)
"""The commands that run at the end, after the walk."""


def environment_of(url: str) -> dict[str, str]:
    """The environment of both sides' programs, without a developer's own settings."""
    ours = {name: os.environ[name] for name in KEPT_OF_OURS if name in os.environ}
    return ours | {
        "DATABASE_URL": url,
        "SECRET_KEY": SIGNING_KEY,
        # Nothing runs by itself, at a time of its own.
        "HISTORY_SEAL_SECONDS": "0",
        "PYTHONHASHSEED": "0",
    }


@contextmanager
def two_databases(
    kind: Kind, folder: Path, checkout: Path, *, with_shapes: bool
) -> Iterator[tuple[str, str]]:
    """The URLs of two databases with the same records, made by the code in ``checkout``.

    ``with_shapes``: with the tables and records of ``tests/shapes`` too.

    Raises:
        subprocess.CalledProcessError: it could not create them.
        tests.databases.Unavailable: there is no PostgreSQL.
    """
    if kind == "sqlite":
        urls = [f"sqlite:///{folder / name}.sqlite3" for name in ("before", "after")]
        _make(urls[0], kind, checkout, with_shapes)
        source = sqlite3.connect(folder / "before.sqlite3")
        target = sqlite3.connect(folder / "after.sqlite3")
        source.backup(target)
        source.close()
        target.close()
        yield urls[0], urls[1]
        return
    databases.begin_run()
    try:
        with databases.empty_database(kind, folder) as first:
            _make(first, kind, checkout, with_shapes)
            name = first.rpartition("/")[2].partition("?")[0]
            copy = f"{name}_copy"
            with databases.administration(kind) as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {copy} TEMPLATE {name}")
            try:
                yield first, first.replace(f"/{name}", f"/{copy}")
            finally:
                with databases.administration(kind) as connection:
                    connection.exec_driver_sql(f"DROP DATABASE {copy} WITH (FORCE)")
    finally:
        databases.end_run()


def _make(url: str, kind: Kind, checkout: Path, with_shapes: bool) -> None:
    environment = environment_of(url)
    migrate(environment, checkout)
    adding = ["createsuperuser", "--email", ADA, "--first-name", "Ada", "--last-name", "Walker"]
    for words in ([*adding, "--password-stdin"], ["demo", "--items", str(ITEMS)]):
        _run(["-m", "backoffice", *words], environment, checkout, check=True)
    if with_shapes:
        _run([*program("fill", kind, environment), "0"], environment, checkout, check=True)


def migrate(environment: Mapping[str, str], checkout: Path) -> None:
    """Migrate a database to the newest revision of the code in ``checkout``."""
    _run(["-m", "alembic", "upgrade", "head"], environment, checkout, check=True)


def write_commands(environment: Mapping[str, str], checkout: Path, folder: Path) -> None:
    """Write each command's output and exit code."""
    for words in COMMANDS:
        done = _run(["-m", "backoffice", *words.split()], environment, checkout, check=False)
        told = masked(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        name = words.replace("--", "").replace(" ", "-").partition("@")[0]
        (folder / f"command-{name}.txt").write_text(f"{words}\n{told}", "utf-8")


def _run(
    words: list[str], environment: Mapping[str, str], checkout: Path, *, check: bool
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=checkout,
        env=dict(environment),
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if check and done.returncode:
        raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
    return done
