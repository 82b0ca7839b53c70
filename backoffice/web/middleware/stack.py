"""All that stands between the socket and the routes, outermost first."""

from collections.abc import Awaitable, Callable

from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response

from backoffice.auth.sessions import Clock, utc_now
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.web.middleware.compression import Compression
from backoffice.web.middleware.cookies import Cookies
from backoffice.web.middleware.guard import Guard, Refuse
from backoffice.web.middleware.hosts import Hosts
from backoffice.web.middleware.https_only import Tls
from backoffice.web.middleware.proxies import Proxies
from backoffice.web.middleware.request_log import RequestLog
from backoffice.web.middleware.security_headers import Headers

Fail = Callable[[Request, Exception], Awaitable[Response]]


def middleware(
    settings: Settings,
    database: Database,
    refuse: Refuse,
    fail: Fail | None = None,
    *,
    clock: Clock = utc_now,
) -> list[Middleware]:
    """The middleware of the outer application.

    ``refuse``: answers for the guard. ``fail``: answers for an exception that nothing expected.
    It belongs here and not among the application's exception handlers: Starlette runs that one
    outside of all middleware, so its page would have no security headers, no request id and none
    of the cookies that were to be set.
    """
    return [
        # Where it comes from, before anything logs or compares it.
        Middleware(Proxies, settings.trusted_proxies),
        # From here on every answer is logged, also the refusals.
        Middleware(RequestLog),
        Middleware(Headers, settings.hsts_seconds),
        # Around all that answers with a page, refusals too.
        Middleware(Compression),
        Middleware(Hosts, settings.hosts),
        # Behind Hosts: it leads to https on the host that was named, which must be ours.
        Middleware(Tls, settings.secure_cookies),
        Middleware(Cookies, settings),
        *([Middleware(ServerErrorMiddleware, handler=fail)] if fail else []),
        Middleware(Guard, settings, database, refuse, clock),
    ]
