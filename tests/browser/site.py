"""The back office on a real port of this machine, as a browser reaches it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from backoffice.db import Database

STARTS_WITHIN = 30
"""Seconds."""


@dataclass(frozen=True)
class Site:
    """Where it is served, and the database under it. ``address`` ends without a slash."""

    address: str
    database: Database


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve ``app`` from a thread, as ``backoffice serve`` would; yields the address."""
    server = _Server(
        uvicorn.Config(
            app,
            proxy_headers=False,
            access_log=False,
            log_config=None,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=5,
        )
    )
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="back office"
        )
        thread.start()
        try:
            assert server.ready.wait(STARTS_WITHIN), "the server does not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
