"""Replaces what differs from run to run in a page, before it is compared.

Nothing else is masked: one key signs cursors and forms, so their signatures must be the same.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlencode

_COLON = "(?::|%3A)"

MASKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        # Each page masks its token in another way, so that compression reveals nothing.
        (r'(name="csrf_token" value=")[^"]*', r"\1‹token›"),
        # A file's address has its digest; the files are compared by themselves.
        (r"(\.\w+\?v=)[0-9a-f]+", r"\1‹digest›"),
        # 2026-11-27 06:44:37 UTC, 2026-11-27T06:44:37.123456+00:00, and both within addresses.
        (
            rf"\b\d{{4}}-\d\d-\d\d[ T+]\d\d{_COLON}\d\d(?:{_COLON}\d\d(?:\.\d+)?)?"
            rf"(?: [A-Z]{{3,4}}\b|Z|(?:\+|%2B)\d\d{_COLON}?\d\d)?",
            "‹time›",
        ),
        (r"\b\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d", "‹time›"),  # 27 Nov 2026, 06:44
        (r"\bjust now\b|\b(?:in )?\d+ (?:second|minute|hour)s?(?: ago)?\b", "‹ago›"),
        (r'(data-countdown=")\d+', r"\1‹seconds›"),
        (r"(127\.0\.0\.1:)\d+", r"\1‹port›"),
        (r"\b[0-9a-f]{24}\b", "‹request›"),
        (r"(, its hash )[0-9a-f]{64}\b", r"\1‹hash›"),  # over times
    )
)
"""The patterns, each with its replacement."""

LEFT_OUT = ("content-length", "date")
"""Headers that depend on masked parts."""

VALUES_MASKED = {"x-request-id": "‹request›", "retry-after": "‹seconds›", "etag": "‹digest›"}


def masked(text: str) -> str:
    """A page, an address or a line without the parts that differ from run to run."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def masked_headers(headers: Iterable[tuple[str, str]]) -> list[str]:
    """A response's headers as lines, in the order of their names.

    A cookie's value is left out, because it is signed with the time; its attributes stay.
    """
    lines = []
    for name, value in sorted((name.lower(), value) for name, value in headers):
        if name == "set-cookie":
            cookie, _, rest = value.partition("=")
            given, _, attributes = rest.partition(";")
            value = f"{cookie}={'‹value›' if given else ''};{attributes}"
        if name not in LEFT_OUT:
            lines.append(f"{name}: {masked(VALUES_MASKED.get(name, value))}")
    return lines


def masked_form(fields: Iterable[tuple[str, str]]) -> str:
    """A form's data as a browser encodes it, without its token and its passwords."""
    shown = [pair for pair in fields if pair[0] != "csrf_token" and "password" not in pair[0]]
    return masked(urlencode(shown))


def static_digests(page: str) -> dict[str, str]:
    """The static files that a page names, each with the digest in its address."""
    return dict(re.findall(r"(/[\w/.-]+\.\w+)\?v=([0-9a-f]+)", page))
