"""The back office on a real port of this machine, as a browser reaches it."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.db import Database

STARTS_WITHIN = 30
"""Seconds."""

LATE_VARIABLE = "TEST_LATE"
"""Milliseconds by which scripts, and the answers to scripts, come late. A test that fails only then
acts before the page can hear it, and would fail by chance on a busy machine."""


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


class _Late:
    """``app``, but scripts and answers to scripts come ``late`` (seconds), never from a cache."""

    def __init__(self, app: ASGIApp, late: float) -> None:
        self.app = app
        self.late = late

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_late(scope):
            await self.app(scope, receive, send)
            return

        async def send_late(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(self.late)
                MutableHeaders(scope=message)["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_late)

    @staticmethod
    def _is_late(scope: Scope) -> bool:
        asked_by_script = Headers(scope=scope).get("Sec-Fetch-Dest") == "empty"
        return asked_by_script or scope["path"].endswith(".js")


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve ``app`` from a thread, as ``backoffice serve`` would; yields the address."""
    late = float(os.environ.get(LATE_VARIABLE, "0")) / 1000
    server = _Server(
        uvicorn.Config(
            _Late(app, late) if late else app,
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
