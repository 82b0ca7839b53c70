"""The open connections of a worker process: counted, and closed where there are too many."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from backoffice.auth.addresses import network_of
from backoffice.logfmt import logfmt
from backoffice.web.middleware.proxies import parse_address, trusted_networks
from backoffice.web.server.limits import LOGGER, Limits

Key = str
"""What a peer is counted by (``network_of``): its IPv4 address or its IPv6 /64."""


class Connection(Protocol):
    """A connection, as far as it is counted here."""

    def close_idle(self) -> None:
        """Close without a response: no request is under way."""

    def refuse_as_spare(self) -> None:
        """Respond that there are too many connections, and close."""


class Connections:
    """Counts connections and makes room by closing idle ones.

    ``trusted``: the proxies (settings.trusted_proxies). They hold connections for many people, so
    they are not counted by address. With ``*`` no peer is.
    """

    def __init__(self, limits: Limits, trusted: tuple[str, ...]) -> None:
        self._limits = limits
        self._networks = trusted_networks(trusted)
        self._by_address = bool(limits.per_address) and "*" not in trusted
        self._open: dict[Connection, Key | None] = {}
        self._numbers: Counter[Key] = Counter()
        # Both in the order of insertion: the oldest comes first.
        self._idle: dict[Connection, None] = {}
        self._spare: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: Connection, peer: str | None) -> bool:
        """Count a new connection, which is idle until its first byte.

        ``peer``: its address; None if it has none, as on a Unix socket. Returns False if there are
        too many: it may then be read for the health check only. Call ``remove`` for it as well.
        """
        key = self._key(peer)
        crowded = key is not None and self._numbers[key] >= self._limits.per_address
        if (crowded and not self._make_room(key)) or (
            len(self._open) >= self._limits.connections and not self._make_room(None)
        ):
            if len(self._spare) >= self._limits.spare:
                # Read the newest: a health check sends its request at once.
                oldest = next(iter(self._spare))
                del self._spare[oldest]
                oldest.refuse_as_spare()
            self._spare[connection] = None
            return False
        self._open[connection] = key
        if key is not None:
            self._numbers[key] += 1
        self._idle[connection] = None
        return True

    def remove(self, connection: Connection) -> None:
        """Stop counting a connection that is closed or about to be."""
        self._idle.pop(connection, None)
        self._spare.pop(connection, None)
        key = self._open.pop(connection, None)
        if key is not None:
            self._numbers[key] -= 1
            if not self._numbers[key]:
                del self._numbers[key]

    def busy(self, connection: Connection) -> None:
        """A request begins on it."""
        self._idle.pop(connection, None)

    def idle(self, connection: Connection) -> None:
        """Its request was answered, and no byte of a next one has come."""
        if connection in self._open:
            self._idle[connection] = None

    def _make_room(self, key: Key | None) -> bool:
        """Close the connection that is idle for longest, of this peer if ``key`` is given."""
        for connection in self._idle:
            if key is None or self._open[connection] == key:
                self.remove(connection)
                connection.close_idle()
                return True
        return False

    def _key(self, peer: str | None) -> Key | None:
        address = parse_address(peer) if peer and self._by_address else None
        if address is None or any(
            address.version == network.version and address in network for network in self._networks
        ):
            return None
        return network_of(str(address))


class RefusalLog:
    """Logs refusals: for each kind of event at most one line in ten seconds.

    Otherwise a client that sends a thousand bad requests a second would write as many lines.
    ``more`` in a line: how many events of its kind were left out since the line before.
    """

    def __init__(self, seconds: float = 10, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._next: dict[str, float] = {}
        self._more: Counter[str] = Counter()

    def record(self, event: str, peer: str | None, level: int = logging.INFO) -> None:
        now = self._clock()
        if now < self._next.get(event, now):
            self._more[event] += 1
            return
        self._next[event] = now + self._seconds
        more = self._more.pop(event, None)
        LOGGER.log(level, "%s", logfmt(event=event, address=peer, more=more))
