"""A site of a few routes behind the real middleware, with a real sign-in and a real database."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from backoffice.auth.backend import SignInBackend
from backoffice.auth.csrf import csrf_token
from backoffice.auth.password.attempts import Failure
from backoffice.auth.password.hashing import hash_password
from backoffice.auth.password.throttle import Blocked
from backoffice.auth.return_url import safe_return_url
from backoffice.auth.signed_in import signed_in
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import User
from backoffice.web.middleware.guard import Refusal
from backoffice.web.middleware.stack import middleware

PASSWORD = "analytical engine"
STATUS = {
    Refusal.METHOD: 405,
    Refusal.CROSS_SITE: 403,
    Refusal.NOT_SIGNED_IN: 401,
    Refusal.TOO_LARGE: 413,
    Refusal.TOO_SLOW: 408,
    Refusal.BROKEN_BODY: 400,
    Refusal.CSRF: 403,
    Refusal.DATABASE_DOWN: 503,
    Refusal.BUSY: 503,
}


@dataclass
class Site:
    """``app`` is the whole; ``acts`` what its one unsafe route was asked to do."""

    settings: Settings
    database: Database
    now: datetime = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    acts: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.backend = SignInBackend(self.settings, self.database, self.clock)
        self.app = Starlette(
            routes=[
                Route("/", self.start),
                Route("/admin/", self.page),
                Route("/admin/item/list", self.page),
                Route("/admin/login", self.login, methods=["GET", "POST"]),
                Route("/admin/logout", self.logout, methods=["POST"]),
                Route("/admin/act", self.act, methods=["POST", "PUT", "PATCH", "DELETE"]),
                Route("/admin/data", self.data),
                Route("/admin/boom", self.boom),
                Route("/static/site.css", self.file),
                Route("/admin/statics/tabler.css", self.file),
                Route("/healthz", self.file),
                Route("/readyz", self.file),
            ],
            middleware=middleware(
                self.settings, self.database, self.refuse, self.fail, clock=self.clock
            ),
        )

    def clock(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        """Let time go by: ``wait(minutes=5)``."""
        self.now += timedelta(**time)

    def client(
        self,
        *,
        scheme: str = "http",
        client: tuple[str, int] = ("127.0.0.1", 50000),
        raise_server_exceptions: bool = True,
    ) -> TestClient:
        """A new browser."""
        return TestClient(
            self.app,
            base_url=f"{scheme}://localhost",
            client=client,
            raise_server_exceptions=raise_server_exceptions,
            follow_redirects=False,
        )

    def add_user(self, email: str = "ada@example.com") -> User:
        with unit_of_work(self.database, writes=True) as session:
            user = User(first_name="Ada", last_name="Lovelace", email=email)
            user.password_hash = hash_password(PASSWORD)
            session.add(user)
        return user

    def signed_in_client(self, **options: Any) -> TestClient:
        """A browser on which ada has signed in, through the front door."""
        browser = self.client(**options)
        answer = self.sign_in(browser)
        assert answer.status_code == 303, answer.text
        return browser

    def sign_in(self, browser: TestClient, password: str = PASSWORD) -> Any:
        form = {"username": "ada@example.com", "password": password}
        return browser.post("/admin/login", data=form | {"csrf_token": token_of(browser)})

    # What the routes do ---------------------------------------------------------------

    async def start(self, request: Request) -> Response:
        return RedirectResponse("/admin/")

    async def page(self, request: Request) -> Response:
        person = signed_in(request)
        assert person is not None
        notices = [notice.text for notice in request.state.browser.take_notices()]
        return HTMLResponse(f"{person.name} {notices}")

    async def login(self, request: Request) -> Response:
        if request.method != "POST":
            return HTMLResponse(csrf_token(self.settings, request.state.browser.token))
        form = request.state.form
        outcome = await self.backend.sign_in(request, form["username"], form["password"])
        if isinstance(outcome, Blocked):
            seconds = {"Retry-After": str(outcome.seconds)}
            return PlainTextResponse("wait", status_code=429, headers=seconds)
        if isinstance(outcome, Failure):
            return PlainTextResponse("wrong", status_code=422)
        return RedirectResponse(safe_return_url(form.get("next", "")), status_code=303)

    async def logout(self, request: Request) -> Response:
        return await self.backend.logout(request)

    async def act(self, request: Request) -> Response:
        form = request.state.form
        files = {name: await value.read() for name, value in form.items() if hasattr(value, "read")}
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        fields.pop("csrf_token", None)
        body = await request.body()
        self.acts.append({"fields": fields, "files": files, "body": body})
        request.state.browser.notify("success", f"Did {fields.get('what', 'it')}.")
        return RedirectResponse("/admin/", status_code=303)

    async def data(self, request: Request) -> Response:
        return JSONResponse({})

    async def boom(self, request: Request) -> Response:
        raise ZeroDivisionError

    async def file(self, request: Request) -> Response:
        return PlainTextResponse("file")

    async def refuse(self, request: Request, refusal: Refusal) -> Response:
        form = request.state.form
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        return JSONResponse({"refusal": refusal.name, "typed": typed}, STATUS[refusal])

    async def fail(self, request: Request, error: Exception) -> Response:
        return HTMLResponse("sorry", status_code=500)


def token_of(browser: TestClient) -> str:
    """The CSRF token that this browser's forms hold."""
    return str(browser.get("/admin/login").text)


@dataclass
class Answer:
    status: int
    headers: Headers
    body: bytes
    chunks_taken: int


async def call(
    app: ASGIApp,
    method: str,
    path: str,
    headers: dict[str, str],
    chunks: Iterable[bytes] = (),
    *,
    then_vanish: bool = False,
) -> Answer | None:
    """Ask ``app`` as a server would, with a body that comes in ``chunks`` as they are taken.

    ``then_vanish``: the client goes away after the last chunk, without ending its request. Returns
    None where nothing was answered.
    """
    taken = 0

    async def messages() -> AsyncIterator[Message]:
        nonlocal taken
        for chunk in chunks:
            taken += 1
            yield {"type": "http.request", "body": chunk, "more_body": True}
        if not then_vanish:
            yield {"type": "http.request", "body": b"", "more_body": False}
        while True:
            yield {"type": "http.disconnect"}

    coming = messages()
    sent: list[Message] = []

    async def receive() -> Message:
        return await anext(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in ({"host": "localhost"} | headers).items()
        ],
        "client": ("127.0.0.1", 50000),
        "server": ("localhost", 80),
    }
    await app(scope, receive, send)
    if not sent:
        return None
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], Headers(raw=sent[0]["headers"]), body, taken)
