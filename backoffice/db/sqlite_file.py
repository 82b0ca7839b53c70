"""A SQLite file that cannot be written: how to open it, and when not to.

SQLite keeps the last commits beside the file, in ``-wal``, and an index of them in ``-shm``. A
reader needs both, or permission to create them. On a read-only disk without them it can read the
file only if we promise SQLite that nobody changes it (``immutable=1``).
https://sqlite.org/wal.html#read_only_databases
"""

import errno
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from backoffice.config import SettingsError

LOGGER = logging.getLogger("backoffice.db")

_OPENED = "backoffice_opened"
"""Key of a read-only connection's ``info``: the file's state when it was opened."""


@dataclass(frozen=True)
class FileState:
    """How a file may be opened.

    ``version``: shows a change of a file that is opened as immutable; None for others.
    """

    writable: bool
    version: tuple[int, ...] | None = None

    @property
    def immutable(self) -> bool:
        return self.version is not None


def is_read_only(record: ConnectionPoolEntry) -> bool:
    """Whether a pooled connection was opened on a file that could not be written."""
    return _OPENED in record.info


@dataclass(frozen=True)
class SQLiteFile:
    """The file of a SQLite database."""

    path: Path

    @classmethod
    def of(cls, url: URL) -> "SQLiteFile | None":
        """The file in ``url``; None for a database in memory and for a URI with its own options."""
        name = url.database
        if not name or name == ":memory:" or name.startswith("file:"):
            return None
        return cls(Path(name).resolve())  # SQLite follows links: -wal is beside the target

    def check(self) -> None:
        """Check at the start that the file can be read.

        Raises:
            SettingsError: it cannot be read, or not its last commits.
        """
        state = self.look()
        if state.writable or state.immutable:
            return
        if not self.path.exists():
            raise SettingsError(
                f"There is no SQLite file {self.path}, and its disk is read-only: make the disk "
                "writable, or correct DATABASE_URL."
            )
        if self._disk_is_read_only():
            raise SettingsError(
                f"The SQLite file {self.path} is on a read-only disk, and the file beside it has "
                f"changes that it does not have yet ({self._pending_changes()}): make the disk "
                "writable, or copy both files to one that is."
            )
        if not self._beside("-shm").exists() and not _may_write(self.path.parent):
            raise SettingsError(
                f"This account can write neither the SQLite file {self.path} nor its folder, so "
                "SQLite cannot safely read the file while others write to it: allow both, or put "
                "the file on a read-only disk."
            )

    def look(self) -> FileState:
        """How the file may be opened now."""
        disk_is_read_only = self._disk_is_read_only()
        if not disk_is_read_only and (not self.path.exists() or _may_write(self.path)):
            return FileState(writable=True)
        # Another account may write what this one cannot; nobody writes to a read-only disk.
        if not disk_is_read_only or not self.path.exists() or self._pending_changes():
            return FileState(writable=False)
        found = self.path.stat()
        return FileState(
            writable=False, version=(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        )

    def connect_read_only(self, engine: Engine) -> None:
        """Have ``engine`` connect as the file may be opened, and reconnect when that changes."""
        logged: list[FileState] = []

        @event.listens_for(engine, "do_connect")
        def _connect(
            dialect: Dialect, record: ConnectionPoolEntry, arguments: Any, options: dict[str, Any]
        ) -> Any:
            state = self.look()
            if state.writable:
                return None
            record.info[_OPENED] = state
            if state not in logged:
                logged[:] = [state]
                LOGGER.warning("the SQLite file cannot be written: it is opened read-only")
            mode = "immutable=1" if state.immutable else "mode=ro"
            uri = f"file:{quote(str(self.path))}?{mode}"
            return dialect.connect(uri, **{**options, "uri": True})

        @event.listens_for(engine, "checkout")
        def _check_state(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
            opened = record.info.get(_OPENED)
            # Another mount of the disk may be writable, and a disk may become writable again.
            if opened is not None and self.look() != opened:
                raise InvalidatePoolError

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def _pending_changes(self) -> str:
        """The name of the file beside it that holds changes; "" for none."""
        for ending in ("-wal", "-journal"):
            beside = self._beside(ending)
            try:
                if beside.stat().st_size:
                    return beside.name
            except OSError:
                continue
        return ""

    def _disk_is_read_only(self) -> bool:
        folder = self.path.parent
        try:
            if os.statvfs(folder).f_flag & os.ST_RDONLY:
                return True
            # After a fault the system may stop writing to a disk that still reports itself as
            # writable. Do not open the database to find out: closing it would drop the locks that
            # SQLite holds on it in this process.
            os.close(os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o600))
        except OSError as error:
            return error.errno == errno.EROFS
        except AttributeError:  # O_TMPFILE is Linux's
            return False
        return False


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
