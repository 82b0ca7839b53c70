"""Programs that a test starts, waits for and stops."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, output: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A running program, what it writes going to ``output``; ended, with its children, after."""
    with (
        output.open("wb") as file,
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def until_ready(port: int, process: subprocess.Popen[bytes], output: Path, seconds: float) -> float:
    """Wait until /readyz answers 200; returns the seconds it took, fails with what was written."""
    begun = time.monotonic()
    # One client for all attempts: each one reads all certificates, which takes longer than the
    # pause, and what is waited for needs the processor.
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
        while time.monotonic() - begun < seconds:
            if process.poll() is not None:
                break
            if _answers(lambda: client.get("/readyz")):
                return time.monotonic() - begun
            time.sleep(0.03)
    raise AssertionError(f"not ready (exit code {process.poll()}):\n{output.read_text()}")


def _answers(ask: Callable[[], httpx2.Response]) -> bool:
    try:
        return ask().status_code == 200
    except httpx2.TransportError:
        return False
