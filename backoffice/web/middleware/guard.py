"""The guard in front of every route: each one is closed until ``web.paths`` opens it.

It checks in this order: a known method, a request from our own pages, a live session, a password
that the person chose themselves, a readable body, the CSRF token. The endpoint finds ``signed_in``
and ``form`` in ``request.state``.
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
from backoffice.auth.browser import Browser
from backoffice.auth.clock import Clock, utc_now
from backoffice.auth.preferences import preferred_language_of
from backoffice.auth.return_url import START, safe_return_url
from backoffice.auth.sessions import recognise
from backoffice.auth.signed_in import SignedIn
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.resilience.breaker import NotAnswering
from backoffice.db.worker_threads import Busy, in_thread
from backoffice.language import find_language, preferred_language, set_language
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
    """Why a request was refused."""

    METHOD = "a method that no route has, such as TRACE"
    CROSS_SITE = "an unsafe request from another site's page"
    NOT_SIGNED_IN = "no live session; the posted form is at state.form"
    TEMPORARY_PASSWORD = "a person who must choose a password of their own first"
    TOO_LARGE = "a body above settings.max_body_bytes"
    TOO_SLOW = "a body that did not arrive in time; there is no form"
    BROKEN_BODY = "a body that is not what its Content-Type says"
    CSRF = "no token, or another browser's; the posted form is at state.form"
    DATABASE_DOWN = "the database did not say who is signed in"
    BUSY = "no worker thread was free in time to ask who is signed in"


Refuse = Callable[[Request, Refusal], Awaitable[Response]]


class Guard:
    """Lets permitted requests through; ``refuse`` responds to the others.

    ``Cookies`` must be around it. It sets ``scope["state"]`` for the endpoint:

    ``signed_in``: the ``SignedIn`` of the live session. None on the sign-in page without a session,
    and on static files, health checks and ``/``, where nobody need sign in.

    ``form``: the posted fields and files (Starlette's ``FormData``), empty for a safe method. The
    endpoint may still read the body itself.
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
        if scope["type"] == "websocket":  # we have none; it would stay open without an answer
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope["state"]
        state["signed_in"] = None
        state["form"] = form = FormData()
        self._set_language(Headers(scope=scope), None)
        if scope["method"] in SAFE_METHODS:
            response = await self._check_session(scope, receive)
            await (response or self.app)(scope, receive, send)
            return
        try:
            response, receive = await self._check_unsafe(scope, receive)
            form = state["form"]
            await (response or self.app)(scope, receive, send)
        except Disconnected:
            return
        finally:
            if form:
                await form.close()  # uploaded files

    async def _check_session(self, scope: Scope, receive: Receive) -> Response | None:
        """Find out who is signed in. A response if a person must sign in first, None to go on."""
        path: str = scope["path"]
        if path == "/" or is_plumbing(path):
            return None
        state = scope["state"]
        browser: Browser = state["browser"]
        if not browser.token_is_new:  # otherwise nobody can have signed in with it
            try:
                state["signed_in"] = await self._recognise(browser.token)
            except Busy:
                return await self._refuse(scope, receive, Refusal.BUSY)
            except NotAnswering:  # the breaker logged it when it opened
                return await self._refuse(scope, receive, Refusal.DATABASE_DOWN)
            except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                LOGGER.error("no answer from the database: %s", _kind(error))
                return await self._refuse(scope, receive, Refusal.DATABASE_DOWN)
        signed_in: SignedIn | None = state["signed_in"]
        if signed_in is not None:
            self._set_language(Headers(scope=scope), signed_in)
        if signed_in is None and path != SIGN_IN:
            page, refusal = SIGN_IN, Refusal.NOT_SIGNED_IN
        elif (
            signed_in is not None
            and signed_in.password_is_temporary
            and path not in WITH_A_TEMPORARY_PASSWORD
        ):
            page, refusal = PASSWORD, Refusal.TEMPORARY_PASSWORD
        else:
            return None
        if scope["method"] in SAFE_METHODS and _is_navigation(scope):
            return RedirectResponse(_with_return_url(page, scope), status_code=303)
        return await self._refuse(scope, receive, refusal)

    def _set_language(self, headers: Headers, signed_in: SignedIn | None) -> None:
        """Use the language that the person chose, or else the best one for their browser."""
        offered, code = self.settings.offered_languages, ""
        if signed_in is not None:
            code = preferred_language_of(signed_in.preferences)
        if code not in offered:
            accepted = headers.get("accept-language", "")
            code = preferred_language(accepted, offered, self.settings.language)
        set_language(find_language(code))

    async def _recognise(self, token: str) -> SignedIn | None:
        return await in_thread(
            self.database, recognise, self.database, self.settings, token, self.clock()
        )

    async def _check_unsafe(
        self, scope: Scope, receive: Receive
    ) -> tuple[Response | None, Receive]:
        """Check an unsafe method: a response, or None to go on, and the ``receive`` for the body.

        Raises:
            Disconnected: the client has gone.
        """
        headers = Headers(scope=scope)
        refusal: Refusal | None = None
        if scope["method"] not in UNSAFE_METHODS:
            refusal = Refusal.METHOD
        elif not is_same_origin(headers, scope["scheme"]):
            refusal = Refusal.CROSS_SITE
        if refusal is not None:
            return await self._refuse(scope, receive, refusal), receive
        # Read the body before the session is checked: what a person typed while their session
        # ended is then on the page that says so.
        body_refusal, receive = await self._read_form(scope, headers, receive)
        if body_refusal is Refusal.TOO_SLOW:
            late = await self._refuse(scope, receive, body_refusal)
            late.headers["Connection"] = "close"  # do not wait for the rest
            return late, receive
        if response := await self._check_session(scope, receive):
            return response, receive
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
            # The connection stays open: web.server reads and discards the rest, up to a limit, so
            # that the response arrives. After a close with unread bytes most clients report a
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
    """Whether a person opens a page, and no script fetches it."""
    for name, value in scope["headers"]:
        if name == b"sec-fetch-mode":
            return bool(value == b"navigate")
        if name == b"x-requested-with":
            return False
    return not any(
        name == b"accept" and value.startswith(b"application/json")
        for name, value in scope["headers"]
    )


def _with_return_url(page: str, scope: Scope) -> str:
    """The URL of ``page``, with the requested URL as the one to return to."""
    query = scope["query_string"].decode("latin-1")
    # As the address bar shows it: the path was decoded, the query was not.
    requested = quote(scope["path"], safe="/:@!$&'()*+,;=-._~") + (f"?{query}" if query else "")
    if safe_return_url(requested) == START:
        return page
    return f"{page}?next={quote(requested, safe='/')}"


def _kind(error: sa.exc.SQLAlchemyError) -> str:
    return type(getattr(error, "orig", None) or error).__name__
