"""The lock on every route, at the root: what is mounted below is closed until it is opened here.

In this order: a method that we know, a request of our own pages, a live session, a password of
one's own, a readable body, a fitting token. The endpoint finds ``signed_in`` and ``form`` in
``request.state``.
"""

import logging
from collections.abc import Awaitable, Callable
from enum import Enum
from urllib.parse import quote

import sqlalchemy as sa
from starlette.datastructures import FormData, Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice.auth import csrf
from backoffice.auth.backend import AFTER_SIGN_IN, safe_next
from backoffice.auth.browser import Browser
from backoffice.auth.sessions import Clock, SignedIn, recognise, utc_now
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.resilience.breaker import NotAnswering
from backoffice.db.worker_threads import Busy, in_thread
from backoffice.web.middleware.body import (
    PACE,
    BrokenBody,
    Disconnected,
    TooLarge,
    TooSlow,
    parse_form,
    read_body,
    replay,
)
from backoffice.web.middleware.same_origin import is_same_origin
from backoffice.web.paths import (
    PASSWORD,
    SIGN_IN,
    WITH_A_TEMPORARY_PASSWORD,
    is_plumbing,
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

LOGGER = logging.getLogger("backoffice.guard")


class Refusal(Enum):
    """Why a request was turned away."""

    METHOD = "a method that nothing here answers, such as TRACE"
    CROSS_SITE = "an unsafe request that another site's page made"
    NOT_SIGNED_IN = "no live session; what was posted is at state.form"
    TEMPORARY_PASSWORD = "somebody who must choose a password of their own first"
    TOO_LARGE = "a body above settings.max_body_bytes"
    TOO_SLOW = "a body that did not arrive in its time; what was typed is not there"
    BROKEN_BODY = "a body that is not what its Content-Type says"
    CSRF = "no token, or not this browser's; what was posted is at state.form"
    DATABASE_DOWN = "the database did not say who is signed in"
    BUSY = "no worker thread was free in time to ask who is signed in"


Refuse = Callable[[Request, Refusal], Awaitable[Response]]


class Guard:
    """Lets through what may be, and answers the rest by ``refuse``.

    Needs ``Cookies`` around it. For the endpoint it sets ``scope["state"]``:

    ``signed_in``: the ``SignedIn`` of the live session; None on the sign-in page without one, and
    on static files, health checks and ``/``, where nobody is asked for.

    ``form``: the posted fields and files (Starlette's ``FormData``), empty for a safe method. They
    are read once, here; the endpoint may still read the body itself.
    """

    pace = PACE
    """How long a body may take."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        database: Database,
        refuse: Refuse,
        clock: Clock = utc_now,
    ) -> None:
        self.app = app
        self.settings = settings
        self.database = database
        self.refuse = refuse
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # none is served; unanswered it would stay open
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope["state"]
        state["signed_in"] = None
        state["form"] = form = FormData()
        if scope["method"] in SAFE_METHODS:
            answer = await self._check_session(scope, receive)
            await (answer or self.app)(scope, receive, send)
            return
        try:
            answer, receive = await self._check_unsafe(scope, receive)
            form = state["form"]
            await (answer or self.app)(scope, receive, send)
        except Disconnected:
            return
        finally:
            if form:
                await form.close()  # uploaded files

    async def _check_session(self, scope: Scope, receive: Receive) -> Response | None:
        """Find out who is there. An answer where nobody is who must be, None to go on."""
        path: str = scope["path"]
        if path == "/" or is_plumbing(path):
            return None
        state = scope["state"]
        browser: Browser = state["browser"]
        if not browser.token_is_new:  # else nobody can have signed in with it
            try:
                state["signed_in"] = await self._recognise(browser.token)
            except Busy:
                return await self._refuse(scope, receive, Refusal.BUSY)
            except NotAnswering:  # logged when it began
                return await self._refuse(scope, receive, Refusal.DATABASE_DOWN)
            except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                LOGGER.error("no answer from the database: %s", _kind(error))
                return await self._refuse(scope, receive, Refusal.DATABASE_DOWN)
        signed_in: SignedIn | None = state["signed_in"]
        if signed_in is None and path != SIGN_IN:
            door, refusal = SIGN_IN, Refusal.NOT_SIGNED_IN
        elif (
            signed_in is not None
            and signed_in.password_is_temporary
            and path not in WITH_A_TEMPORARY_PASSWORD
        ):
            door, refusal = PASSWORD, Refusal.TEMPORARY_PASSWORD
        else:
            return None
        if scope["method"] in SAFE_METHODS and _is_navigation(scope):
            return RedirectResponse(_leading_back(door, scope), status_code=303)
        return await self._refuse(scope, receive, refusal)

    async def _recognise(self, token: str) -> SignedIn | None:
        return await in_thread(
            self.database, recognise, self.database, self.settings, token, self.clock()
        )

    async def _check_unsafe(
        self, scope: Scope, receive: Receive
    ) -> tuple[Response | None, Receive]:
        """All that an unsafe method must pass; an answer, or None and what to receive the body by.

        Raises:
            Disconnected: there is nobody to answer any more.
        """
        headers = Headers(scope=scope)
        refusal: Refusal | None = None
        if scope["method"] not in UNSAFE_METHODS:
            refusal = Refusal.METHOD
        elif not is_same_origin(headers, scope["scheme"]):
            refusal = Refusal.CROSS_SITE
        if refusal is not None:
            return await self._refuse(scope, receive, refusal), receive
        # The body comes before the answer about the session, though the question does not: what
        # was typed while the session ended is on the page that says so.
        body_refusal, receive = await self._read_form(scope, headers, receive)
        if body_refusal is Refusal.TOO_SLOW:
            late = await self._refuse(scope, receive, body_refusal)
            late.headers["Connection"] = "close"  # nobody waits for the rest
            return late, receive
        if answer := await self._check_session(scope, receive):
            return answer, receive
        if body_refusal is not None:
            return await self._refuse(scope, receive, body_refusal), receive
        if not self._token_fits(scope, headers):
            return await self._refuse(scope, receive, Refusal.CSRF), receive
        return None, receive

    async def _read_form(
        self, scope: Scope, headers: Headers, receive: Receive
    ) -> tuple[Refusal | None, Receive]:
        """Put the posted form at ``state.form``."""
        limit = self.settings.max_body_bytes
        try:
            body = await read_body(headers, receive, limit, self.pace)
            again = replay(body, receive)
            scope["state"]["form"] = await parse_form(scope, body, receive, limit)
        except TooLarge:
            # The connection stays open: web.server reads the rest, up to a limit, and throws it
            # away, so that the answer arrives. Closed with bytes unread, most clients report a
            # broken connection.
            return Refusal.TOO_LARGE, receive
        except TooSlow:
            return Refusal.TOO_SLOW, receive
        except BrokenBody:
            return Refusal.BROKEN_BODY, receive
        return None, again

    def _token_fits(self, scope: Scope, headers: Headers) -> bool:
        given = headers.get(csrf.HEADER) or scope["state"]["form"].get(csrf.FIELD)
        browser: Browser = scope["state"]["browser"]
        return isinstance(given, str) and csrf.csrf_token_fits(self.settings, browser.token, given)

    async def _refuse(self, scope: Scope, receive: Receive, refusal: Refusal) -> Response:
        LOGGER.info("refused: %s", refusal.name)
        return await self.refuse(Request(scope, receive), refusal)


def _is_navigation(scope: Scope) -> bool:
    """Whether a person is going to a page, rather than a script fetching one."""
    for name, value in scope["headers"]:
        if name == b"sec-fetch-mode":
            return bool(value == b"navigate")
        if name == b"x-requested-with":
            return False
    return not any(
        name == b"accept" and value.startswith(b"application/json")
        for name, value in scope["headers"]
    )


def _leading_back(door: str, scope: Scope) -> str:
    """The page at ``door``, which leads back to where somebody was going."""
    query = scope["query_string"].decode("latin-1")
    # As in the address bar: the path is decoded by now, the query is not.
    goal = quote(scope["path"], safe="/:@!$&'()*+,;=-._~") + (f"?{query}" if query else "")
    if safe_next(goal) == AFTER_SIGN_IN:
        return door
    return f"{door}?next={quote(goal, safe='/')}"


def _kind(error: sa.exc.SQLAlchemyError) -> str:
    return type(getattr(error, "orig", None) or error).__name__
