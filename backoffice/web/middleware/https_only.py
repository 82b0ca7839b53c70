"""Where cookies are Secure, nobody can sign in over plain HTTP: such requests are led to HTTPS."""

import logging
from urllib.parse import quote

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.web.paths import HEALTH

LOGGER = logging.getLogger("backoffice.tls")


class Tls:
    """Answers what came by plain HTTP: 308 to the same address by HTTPS, or for what would change
    something 403, since its body has crossed the network in the open already.

    ``required``: ``settings.secure_cookies``; where it is off, everything passes. Health checks
    pass, since a platform asks them from beside the process.

    So does what a browser calls a secure context: it sends Sec-Fetch-Site by HTTPS, and to its own
    machine, and to no plain address elsewhere. By HTTPS that means a proxy that does not say so:
    led to HTTPS, the person would come back the same way for ever. Whoever forges the header gains
    a page that sets cookies no browser keeps.
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
        await _answer(scope, host)(scope, receive, send)

    def _warn(self) -> None:
        if not self.warned:
            self.warned = True
            LOGGER.warning(
                "a browser came by https and X-Forwarded-Proto does not say so: let the proxy send "
                "it, and trust the proxy in FORWARDED_ALLOW_IPS"
            )


def _is_plain(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["scheme"] != "https")


def _answer(scope: Scope, host: str) -> Response:
    if scope["method"] not in ("GET", "HEAD"):
        return PlainTextResponse(
            "Nothing was done: this came by plain HTTP, and signing in needs HTTPS. "
            f"Open https://{host}/ instead.\n",
            status_code=403,
        )
    path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    return RedirectResponse(f"https://{host}{(path + query).decode('latin-1')}", status_code=308)
