"""SQLAdmin's authentication backend; our own pages sign in, sign out and change passwords by it."""

import anyio
from sqladmin.authentication import AuthenticationBackend
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse

from backoffice.auth import signin
from backoffice.auth.browser import Browser, new_token
from backoffice.auth.clock import Clock, utc_now
from backoffice.auth.password import own_password
from backoffice.auth.password.attempts import Client
from backoffice.auth.return_url import SIGN_IN_PATH, safe_return_url
from backoffice.auth.sessions import recognise
from backoffice.auth.signed_in import SignedIn, signed_in
from backoffice.config import Settings
from backoffice.db import OVERFLOW, ChangesRefused, Database
from backoffice.db.worker_threads import in_thread
from backoffice.history import AuditContext

SIGN_INS_AT_ONCE = OVERFLOW
"""Worker threads for sign-ins in a process. Pages have their own, so a burst of sign-ins keeps
nobody waiting who is signed in already.

A thread uses one connection at a time. Pages have as many threads as the pool keeps connections
(``web.app``), so sign-ins use those that the pool may open beyond."""


class SignInBackend(AuthenticationBackend):
    """Says who is signed in, which the guard has found out before (``web.middleware.guard``).

    It brings no middleware of its own: ``web.middleware.cookies`` sets the cookies.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock = utc_now) -> None:
        self.middlewares = []
        self.settings = settings
        self.database = database
        self.clock = clock
        self._limiter = anyio.CapacityLimiter(SIGN_INS_AT_ONCE)

    async def authenticate(self, request: Request) -> bool:
        """Whether somebody is signed in."""
        return signed_in(request) is not None

    async def get_user_id(self, request: Request) -> int | None:
        """The id of the user who is signed in; None for nobody."""
        person = signed_in(request)
        return person.user_id if person else None

    async def login(self, request: Request) -> RedirectResponse | bool:
        """Sign in with the form's ``username`` and ``password``, and redirect to ``next``."""
        form = request.scope.get("state", {}).get("form") or await request.form()
        outcome = await self.sign_in(request, _text(form, "username"), _text(form, "password"))
        if not isinstance(outcome, signin.Success):
            return False
        return RedirectResponse(safe_return_url(_text(form, "next")), status_code=303)

    async def logout(self, request: Request) -> RedirectResponse:
        """Sign out, and redirect to the sign-in page."""
        await self.sign_out(request)
        return RedirectResponse(SIGN_IN_PATH, status_code=303)

    async def sign_in(self, request: Request, username: str, password: str) -> signin.Outcome:
        """Try ``username`` (an e-mail address) and ``password``, as typed, on this browser.

        On success the browser has a new token, which the response sets; the old one is worthless.

        Raises:
            sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
        """
        browser: Browser = request.state.browser
        client = _client(request)
        outcome = await in_thread(
            self.database,
            lambda: signin.sign_in(
                self.database,
                self.settings,
                email=username,
                password=password,
                client=client,
                new_token=new_token(),
                now=self.clock(),
            ),
            limiter=self._limiter,
        )
        if isinstance(outcome, signin.Success):
            browser.renew_token(outcome.token)
            browser.set_device(outcome.device)
        return outcome

    async def change_own_password(
        self, request: Request, current: str, new: str
    ) -> own_password.Outcome:
        """Give the person who made ``request`` another password; their other sessions end.

        Raises:
            InvalidValue: ``new`` is not good enough.
            sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
        """
        person = signed_in(request)
        assert person is not None, "the guard lets nobody else in"
        client = _client(request)
        audit_context = AuditContext(
            source="web",
            actor_id=person.user_id,
            actor=person.name,
            request_id=getattr(request.state, "request_id", ""),
            address=client.address,
        )
        outcome = await in_thread(
            self.database,
            lambda: own_password.change_own_password(
                self.database,
                self.settings,
                person=person,
                current=current,
                new=new,
                client=client,
                audit_context=audit_context,
                now=self.clock(),
            ),
            limiter=self._limiter,
        )
        if isinstance(outcome, own_password.Changed):
            request.state.browser.set_device(outcome.device)
        return outcome

    async def recognise(self, request: Request) -> SignedIn | None:
        """Who is signed in on this browser now; None for nobody. Also right after ``sign_in``.

        Raises:
            sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
        """
        browser: Browser = request.state.browser
        return await in_thread(
            self.database, recognise, self.database, self.settings, browser.token, self.clock()
        )

    async def sign_out(self, request: Request) -> None:
        """End this browser's session, everywhere its cookie was copied to.

        Raises:
            ChangesRefused: the database takes no changes. This browser is signed out anyway;
                a copy of its cookie is not.
            sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
        """
        client = _client(request)
        browser: Browser = request.state.browser
        try:
            await in_thread(self.database, signin.sign_out, self.database, self.settings, client)
        except ChangesRefused:
            browser.renew_token()
            raise
        browser.renew_token()


def _client(request: Request) -> Client:
    browser: Browser = request.state.browser
    return Client(
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        token=browser.token,
        device=browser.device,
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
