"""Where a request really comes from, behind proxies.

The server in front of this must leave the X-Forwarded-* headers alone (uvicorn:
``--no-proxy-headers``): with ``*`` its own reading takes the first address in X-Forwarded-For,
which is the one that a client can write itself.
"""

import ipaddress

from starlette.types import ASGIApp, Receive, Scope, Send

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """Sets ``scope["client"]`` and ``scope["scheme"]`` to what the trusted proxies say they saw.

    ``trusted``: addresses and networks, or ``*`` for whoever connects, which is then the one hop
    that is trusted. Each proxy appends the address it was reached from to X-Forwarded-For, so the
    client is the last entry that no trusted proxy stands behind; what is left of it, anybody could
    have written.

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
        # The nearest proxy's word is the last.
        scheme = forwarded_proto.rpartition(b",")[2].strip().lower()
        if scheme in (b"http", b"https"):
            scope["scheme"] = scheme.decode()

    def _client(self, forwarded_for: bytes) -> Address | None:
        """The address to take for the client's; None where the peer's own is all that is known."""
        nearest: Address | None = None
        for entry in reversed(forwarded_for.decode("latin-1").split(",")):
            address = parse_address(entry)
            if address is None:
                # Never stepped over: what is left of it may be forged.
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
    """The networks among ``trusted``, an address being one of its own; ``*`` is left out."""
    return tuple(ipaddress.ip_network(part, strict=False) for part in trusted if part != "*")


def parse_address(text: str) -> Address | None:
    """The IP address in ``text``, without port, brackets and zone; None if there is none.

    An IPv4 address in IPv6 clothes (::ffff:10.0.0.1) is the IPv4 address.
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
