"""Every door of the back office: each route, with the requests that open it for a view's record.

A new route has to be named here, or ``test_doors.py`` fails: then it is asked about hidden fields
and invisible records as every other one is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from httpx2 import Response

from backoffice.admin.lists.filters import filters_of
from backoffice.admin.view import RecordView
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Changeset
from tests.cast import Browser, hidden_fields

Door = tuple[str, str]
"""A method and the path of a route."""

WITHOUT_RECORDS: set[Door] = {
    ("GET", "/admin/login"),
    ("POST", "/admin/login"),
    ("POST", "/admin/logout"),
    ("POST", "/admin/theme"),
    ("POST", "/admin/language"),
    ("GET", "/admin/password"),
    ("POST", "/admin/password"),
}
"""Doors that show and change no records."""

AS_A_WHOLE: set[Door] = {
    ("GET", "/admin/pages/{page}"),
    ("POST", "/admin/pages/{page}"),
    ("GET", "/admin/"),
    ("GET", "/admin/role/fields/{of}/{pk}"),
    ("POST", "/admin/role/fields/{of}/{pk}"),
    ("POST", "/admin/{identity}/arrange"),
    ("POST", "/admin/{identity}/views/{pk}"),
}
"""Doors that show no field of the view's records, so that nothing need be asked of these."""


@dataclass(frozen=True)
class Opened:
    """Somebody at the doors of one view, with one record's key and what they type into its form.

    ``words``: what to search and sort by, of a field that they may not see.
    """

    browser: Browser
    view: RecordView
    database: Database
    key: str
    typed: dict[str, str]
    field: str = ""
    words: tuple[str, ...] = ()

    def at(self, screen: str, rest: str = "") -> str:
        return f"/admin/{self.view.identity}/{screen}{rest}"

    def changesets(self) -> list[int]:
        with unit_of_work(self.database) as session:
            return list(session.scalars(sa.select(Changeset.id)))


def _lists(door: Opened, screen: str) -> Iterator[str]:
    name = door.field
    yield door.at(screen)
    yield door.at(screen, f"?columns={name}&counts=shown")
    for descending in ("", "-"):
        yield door.at(screen, f"?sort={descending}{name}")
    found = filters_of(door.view).get(name)
    for option in door.view.option_filters:
        for value in ("low", "out"):
            yield door.at(screen, f"?{option.name}={value}&counts=shown")
            yield door.at(screen, f"?search={option.name}:{value}")
    for word in door.words:
        yield door.at(screen, f"?search={name}:{word}")
        yield door.at(screen, f"?search={name}>{word}")
        yield door.at(screen, f"?search=-{word}")
        for parameter in found.parameters if found is not None else ():
            yield door.at(screen, f"?{parameter}={word}")


def _get(paths: Callable[[Opened], Any]) -> Callable[[Opened], Iterator[tuple[str, Response]]]:
    def open_all(door: Opened) -> Iterator[tuple[str, Response]]:
        for path in paths(door):
            yield path, door.browser.get(path)

    return open_all


def _post(
    path: Callable[[Opened], str], data: Callable[[Opened], dict[str, str]], *, after: str = ""
) -> Callable[[Opened], Iterator[tuple[str, Response]]]:
    """``after``: the screen whose page holds the form, "" for the list."""

    def send(door: Opened) -> Iterator[tuple[str, Response]]:
        form = door.browser.get(door.at(after) if after else path(door))
        yield (
            f"POST {path(door)}",
            door.browser.post(path(door), {**hidden_fields(form), **data(door)}),
        )

    return send


DOORS: dict[Door, Callable[[Opened], Iterator[tuple[str, Response]]]] = {
    ("GET", "/admin/{identity}/list"): _get(lambda door: _lists(door, "list")),
    ("GET", "/admin/{identity}/counts"): _get(lambda door: _lists(door, "counts")),
    ("GET", "/admin/{identity}/details/{pk:path}"): _get(
        lambda door: [door.at("details", f"/{door.key}")]
    ),
    ("GET", "/admin/{identity}/peek/{pk:path}"): _get(
        lambda door: [door.at("peek", f"/{door.key}")]
    ),
    ("GET", "/admin/{identity}/create"): _get(
        lambda door: [door.at("create", f"?{door.field}={word}") for word in ("", "1")]
    ),
    ("POST", "/admin/{identity}/create"): _post(
        lambda door: door.at("create"), lambda door: {**door.typed, "save": "Save"}
    ),
    ("GET", "/admin/{identity}/edit/{pk:path}"): _get(
        lambda door: [door.at("edit", f"/{door.key}")]
    ),
    ("POST", "/admin/{identity}/edit/{pk:path}"): _post(
        lambda door: door.at("edit", f"/{door.key}"), lambda door: {**door.typed, "save": "Save"}
    ),
    ("GET", "/admin/{identity}/delete"): _get(lambda door: [door.at("delete", f"?pks={door.key}")]),
    ("POST", "/admin/{identity}/delete"): _post(
        lambda door: door.at("delete"),
        lambda door: {"pks": door.key, "below": "delete", "confirm": "0"},
        after="list",
    ),
    ("GET", "/admin/{identity}/lookup/{field}"): _get(
        lambda door: [door.at("lookup", f"/{door.field}?q=e")]
    ),
    ("GET", "/admin/{identity}/views"): _get(lambda door: [door.at("views")]),
    ("POST", "/admin/{identity}/views"): _post(
        lambda door: door.at("views"),
        lambda door: {"name": "Mine", "query": f"sort={door.field}&search=e"},
        after="list",
    ),
    ("GET", "/admin/{identity}/history/{pk:path}"): _get(
        lambda door: [door.at("history", f"/{door.key}")]
    ),
    ("GET", "/admin/changeset/details/{pk:path}"): _get(
        lambda door: [f"/admin/changeset/details/{number}" for number in door.changesets()]
    ),
    ("GET", "/admin/changeset/undo/{pk:path}"): _get(
        lambda door: [f"/admin/changeset/undo/{number}" for number in door.changesets()]
    ),
    ("POST", "/admin/changeset/undo/{pk:path}"): lambda door: _undos(door),
    ("GET", "/admin/{identity}/action/{name}"): _get(lambda door: _actions(door)),
    ("POST", "/admin/{identity}/action/{name}"): lambda door: _acts(door),
}
"""How each of the others is opened."""


def _actions(door: Opened) -> list[str]:
    """The pages of the view's actions; of one that there is not, if it has none."""
    names = [action.name for action in door.view.actions] or ["none"]
    return [door.at("action", f"/{name}?pks={door.key}") for name in names]


def _acts(door: Opened) -> Iterator[tuple[str, Response]]:
    """Each action's preview, and the act, with a form filled in."""
    typed_into = {"restock": {"level": "3"}, "discontinue": {"reason": "No longer made"}}
    for path in _actions(door):
        name = path.rpartition("/")[2].partition("?")[0]
        page = door.browser.get(path)
        for do in ("preview", "act"):
            pattern = r'type="hidden" name="(pks|from|once)" value="([^"]*)"'
            typed = {**dict(re.findall(pattern, page.text)), **typed_into.get(name, {}), "do": do}
            page = door.browser.post(path.partition("?")[0], typed)
            yield f"POST {path} {do}", page


def _undos(door: Opened) -> Iterator[tuple[str, Response]]:
    for number in door.changesets():
        path = f"/admin/changeset/undo/{number}"
        page = door.browser.get(path)
        seen = page.text.split('name="seen" value="')
        token = seen[1].split('"')[0] if len(seen) > 1 else ""
        yield f"POST {path}", door.browser.post(path, {"seen": token, "overwrite_all": "true"})
