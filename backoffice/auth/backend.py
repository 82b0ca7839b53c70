"""Sign-in as SQLAdmin asks for it, and as our own sign-in page does."""

import posixpath
import re
from urllib.parse import unquote

import anyio
from sqladmin.authentication import AuthenticationBackend
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse

from backoffice.auth import own_password, signin
from backoffice.auth.browser import Browser, new_token
from backoffice.auth.sessions import Clock, SignedIn, recognise, utc_now
from backoffice.config import Settings
from backoffice.db import OVERFLOW, ChangesRefused, Database
from backoffice.db.worker_threads import in_thread
from backoffice.history import AuditContext

SIGN_IN_PATH = "/admin/login"
SIGN_OUT_PATH = "/admin/logout"
AFTER_SIGN_IN = "/admin/"

SIGN_INS_AT_ONCE = OVERFLOW
"""Worker threads that sign-ins may take in a process, beside those that pages are made in: a burst
of sign-ins waits for itself, not the people who are in already. A thread uses one connection at a
time, and pages have as many threads as the pool keeps (``web.app``), so that what the pool may open
beyond those is for sign-ins, and neither waits for the other's."""

LONGEST_NEXT = 2000
_UNSAFE_IN_PATH = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff]")


class SignInBackend(AuthenticationBackend):
    """Tells SQLAdmin who is there. The guard at the root has found that out before.

    It brings no middleware: one on the outer app sets the cookies (``web.middleware.cookies``).
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
        """Sign in with the form's ``username`` and ``password``; on success lead to ``next``."""
        form = request.scope.get("state", {}).get("form") or await request.form()
        outcome = await self.sign_in(request, _text(form, "username"), _text(form, "password"))
        if not isinstance(outcome, signin.Success):
            return False
        return RedirectResponse(safe_next(_text(form, "next")), status_code=303)

    async def logout(self, request: Request) -> RedirectResponse:
        """Sign out, and lead to the sign-in page."""
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
        """Who is signed in on this browser now, after ``sign_in`` too; None for nobody.

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
            ChangesRefused: the database takes no changes: this browser is signed out all the same,
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


def signed_in(request: Request) -> SignedIn | None:
    """Who made ``request``; None for nobody."""
    person = request.scope.get("state", {}).get("signed_in")
    assert person is None or isinstance(person, SignedIn)
    return person


def safe_next(path: str) -> str:
    """``path`` if it is one of this site that one may be led to after signing in, else the start.

    A path and query, as in "/admin/item/list?search=bolt". Whatever a browser could read as an
    address of another site is refused ("//evil", "/\\evil", "/<tab>/evil"), and so are signing in
    and out themselves.
    """
    if not path.startswith("/") or len(path) > LONGEST_NEXT or _UNSAFE_IN_PATH.search(path):
        return AFTER_SIGN_IN
    plain = unquote(re.split(r"[?#]", path, maxsplit=1)[0])
    if path.startswith("//") or posixpath.normpath(plain).startswith("//"):
        return AFTER_SIGN_IN
    if posixpath.normpath(plain) in (SIGN_IN_PATH, SIGN_OUT_PATH):
        return AFTER_SIGN_IN
    return path


def _client(request: Request) -> signin.Client:
    browser: Browser = request.state.browser
    return signin.Client(
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        token=browser.token,
        device=browser.device,
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
