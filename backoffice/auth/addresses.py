"""The IP addresses that attempts and connections are counted by."""

import ipaddress


def network_of(address: str) -> str:
    """The address to count by: an IPv4 address itself, an IPv6 address by its /64.

    One customer has a /64 to himself. A text that is not an address is returned as it is.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
