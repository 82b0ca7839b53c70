"""One log line for each request, in logfmt, and the request id that all its lines share."""

import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.auth.signed_in import SignedIn
from backoffice.config import Settings
from backoffice.logfmt import logfmt
from backoffice.web.paths import HEALTH, is_static

LOGGER = logging.getLogger("backoffice.requests")

LOGFMT = ("backoffice.requests", "backoffice.auth", "backoffice.connections")
"""The loggers whose messages are logfmt already."""

_SANE_ID = re.compile(rb"[A-Za-z0-9_.:/+=-]{8,128}")
_current_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestLog:
    """Gives each request an id, returns it as X-Request-ID, and logs the request.

    A trusted proxy's own id is used. The id is at ``scope["state"]["request_id"]``. The query is
    not logged: it holds what people search for.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = _request_id(scope)
        _current_id.set(request_id)
        status: int | None = None

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                headers.append((b"x-request-id", request_id.encode()))
                message["headers"] = headers
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            _log(scope, status, time.perf_counter() - started)


def configure_logging(settings: Settings) -> None:
    """Send every log line to standard error, in logfmt, from LOG_LEVEL on.

    Run the server with logging left alone (uvicorn: ``log_config=None``, ``access_log=False``).
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogfmtFormatter())
    root = logging.getLogger()
    # A process may make a second application: replace our handler, keep all others.
    root.handlers[:] = [
        other for other in root.handlers if not isinstance(other.formatter, LogfmtFormatter)
    ] + [handler]
    root.setLevel(settings.log_level)
    logging.getLogger("uvicorn.access").disabled = True
    # It warns of each byte that it cannot read; the guard logs one refusal.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


class LogfmtFormatter(logging.Formatter):
    """``at=… level=… log=… request=…`` and the message, quoted if it is not logfmt."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        head = logfmt(
            at=datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            level=record.levelname.lower(),
            log=record.name,
            request=_current_id.get() or None,
        )
        is_logfmt = record.name in LOGFMT
        line = f"{head} {message if is_logfmt else logfmt(message=message)}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def _request_id(scope: Scope) -> str:
    if scope["state"].get("from_proxy"):
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _SANE_ID.fullmatch(value):
                given: str = value.decode()
                return given
    return secrets.token_hex(12)


def _log(scope: Scope, status: int | None, seconds: float) -> None:
    path: str = scope["path"]
    # A platform checks health every few seconds; a page loads half a dozen files.
    is_noise = (path in HEALTH or is_static(path)) and status is not None and status < 400
    level = logging.DEBUG if is_noise else logging.INFO
    if not LOGGER.isEnabledFor(level):
        return
    signed_in: SignedIn | None = scope["state"].get("signed_in")
    client = scope.get("client")
    LOGGER.log(
        level,
        "%s",
        logfmt(
            method=scope["method"],
            path=path,
            status="none" if status is None else status,
            ms=round(seconds * 1000, 1),
            user=signed_in.user_id if signed_in else None,
            address=client[0] if client else None,
        ),
    )
