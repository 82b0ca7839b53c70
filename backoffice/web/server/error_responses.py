"""Responses to what never became a request; the connection closes after them."""

from collections.abc import Iterable
from http import HTTPStatus

RETRY_AFTER = 5
"""Seconds after which a refused client may try again: idle connections last that long."""

TEXTS = {
    HTTPStatus.BAD_REQUEST: "This is not an HTTP request.",
    HTTPStatus.REQUEST_TIMEOUT: "The request took too long to arrive.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The request's address and header fields are too "
    "long. Deleting this site's cookies may help.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many connections at the moment. Try again shortly.",
}


def error_response(status: HTTPStatus, default_headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A whole response that announces the close; ``status``: one of TEXTS."""
    text = f"{TEXTS[status]}\n".encode()
    headers = [
        *default_headers,
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", str(RETRY_AFTER).encode()))
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
    lines += [b"%s: %s" % pair for pair in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + text
