"""A client that costs little: it sends requests made beforehand, over open connections."""

import re
import socket
import threading
import time
import zlib
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

HOST = "127.0.0.1"
PATIENCE = 300
"""Seconds that an answer may take."""


class UnexpectedAnswer(Exception):
    """A server's answer is not the one that is measured."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the head as text, the body as the bytes that were sent."""

    status: int
    head: str
    body: bytes

    @property
    def content(self) -> bytes:
        """The body, decompressed if it was sent in gzip.

        Raises:
            UnexpectedAnswer: it has another encoding, which nobody here can read.
        """
        encoding = re.search(r"(?im)^content-encoding: *([^\r\n]+)", self.head)
        if encoding is None:
            return self.body
        if encoding[1].strip().lower() != "gzip":
            raise UnexpectedAnswer(self.head)
        return zlib.decompress(self.body, wbits=31)

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode()

    def cookies(self) -> dict[str, str]:
        """The cookies that it sets."""
        return dict(re.findall(r"(?im)^set-cookie: ([^=\s]+)=([^;\r]*)", self.head))


@dataclass(frozen=True, slots=True)
class Run:
    """The times of a run: wall seconds for all of it, and seconds for each request.

    ``statuses``: those of the answers.
    """

    seconds: float
    latencies: tuple[float, ...]
    statuses: frozenset[int] = frozenset()

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds


class Connection:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def ask(self, request: bytes) -> Answer:
        """Send ``request`` and read its answer to the end.

        Raises:
            UnexpectedAnswer: it is not HTTP, or does not state its length.
            OSError: the connection broke.
        """
        self.socket.sendall(request)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = received[:end].decode("latin-1")
        status = re.match(r"HTTP/1\.1 (\d{3})", head)
        length = re.search(r"(?im)^content-length: *(\d+)", head)
        if status is None or length is None:
            raise UnexpectedAnswer(head)
        while len(received) < end + 4 + int(length[1]):
            received += self._more()
        return Answer(int(status[1]), head, bytes(received[end + 4 :]))

    def _more(self) -> bytes:
        more = self.socket.recv(262_144)
        if not more:
            raise UnexpectedAnswer("the connection was closed in the middle")
        return more


def make_request(
    port: int, path: str, *, cookies: dict[str, str], form: dict[str, str] | None = None
) -> bytes:
    """A request as a browser would make it; ``form`` makes it a POST."""
    lines = [
        f"{'GET' if form is None else 'POST'} {path} HTTP/1.1",
        f"Host: {HOST}:{port}",
        "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "User-Agent: Mozilla/5.0 (bench)",
        "Sec-Fetch-Site: same-origin",
        "Sec-Fetch-Mode: navigate",
    ]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    body = b""
    if form is not None:
        body = urlencode(form).encode()
        lines += [
            f"Origin: http://{HOST}:{port}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run_all(
    port: int, requests: Sequence[bytes], *, connections: int, expect: int | Collection[int]
) -> Run:
    """Send ``requests`` over so many connections at once, each taking the next when it is free.

    Raises:
        UnexpectedAnswer: an answer's status is not ``expect``, or not among them.
    """
    expected = {expect} if isinstance(expect, int) else set(expect)
    waiting = deque(requests)
    latencies: list[float] = []
    statuses: set[int] = set()
    failures: list[Exception] = []
    start = threading.Barrier(connections + 1)

    def work() -> None:
        try:
            with Connection(port) as connection:
                start.wait()
                for _turn in repeat(None):
                    try:
                        request = waiting.popleft()
                    except IndexError:
                        return
                    began = time.perf_counter()
                    answer = connection.ask(request)
                    latencies.append(time.perf_counter() - began)
                    statuses.add(answer.status)
                    if answer.status not in expected:
                        first = request.split(b"\r\n")[0].decode()
                        raise UnexpectedAnswer(f"{answer.status} instead of {expect}: {first}")
        except Exception as error:  # reported by the thread that started the others
            failures.append(error)
            start.abort()

    # Daemons: if the measurement is stopped, it does not wait for answers or for other threads.
    threads = [threading.Thread(target=work, daemon=True) for _ in range(connections)]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):  # the failure that broke it is reported below
        start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return Run(seconds, tuple(latencies), frozenset(statuses))
