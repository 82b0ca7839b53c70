"""The client's address and scheme, from the X-Forwarded-* headers of trusted proxies.

The server must not read these headers itself (uvicorn: ``--no-proxy-headers``): trusting ``*``,
uvicorn takes the first address in X-Forwarded-For, which a client can write itself.
"""

import ipaddress

from starlette.types import ASGIApp, Receive, Scope, Send

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """Sets ``scope["client"]`` and ``scope["scheme"]`` to what the trusted proxies report.

    ``trusted``: addresses and networks, or ``*`` for any peer, which is then the only trusted hop.
    Each proxy appends the address that it was reached from to X-Forwarded-For. The client is the
    last entry that is not a trusted proxy; anybody could have written the entries before it.

    ``scope["state"]["from_proxy"]`` says whether the peer is trusted.
    """

    def __init__(self, app: ASGIApp, trusted: tuple[str, ...]) -> None:
        self.app = app
        self.trusts_any_peer = "*" in trusted
        self.networks = trusted_networks(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            self._read(scope)
        await self.app(scope, receive, send)

    def _read(self, scope: Scope) -> None:
        peer = scope.get("client")
        trusted = self.trusts_any_peer or self._is_trusted(parse_address(peer[0]) if peer else None)
        scope.setdefault("state", {})["from_proxy"] = trusted
        if not trusted:
            return
        forwarded_for: list[bytes] = []
        forwarded_proto = b""
        for name, value in scope["headers"]:
            if name == b"x-forwarded-for":
                forwarded_for.append(value)
            elif name == b"x-forwarded-proto":
                forwarded_proto = value
        if forwarded_for and (client := self._client(b",".join(forwarded_for))):
            scope["client"] = (str(client), 0)
        # The nearest proxy wrote the last one.
        scheme = forwarded_proto.rpartition(b",")[2].strip().lower()
        if scheme in (b"http", b"https"):
            scope["scheme"] = scheme.decode()

    def _client(self, forwarded_for: bytes) -> Address | None:
        """The client's address; None if only the peer's own is known."""
        nearest: Address | None = None
        for entry in reversed(forwarded_for.decode("latin-1").split(",")):
            address = parse_address(entry)
            if address is None:
                # Do not skip it: the entries before it may be forged.
                return nearest
            nearest = address
            if self.trusts_any_peer or not self._is_trusted(address):
                return nearest
        return nearest

    def _is_trusted(self, address: Address | None) -> bool:
        return address is not None and any(
            address.version == network.version and address in network for network in self.networks
        )


def trusted_networks(trusted: tuple[str, ...]) -> tuple[Network, ...]:
    """The networks in ``trusted``; an address is a network of its own, ``*`` is left out."""
    return tuple(ipaddress.ip_network(part, strict=False) for part in trusted if part != "*")


def parse_address(text: str) -> Address | None:
    """The IP address in ``text``, without port, brackets and zone; None if there is none.

    An IPv4-mapped IPv6 address (::ffff:10.0.0.1) is the IPv4 address.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
