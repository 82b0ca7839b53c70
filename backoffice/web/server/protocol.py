"""Uvicorn's HTTP protocol with limits on what a client may send, hold open and leave unread.

Uvicorn's own accepts a request line and header fields of any length, for any time, and copies them
with each piece that arrives: one endless header makes all other clients wait. No other module uses
uvicorn's internals; tests/house/test_uvicorn.py names those that are used here.
"""

import asyncio
import contextvars
import logging
from collections.abc import Callable, Iterable
from enum import Enum, auto
from http import HTTPStatus
from typing import Any, ClassVar

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from backoffice.web.server.connections import Connections, RefusalLog
from backoffice.web.server.error_responses import error_response
from backoffice.web.server.header_lines import whole_lines
from backoffice.web.server.limits import Limits
from backoffice.web.server.write_watchdog import WriteWatchdog

HEALTH_CHECK = b"/healthz"


class Reading(Enum):
    """What the next bytes from the client are."""

    HEADER = auto()
    BODY = auto()
    NOTHING = auto()
    """Discarded. The connection closes after the response that is under way, if there is one."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. ``bounded_protocol`` makes the class for a server.

    The parser gets whole lines, each once, and one request at a time. What a client sends ahead
    (pipelining) waits unparsed until the request before it was answered.
    """

    limits: ClassVar[Limits] = Limits()
    connections_open: ClassVar[Connections]
    refusal_log: ClassVar[RefusalLog]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # The connection's context, not that of the request during which a timer is set: the log
        # would name that request.
        self._context = contextvars.copy_context()
        self._reading = Reading.HEADER
        self._is_spare = False
        self._is_last = False  # the next request is, since the server stops
        self._timer: asyncio.TimerHandle | None = None
        self._watchdog: WriteWatchdog  # from the connection's start on
        self._header_limit = self.limits.header_bytes
        self._header_bytes = 0
        self._line = bytearray()  # a line whose end has not come yet
        self._ahead = bytearray()  # the next request, while one is under way
        self._body_left: int | None = None  # None: chunked
        self._without_body = 0  # bytes of a chunked body without content, such as a trailer
        self._brought_body = False
        self._rest_bytes = 0
        self._feeding_header = False
        self._ran_over = False

    # The connection -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP alone
        super().connection_made(transport)
        self._watchdog = WriteWatchdog(
            transport, self._later, self.limits.write_seconds, self._is_stuck, self._is_written
        )
        seconds = self.limits.header_seconds
        if not self.connections_open.admit(self, self._peer):
            self._is_spare = True
            self._header_limit = self.limits.spare_bytes
            seconds = self.limits.spare_seconds
        self._set_timer(seconds, self._header_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self.connections_open.remove(self)
        self._stop_timer()
        self._watchdog.stop()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Called when the server stops: a request that is on its way is answered first."""
        if self._reading is Reading.HEADER and self._timer is not None:  # a header is awaited
            self._is_last = True
            self._set_timer(self.limits.last_seconds, self._header_is_late)
        else:
            super().shutdown()

    def close_idle(self) -> None:
        self.transport.close()

    def refuse_as_spare(self) -> None:
        if self._reading is not Reading.NOTHING:
            self._refuse_too_many()
        # At once: others wait for its slot.
        self.transport.close()

    def _refuse_too_many(self) -> None:
        self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too-many-connections", logging.WARNING)

    @property
    def _peer(self) -> str | None:
        return self.client[0] if self.client else None

    @property
    def _is_answering(self) -> bool:
        """Whether a request is under way."""
        if self.cycle is None:  # before the first; uvicorn's types leave that out
            return False
        return not self.cycle.response_complete

    @property
    def _asks_for_health(self) -> bool:
        # Not with a POST: we would wait for its body.
        path = self.url.partition(b"?")[0]
        return self.parser.get_method() in (b"GET", b"HEAD") and path == HEALTH_CHECK

    # What arrives ---------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self.connections_open.busy(self)
        while data:
            if self._reading is Reading.NOTHING:
                self._discard(len(data))
                return
            if self._reading is Reading.BODY:
                data = self._body_received(data)
            elif self._is_answering:
                self._buffer_ahead(data)
                return
            else:
                data = self._header_received(data)
        if self._reading is Reading.HEADER:
            if self._header_bytes:
                if self._timer is None:
                    self._set_timer(self.limits.header_seconds, self._header_is_late)
            elif not self._is_answering:  # the rest of a body came after its response
                self._be_idle()

    def _header_received(self, data: bytes) -> bytes:
        """Feed whole lines up to the header's end; returns what follows it."""
        known = len(self._line)
        text: bytes | bytearray = data
        if known:
            self._line += data  # in place, without a copy for each piece
            text = self._line
        end, is_end = whole_lines(text, known, is_start=not self._header_bytes)
        following = len(text) - end if is_end else 0
        self._header_bytes += len(data) - following
        if self._header_bytes > self._header_limit:
            if self._is_spare:
                self._refuse_too_many()
            else:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "header-too-large")
            return b""
        lines = bytes(text[:end])
        if is_end:
            self._line.clear()
        elif known:
            del self._line[:end]
        else:
            self._line += data[end:]
        if lines:
            self._feeding_header = True
            self._feed(lines)
            self._feeding_header = False
            if self._reading is Reading.BODY:
                self._body_left = _length(self.scope["headers"])
        return data[len(data) - following :]

    def _body_received(self, data: bytes) -> bytes:
        """Feed what belongs to the body; returns what follows it."""
        if not self._is_answering:
            self._rest_bytes += len(data)
            if self._rest_bytes > self.limits.rest_bytes:
                self._end_body()
                return b""
        if self._body_left:
            piece, rest = data[: self._body_left], data[self._body_left :]
            self._body_left -= len(piece)
            self._feed(piece)
            return rest
        self._brought_body = False
        self._feed(data)
        self._without_body = 0 if self._brought_body else self._without_body + len(data)
        if self._ran_over:
            # The end of a chunked body is known once it is parsed, and then the parser has gone on.
            # A client that pipelines after such a body must send its requests again.
            self._close_after_answer()
        elif self._reading is Reading.BODY and self._without_body > self.limits.header_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "trailer-too-large")
        return b""

    def _buffer_ahead(self, data: bytes) -> None:
        self._ahead += data
        self.flow.pause_reading()
        if len(self._ahead) > self.limits.header_bytes:
            self._close_after_answer()

    def _close_after_answer(self) -> None:
        """Accept no further request on this connection."""
        self._reading = Reading.NOTHING
        self._ahead.clear()
        if self._is_answering:
            self.cycle.keep_alive = False
            self.flow.pause_reading()
        else:
            self.transport.close()

    def _discard(self, length: int) -> None:
        self._rest_bytes += length
        if self._is_answering:
            self.flow.pause_reading()
        elif self._rest_bytes > self.limits.farewell_bytes:
            self.transport.abort()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # we speak no other protocol: answer as if the client had not asked
        except httptools.HttpParserError:
            # A whole request came before this: it is answered first.
            if self._reading is not Reading.NOTHING and not self._ran_over:
                self._refuse(HTTPStatus.BAD_REQUEST, "not-http")

    # What the parser finds ----------------------------------------------------------------

    def on_message_begin(self) -> None:
        if not self._feeding_header:
            self._ran_over = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if self._ran_over:
            return
        self._stop_timer()
        self._header_bytes = 0
        if self._is_spare and not self._asks_for_health:
            self._refuse_too_many()
            return
        super().on_headers_complete()
        # Drop a trailer's fields: the application has seen the headers already.
        self.headers = []
        self._reading = Reading.BODY
        self._rest_bytes = self._without_body = 0
        self._watchdog.restart()
        if self._is_spare:
            self.connections_open.remove(self)  # it is answered, then closed
        # After an upgrade the parser does not report the end of the body.
        if self._is_spare or self._is_last or self.parser.should_upgrade():
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        if self._ran_over or self._reading is Reading.NOTHING:
            return
        self._brought_body = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._ran_over or self._reading is Reading.NOTHING:
            return
        super().on_message_complete()
        self._stop_timer()  # of a body after its response
        self._reading = Reading.HEADER

    # Responses -----------------------------------------------------------------------

    def on_response_complete(self) -> None:
        super().on_response_complete()
        is_written = not self.transport.get_write_buffer_size()
        if not is_written:
            self._watchdog.start()
        if self.transport.is_closing():
            return
        if self._reading is Reading.NOTHING:
            self.transport.close()
        elif self._reading is Reading.BODY:
            self._unset_keepalive_if_required()
            self._set_timer(self.limits.rest_seconds, self._end_body)
        elif self._ahead:
            self.flow.pause_reading()  # uvicorn has just resumed it
            self.loop.call_soon(self._feed_ahead, context=self._context)
        elif is_written:
            self.connections_open.idle(self)

    def _feed_ahead(self) -> None:
        """Parse what was sent ahead."""
        ahead = bytes(self._ahead)
        self._ahead.clear()
        if ahead and not self.transport.is_closing():
            self.flow.resume_reading()
            self.data_received(ahead)

    def _be_idle(self) -> None:
        if not self.transport.get_write_buffer_size():
            self.connections_open.idle(self)
        self.timeout_keep_alive_task = self._later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _refuse(self, status: HTTPStatus, event: str, level: int = logging.INFO) -> None:
        """Send an error response, and close once the client can have read it."""
        self._reading = Reading.NOTHING
        self._stop_timer()
        self._unset_keepalive_if_required()
        self._line.clear()
        self._rest_bytes = 0
        self.refusal_log.record(event, self._peer, level)
        if self.transport.is_closing():
            return
        if self._is_answering:
            if self.cycle.response_started:
                self.transport.abort()  # an error response cannot follow half of another one
                return
            # The application waits for the body: tell it that the client is gone.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(error_response(status, self.server_state.default_headers))
        # A close with unread bytes would make the client's system drop the response.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._set_timer(self.limits.farewell_seconds, self.transport.abort)

    def _end_body(self) -> None:
        """Close without a response: it was sent already."""
        self._reading = Reading.NOTHING
        self._stop_timer()
        self.refusal_log.record("body-not-wanted", self._peer)
        self.transport.close()

    # Clocks ---------------------------------------------------------------------------------

    def _later(self, seconds: float, do: Callable[[], None]) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, do, context=self._context)

    def _set_timer(self, seconds: float, do: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = self._later(seconds, do)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _header_is_late(self) -> None:
        if self.transport.is_closing():
            return
        if self._is_spare:
            self._refuse_too_many()
        elif self._header_bytes:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "header-too-slow")
        else:
            # A browser opens connections in advance, and would take a response on one for that to
            # its next request.
            self._reading = Reading.NOTHING
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watchdog.start()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._watchdog.stop()

    def _is_stuck(self) -> None:
        self.refusal_log.record("answer-not-read", self._peer)
        self.transport.abort()

    def _is_written(self) -> None:
        if self._reading is Reading.HEADER and not self._is_answering and not self._header_bytes:
            self.connections_open.idle(self)


def bounded_protocol(limits: Limits, trusted: tuple[str, ...] = ()) -> type[BoundedProtocol]:
    """A class for ``uvicorn.Config(http=…)``; make one in each server process.

    ``trusted``: the proxies' addresses, which are not counted (settings.trusted_proxies).
    """

    class Protocol(BoundedProtocol):
        pass

    Protocol.limits = limits
    Protocol.connections_open = Connections(limits, trusted)
    Protocol.refusal_log = RefusalLog()
    return Protocol


def _length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Content-Length, which the parser has checked; None for a chunked body or no body."""
    for name, value in headers:
        if name == b"content-length":
            return int(value)
    return None
