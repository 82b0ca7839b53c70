"""Starts server processes as the platform would, reads their CPU time, and stops them."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backoffice.config import CHECKOUT
from bench.client import HOST
from bench.processes import processes

START_WITHIN = 60
"""Seconds."""


class DidNotStart(Exception):
    """A server did not start; the text is its output."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, and the group of its processes."""

    name: str
    port: int
    group: int

    def memory(self) -> tuple[int, int] | None:
        """Memory of the first process in bytes: now, and the peak; None without /proc."""
        try:
            status = Path(f"/proc/{self.group}/status").read_text()
        except OSError:
            return None
        sizes = dict(re.findall(r"(?m)^(VmRSS|VmHWM):\s+(\d+) kB$", status))
        return 1024 * int(sizes["VmRSS"]), 1024 * int(sizes["VmHWM"])

    def cpu_seconds(self) -> float | None:
        """CPU time that its processes have used so far; None without /proc.

        On a machine that others use too this is steadier than the clock.
        """
        found = processes()
        if found is None:
            return None
        return sum(process.used for process in found.values() if process.group == self.group)


@contextmanager
def serving(
    name: str,
    app: str,
    environment: Mapping[str, str],
    *,
    workers: int,
    log: Path,
    access_log: bool,
    http: str = "auto",
    checkout: Path = CHECKOUT,
) -> Iterator[Server]:
    """Uvicorn with ``app`` and so many worker processes, on a free port of loopback.

    ``http``: its HTTP protocol, as uvicorn's option of that name. ``checkout``: whose code runs.

    Raises:
        DidNotStart: it ended, or does not answer.
    """
    command = ["-m", "uvicorn", app, "--host", HOST]
    command += ["--workers", str(workers), "--no-proxy-headers", "--ws", "none"]
    command += ["--http", http]
    command += [] if access_log else ["--no-access-log"]
    with running(name, [*command, "--port"], environment, log=log, checkout=checkout) as server:
        yield server


@contextmanager
def running(
    name: str, command: Sequence[str], environment: Mapping[str, str], *, log: Path, checkout: Path
) -> Iterator[Server]:
    """A Python program that serves, started in ``checkout`` on a free port of loopback.

    ``command``: the words behind ``python``; the port follows them.

    Raises:
        DidNotStart: it ended, or does not answer.
    """
    port = _free_port()
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, *command, str(port)],
            cwd=checkout,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        _wait_for(process, port, log)
        yield Server(name, port, process.pid)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise DidNotStart(log.read_text())
