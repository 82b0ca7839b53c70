"""The CPU time of processes: a server's group of them, and PostgreSQL's for one database.

The system counts it in hundredths of a second, so it is measured over many requests.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from backoffice.db import Database


@dataclass(frozen=True, slots=True)
class Process:
    """A process now. ``used``: CPU seconds so far; ``ended``: those of its children that ended."""

    parent: int
    group: int
    used: float
    ended: float


def processes() -> dict[int, Process] | None:
    """All processes of this machine by id; None without /proc."""
    if not Path("/proc/self/stat").exists():
        return None
    tick = 1 / os.sysconf("SC_CLK_TCK")
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The fields after the program's name, which may hold spaces.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended since
            continue
        used, ended = (tick * (int(fields[at]) + int(fields[at + 1])) for at in (11, 13))
        found[int(folder.name)] = Process(int(fields[1]), int(fields[2]), used, ended)
    return found


@dataclass
class Cpu:
    """CPU seconds that so many requests took; None if they cannot be read."""

    web: float | None = 0.0
    database: float | None = 0.0
    requests: int = 0

    def add(self, web: float | None, database: float | None, requests: int) -> None:
        self.web = None if self.web is None or web is None else self.web + web
        known = self.database is not None and database is not None
        self.database = (self.database or 0) + (database or 0) if known else None
        self.requests += requests

    @property
    def web_ms(self) -> float | None:
        """Milliseconds of the web server a request."""
        return None if self.web is None else 1000 * self.web / max(1, self.requests)

    @property
    def database_ms(self) -> float | None:
        """Milliseconds of the database server a request."""
        return None if self.database is None else 1000 * self.database / max(1, self.requests)


class Meter:
    """Reads what a web server's group of processes and the backends of its database use."""

    def __init__(self, group: int, database: Database) -> None:
        self.group, self.database = group, database
        self.postmaster = _postmaster(database)

    @contextmanager
    def measuring(self, cpu: Cpu, requests: int) -> Iterator[None]:
        """Add what is used inside it, by so many requests, to ``cpu``."""
        before = processes()
        yield
        after = processes()
        if before is None or after is None:
            cpu.add(None, None, requests)
            return
        web = sum(
            process.used - before[pid].used if pid in before else process.used
            for pid, process in after.items()
            if process.group == self.group
        )
        database = None
        if self.postmaster is not None:
            database = used_by_backends(before, after, self.postmaster, self._backends())
        cpu.add(web, database, requests)

    def _backends(self) -> set[int]:
        statement = (
            "SELECT pid FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with self.database.engine.connect() as connection:
            return set(connection.scalars(sa.text(statement)))


def used_by_backends(
    before: dict[int, Process], after: dict[int, Process], postmaster: int, backends: set[int]
) -> float:
    """CPU seconds of the backends between the two readings.

    ``backends``: those of the database that exist at the end. Adds what children of the postmaster
    used that ended in the meantime, as parallel workers do; of any database, since nobody can tell
    any more.
    """
    present = sum(
        after[pid].used - (before[pid].used if pid in before else 0)
        for pid in backends & after.keys()
    )
    gone = sum(
        process.used
        for pid, process in before.items()
        if process.parent == postmaster and pid not in after
    )
    if postmaster not in before or postmaster not in after:
        return present
    ended = after[postmaster].ended - before[postmaster].ended - gone
    return present + max(0.0, ended)


def _postmaster(database: Database) -> int | None:
    """The id of PostgreSQL's first process; None on another machine, or if it cannot be seen."""
    with database.engine.connect() as connection:
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
            name = Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            return None
    # On another machine, the id may be that of any program here.
    if not name.startswith("postgres"):
        return None
    return int(text.rpartition(")")[2].split()[1])
