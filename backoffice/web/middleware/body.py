"""Reading what a request carries, once, up to a limit, before anything looks at it."""

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
    """The body is longer than the limit; not more of it than that was read."""


class TooSlow(Exception):
    """The body did not keep the pace."""


class BrokenBody(Exception):
    """The body is not what its Content-Type says."""


class Disconnected(Exception):
    """The client went away while it was sending."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a body may take: ``first`` seconds, and one more for each ``rate`` bytes of it.

    ``most``: seconds in all. So a body of any size has its time, and who sends a byte now and then
    holds nothing for long (the rule of Apache's RequestReadTimeout).
    """

    first: float = 10
    rate: int = 1024
    most: float = 60

    def seconds(self, length: int) -> float:
        """When it is too late, counted from the beginning, with ``length`` bytes there."""
        return min(self.first + length / self.rate, self.most)


PACE = Pace()


async def read_body(headers: Headers, receive: Receive, limit: int, pace: Pace = PACE) -> bytes:
    """The whole body, whatever Content-Length says of it.

    Raises:
        TooLarge: it is longer than ``limit`` bytes, or announces to be.
        TooSlow: it came more slowly than ``pace``.
        Disconnected: it did not come to its end.
    """
    announced = parse_whole_number(headers.get("content-length", ""), most=10**20)
    if announced is not None and announced > limit:
        raise TooLarge
    chunks: list[bytes] = []
    length = 0
    began = anyio.current_time()
    with anyio.CancelScope(deadline=began + pace.seconds(0)) as in_time:
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
            in_time.deadline = began + pace.seconds(length)
    raise TooSlow


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives ``body`` first, so that an endpoint can read it as well."""
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
    # HTTPException is what Starlette makes of the first; ValueError what a charset named in a part
    # makes of its bytes ("idna", "undefined"); KeyError a missing Content-Type.
    except (MultiPartException, FormParserError, HTTPException, ValueError, KeyError) as error:
        raise BrokenBody from error
    texts = [text for pair in form.multi_items() for text in pair if isinstance(text, str)]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        # A charset such as UTF-7 can write half of a surrogate pair; no page can print it, not even
        # the one that would say so.
        await form.close()
        raise BrokenBody from error
    return form


def _is_complete(content_type: str, body: bytes) -> bool:
    """Whether a multipart body has its closing line.

    Without it Starlette gives the parts that did arrive and says nothing, and half of a form
    would be saved for the whole.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        return True
    closing = b"--" + options.get(b"boundary", b"") + b"--"
    return body.startswith(closing) or b"\r\n" + closing in body
