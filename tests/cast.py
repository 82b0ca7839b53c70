"""The people of the stories, each in a browser of their own, signed in for real.

ada is a superuser, max a Manager, ed an Editor, vera a Viewer, rolf has no role; mallory is a
stranger.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa
from httpx2 import Response
from sqlalchemy import event
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from backoffice.auth.password.hashing import hash_password
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Category, Grant, Item, Role, User

PASSWORD = "correct horse battery staple"
FIRST_ITEM = {
    "name": "Item 0000",
    "description": "Description of item 0",
    "price": "0.00",
    "quantity": "0",
    "category": "1",
    "save": "Save",
}
"""What the form of the first of ``add_items`` posts if nobody changes it, but for hidden fields."""

ORIGIN = "http://127.0.0.1:8000"


class Browser:
    """A browser: keeps cookies, follows no redirects by itself, sends a form's own token."""

    def __init__(self, app: ASGIApp) -> None:
        self.client = TestClient(
            app, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False
        )
        self._token = ""
        self._has_signed_in = False

    @property
    def token(self) -> str:
        """What the forms of the page seen last hold; after a sign-in that of the first page."""
        if self._has_signed_in:
            self._has_signed_in = False
            self.get("/admin/")
        return self._token

    @token.setter
    def token(self, token: str) -> None:
        self._token, self._has_signed_in = token, False

    def get(self, path: str, **options: Any) -> Response:
        """Open a page, as somebody who types its address or follows a link."""
        return self._seen(self.client.get(path, **options))

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> Response:
        """Send a form from the page seen last."""
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **options.pop("headers", {})}
        fields = {"csrf_token": self.token, **(data or {})}
        return self._seen(self.client.post(path, data=fields, headers=headers, **options))

    def edit(self, path: str, data: Mapping[str, Any]) -> Response:
        """Open a record's form, and send it with these values in place of its own."""
        return self.post(path, {**hidden_fields(self.get(path)), **data})

    def sign_in(self, email: str, password: str = PASSWORD) -> Response:
        self.get("/admin/login")
        response = self.post("/admin/login", {"username": email, "password": password})
        self._has_signed_in = response.status_code == 303
        return response

    def _seen(self, response: Response) -> Response:
        if match := re.search(r'name="csrf_token" value="([^"]+)"', response.text):
            self.token = html.unescape(match[1])
        return response


def signed_in(app: ASGIApp, email: str) -> Browser:
    """A browser in which the user with that e-mail address has signed in."""
    browser = Browser(app)
    response = browser.sign_in(email)
    assert response.status_code == 303, text_of(response)
    return browser


def text_of(response: Response) -> str:
    """The text of a page, without its tags."""
    without_tags = re.sub(r"<[^>]+>", " ", response.text)
    return " ".join(html.unescape(without_tags).split())


def links_of(response: Response, *, rel: str = "") -> list[str]:
    """Where a page's links lead; ``rel`` picks those of one relation ("next")."""
    found = []
    for tag in re.findall(r"<a\b[^>]*>", response.text):
        href = re.search(r'href="([^"]*)"', tag)
        if href and (not rel or re.search(rf'rel="[^"]*\b{rel}\b[^"]*"', tag)):
            found.append(html.unescape(href[1]))
    return found


def forms_of(response: Response) -> list[str]:
    """Where a page's forms are sent to."""
    return [
        html.unescape(href) for href in re.findall(r'<form[^>]* action="([^"]*)"', response.text)
    ]


def hidden_fields(form: Response) -> dict[str, str]:
    """What a record's form sends along unseen, but for its token."""
    found = {}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', form.text):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] in ("version", "opened", "locked"):
            found[name[1]] = html.unescape(value[1]) if value else ""
    return found


@cache
def password_hash() -> str:
    """The hash of everybody's password; made once, for it is meant to take its time."""
    return hash_password(PASSWORD)


def add_user(
    database: Database,
    email: str,
    *,
    superuser: bool = False,
    active: bool = True,
    role: str | None = None,
) -> int:
    """A user whose first name is the e-mail address's, with a role by name; returns the id."""
    with unit_of_work(database, writes=True) as session:
        user = User(
            first_name=email.split("@")[0].title(),
            last_name="Tester",
            email=email,
            password_hash=password_hash(),
            is_superuser=superuser,
            is_active=active,
        )
        if role is not None:
            user.roles = [session.scalars(sa.select(Role).where(Role.name == role)).one()]
        session.add(user)
        session.flush()
        return user.id


def add_role(database: Database, name: str, *tokens: str) -> int:
    """A role with these permissions, such as "item:edit" and "item:read:name"; returns the id."""
    with unit_of_work(database, writes=True) as session:
        role = Role(name=name, grants=[Grant.from_token(token) for token in tokens])
        session.add(role)
        session.flush()
        return role.id


def somebody(
    app: ASGIApp, database: Database, *tokens: str, email: str = "clerk@example.com"
) -> Browser:
    """Somebody with these permissions alone, by a role that is called like them; signed in."""
    name = email.split("@")[0].title()
    add_role(database, name, *tokens)
    add_user(database, email, role=name)
    return signed_in(app, email)


def add_items(database: Database, number: int, categories: Sequence[str] = ("Bolts",)) -> None:
    """Items "Item 0000" …, taking turns in ``categories``, priced and counted by their number."""
    with unit_of_work(database, writes=True) as session:
        made = [Category(name=name) for name in categories]
        session.add_all(made)
        session.add_all(
            Item(
                name=f"Item {index:04}",
                description=f"Description of item {index}",
                price=index,
                quantity=index,
                category=made[index % len(made)],
            )
            for index in range(number)
        )


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are sent to the database, without pings, BEGINs and PREPAREs: a
    connection prepares a statement once, however many pages it serves."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PREPARE")):
            seen.append(" ".join(statement.split()))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def count(database: Database, model: type[Any]) -> int:
    """How many records of ``model`` there are."""
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
