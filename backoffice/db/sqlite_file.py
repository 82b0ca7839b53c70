"""A SQLite file that cannot be written: how it is opened, and when it must not be.

SQLite keeps what was last committed beside the file, in ``-wal``, and an index of it in ``-shm``.
Reading takes both, or leave to make them; on a disk that is read-only and has neither, a file can
be read only where SQLite is promised that nobody changes it (``immutable=1``).
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
"""Where a read-only connection's ``info`` keeps how its file was when it was opened."""


@dataclass(frozen=True)
class State:
    """How a file may be opened.

    ``version``: what tells that somebody changed it after all, where SQLite was promised that
    nobody would; None where it was not.
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
    """The file of a database, which must not be in memory."""

    path: Path

    @classmethod
    def of(cls, url: URL) -> "SQLiteFile | None":
        """The file that ``url`` names; None for memory, and for a URI with options of its own."""
        name = url.database
        if not name or name == ":memory:" or name.startswith("file:"):
            return None
        return cls(Path(name).resolve())  # SQLite follows links: -wal lies there

    def check(self) -> None:
        """Let the start go on.

        Raises:
            SettingsError: nothing can be read, or not what was committed last.
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
                f"The SQLite file {self.path} is on a read-only disk, and beside it lie changes "
                f"that were not yet written into it ({self._waiting()}): make the disk writable, "
                "or copy both files to one that is."
            )
        if not self._beside("-shm").exists() and not _may_write(self.path.parent):
            raise SettingsError(
                f"This account may write neither the SQLite file {self.path} nor its folder, and "
                "SQLite cannot read a file safely then that others may write: allow both, or put "
                "it on a read-only disk."
            )

    def look(self) -> State:
        """How the file may be opened at this moment."""
        disk_is_read_only = self._disk_is_read_only()
        if not disk_is_read_only and (not self.path.exists() or _may_write(self.path)):
            return State(writable=True)
        # What this account may not write, another may; a read-only disk is the same for all.
        if not disk_is_read_only or not self.path.exists() or self._waiting():
            return State(writable=False)
        found = self.path.stat()
        return State(
            writable=False, version=(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        )

    def open_as_it_is(self, engine: Engine) -> None:
        """Connect ``engine`` as the file may be opened, and anew when that has changed."""
        told: list[State] = []

        @event.listens_for(engine, "do_connect")
        def _connect(
            dialect: Dialect, record: ConnectionPoolEntry, arguments: Any, options: dict[str, Any]
        ) -> Any:
            state = self.look()
            if state.writable:
                return None
            record.info[_OPENED] = state
            if state not in told:
                told[:] = [state]
                LOGGER.warning("the SQLite file cannot be written: it is opened to be read only")
            mode = "immutable=1" if state.immutable else "mode=ro"
            uri = f"file:{quote(str(self.path))}?{mode}"
            return dialect.connect(uri, **{**options, "uri": True})

        @event.listens_for(engine, "checkout")
        def _look_again(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
            opened = record.info.get(_OPENED)
            # Another mount of the same disk may be writable, and a disk may become so again.
            if opened is not None and self.look() != opened:
                raise InvalidatePoolError

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def _waiting(self) -> str:
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
            # A disk that the system stopped writing to after a fault may still call itself
            # writable. The database itself must not be opened to ask: closing it would drop the
            # locks that SQLite holds on it in this process.
            os.close(os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o600))
        except OSError as error:
            return error.errno == errno.EROFS
        except AttributeError:  # O_TMPFILE is Linux's
            return False
        return False


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
