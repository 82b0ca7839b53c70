"""A SQLite file that cannot be written: on a read-only disk, or for want of leave."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.config import Settings, SettingsError
from backoffice.db import ChangesRefused, Database, open_database
from backoffice.models import Category
from tests.cast import add_items, count
from tests.databases import make_settings
from tests.db.disks import FAULT, FILE_SYSTEMS

NOBODY = 65534

pytestmark = pytest.mark.databases("sqlite")


def why_no_disk(system: str) -> str:
    """Why this machine gives no disk of its own; "" if it does."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "a disk of one's own takes root, and unshare"
    mount = "mount -t tmpfs none /mnt"
    if system == FAULT:
        if shutil.which("mkfs.ext4") is None or not Path("/dev/loop-control").exists():
            return "a disk with a fault takes mkfs.ext4, and loop devices"
        mount = (
            "image=$(mktemp) && truncate -s 1M $image && mkfs.ext4 -q -F $image"
            " && mount -o loop $image /mnt; done=$?; rm $image"
            ' && [ $done = 0 ] && [ -n "$(ls /sys/fs/ext4/*/trigger_fs_error)" ]'
        )
    tried = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount], capture_output=True, text=True
    )
    return f"no disk can be mounted here: {tried.stderr}" if tried.returncode else ""


@pytest.mark.parametrize("system", FILE_SYSTEMS)
def test_a_file_on_a_disk_that_is_or_turns_read_only_can_be_read(
    system: str, settings: Settings
) -> None:
    """The stories are those of ``FILE_SYSTEMS`` in tests/db/disks.py."""
    if why := why_no_disk(system):
        pytest.skip(why)
    file = sa.make_url(settings.database).database
    told = subprocess.run(
        ["unshare", "--mount", sys.executable, "-m", "tests.db.disks", system, str(file)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr


@pytest.fixture
def shelf(settings: Settings) -> Iterator[Path]:
    """A migrated file in a folder that every account can look into."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    file = folder / "backoffice.sqlite3"
    shutil.copyfile(str(sa.make_url(settings.database).database), file)
    yield file
    shutil.rmtree(folder)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Within it, this process has no more leave than an account without any."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def at(file: Path) -> Database:
    return open_database(make_settings(f"sqlite:///{file}"))


def test_a_file_without_leave_to_write_it_is_read_while_others_write_it(shelf: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("takes two accounts")
    writing = at(shelf)
    add_items(writing, 1)
    shelf.chmod(0o644)
    with as_nobody():
        reading = at(shelf)
        assert count(reading, Category) == 1
    with writing.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO categories (name) VALUES ('Nuts')")
    with as_nobody():
        assert count(reading, Category) == 2
        with pytest.raises(ChangesRefused), reading.writer.begin() as connection:
            connection.exec_driver_sql("INSERT INTO categories (name) VALUES ('Bolts')")
        reading.dispose()
    writing.dispose()


def test_a_file_that_others_may_write_unseen_stops_the_start_with_a_sentence(shelf: Path) -> None:
    shelf.chmod(0o444)
    shelf.parent.chmod(0o555)
    try:
        with as_nobody(), pytest.raises(SettingsError, match="neither the SQLite file"):
            at(shelf)
    finally:
        shelf.parent.chmod(0o755)


def let_others_read(file: Path) -> None:
    """Other accounts may read the file, and write what lies beside it."""
    if os.geteuid() != 0:
        pytest.skip("takes two accounts: only root can be another one as well")
    file.chmod(0o444)
    file.parent.chmod(0o777)


def test_a_file_in_a_folder_that_may_be_written_is_read_and_no_more(shelf: Path) -> None:
    let_others_read(shelf)
    with as_nobody():
        reading = at(shelf)
        assert count(reading, Category) == 0
        with pytest.raises(ChangesRefused), reading.writer.begin() as connection:
            connection.exec_driver_sql("INSERT INTO categories (name) VALUES ('Bolts')")
        reading.dispose()


def test_a_file_that_may_be_written_again_is_written_without_a_restart(shelf: Path) -> None:
    let_others_read(shelf)
    with as_nobody():
        database = at(shelf)
        assert count(database, Category) == 0
    for path in shelf.parent.iterdir():  # -wal and -shm were made with the file's own mode
        path.chmod(0o666)
    with as_nobody():
        add_items(database, 1)
        assert count(database, Category) == 1
        database.dispose()
