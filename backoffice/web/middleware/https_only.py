"""Redirects plain HTTP to HTTPS where cookies are Secure: nobody could sign in without it."""

import logging
from urllib.parse import quote

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.web.paths import HEALTH

LOGGER = logging.getLogger("backoffice.tls")


class HttpsOnly:
    """Redirects plain HTTP with 308 to the same URL on HTTPS.

    An unsafe method gets 403: its body has crossed the network unencrypted already. ``required``:
    ``settings.secure_cookies``; without it everything passes. Health checks pass: a platform sends
    them from beside the process.

    Requests from a secure context also pass. A browser sends Sec-Fetch-Site through HTTPS and to
    its own machine, never to a plain address elsewhere. If it came through HTTPS, the proxy did not
    say so, and a redirect would loop forever. A client that forges the header gains nothing: no
    browser keeps the page's cookies.
    """

    def __init__(self, app: ASGIApp, required: bool) -> None:
        self.app = app
        self.required = required
        self.warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.required or not _is_plain(scope) or scope["path"] in HEALTH:
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if b"sec-fetch-site" in headers:
            self._warn()
            await self.app(scope, receive, send)
            return
        host = headers.get(b"host", b"").decode("latin-1").removesuffix(":80")
        await _redirect_or_refuse(scope, host)(scope, receive, send)

    def _warn(self) -> None:
        if not self.warned:
            self.warned = True
            LOGGER.warning(
                "a browser uses https, but X-Forwarded-Proto does not say so: have the proxy send "
                "it, and trust the proxy in FORWARDED_ALLOW_IPS"
            )


def _is_plain(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["scheme"] != "https")


def _redirect_or_refuse(scope: Scope, host: str) -> Response:
    if scope["method"] not in ("GET", "HEAD"):
        return PlainTextResponse(
            "Nothing was done: this came over plain HTTP, and signing in needs HTTPS. "
            f"Open https://{host}/ instead.\n",
            status_code=403,
        )
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    return RedirectResponse(f"https://{host}{(path + query).decode('latin-1')}", status_code=308)
