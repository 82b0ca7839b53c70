"""A watchdog for clients that do not read their response."""

import asyncio
import sys
from collections.abc import Callable

Later = Callable[[float, Callable[[], None]], asyncio.TimerHandle]
"""Calls a function after some seconds, as ``loop.call_later`` does."""


class WriteWatchdog:
    """Checks from time to time whether a client takes what is written to it.

    ``seconds``: between two checks. ``stuck`` is called when the client took nothing in that time,
    ``done`` when nothing is left to send.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        later: Later,
        seconds: float,
        stuck: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        self._transport = transport
        self._later = later
        self._seconds = seconds
        self._stuck = stuck
        self._done = done
        self._unread_before = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start, or start again: the next check compares with what is unread now."""
        self.stop()
        self._unread_before = unread_bytes(self._transport)
        self._timer = self._later(self._seconds, self._check)

    def restart(self) -> None:
        """Start again if it is running: the client has sent something."""
        if self._timer is not None:
            self.start()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        if unread_bytes(self._transport) >= self._unread_before:
            self._stuck()
        elif self._transport.get_write_buffer_size():
            self.start()
        else:
            self._done()


def unread_bytes(transport: asyncio.Transport) -> int:
    """Bytes that the client has not taken: those in our buffer and, on Linux, in the kernel's.

    The kernel may hold megabytes, and takes more only when a third of that has gone. Without its
    number, a client that reads slowly would seem not to read at all.
    """
    buffered = transport.get_write_buffer_size()
    connected = transport.get_extra_info("socket")
    try:
        import fcntl
        import termios

        queued = fcntl.ioctl(connected.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    except (ImportError, AttributeError, OSError):
        return buffered
    return buffered + int.from_bytes(queued, sys.byteorder)
