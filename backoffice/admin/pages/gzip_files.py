"""Gzip for whoever accepts it: the question, and the packing."""

import zlib

LEAST_BYTES = 400
"""Below this the head of an answer outweighs what its body could lose."""

_GZIP_FORMAT = 31
"""zlib's word for its largest window in gzip's wrapping, which then holds no name and no date."""


def accepts_gzip(header: str) -> bool:
    """Whether an ``Accept-Encoding`` takes gzip at least as gladly as the plain bytes.

    As RFC 9110, section 12.5.3, has it: a weight of 0 refuses, ``*`` speaks for whatever is not
    named, ``x-gzip`` is gzip's old name. A weight that is none refuses too, for plain bytes suit
    everybody.
    """
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, _, parameter = part.partition(";")
        weights[name.strip()] = _weight(parameter.strip())
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def gzipped(body: bytes, level: int) -> bytes:
    """``body`` in gzip's format; ``level`` is 1 (quick) to 9 (small)."""
    return zlib.compress(body, level, wbits=_GZIP_FORMAT)


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if not parameter:
        return 1.0
    try:
        weight = float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
