"""Databases that stop answering, and that nothing tells so: their side still acknowledges."""

import os
import selectors
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import sqlalchemy as sa

from backoffice.db import normalise_url


class Relay:
    """A port of loopback that leads to a database's server, and can be frozen.

    While it is, it forwards nothing and takes in nobody, and the system acknowledges all that
    arrives: to the other end it is a server whose process was stopped.
    """

    def __init__(self, url: str) -> None:
        self._target = normalise_url(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._other: dict[socket.socket, socket.socket] = {}
        self._frozen = Event()
        self._still = Event()
        self._closed = Event()
        self._thread = Thread(target=self._run, name="relay", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The database's URL through this port."""
        port = self._listener.getsockname()[1]
        url = self._target.set(host="127.0.0.1", port=port)
        url = url.difference_update_query(["host"])
        return url.render_as_string(hide_password=False)

    def freeze(self) -> None:
        """From its return on nothing gets through."""
        self._still.clear()
        self._frozen.set()
        assert self._still.wait(10)

    def thaw(self) -> None:
        """Go on, with all that has arrived since."""
        self._frozen.clear()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Frozen within it."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    def close(self) -> None:
        """End it, and all connections through it."""
        self._closed.set()
        self._thread.join(10)

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            while not self._closed.is_set():
                if self._frozen.is_set():
                    self._still.set()
                    time.sleep(0.01)
                    continue
                for key, _events in selector.select(0.02):
                    self._forward(selector, key.fileobj)
            for one in [self._listener, *self._other]:
                one.close()

    def _forward(self, selector: selectors.BaseSelector, one: Any) -> None:
        if one is self._listener:
            client, _address = self._listener.accept()
            server = self._reach_server()
            self._other |= {client: server, server: client}
            selector.register(client, selectors.EVENT_READ)
            selector.register(server, selectors.EVENT_READ)
            return
        other = self._other.get(one)
        if other is None:  # its other end went a moment ago
            return
        data = b""
        with suppress(OSError):
            data = one.recv(1 << 16)
            other.sendall(data)
        if not data:
            for end in (one, other):
                selector.unregister(end)
                self._other.pop(end)
                end.close()

    def _reach_server(self) -> socket.socket:
        folder = self._target.query.get("host")
        if isinstance(folder, str):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{folder}/.s.PGSQL.{self._target.port or 5432}")
            return server
        port = self._target.port or (5432 if "postgres" in self._target.drivername else 3306)
        return socket.create_connection((self._target.host or "127.0.0.1", port))


@contextmanager
def stopped(folder: Path) -> Iterator[None]:
    """The PostgreSQL server in ``folder`` (see postgres_server.py) with all processes stopped."""
    postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    # The parent first, so that it makes no more of them.
    halted = []
    try:
        os.kill(postmaster, signal.SIGSTOP)
        halted.append(postmaster)
        for child in _children(postmaster):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGSTOP)
                halted.append(child)
        yield
    finally:
        for process in halted:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # What follows the program's name, which may hold spaces.
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def seconds_since(began: float) -> float:
    """Seconds since a moment of ``time.monotonic()``."""
    return time.monotonic() - began


def until(what: Any, seconds: float = 20) -> None:
    """Wait until ``what()`` is true."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


def is_open(connection: sa.Connection) -> bool:
    """Whether SQLAlchemy takes a connection for usable."""
    return not connection.closed and not connection.invalidated
