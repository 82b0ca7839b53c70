"""Clients that do not read what they asked for."""

import asyncio
import sys
from collections.abc import Callable

Later = Callable[[float, Callable[[], None]], asyncio.TimerHandle]
"""Calls a function after so many seconds, as ``loop.call_later`` does."""


class UnreadWatch:
    """Looks now and then whether a connection's client takes what is written to it.

    ``seconds``: between two looks. ``stuck`` is called when it has taken nothing in that time,
    ``done`` when nothing waits here any more.
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
        self._before = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, or begin anew: what is unread now is what the next look is compared with."""
        self.stop()
        self._before = unread(self._transport)
        self._timer = self._later(self._seconds, self._look)

    def start_anew(self) -> None:
        """Begin anew if it was begun: the client has given a sign of life."""
        if self._timer is not None:
            self.start()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if unread(self._transport) >= self._before:
            self._stuck()
        elif self._transport.get_write_buffer_size():
            self.start()
        else:
            self._done()


def unread(transport: asyncio.Transport) -> int:
    """Bytes that the client has not taken: those that wait here, and on Linux in the kernel.

    The kernel may hold megabytes, and takes more only when a third of that has gone: without its
    number a client that reads slowly seems not to read at all.
    """
    here = transport.get_write_buffer_size()
    connected = transport.get_extra_info("socket")
    try:
        import fcntl
        import termios

        answer = fcntl.ioctl(connected.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
    except (ImportError, AttributeError, OSError):
        return here
    return here + int.from_bytes(answer, sys.byteorder)
