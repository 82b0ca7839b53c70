"""The limits of one connection, and of their number in a process."""

import logging
from dataclasses import dataclass, replace
from typing import Self

from backoffice.config import Settings

LOGGER = logging.getLogger("backoffice.connections")

OTHER_FILES = 256
"""Descriptors that a worker needs besides its clients: database, uploads, libraries."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, seconds and numbers of connections. The defaults are the settings' own.

    ``connections`` and ``per_address``: of one worker process; 0 in ``per_address`` means no limit.
    """

    header_bytes: int = 65_536
    """A request line and its header fields together, and a chunked body's trailer."""
    header_seconds: float = 10
    """From the connection's start, or the next request's first byte, until they are complete."""
    rest_bytes: int = 16 * 1024 * 1024
    rest_seconds: float = 30
    """How much of a refused body is still read, so that the sender sees the response."""
    farewell_bytes: int = 1024 * 1024
    farewell_seconds: float = 2
    """How much is still read from a refused connection, for the same reason."""
    last_seconds: float = 0.5
    """How long a server that stops waits for the request of a connection that has sent none."""
    write_seconds: float = 60
    """How long a client may take nothing of a response."""

    connections: int = 1000
    per_address: int = 50
    spare: int = 64
    """Connections beyond the limit that are read at one time: one may be a health check."""
    spare_bytes: int = 8192
    spare_seconds: float = 2

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The settings' limits, with no more connections than this process may open files."""
        limits = cls(
            connections=settings.max_connections,
            per_address=settings.max_connections_per_address,
        )
        reserved = limits.spare + OTHER_FILES
        possible = raise_open_files(limits.connections + reserved) - reserved
        if possible >= limits.connections:
            return limits
        LOGGER.warning(
            "event=few-open-files connections=%s asked=%s", max(possible, 1), limits.connections
        )
        return replace(limits, connections=max(possible, 1))


def raise_open_files(needed: int) -> int:
    """Let this process open ``needed`` files, or as many as it may; returns that number.

    Many systems start with 1,024. A server without a free descriptor accepts no connection, not
    even the health check's.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return needed
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return needed
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # some systems name a higher limit than they allow
        return soft
    return wanted
