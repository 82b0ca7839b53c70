"""How long people wait while the database is frozen, and what the deadlines cost otherwise.

A PostgreSQL of its own is stopped (SIGSTOP) under the real server, ``python -m backoffice serve``.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import psycopg2

from backoffice.config import CHECKOUT, Settings
from backoffice.db import open_database
from backoffice.db.migrations import upgrade
from backoffice.db.resilience.deadlines import guarded
from bench.client import Answer, Connection, UnexpectedAnswer, make_request
from bench.records import EMAIL
from bench.servers import Server
from bench.sides import Side, circumstances
from tests import postgres_server
from tests.cast import add_items, add_user
from tests.cli.processes import free_port, started, until_ready
from tests.databases import child_environment, make_settings
from tests.freezing import stopped

SUMMARY = "the longest wait while the database is frozen, and a statement's cost with a deadline"

LIST = "/admin/item/list"
PAUSE = 1.0
"""Seconds until a client tries again after the answer that the database does not answer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=45, help="length of the freeze (45)")
    parser.add_argument("--requests", type=int, default=100, help="requests waiting at once (100)")
    parser.add_argument("--statements", type=int, default=2000, help="statements per round (2000)")
    parser.add_argument("--rounds", type=int, default=15, help="number of rounds (15)")


@dataclass
class Waits:
    """When each request was sent and answered (``time.monotonic``), and the answer's status."""

    answered: list[tuple[float, float, int]] = field(default_factory=list)

    def during(self, begin: float, end: float) -> "Waits":
        """The requests that waited at some time between two moments."""
        return Waits([one for one in self.answered if one[1] > begin and one[0] < end])

    def since(self, begin: float) -> "Waits":
        """The same, without the wait before a moment."""
        return Waits([(max(sent, begin), done, status) for sent, done, status in self.answered])

    @property
    def longest(self) -> float:
        return max((done - sent for sent, done, _status in self.answered), default=0.0)

    def __str__(self) -> str:
        numbers = Counter(status for _sent, _done, status in self.answered)
        told = ", ".join(f"{number} × {status}" for status, number in sorted(numbers.items()))
        return f"{self.longest:6.2f} s at most ({told})"


def run(arguments: argparse.Namespace) -> None:
    """Measure, and print what was measured and on what."""
    with TemporaryDirectory(prefix="bo-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        url = postgres_server.start(folder)
        try:
            settings = make_settings(url)
            _prepare(settings)
            print(f"a statement, SELECT 1: {_cost(folder, arguments)}")
            with _served(settings, folder) as side:
                _freeze(arguments, folder, settings, side)
        finally:
            postgres_server.stop(folder)


def _prepare(settings: Settings) -> None:
    upgrade(settings)
    database = open_database(settings)
    add_user(database, EMAIL, superuser=True)
    add_items(database, 200)
    print(circumstances(database))
    database.dispose()


def _cost(folder: Path, arguments: argparse.Namespace) -> str:
    """Microseconds with and without a deadline, taking turns; medians of the rounds."""
    dsn = f"host={folder} user=postgres dbname=postgres"
    # A factory too, so that only the difference is compared.
    without = psycopg2.connect(dsn)
    with_one = psycopg2.connect(dsn, connection_factory=guarded(15))
    clocks: tuple[Callable[[], float], ...] = (time.perf_counter, time.thread_time)
    taken: dict[tuple[int, int], list[float]] = {}
    for connection in (without, with_one):
        connection.autocommit = True
    for turn in range(-1, arguments.rounds):
        for place, connection in enumerate((without, with_one)):
            began = [clock() for clock in clocks]
            for _statement in range(arguments.statements):
                cursor = connection.cursor()
                cursor.execute("SELECT 1")
                cursor.fetchall()
                cursor.close()
            for which, clock in enumerate(clocks):
                if turn >= 0:
                    one = 1e6 * (clock() - began[which]) / arguments.statements
                    taken.setdefault((place, which), []).append(one)
    without.close()
    with_one.close()
    wall, cpu = ((median(taken[0, one]), median(taken[1, one])) for one in (0, 1))
    return (
        f"{wall[0]:.1f} µs without a deadline, {wall[1]:.1f} µs with one; "
        f"of this process's CPU {cpu[0]:.1f} and {cpu[1]:.1f} µs"
    )


@contextmanager
def _served(settings: Settings, folder: Path) -> Iterator[Side]:
    port = free_port()
    environment = child_environment(settings, PORT=str(port))
    log = folder / "served.log"
    command = [sys.executable, "-m", "backoffice", "serve"]
    with started(command, environment, CHECKOUT, log) as process:
        until_ready(port, process, log, 60)
        side = Side(Server("ours", port, process.pid))
        side.sign_in()
        yield side


def _freeze(arguments: argparse.Namespace, folder: Path, settings: Settings, side: Side) -> None:
    over = Event()
    pages, ready, alive = Waits(), Waits(), Waits()
    port = side.server.port
    bare: dict[str, Any] = {"cookies": {}}
    askers = [Thread(target=_ask, args=(port, side.get(LIST), pages, over, 0.0), daemon=True)
              for _number in range(arguments.requests)]  # fmt: skip
    for path, waits in (("/readyz", ready), ("/healthz", alive)):
        request = make_request(port, path, **bare)
        askers.append(Thread(target=_ask, args=(port, request, waits, over, 0.3), daemon=True))
    for asker in askers:
        asker.start()
    time.sleep(3)
    with stopped(folder):
        begin = time.monotonic()
        time.sleep(arguments.seconds)
        end = time.monotonic()
    _wait_for_a_page(pages, end)
    over.set()
    for asker in askers:
        asker.join(60)
    first = min(done for sent, done, status in pages.answered if sent > end and status == 200)
    limit = settings.database_statement_timeout + 5
    print(f"frozen for {end - begin:.0f} s, {arguments.requests} clients at once")
    waits = pages.during(begin, end)
    # So many clients keep one worker busy: some were already waiting when it froze.
    print(f"pages:    {waits.since(begin)}; promised: {limit} s")
    print(f"with what they had waited before: {waits.longest:.2f} s")
    print(f"/readyz:  {ready.during(begin, end)}; promised: 3 s")
    print(f"/healthz: {alive.during(begin, end)}")
    print(f"the first page {first - end:.1f} s after the freeze")
    for line in (folder / "served.log").read_text().splitlines():
        if "backoffice.db" in line:
            print(f"log: {line}")


def _wait_for_a_page(pages: Waits, since: float) -> None:
    """Wait until a client that sent its request after a moment has got a page."""
    while time.monotonic() < since + 60:
        if any(sent > since and status == 200 for sent, _done, status in [*pages.answered]):
            return
        time.sleep(0.1)
    raise UnexpectedAnswer("no page within a minute of the freeze")


def _ask(port: int, request: bytes, waits: Waits, over: Event, pause: float) -> None:
    """Send the same request again and again; after a refusal, wait a while first."""
    while not over.is_set():
        try:
            with Connection(port) as connection:
                while not over.is_set():
                    sent = time.monotonic()
                    answer: Answer = connection.ask(request)
                    waits.answered.append((sent, time.monotonic(), answer.status))
                    over.wait(PAUSE if answer.status == 503 else pause)
        except (OSError, UnexpectedAnswer):
            over.wait(PAUSE)
