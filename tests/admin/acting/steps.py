"""What people do with actions, step by step."""

import html
import re
from typing import Any

import sqlalchemy as sa
from httpx2 import Response

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Change, Changeset, Item
from backoffice.models.tables import used_keys
from tests.cast import Browser

POSTED = ("pks", "next", "from", "once")


def address(name: str, *keys: Any, more: str = "") -> str:
    pks = ",".join(map(str, keys))
    return f"/admin/item/action/{name}?pks={pks}{more}"


def hidden(page: Response) -> dict[str, str]:
    """What the page of an action posts unseen, but for its token."""
    found = {}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', page.text):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and name[1] in POSTED:
            found[name[1]] = html.unescape(value[1])
    return found


def buttons(page: Response) -> list[str]:
    """The texts of the page's buttons that post it."""
    found = re.findall(r'<button[^>]*name="do"[^>]*>([^<]*)</button>', page.text)
    return [html.unescape(text) for text in found]


def post(
    browser: Browser, page: Response, action: str, do: str = "act", /, **typed: Any
) -> Response:
    """Press a button of the page of an action."""
    return browser.post(f"/admin/item/action/{action}", {**hidden(page), "do": do, **typed})


def act(browser: Browser, action: str, /, *keys: Any, **typed: Any) -> Response:
    """Open the page of an action and act at once, without a preview."""
    return post(browser, browser.get(address(action, *keys)), action, **typed)


def item_ids(database: Database) -> list[int]:
    with unit_of_work(database) as session:
        return list(session.scalars(sa.select(Item.id).order_by(Item.name)))


def values(database: Database, attribute: Any) -> list[Any]:
    """The values of all items, by name."""
    with unit_of_work(database) as session:
        return list(session.scalars(sa.select(attribute).order_by(Item.name)))


def changesets(database: Database) -> list[Changeset]:
    with unit_of_work(database) as session:
        return list(session.scalars(sa.select(Changeset).order_by(Changeset.id)))


def changes_in(database: Database, changeset: int) -> list[Change]:
    with unit_of_work(database) as session:
        found = sa.select(Change).where(Change.changeset_id == changeset).order_by(Change.id)
        return list(session.scalars(found))


def keys_used(database: Database) -> int:
    with unit_of_work(database) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(used_keys)) or 0


def write(database: Database, key: int, **new: Any) -> None:
    """Somebody else changes an item."""
    with unit_of_work(database, writes=True) as session:
        for name, value in new.items():
            setattr(session.get_one(Item, key), name, value)
