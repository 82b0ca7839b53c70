"""A real server of a small application, and clients that send what no browser would."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.web.server.limits import Limits
from backoffice.web.server.protocol import BoundedProtocol, bounded_protocol

PATIENCE = 20
"""Seconds after which a test fails that ought to have ended at once."""
BIG = 16 * 1024 * 1024


@dataclass
class Echo:
    """Says what it was asked, and keeps what it saw."""

    scopes: list[Scope] = field(default_factory=list)
    vanished: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        path: str = scope["path"]
        length = 0
        more = scope["method"] == "POST" and path != "/refuse"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.vanished.set()
                return
            length += len(message["body"])
            more = message["more_body"]
        if path == "/wait":
            await asyncio.sleep(0.2)
        answer = f"{scope['method']} {path} {length}".encode()
        if path == "/big":
            answer = b"x" * BIG
        headers = [(b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


@dataclass
class Served:
    """A running server; ``protocol`` is the class of its connections."""

    port: int
    protocol: type[BoundedProtocol]
    stopping: Callable[[], None]

    def stop(self) -> None:
        """Tell it to stop, as a release does; from its return on nobody is taken in."""
        self.stopping()
        until(lambda: not _is_open(self.port))

    def connect(self, receive_buffer: int | None = None) -> "Client":
        return Client(self.port, receive_buffer)

    @property
    def number(self) -> int:
        """How many connections are counted."""
        return len(self.protocol.connections_open)

    @property
    def idle(self) -> int:
        """How many of them are idle."""
        return len(self.protocol.connections_open._idle)


class Client:
    """A socket, and what came back on it."""

    def __init__(self, port: int, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def send(self, *pieces: bytes, pause: float = 0) -> Self:
        """Send piece by piece; a server that has closed is not an error here."""
        try:
            for piece in pieces:
                self.socket.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass
        return self

    def until_closed(self) -> bytes:
        """All that comes until the server closes."""
        try:
            while piece := self.socket.recv(262_144):
                self.received += piece
        except ConnectionError:
            pass
        return self.received

    def answer(self) -> bytes:
        """The body of the next answer, whose status is 200."""
        while (end := self.received.find(b"\r\n\r\n")) < 0:
            self._more()
        status = self.received[:12]
        assert status == b"HTTP/1.1 200", self.received[:500]
        told = re.search(rb"content-length: (\d+)", self.received[:end])
        assert told
        length = end + 4 + int(told[1])
        while len(self.received) < length:
            self._more()
        body, self.received = self.received[end + 4 : length], self.received[length:]
        return body

    def _more(self) -> None:
        piece = self.socket.recv(262_144)
        assert piece, f"closed after {self.received[:500]!r}"
        self.received += piece


def request(path: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    """A whole request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def statuses(received: bytes) -> list[int]:
    """The statuses of the answers in ``received``."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


@contextmanager
def serving(
    app: ASGIApp,
    limits: Limits,
    trusted: tuple[str, ...] = (),
    *,
    keep_alive: float = 60,
    grace: int = 1,
    protocol: type[BoundedProtocol] | None = None,
) -> Iterator[Served]:
    """Uvicorn with our protocol on a port of loopback, in a thread."""
    protocol = protocol or bounded_protocol(limits, trusted)
    options: dict[str, Any] = {"timeout_keep_alive": keep_alive, "timeout_graceful_shutdown": grace}
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=0,
            http=protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            **options,
        )
    )

    def stop() -> None:
        server.should_exit = True

    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield Served(server.servers[0].sockets[0].getsockname()[1], protocol, stop)
    finally:
        stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def _is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it; fails after ``PATIENCE``."""
    late = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < late
        time.sleep(0.005)
