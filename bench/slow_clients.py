"""How long others wait while a client never stops sending, with uvicorn's own protocol and ours.

Each side serves the sign-in page from a process of its own. It is measured three
times: with no other client, during a header of many megabytes, and during requests that stay half
sent. The client that waits sends its request again and again over one connection.
"""

import argparse
import os
import platform
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.client import HOST, Connection, UnexpectedAnswer, make_request
from bench.servers import Server, serving
from tests.databases import child_environment, make_settings

SUMMARY = "how long others wait, and the memory used, while clients send endless requests"

PIECE = b"x" * 65_536
PROTOCOLS = {"uvicorn's": "httptools", "ours": "backoffice.web.asgi:protocol"}
MEGA = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--megabytes", type=int, default=60, help="size of the endless header (60)")
    parser.add_argument("--half", type=int, default=300, help="half-sent requests (300)")
    parser.add_argument("--seconds", type=float, default=12, help="how long they are held (12)")
    parser.add_argument("--requests", type=int, default=500, help="requests for the baseline (500)")


def run(arguments: argparse.Namespace) -> None:
    """Measure, and print what was measured and on what."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; one worker process")
    print(f"{'':<28}{'p50 ms':>9}{'max ms':>9}{'requests':>10}{'memory':>10}{'most':>10}")
    for name, http in PROTOCOLS.items():
        with TemporaryDirectory() as folder:
            settings = make_settings(f"sqlite:///{folder}/records.sqlite3")
            with serving(
                name,
                "backoffice.web.asgi:app",
                child_environment(settings),
                workers=1,
                log=Path(folder) / "log",
                access_log=False,
                http=http,
            ) as server:
                _measure(server, arguments)


def _measure(server: Server, arguments: argparse.Namespace) -> None:
    others = Others(server.port)
    others.ask(lambda: len(others.waits) >= arguments.requests)
    _tell(server, "nobody else", others)

    attack = EndlessHeader(server.port, arguments.megabytes * MEGA)
    attack.start()
    others.ask(lambda: not attack.is_alive())
    _tell(
        server, "endless header", others, f"{attack.sent / MEGA:.1f} MB in {attack.seconds:.1f} s"
    )

    halves = [socket.create_connection((HOST, server.port)) for _ in range(arguments.half)]
    for half in halves:
        half.sendall(b"GET /admin/login HTTP/1.1\r\nHost: ")
    end = time.perf_counter() + arguments.seconds
    others.ask(lambda: time.perf_counter() > end)
    left = sum(_is_open(half) for half in halves)
    _tell(server, "half-sent requests", others, f"{left} of {len(halves)} still open")
    for half in halves:
        half.close()


class Others:
    """A client that requests the sign-in page, and the seconds that each answer took."""

    def __init__(self, port: int) -> None:
        self.waits: list[float] = []
        self._port = port
        self._request = make_request(port, "/admin/login", cookies={})

    def ask(self, until: Callable[[], bool]) -> None:
        """Send the request again and again until it is over, and at least once."""
        self.waits.clear()
        with Connection(self._port) as connection:
            while not self.waits or not until():
                began = time.perf_counter()
                answer = connection.ask(self._request)
                self.waits.append(time.perf_counter() - began)
                if answer.status != 200:
                    raise UnexpectedAnswer(answer.head)


class EndlessHeader(threading.Thread):
    """Sends one header field until it is refused, or has so many bytes."""

    def __init__(self, port: int, length: int) -> None:
        super().__init__(daemon=True)
        self.sent = 0
        self.seconds = 0.0
        self._port = port
        self._length = length

    def run(self) -> None:
        began = time.perf_counter()
        with suppress(OSError), socket.create_connection((HOST, self._port)) as attack:
            attack.sendall(b"GET / HTTP/1.1\r\nCookie: ")
            while self.sent < self._length:
                attack.sendall(PIECE)
                self.sent += len(PIECE)
        self.seconds = time.perf_counter() - began


def _is_open(connection: socket.socket) -> bool:
    """Whether the server has neither answered nor closed the connection."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _tell(server: Server, what: str, others: Others, beside: str = "") -> None:
    waits = [1000 * seconds for seconds in others.waits]
    memory = server.memory()
    sizes = "".join(f"{size / MEGA:>7.0f} MB" for size in memory) if memory else f"{'–':>20}"
    print(
        f"{f'{server.name}: {what}':<28}{median(waits):>9.1f}{max(waits):>9.1f}{len(waits):>10}"
        f"{sizes}  {beside}",
        flush=True,
    )
