"""Migrations made up for a test, run after the real ones by the real env.py."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from backoffice.config import CHECKOUT, Settings
from backoffice.db.migrations import migration_config
from tests.databases import child_environment

REVISION = """
import sqlalchemy as sa
from alembic import op

from backoffice.db import types
from migrations.indexes import create_index_concurrently, drop_index_concurrently

revision = "{revision}"
down_revision = {down_revision!r}


def upgrade() -> None:
{body}


def downgrade() -> None:
    pass
"""


started: list[subprocess.Popen[str]] = []
"""The releases of the test that runs; conftest.py ends those that it left running."""


def next_releases(folder: Path, bodies: Sequence[str], settings: Settings | None = None) -> Config:
    """Alembic's configuration with one more migration for each of ``bodies`` of ``upgrade()``.

    They lie in ``folder`` and are named ``test_1``, ``test_2``; the configuration can be given to
    another process as ``folder / "alembic.ini"``.
    """
    versions = folder / "versions"
    versions.mkdir()
    previous = ScriptDirectory.from_config(migration_config()).get_current_head()
    for number, body in enumerate(bodies, start=1):
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        (versions / f"test_{number}.py").write_text(
            REVISION.format(revision=f"test_{number}", down_revision=previous, body=lines)
        )
        previous = f"test_{number}"
    ini = (CHECKOUT / "alembic.ini").read_text()
    here = str(CHECKOUT).replace("%", "%%")
    locations = f"version_locations = {here}/migrations/versions:{versions}\n"
    (folder / "alembic.ini").write_text(
        ini.replace("%(here)s", here).replace("path_separator", locations + "path_separator", 1)
    )
    config = Config(folder / "alembic.ini")
    config.attributes["settings"] = settings
    return config


def start_release(
    settings: Settings,
    *,
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Run alembic as a release does, in a process of its own, on the database of ``settings``.

    ``config``: another alembic.ini than the checkout's; ``environment``: more variables for it.
    """
    arguments = ["--config", str(config)] if config else []
    release = subprocess.Popen(
        [sys.executable, "-m", "alembic", *arguments, "upgrade", "head"],
        cwd=CHECKOUT,
        env=child_environment(settings, **(environment or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started.append(release)
    return release


def output_of(release: subprocess.Popen[str], *, timeout: float = 60) -> tuple[int, str]:
    """The exit code and all that was printed, once it ends."""
    text, _ = release.communicate(timeout=timeout)
    return release.returncode, text
