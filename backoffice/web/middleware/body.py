"""Reads a request's body once, up to a limit, before anything else does."""

from dataclasses import dataclass

import anyio
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from backoffice.columns.numbers import parse_whole_number

MOST_FIELDS = 2000
MOST_FILES = 20


class TooLarge(Exception):
    """The body is longer than the limit. No more of it was read."""


class TooSlow(Exception):
    """The body arrived more slowly than its pace."""


class BrokenBody(Exception):
    """The body is not what its Content-Type says."""


class Disconnected(Exception):
    """The client disconnected while it was sending."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a body may take: ``first`` seconds, and one more for each ``rate`` bytes of it.

    ``most``: seconds in all. A large body gets the time it needs, and a client that sends a byte
    from time to time holds nothing for long. Apache's RequestReadTimeout has the same rule.
    """

    first: float = 10
    rate: int = 1024
    most: float = 60

    def seconds(self, length: int) -> float:
        """The deadline in seconds from the start, once ``length`` bytes have arrived."""
        return min(self.first + length / self.rate, self.most)


PACE = Pace()


async def read_body(headers: Headers, receive: Receive, limit: int, pace: Pace = PACE) -> bytes:
    """The whole body. Content-Length need not be right.

    Raises:
        TooLarge: it is longer than ``limit`` bytes, or Content-Length says so.
        TooSlow: it came more slowly than ``pace``.
        Disconnected: the client went away before its end.
    """
    announced = parse_whole_number(headers.get("content-length", ""), most=10**20)
    if announced is not None and announced > limit:
        raise TooLarge
    chunks: list[bytes] = []
    length = 0
    started = anyio.current_time()
    with anyio.CancelScope(deadline=started + pace.seconds(0)) as scope:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk: bytes = message.get("body", b"")
            length += len(chunk)
            if length > limit:
                raise TooLarge
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)
            scope.deadline = started + pace.seconds(length)
    raise TooSlow


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that returns ``body`` first, so that an endpoint can also read it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


async def parse_form(scope: Scope, body: bytes, receive: Receive, limit: int) -> FormData:
    """The form in ``body``: urlencoded or multipart; empty for any other type. Close it after use.

    Raises:
        BrokenBody: it cannot be read, or has more fields than any form of ours.
    """
    request = Request(scope, replay(body, receive))
    if not _is_complete(request.headers.get("content-type", ""), body):
        raise BrokenBody
    try:
        form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=limit)
    # Starlette makes HTTPException of the first. A part's charset ("idna", "undefined") may raise
    # ValueError, a missing Content-Type KeyError.
    except (MultiPartException, FormParserError, HTTPException, ValueError, KeyError) as error:
        raise BrokenBody from error
    texts = [text for pair in form.multi_items() for text in pair if isinstance(text, str)]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        # A charset such as UTF-7 can write half of a surrogate pair, which no page can print, not
        # even an error page.
        await form.close()
        raise BrokenBody from error
    return form


def _is_complete(content_type: str, body: bytes) -> bool:
    """Whether a multipart body has its closing line.

    Without it Starlette returns the parts that arrived and reports no error: half of a form would
    be saved for the whole.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        return True
    closing = b"--" + options.get(b"boundary", b"") + b"--"
    return body.startswith(closing) or b"\r\n" + closing in body
