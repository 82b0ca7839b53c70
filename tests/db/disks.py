"""Stories of a SQLite file on a disk that turns read-only, told in a process of its own.

``python -m tests.db.disks SYSTEM FILE`` tells those for a file system, each on a fresh disk with a
copy of the migrated FILE, which nobody else sees: ``unshare --mount`` starts it. It ends with 0, or
with what did not hold.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from alembic.util import CommandError
from starlette.applications import Starlette

from backoffice import cli
from backoffice.cli.outcome import FAILED, SETTINGS
from backoffice.config import Settings, SettingsError, _stored_key
from backoffice.db import OVERFLOW, Database, open_database
from backoffice.db.migrations import upgrade
from backoffice.models import Category, Item
from backoffice.web.app import create_app
from tests.cast import Browser, add_items, add_user, count, signed_in, text_of
from tests.databases import child_environment, make_settings

NO_CHANGES = "The database is read-only right now"
TAKES_NO_CHANGES = "The database is read-only right now"
ITEM = {"name": "M4", "description": "Bolt", "price": "1", "quantity": "1", "category": "1"}


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def command(file: Path, name: str) -> tuple[int, str]:
    """What ``python -m backoffice NAME`` ends with, and says."""
    os.environ |= child_environment(settings_of(file))
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = cli.main([name])
    return code, said.getvalue()


def settings_of(file: Path) -> Settings:
    return make_settings(f"sqlite:///{file}", history_seal_seconds=0)


def opened(file: Path) -> tuple[Database, Starlette]:
    settings = settings_of(file)
    database = open_database(settings)
    return database, create_app(settings, database)


def lists_and_shows(browser: Browser) -> None:
    for path in ("list", "details/1", "edit/1", "history/1"):
        response = browser.get(f"/admin/item/{path}")
        assert response.status_code == 200, (path, text_of(response))
    assert "Item 0000" in text_of(browser.get("/admin/item/list"))


def takes_nothing(browser: Browser, app: Starlette) -> None:
    browser.get("/admin/item/create")
    refused = browser.post("/admin/item/create", ITEM)
    assert refused.status_code == 503, text_of(refused)
    assert NO_CHANGES in text_of(refused)
    door = Browser(app).sign_in("ada@example.com")
    assert door.status_code == 503, text_of(door)
    assert "Nobody can sign in" in text_of(door)


def a_start_on_a_read_only_disk(file: Path) -> None:
    """Opened as it is, served from, and written to again once the disk is writable."""
    folder = file.parent
    database, app = opened(file)
    add_user(database, "ada@example.com", superuser=True)
    add_items(database, 3)
    ada = signed_in(app, "ada@example.com")
    database.dispose()
    assert [path.name for path in folder.iterdir()] == [file.name]

    run("mount", "-o", "remount,ro", str(folder))
    database, app = opened(file)
    ada.client.app = app
    ada.client._transport.app = app  # type: ignore[attr-defined]  # private
    lists_and_shows(ada)
    takes_nothing(ada, app)
    assert ada.client.get("/readyz").status_code == 200

    # The pool's connections were opened on what nobody changes; now somebody may.
    run("mount", "-o", "remount,rw", str(folder))
    ada.get("/admin/item/create")
    assert ada.post("/admin/item/create", ITEM).status_code == 303
    assert count(database, Item) == 4
    database.dispose()


def a_start_where_changes_wait(file: Path) -> None:
    """What was committed is not in the file yet: a start would leave it out, and so stops."""
    folder = file.parent
    database, _app = opened(file)
    add_items(database, 3)
    copies = Path(tempfile.mkdtemp())
    for path in folder.iterdir():
        shutil.copy(path, copies / path.name)
    database.dispose()
    for path in copies.iterdir():
        shutil.copy(path, folder / path.name)
    shutil.rmtree(copies)

    run("mount", "-o", "remount,ro", str(folder))
    with pytest.raises(SettingsError, match=r"read-only disk.*-wal"):
        opened(file)
    code, said = command(file, "serve")
    assert code == SETTINGS, said
    assert "make the disk writable" in said

    run("mount", "-o", "remount,rw", str(folder))
    database, _app = opened(file)
    assert count(database, Item) == 3
    database.dispose()


def another_mount_of_it_is_written(file: Path) -> None:
    """A container that sees the disk read-only, while another one writes to it."""
    mirror = Path(tempfile.mkdtemp())
    run("mount", "--bind", str(file.parent), str(mirror))
    run("mount", "-o", "remount,bind,ro", str(mirror))
    database = open_database(make_settings(f"sqlite:///{mirror / file.name}"))
    assert count(database, Category) == 0

    insert = (
        "import sqlite3, sys; writing = sqlite3.connect(sys.argv[1]);"
        "writing.execute('INSERT INTO categories (name) VALUES (?)', sys.argv[2:3]);"
        "writing.commit(); {}"
    )
    # Closed, all of it is in the file; open, it is in -wal.
    run(sys.executable, "-c", insert.format("writing.close()"), str(file), "Bolts")
    assert count(database, Category) == 1
    staying = insert.format("print('done', flush=True); sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, "-c", staying, str(file), "Nuts"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert count(database, Category) == 2
        other.communicate()
    assert count(database, Category) == 2
    database.dispose()
    run("umount", str(mirror))
    mirror.rmdir()


def nothing_is_there(file: Path) -> None:
    """No file, and none can be made."""
    file.unlink()
    run("mount", "-o", "remount,ro", str(file.parent))
    with pytest.raises(SettingsError, match="There is no SQLite file"):
        opened(file)
    with pytest.raises(SettingsError, match=r"Read-only file system\): set SECRET_KEY"):
        _stored_key(file.parent / "secret_key")


def a_release_on_a_read_only_disk(file: Path) -> None:
    """It says in a sentence that nothing was migrated."""
    run("mount", "-o", "remount,ro", str(file.parent))
    with pytest.raises(CommandError, match=TAKES_NO_CHANGES):
        upgrade(settings_of(file))
    code, said = command(file, "check")
    assert code == FAILED, said
    assert TAKES_NO_CHANGES in said


def a_fault_under_a_running_process(file: Path) -> None:
    """The system stops writing to the disk while connections are open, and new ones are opened."""
    database, app = opened(file)
    add_user(database, "ada@example.com", superuser=True)
    add_items(database, 3)
    ada = signed_in(app, "ada@example.com")
    number = file.stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve().name
    Path(f"/sys/fs/ext4/{block}/trigger_fs_error").write_text("a test")

    takes_nothing(ada, app)
    lists_and_shows(ada)
    # As many at once as the pool opens: some are new.
    held = [database.reader.connect() for _ in range(OVERFLOW + 2)]
    for connection in held:
        assert connection.exec_driver_sql("SELECT count(*) FROM items").scalar() == 3
        connection.close()
    # Every connection closed: the next ones find no other that holds the file's index.
    database.dispose()
    lists_and_shows(ada)
    takes_nothing(ada, app)
    database.dispose()


FAULT = "ext4"
FILE_SYSTEMS: dict[str, tuple[Callable[[Path], None], ...]] = {
    "tmpfs": (
        a_start_on_a_read_only_disk,
        a_start_where_changes_wait,
        another_mount_of_it_is_written,
        nothing_is_there,
        a_release_on_a_read_only_disk,
    ),
    FAULT: (a_fault_under_a_running_process,),
}
"""The stories by the kind of disk that they are told on: each has a fresh one."""


@contextmanager
def disk(system: str) -> Iterator[Path]:
    """A disk that this process alone sees, and that is gone afterwards."""
    folder = Path(tempfile.mkdtemp())
    if system == FAULT:
        image = folder.with_suffix(".image")
        with image.open("wb") as file:
            file.truncate(32 * 2**20)
        run("mkfs.ext4", "-q", "-F", str(image))
        run("mount", "-o", "loop,errors=remount-ro", str(image), str(folder))
        image.unlink()
    else:
        run("mount", "-t", system, "none", str(folder))
    try:
        yield folder
    finally:
        run("umount", "--lazy", str(folder))
        folder.rmdir()


def main(system: str, migrated: str) -> None:
    for story in FILE_SYSTEMS[system]:
        with disk(system) as folder:
            copied = folder / "backoffice.sqlite3"
            shutil.copyfile(migrated, copied)
            story(copied)


if __name__ == "__main__":
    main(*sys.argv[1:])
