"""Refuses requests for other host names.

A request for another host came through a changed DNS entry ("DNS rebinding") or a proxy that passes
on anything. Its Host header would choose our own URLs, and what counts as the same origin.
"""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.web.paths import HEALTH


class AllowedHosts:
    """Responds with 400 to a request whose Host is none of ``hosts``, whatever its port.

    ``hosts``: full names and addresses, IPv6 with or without brackets; ``*`` for any, which
    production settings refuse. Health checks use the address, so they pass.
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
        response = PlainTextResponse(
            "This address is not served here. Add its name to ALLOWED_HOSTS if it should be.\n",
            status_code=400,
        )
        await response(scope, receive, send)

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
