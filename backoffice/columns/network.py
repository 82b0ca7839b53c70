"""PostgreSQL's addresses of hosts, networks and network cards."""

import ipaddress
import re
from datetime import UTC, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from backoffice.columns.kind import Kind
from backoffice.columns.registry import register
from backoffice.language import N_, _


class Network(Kind):
    """Encoded as the text that PostgreSQL prints, which ``normalised`` makes."""

    print = "code"
    most: int
    """Characters of the longest."""

    def normalised(self, text: str) -> str:
        """The text as PostgreSQL prints it.

        Raises:
            ValueError: it is no such address; its text is a sentence.
        """
        raise NotImplementedError

    def problem(self, dialect: str) -> str:
        if dialect != "postgresql":
            return f"is a type that only PostgreSQL has: write String({self.most})"
        return ""

    def key_length(self, dialect: str) -> int | None:
        return self.most

    @property
    def longest(self) -> int | None:
        return 100

    def parse(self, text: str, zone: tzinfo = UTC) -> str:
        return self.normalised(text.strip())

    def check(self, value: Any, dialect: str) -> None:
        self.normalised(str(value))

    def write(self, value: Any, zone: tzinfo = UTC) -> str:
        return self.encode(value)

    def encode(self, value: Any) -> str:
        return self.normalised(str(value))

    def decode(self, encoded: Any) -> str:
        return self.normalised(str(encoded))

    def same(self, first: Any, second: Any) -> bool:
        if first is None or second is None:
            return first is second
        return self.encode(first) == self.encode(second)

    def sql_encode(self, dialect: str, value: Any) -> Any:
        return sa.cast(value, sa.Text)

    def sql_decode(self, dialect: str, text: Any) -> Any:
        return sa.cast(text, self.type)

    def bound(self, dialect: str, value: Any) -> Any:
        return sa.cast(sa.literal(value, self.type), self.type)


class Inet(Network):
    """A host, with the size of its network if it is larger: "192.168.0.1/24"."""

    name = "internet address"
    most = 49
    example = "192.168.0.1"
    hint = N_("For example {example}.")

    def normalised(self, text: str) -> str:
        try:
            found = ipaddress.ip_interface(_without_zone(text))
        except ValueError:
            raise ValueError(_("Enter an address, such as 192.168.0.1 or 2001:db8::1.")) from None
        size = found.network.prefixlen
        return _address(found.ip) + (f"/{size}" if size < found.max_prefixlen else "")

    def sql_encode(self, dialect: str, value: Any) -> Any:
        return sa.func.abbrev(value)  # a cast would say "/32" after a host

    def sql_key(self, dialect: str, value: Any) -> Any:
        return self.sql_encode(dialect, value)


class Cidr(Network):
    """A network: "192.168.0.0/24"."""

    name = "network"
    most = 49
    example = "192.168.0.0/24"
    hint = N_("For example {example}.")

    def normalised(self, text: str) -> str:
        try:
            found = ipaddress.ip_interface(_without_zone(text))
        except ValueError:
            raise ValueError(
                _("Enter a network, such as 192.168.0.0/24 or 2001:db8::/32.")
            ) from None
        network = found.network
        if network.network_address != found.ip:
            raise ValueError(_("Enter the network of this address: {network}.", network=network))
        return f"{_address(network.network_address)}/{network.prefixlen}"


class MacAddress(Network):
    """A network card: "08:00:2b:01:02:03"."""

    name = "MAC address"
    most = 17
    example = "08:00:2b:01:02:03"
    hint = N_("For example {example}.")

    def normalised(self, text: str) -> str:
        digits = _mac_digits(text)
        if len(digits) != 12:
            raise ValueError(_("Enter a MAC address, such as {example}.", example=self.example))
        return _pairs(digits)


class MacAddress8(Network):
    """A network card in eight bytes; six bytes get ff:fe in the middle."""

    name = "MAC address of 8 bytes"
    most = 23
    example = "08:00:2b:ff:fe:01:02:03"
    hint = N_("For example {example}.")

    def normalised(self, text: str) -> str:
        digits = _mac_digits(text)
        if len(digits) == 12:
            digits = f"{digits[:6]}fffe{digits[6:]}"
        if len(digits) != 16:
            raise ValueError(_("Enter a MAC address, such as {example}.", example=self.example))
        return _pairs(digits)


_MAC = re.compile(r"[0-9a-f]+([:.-]?[0-9a-f]+)*", re.ASCII)


def _mac_digits(text: str) -> str:
    text = text.strip().lower()
    return re.sub(r"[:.-]", "", text) if _MAC.fullmatch(text) else ""


def _pairs(digits: str) -> str:
    return ":".join(digits[place : place + 2] for place in range(0, len(digits), 2))


def _without_zone(text: str) -> str:
    if "%" in text:
        raise ValueError("an address with the name of a card")
    return text


def _address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """The address as PostgreSQL prints it: an IPv4 address in an IPv6 one has dots."""
    if isinstance(address, ipaddress.IPv6Address):
        last = int(address) % 2**32
        dotted = ipaddress.IPv4Address(last)
        if int(address) >> 32 == 0xFFFF:
            return f"::ffff:{dotted}"
        if int(address) >> 32 == 0 and last >> 16:
            return f"::{dotted}"
    return str(address)


register(postgresql.INET, Inet)
register(postgresql.CIDR, Cidr)
register(postgresql.MACADDR, MacAddress)
register(postgresql.MACADDR8, MacAddress8)
