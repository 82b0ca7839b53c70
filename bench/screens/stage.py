"""A back office with demo records, the people who work in it, and what they did there."""

import re
from collections.abc import Iterator, Mapping, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.types import ASGIApp

from backoffice.cli import demo
from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.migrations import upgrade
from backoffice.history import unit_of_work
from backoffice.models import Category, Changeset, Item, Role, SavedView, User
from backoffice.web.app import create_app
from bench.client import HOST
from bench.pages.forms import Form, NotThere, PageReader
from bench.servers import serving
from examples.actions.views import WITH_ACTIONS
from examples.pages.low_stock import LowStockPage
from tests.browser.site import served
from tests.cast import Browser, password_hash, signed_in
from tests.databases import child_environment, make_settings

ITEMS = 12_000
"""More than a list counts: its number is "10,000+" until somebody asks for the exact one."""
LANGUAGES = ("en", "de", "ar", "qps-ploc", "qps-plocm")

MARA, JONAS, VERA, ROLF = (f"{name}@example.com" for name in ("mara", "jonas", "vera", "rolf"))
PEOPLE = (MARA, JONAS, VERA, ROLF)
"""A superuser, an Editor, a Viewer, and somebody without a role."""

LONG = "M8×40-" + "UNBREAKABLE" * 12
WORDY = "Hexagon head screw, fully threaded, " * 12
LONG_CATEGORY = WORDY[:199]


KEPT = "EUR UTC MK JW VL RC testclient Alt Back office"
"""What no language translates: units, initials, keys and names."""


@dataclass(frozen=True)
class Stage:
    """Two back offices: ``address`` has records and a history, ``empty`` has none.

    ``keys``: the keys of records and changes with a part in a screen, by name. ``words``: all in
    the records.
    """

    address: str
    empty: str
    keys: Mapping[str, str]
    words: Set[str]


@dataclass
class Person:
    """Somebody signed in, who fills in forms as a browser would send them."""

    browser: Browser
    keys: dict[str, str] = field(default_factory=dict)

    def form(self, path: str) -> Form:
        """The form that the page at ``path`` is about."""
        read = PageReader(self.browser.get(path).text)
        return next(
            form
            for form in read.forms
            if form.method == "post" and form.action.partition("?")[0] == path.partition("?")[0]
            if not any(name == "at_once" for name, _value in form.buttons)  # of a notice
        )

    def send(self, form: Form, values: Mapping[str, str | list[str]]) -> int:
        """Send it with ``values`` in place of its own; returns the status."""
        fields = urlencode([("csrf_token", self.browser.token), *_without_token(form, values)])
        answer = self.browser.client.post(
            form.action,
            content=fields,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": "http://127.0.0.1:8000",
            },
        )
        return answer.status_code

    def edit(self, identity: str, key: str, **values: str) -> None:
        """Change a record by its form."""
        done = self.send(self.form(f"/admin/{identity}/edit/{key}"), {"save": "Save", **values})
        assert done == 303, f"{identity} {key} was not saved: {done}"


def _without_token(form: Form, values: Mapping[str, str | list[str]]) -> list[tuple[str, str]]:
    return [pair for pair in form.filled(dict(values)) if pair[0] != "csrf_token"]


@contextmanager
def stage(folder: Path, *, with_odd: bool = True) -> Iterator[Stage]:
    """Make both in ``folder``, and serve them on free ports of loopback.

    ``with_odd``: also with records and saved views whose texts are hard to fit.
    """
    with ExitStack() as stack:
        settings, database = stack.enter_context(_office(folder / "screens.sqlite3"))
        demo.load(database, items=ITEMS)
        _add_views(database)
        if with_odd:
            _add_odd_records(database)
        app = create_app(settings, database, views=WITH_ACTIONS, pages=[LowStockPage])
        keys = _work(app, database)
        empty, _database = stack.enter_context(_office(folder / "empty.sqlite3"))
        # In a process of its own: a view is a class, and belongs to one application.
        other = stack.enter_context(
            serving(
                "empty",
                "backoffice.web.asgi:app",
                child_environment(empty, LANGUAGES=",".join(LANGUAGES)),
                workers=1,
                log=folder / "empty.log",
                access_log=False,
            )
        )
        address = stack.enter_context(served(app))
        yield Stage(address, f"http://{HOST}:{other.port}", keys, _words(database))


def _words(database: Database) -> set[str]:
    columns = (Item.name, Item.description, Category.name, User.first_name, User.last_name)
    with unit_of_work(database) as session:
        texts = [
            text
            for column in (*columns, User.email, Role.name, SavedView.name, Changeset.reason)
            for text in session.scalars(sa.select(column).distinct())
        ]
    return set(re.findall("[A-Za-z]{2,}", " ".join([*texts, KEPT])))


@contextmanager
def _office(file: Path) -> Iterator[tuple[Settings, Database]]:
    """Settings and database of an office with people in it, and without records."""
    settings = make_settings(f"sqlite:///{file}", languages=LANGUAGES, log_level="ERROR")
    upgrade(settings)
    database = open_database(settings)
    try:
        _add_people(database)
        yield settings, database
    finally:
        database.dispose()


def _add_people(database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        for first, last, email, role in (
            ("Mara", "Keller", MARA, None),
            ("Jonas", "Weber", JONAS, "Editor"),
            ("Vera", "Lindqvist", VERA, "Viewer"),
            ("Rolf", "Conti", ROLF, None),
        ):
            user = User(first_name=first, last_name=last, email=email)
            user.password_hash, user.is_superuser = password_hash(), email == MARA
            if role is not None:
                user.roles = [session.scalars(sa.select(Role).where(Role.name == role)).one()]
            session.add(user)


def _add_views(database: Database) -> None:
    """Saved views: of one person, shared, and somebody else's."""
    with unit_of_work(database, writes=True) as session:
        people = {user.email: user for user in session.scalars(sa.select(User))}
        viewer = session.scalars(sa.select(Role).where(Role.name == "Viewer")).one()
        for name, query, owner, role in (
            ("Low stock", "is=low", MARA, None),
            ("Screws to order", "search=screw&is=out", MARA, viewer),
            ("Over 100 EUR", "price_from=100", JONAS, None),
        ):
            session.add(_view(name, query, people[owner], role))


def _add_odd_records(database: Database) -> None:
    """Records with texts that are hard to fit."""
    with unit_of_work(database, writes=True) as session:
        category = Category(name=LONG_CATEGORY)
        session.add_all([category, Category(name="Spare parts without items")])
        session.add(
            Item(name=LONG, description=WORDY, price="1234567.89", quantity=0, category=category)
        )
        mara = session.scalars(sa.select(User).where(User.email == MARA)).one()
        viewer = session.scalars(sa.select(Role).where(Role.name == "Viewer")).one()
        session.add(_view(LONG[:100], "search=bolt", mara, viewer))


def _view(name: str, query: str, owner: User, role: Role | None) -> SavedView:
    role_id = role.id if role else None
    return SavedView(identity="item", query=query, name=name, owner_id=owner.id, role_id=role_id)


def _work(app: ASGIApp, database: Database) -> dict[str, str]:
    """What happened before the first picture: changes by several people, deletes, undos."""
    mara, jonas = Person(signed_in(app, MARA)), Person(signed_in(app, JONAS))
    with unit_of_work(database) as session:
        first = session.scalars(sa.select(Item.id).order_by(Item.name).limit(12)).all()
        long_item = session.scalar(sa.select(Item.id).where(Item.name == LONG))
        largest = session.execute(
            sa.select(Item.category_id)
            .group_by(Item.category_id)
            .order_by(sa.func.count().desc(), Item.category_id)
            .limit(1)
        ).scalar_one()
        long_category = session.scalar(sa.select(Category.id).where(Category.name == LONG_CATEGORY))
        users = dict(session.execute(sa.select(User.email, User.id)).tuples().all())
        roles = dict(session.execute(sa.select(Role.name, Role.id)).tuples().all())
    items = [str(key) for key in first]
    keys = {
        "item": items[0],
        "gone": items[5],
        "other": items[6],
        "ticked": ",".join(items[:3]),
        "long": str(long_item),
        "category": str(largest),
        "long category": str(long_category),
        "mara": str(users[MARA]),
        "jonas": str(users[JONAS]),
        "role": str(roles["Editor"]),
    }
    jonas.edit("item", items[0], price="7.45", quantity="+12")
    keys["edited"] = _newest(mara)
    jonas.edit("item", items[1], description="Stainless steel A2, sold by the box of one hundred.")
    mara.edit("item", items[0], price="7.10")
    jonas.edit("item", items[2], quantity="0")
    mara.edit("item", items[3], category=str(largest), quantity="-1")
    if long_item is not None:
        jonas.edit("item", keys["long"], price="7654321.98", description=WORDY + "Changed.")
    mara.edit("user", keys["jonas"], last_name="Weber-Rossi")
    mara.edit("role", keys["role"], name="Editor")
    clerk = next(str(key) for email, key in users.items() if email not in PEOPLE)
    words = "glass harbour violet quarry"
    mara.edit("user", clerk, password=words, password_again=words)
    keys["password"] = _newest(mara)
    _delete(mara, f"item/delete?pks={items[4]}")
    deleted = _newest(mara)
    _undo(mara, deleted)
    keys["undone"] = deleted
    _delete(mara, f"item/delete?pks={items[5]}")
    keys["deleted"] = _newest(mara)
    _act(mara, ",".join(items[7:10]))
    keys["many"] = _newest(mara)
    for price in range(30):
        jonas.edit("item", items[10], price=f"{price + 1}.15")
    keys["often"] = items[10]
    return keys


def _newest(person: Person) -> str:
    """The key of the newest change."""
    page = PageReader(person.browser.get("/admin/changeset/list").text)
    found = page.addresses("/admin/changeset/details/")
    return found[0].rpartition("/")[2].partition("?")[0]


def _delete(person: Person, path: str) -> None:
    form = person.form(f"/admin/{path}")
    assert person.send(form, {}) == 303, path


def _undo(person: Person, number: str) -> None:
    form = person.form(f"/admin/changeset/undo/{number}")
    assert person.send(form, {"reason": "It is still sold."}) == 303, number


def _act(person: Person, keys: str) -> None:
    """Restock these items, by the action of the examples."""
    path = "/admin/item/action/restock"
    form = person.form(f"{path}?pks={keys}")
    browser = person.browser
    page = browser.post(form.action, dict(form.filled({"level": "500", "do": "preview"})))
    for found in PageReader(page.text).forms:
        if found.action.partition("?")[0] == path and ("do", "act") in found.buttons:
            assert person.send(found, {"do": "act"}) == 303
            return
    raise NotThere("no button that restocks")
