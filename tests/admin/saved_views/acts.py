"""What people do with saved views, and what is kept of it."""

import html
import re
from typing import Any

import sqlalchemy as sa
from httpx2 import Response

from backoffice.auth.preferences import parse_preferences
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Role, SavedView, User, UserPreferences
from tests.cast import Browser

VIEWS = "/admin/item/views"
LIST = "/admin/item/list"


def save(browser: Browser, name: str, query: str = "search=bolt", **fields: Any) -> Response:
    """Save a view of the list of items."""
    browser.get(VIEWS)
    return browser.post(VIEWS, {"name": name, "query": query, "share": "", **fields})


def act(browser: Browser, key: int, **fields: Any) -> Response:
    """Do something to a saved view."""
    browser.get(VIEWS)
    return browser.post(f"{VIEWS}/{key}", fields)


def kept(database: Database, name: str) -> SavedView:
    """The newest view of that name, deleted or not."""
    with unit_of_work(database) as session:
        found = session.scalars(
            sa.select(SavedView).where(SavedView.name == name).order_by(SavedView.id.desc())
        ).first()
    assert found is not None
    return found


def role(database: Database, name: str = "Editor") -> str:
    """The key of a role, as a form sends it."""
    with unit_of_work(database) as session:
        return str(session.scalar(sa.select(Role.id).where(Role.name == name)))


def give(database: Database, email: str, *names: str) -> None:
    """Give a user these roles and no others."""
    with unit_of_work(database, writes=True) as session:
        user = session.scalars(sa.select(User).where(User.email == email)).one()
        user.roles = list(session.scalars(sa.select(Role).where(Role.name.in_(names))))


def default_of(database: Database, email: str) -> int | None:
    with unit_of_work(database) as session:
        data = session.scalar(sa.select(UserPreferences.data).join(User).where(User.email == email))
    view: int | None = parse_preferences(data).get("lists", {}).get("item", {}).get("view")
    return view


def sections(response: Response) -> dict[str, str]:
    """What is under each heading of the page, as text."""
    parts = re.split(r"<h2[^>]*>", response.text)[1:]
    return {
        part.partition("</h2>")[0]: html.unescape(
            " ".join(re.sub(r"<[^>]+>", " ", part.partition("</h2>")[2]).split())
        )
        for part in parts
    }


def number_of(database: Database, email: str, name: str) -> int:
    """The id of a user's view of the list of items."""
    with unit_of_work(database) as session:
        return session.scalars(
            sa.select(SavedView.id)
            .join(User, User.id == SavedView.owner_id)
            .where(User.email == email, SavedView.name == name, SavedView.identity == "item")
        ).one()
