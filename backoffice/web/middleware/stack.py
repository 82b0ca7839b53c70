"""The middleware between the socket and the routes, outermost first."""

from collections.abc import Awaitable, Callable

from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response

from backoffice.auth.clock import Clock, utc_now
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.web.middleware.compression import Compression
from backoffice.web.middleware.cookies import Cookies
from backoffice.web.middleware.guard import Guard, Refuse
from backoffice.web.middleware.hosts import AllowedHosts
from backoffice.web.middleware.https_only import HttpsOnly
from backoffice.web.middleware.proxies import Proxies
from backoffice.web.middleware.request_log import RequestLog
from backoffice.web.middleware.security_headers import SecurityHeaders

Fail = Callable[[Request, Exception], Awaitable[Response]]


def middleware(
    settings: Settings,
    database: Database,
    refuse: Refuse,
    fail: Fail | None = None,
    *,
    clock: Clock = utc_now,
) -> list[Middleware]:
    """The middleware of the application.

    ``refuse``: responds to what the guard refuses. ``fail``: responds to an unexpected exception.
    It is middleware and no exception handler of the application: Starlette runs such a handler
    outside all middleware, without security headers, request id and cookies.
    """
    return [
        # The client's address, before anything logs or compares it.
        Middleware(Proxies, settings.trusted_proxies),
        # From here on every response is logged, refusals too.
        Middleware(RequestLog),
        Middleware(SecurityHeaders, settings.hsts_seconds),
        # Around everything that responds with a page, refusals too.
        Middleware(Compression),
        Middleware(AllowedHosts, settings.hosts),
        # Inside AllowedHosts: it redirects to the requested host, which must be ours.
        Middleware(HttpsOnly, settings.secure_cookies),
        Middleware(Cookies, settings),
        *([Middleware(ServerErrorMiddleware, handler=fail)] if fail else []),
        Middleware(Guard, settings, database, refuse, clock),
    ]
