"""Answers only to the host names that are ours.

A request that names another host was led here by a changed DNS entry ("DNS rebinding") or by a
proxy that passes on anything; with the Host header it would choose what our own addresses look
like, and what counts as the same origin.
"""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.web.paths import HEALTH


class Hosts:
    """Refuses, with 400, a request whose Host is none of ``hosts``; a port plays no part.

    ``hosts``: names and addresses in full, IPv6 with or without brackets; ``*`` for any (settings
    refuse that in production). Health checks come by address, so they are let through.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self.app = app
        self.any_host = "*" in hosts
        self.hosts = frozenset(map(bare_host, hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or self.any_host
            or scope["path"] in HEALTH
            or self._is_ours(scope)
        ):
            await self.app(scope, receive, send)
            return
        answer = PlainTextResponse(
            "This address is not served here. Add its name to ALLOWED_HOSTS if it should be.\n",
            status_code=400,
        )
        await answer(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        named = [value for name, value in scope["headers"] if name == b"host"]
        return len(named) == 1 and bare_host(named[0].decode("latin-1")) in self.hosts


def bare_host(text: str) -> str:
    """A host in lower case, without its port, brackets and the root's dot."""
    text = text.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    if text.count(":") == 1:
        text = text.partition(":")[0]
    return text.removesuffix(".")
