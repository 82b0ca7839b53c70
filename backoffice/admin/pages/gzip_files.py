"""Gzip: whether a client accepts it, and compressing."""

import zlib

LEAST_BYTES = 400
"""Below this size compressing saves less than the header that announces it costs."""

_GZIP_FORMAT = 31
"""zlib's ``wbits`` for its largest window in gzip's format, without a file name and a date."""


def accepts_gzip(header: str) -> bool:
    """Whether an ``Accept-Encoding`` header prefers gzip to plain bytes, or accepts both equally.

    See RFC 9110, section 12.5.3: a weight of 0 refuses, ``*`` means every coding that is not
    named, ``x-gzip`` is an old name of gzip. An unreadable weight also refuses, since every client
    accepts plain bytes.
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
