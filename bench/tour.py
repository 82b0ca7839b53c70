"""The requests for each side on one database: addresses, forms, and checks of the results.

Only this module knows the addresses of each side.
"""

import html
import re
import secrets
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import sqlalchemy as sa

from backoffice.admin.lists.cursor import Cursor, CursorSigner
from backoffice.db import Database
from backoffice.db.resilience.time_limits import lift_limit
from backoffice.models import Category, Item
from bench.client import Connection, UnexpectedAnswer
from bench.shelves import MARK, MARKED
from bench.sides import Side
from bench.stocked import Stock

NOWHERE, COMMON = "periscope", "steel"
"""Words in no row, and in a good part of all rows."""

PAGE_SIZE = 50
VARIED = 20
"""So many pages, records and categories take turns, so that not only one is in the caches."""

FIRST, MIDDLE, LAST = "first page", "middle page", "last page"
FLOOR = "its count and rows"
"""The bare one's time for only the list's two statements and the page."""

FEW, NONE, MANY = f"search: {MARKED} hits", "search: no hit", "search: common word"
FILTER, SORT = "one category", "by price"
EDIT, SAVE, CREATE = "edit form", "save", "create"

PAGES = (FIRST, MIDDLE, LAST)
LISTS = (*PAGES, FEW, NONE, MANY, FILTER, SORT)
WRITES = (SAVE, CREATE)
SCENARIOS = (FIRST, FLOOR, *LISTS[1:], EDIT, *WRITES)

LIST = "/admin/item/list"
ITEMS = cast(sa.Table, Item.__table__)
Addresses = dict[str, dict[str, list[str]]]
"""The requests by scenario and side; they take turns."""


class Tour:
    """The requests of every scenario over one database. ``ours`` is signed in already."""

    def __init__(self, stock: Stock, ours: Side) -> None:
        self.stock, self.database = stock, stock.database
        self.keys = [1 + place * (stock.items - 1) // VARIED for place in range(VARIED)]
        self.middle = _middle(self.database, stock.items)
        with self.database.engine.connect() as connection:
            found = connection.scalars(sa.select(Category.id).order_by(Category.id)).all()
        self.categories = found[:: max(1, len(found) // VARIED)][:VARIED]
        self.cursors = _cursors(stock, ours, self.middle)
        self.addresses: Addresses = dict(self._addresses())

    # Requests -------------------------------------------------------------------------

    def asked(self, scenario: str, side: Side) -> bool:
        """Whether the scenario is for that side: only ours and the stock one write."""
        return (scenario in WRITES and side.writes) or side.server.name in self.addresses[scenario]

    def requests(self, scenario: str, side: Side, number: int) -> list[bytes]:
        """So many requests, made before the clock starts. Those that write are new each time:
        they use new prices and names."""
        if scenario == SAVE:
            return list(islice(self._saves(side), number))
        if scenario == CREATE:
            return list(islice(self._creations(side), number))
        paths = self.addresses[scenario][side.server.name]
        return [side.get(path) for path in islice(cycle(paths), number)]

    def expected(self, scenario: str, side: Side) -> int:
        """The status of a right answer."""
        return side.after_save if scenario in WRITES else 200

    def _addresses(self) -> Iterator[tuple[str, dict[str, list[str]]]]:
        ours, bare, stock = _ours, _bare, _stock
        yield FIRST, {"ours": [ours()], "bare": [bare()], "stock": [stock()]}
        yield FLOOR, {"bare": [bare(only="rows")]}
        page = max(1, self.stock.items // PAGE_SIZE // 2)
        yield (
            MIDDLE,
            {
                "ours": [ours(page=cursor) for cursor in self.cursors],
                "bare": [bare(after=name, id=str(key)) for name, key in self.middle],
                "stock": [stock(page=str(page + place)) for place in range(len(self.middle))],
            },
        )
        final = -(-self.stock.items // PAGE_SIZE)
        yield (
            LAST,
            {
                "ours": [ours(page="last")],
                "bare": [bare(at="last")],
                "stock": [stock(page=str(final))],
            },
        )
        for scenario, word in ((FEW, MARK), (NONE, NOWHERE), (MANY, COMMON)):
            yield (
                scenario,
                {
                    "ours": [ours(search=word)],
                    "bare": [bare(search=word)],
                    "stock": [stock(search=word)],
                },
            )
        keys = [str(key) for key in self.categories]
        # The stock one has no filter: its own filter would load all categories with each page.
        yield (
            FILTER,
            {
                "ours": [ours(category=key) for key in keys],
                "bare": [bare(category=key) for key in keys],
            },
        )
        yield (
            SORT,
            {
                "ours": [ours(sort="price")],
                "bare": [bare(sort="price")],
                "stock": [stock(sortBy="price", sort="asc")],
            },
        )
        forms = [f"/admin/item/edit/{key}" for key in self.keys]
        yield EDIT, {"ours": forms, "stock": forms}
        yield SAVE, {}
        yield CREATE, {}

    def _saves(self, side: Side) -> Iterator[bytes]:
        """Each gives another item a new price."""
        items = self._items()
        for number, item in enumerate(cycle(items)):
            # A version counts the saves: each round of the cycle saves once more.
            version = item["version"] + number // len(items)
            price = f"{1000 + version % 9000}.{secrets.randbelow(100):02}"
            form = _form(item["name"], item["description"], item["category_id"], price)
            yield side.post(f"/admin/item/edit/{item['id']}", {**form, "version": str(version)})

    def _creations(self, side: Side) -> Iterator[bytes]:
        run = secrets.token_hex(4)
        for number, key in enumerate(cycle(self.categories)):
            name = f"Hex bolt {run} {number:04}"
            text = "Hexagon head bolt with thread up to the head, M8 × 40 mm, steel 8.8, plain."
            yield side.post("/admin/item/create", _form(name, text, key, "12.50"))

    def _items(self) -> list[dict[str, Any]]:
        columns = (Item.id, Item.name, Item.description, Item.category_id, Item.version)
        statement = sa.select(*columns).where(Item.id.in_(self.keys)).order_by(Item.id)
        with self.database.engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    # Checks -----------------------------------------------------------------------------

    def check_alike(self, sides: Sequence[Side]) -> None:
        """Check that ours and the bare one show the same items in every list, and the right number.

        Only the first page of the stock one is checked: its order does not end in a key.

        Raises:
            UnexpectedAnswer: they do not, so that comparing them would say nothing.
        """
        for scenario in LISTS:
            if scenario == MANY:
                continue  # ours leaves out the order if there is no time for it
            shown = {
                side.server.name: self._shown(scenario, side)
                for side in sides
                if self.asked(scenario, side) and (side.server.name != "stock" or scenario == FIRST)
            }
            if len(set(shown.values())) != 1:
                raise UnexpectedAnswer(f"{scenario}: the lists show different items: {shown}")
            number = len(shown["ours"])
            if scenario != FILTER and number != (0 if scenario == NONE else PAGE_SIZE):
                raise UnexpectedAnswer(f"{scenario}: {number} rows")

    def _shown(self, scenario: str, side: Side) -> tuple[str, ...]:
        with Connection(side.server.port) as connection:
            page = connection.ask(self.requests(scenario, side, 1)[0])
        if page.status != 200:
            raise UnexpectedAnswer(f"{scenario}: {side.server.name} answers {page.status}")
        found = re.findall(r"/item/(?:edit|details)/(\d+)", page.body.decode())
        return tuple(dict.fromkeys(found))

    def check_written(self, scenario: str, number: int, before: dict[str, int]) -> None:
        """Check that saved and created records are in the database; delete the created ones.

        ``before``: the result of ``counted``.

        Raises:
            UnexpectedAnswer: some are not, whatever the server answered.
        """
        if self.counted()[scenario] - before[scenario] != number:
            raise UnexpectedAnswer(f"{scenario}: not every one of {number} was written")
        if scenario == CREATE:
            with self.database.writer.begin() as connection:
                connection.execute(sa.delete(ITEMS).where(self._is_created))

    def counted(self) -> dict[str, int]:
        """How often the items of ``SAVE`` were saved in total, and how many items were created."""
        versions = sa.select(sa.func.sum(Item.version)).where(Item.id.in_(self.keys))
        created = sa.select(sa.func.count()).where(self._is_created)
        with self.database.engine.connect() as connection:
            return {
                SAVE: connection.scalar(versions) or 0,
                CREATE: connection.scalar(created) or 0,
            }

    @property
    def _is_created(self) -> sa.ColumnElement[bool]:
        """The load numbered its items from 1 on."""
        return Item.id > self.stock.items


def _form(name: str, description: str, category_id: int, price: str) -> dict[str, str]:
    return {
        "name": name,
        "description": description,
        "category": str(category_id),
        "price": price,
        "quantity": "25",
        "save": "Save",
    }


def _ours(**parameters: str) -> str:
    return _address(LIST, parameters)


def _stock(**parameters: str) -> str:
    return _address(LIST, parameters)


def _bare(**parameters: str) -> str:
    return _address("/", parameters)


def _address(path: str, parameters: dict[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path


def _middle(database: Database, items: int) -> list[tuple[str, int]]:
    """The rows that successive pages begin after, from the middle of the list by name."""
    # Only the names, which are in their index: looking up half of all rows takes minutes.
    names = sa.select(Item.name).order_by(Item.name)
    names = names.offset(items // 2).limit(min(VARIED * PAGE_SIZE, items // 4))
    with database.engine.connect() as connection:
        lift_limit(connection)
        chosen = connection.scalars(names).all()[::PAGE_SIZE]
        found = connection.execute(sa.select(Item.name, Item.id).where(Item.name.in_(chosen)))
        keys = {row.name: row.id for row in found}
    return [(name, keys[name]) for name in chosen]


def _cursors(stock: Stock, ours: Side, middle: Sequence[tuple[str, int]]) -> list[str]:
    """Cursors of our list after these rows: its own from "next", moved and signed."""
    with Connection(ours.server.port) as connection:
        page = connection.ask(ours.get(LIST)).body.decode()
    for tag in re.findall(r"<a\b[^>]*>", page):
        href = re.search(r'href="([^"]*)"', tag)
        if href and re.search(r'rel="[^"]*\bnext\b', tag):
            break
    else:
        raise UnexpectedAnswer("the first page leads to no next one")
    signer = CursorSigner(stock.settings.signing_key)
    (text,) = parse_qs(urlsplit(html.unescape(href[1])).query)["page"]
    cursor = signer.read(text)
    assert cursor is not None, "it was written with the key of the same settings"
    return [signer.write(Cursor(cursor.order, after)) for after in middle]
