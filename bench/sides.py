"""The sides that are measured, each a server with a person signed in; and the machine."""

import html
import os
import platform
import re
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from backoffice.db import Database
from bench.client import Connection, UnexpectedAnswer, make_request
from bench.records import EMAIL
from bench.servers import Server
from tests.cast import PASSWORD


@dataclass
class Side:
    """A server, and a person signed in there.

    ``token`` is sent with every form; "" if the server needs none.
    """

    server: Server
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    after_save: int = 303

    @property
    def writes(self) -> bool:
        """Whether it has forms at all."""
        return self.server.name != "bare"

    def get(self, path: str) -> bytes:
        return make_request(self.server.port, path, cookies=self.cookies)

    def post(self, path: str, form: dict[str, str]) -> bytes:
        token = {"csrf_token": self.token} if self.token else {}
        return make_request(self.server.port, path, cookies=self.cookies, form={**token, **form})

    def sign_in(self) -> None:
        """Sign in as a browser does.

        Raises:
            UnexpectedAnswer: it did not work.
        """
        with Connection(self.server.port) as connection:
            page = connection.ask(self.get("/admin/login"))
            self._remember(page.cookies(), page.content)
            form = {"username": EMAIL, "password": PASSWORD}
            done = connection.ask(self.post("/admin/login", form))
            if done.status not in (302, 303):
                raise UnexpectedAnswer(f"signing in to {self.server.name}: {done.status}")
            self._remember(done.cookies(), b"")
            page = connection.ask(self.get("/admin/item/create"))
            self._remember({}, page.content)

    def _remember(self, cookies: dict[str, str], page: bytes) -> None:
        self.cookies |= cookies
        if match := re.search(rb'name="csrf_token" value="([^"]+)"', page):
            self.token = html.unescape(match[1].decode())


def circumstances(database: Database) -> str:
    """The machine, the programs and the database server, in a few lines."""
    with database.engine.connect() as connection:
        postgres = connection.exec_driver_sql("SHOW server_version").scalar_one()
        fsync = connection.exec_driver_sql("SHOW fsync").scalar_one()
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("sqladmin", "sqlalchemy", "starlette", "uvicorn")
    )
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"machine: {os.cpu_count()} × {_processor()}{load}\n"
        f"programs: Python {platform.python_version()}, {packages}, "
        f"PostgreSQL {postgres} (fsync {fsync})"
    )


def _processor() -> str:
    try:
        found = re.search(r"(?m)^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()
