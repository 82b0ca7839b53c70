"""The requests for each side on one database, and checks of the results."""

import html
import re
import secrets
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any, cast
from urllib.parse import parse_qs, urljoin, urlsplit

import sqlalchemy as sa

from backoffice.admin.lists.cursor import Cursor, CursorSigner
from backoffice.db import Database
from backoffice.db.resilience.time_limits import lift_limit
from backoffice.models import Category, Item
from bench.client import Answer, Connection, UnexpectedAnswer
from bench.feed import has_history
from bench.scenarios import (
    COUNTS,
    CREATE,
    EXACT,
    FIRST,
    LIST,
    PAGE_SIZE,
    REFUSED,
    SAVE,
    WRITES,
    Places,
    Scenario,
    scenarios,
)
from bench.sides import Side
from bench.stocked import Stock

VARIED = 20
"""So many pages, records and categories take turns, so that not only one is in the caches."""

COUNTED = 10_000
"""Above so many matches, a list may leave out their order if there is no time for it."""

ITEMS = cast(sa.Table, Item.__table__)


class Tour:
    """The requests of every scenario over one database. The sides are signed in already.

    ``before``: the database of an earlier commit's side, with the same rows; None without one.
    ``hits``: how many rows each list has, bounded, by its scenario's name. ``failures``: what is
    wrong with an answer, by scenario and side, so that its aim cannot be met however fast it is.
    ``notes``: what else was seen.
    """

    def __init__(self, stock: Stock, sides: Sequence[Side], before: Stock | None = None) -> None:
        self.stock, self.database = stock, stock.database
        self.before = before.database if before is not None else None
        self.sides = {side.server.name: side for side in sides}
        self.keys = [1 + place * (stock.items - 1) // VARIED for place in range(VARIED)]
        self.places = self._places()
        feed = has_history(self.database, stock.items)
        self.scenarios = list(scenarios(stock.data, self.places, feed=feed))
        if before is not None:
            self.scenarios = [scenario.with_before() for scenario in self.scenarios]
        self.hits: dict[str, int] = {}
        self.failures: dict[tuple[str, str], str] = {}
        self.notes: list[str] = []

    def database_of(self, side: Side) -> Database:
        """The database that a side serves."""
        if side.server.name == "before" and self.before is not None:
            return self.before
        return self.database

    def _places(self) -> Places:
        middle = _middle(self.database, self.stock.items)
        number = sa.func.count(Item.id)
        with self.database.engine.connect() as connection:
            lift_limit(connection)
            found = connection.scalars(sa.select(Category.id).order_by(Category.id)).all()
            by_size = sa.select(Item.category_id).group_by(Item.category_id).order_by(number.desc())
            largest = connection.scalars(by_size.limit(1)).one()
        categories = found[:: max(1, len(found) // VARIED)][:VARIED]
        cursors = _cursors(self.stock, self.sides["ours"], middle)
        return Places(self.stock.items, middle, cursors, categories, largest, self.keys)

    # Requests -------------------------------------------------------------------------

    def requests(self, scenario: Scenario, side: Side, number: int) -> list[bytes]:
        """So many requests, made before the clock starts. Those that write are new each time:
        they use new prices and names."""
        if scenario.name == SAVE:
            return list(islice(self._saves(side), number))
        if scenario.name == CREATE:
            return list(islice(self._creations(side), number))
        paths = scenario.addresses[side.server.name]
        return [side.get(path) for path in islice(cycle(paths), number)]

    def expected(self, scenario: Scenario, side: Side) -> tuple[int, ...]:
        """The statuses of a right answer."""
        if scenario.name in WRITES:
            return (side.after_save,)
        return (200, REFUSED) if scenario.may_refuse else (200,)

    def _saves(self, side: Side) -> Iterator[bytes]:
        """Each gives another item a new price."""
        items = self._items(side)
        for number, item in enumerate(cycle(items)):
            # A version counts the saves: each round of the cycle saves once more.
            version = item["version"] + number // len(items)
            price = f"{1000 + version % 9000}.{secrets.randbelow(100):02}"
            form = _form(item["name"], item["description"], item["category_id"], price)
            yield side.post(f"/admin/item/edit/{item['id']}", {**form, "version": str(version)})

    def _creations(self, side: Side) -> Iterator[bytes]:
        run = secrets.token_hex(4)
        for number, key in enumerate(cycle(self.places.categories)):
            name = f"Hex bolt {run} {number:04}"
            text = "Hexagon head bolt with thread up to the head, M8 × 40 mm, steel 8.8, plain."
            yield side.post("/admin/item/create", _form(name, text, key, "12.50"))

    def _items(self, side: Side) -> list[dict[str, Any]]:
        columns = (Item.id, Item.name, Item.description, Item.category_id, Item.version)
        statement = sa.select(*columns).where(Item.id.in_(self.keys)).order_by(Item.id)
        with self.database_of(side).engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    # Checks -----------------------------------------------------------------------------

    def check_alike(self) -> None:
        """Check that ours and the bare one show the same items in every list, and the right number.

        Only the first page of the stock one is checked: its order does not end in a key. Lists
        whose pages leave out their counts get a scenario for these.

        Raises:
            UnexpectedAnswer: they do not, so that comparing them would say nothing.
        """
        for scenario in list(self.scenarios):
            if not scenario.is_list:
                continue
            shown = {}
            for name in scenario.addresses:
                if name == "stock" and scenario.name != FIRST:
                    continue
                page = self._ask(scenario, name)
                if name == "bare":
                    self.hits[scenario.name] = _number(page)
                if page.status == REFUSED:
                    self.failures[scenario.name, name] = f"answers {REFUSED}"
                    continue
                shown[name] = _items_on(page)
                self._note_counts(scenario, name, page)
            self._compare(scenario, shown)

    def _compare(self, scenario: Scenario, shown: dict[str, tuple[str, ...]]) -> None:
        if not scenario.alike:
            return
        wanted = shown["bare"]
        if scenario.rows is not None and len(wanted) != scenario.rows:
            raise UnexpectedAnswer(f"{scenario.name}: {len(wanted)} rows")
        for name, items in shown.items():
            if items == wanted:
                continue
            if self.hits[scenario.name] <= COUNTED:
                raise UnexpectedAnswer(f"{scenario.name}: the lists show different items: {shown}")
            self.notes.append(f"{scenario.name}: {name} shows other rows, in another order")

    def _note_counts(self, scenario: Scenario, name: str, page: Answer) -> None:
        """Add the scenario of the counts that a page leaves out, and judge an exact count."""
        later = _counts_address(scenario.addresses[name][0], page)
        if later is not None:
            addresses = [
                address
                for path in scenario.addresses[name]
                if (address := _counts_address(path, self._get(name, path))) is not None
            ]
            place = self.scenarios.index(scenario)
            following = self.scenarios[place + 1] if place + 1 < len(self.scenarios) else None
            counts = Scenario(scenario.name + COUNTS)
            if following is not None and following.name == counts.name:
                counts = self.scenarios.pop(place + 1)
            # A page whose count is near its time limit may have it the second time.
            addresses = addresses or [later]
            counts = Scenario(counts.name, {**counts.addresses, name: addresses}, may_refuse=True)
            self.scenarios.insert(place + 1, counts)
            page = self._get(name, addresses[0])
        if scenario.name == EXACT and name != "bare" and not _tells_number(page):
            self.failures[scenario.name, name] = "no number on the page"

    def _ask(self, scenario: Scenario, name: str) -> Answer:
        page = self._get(name, scenario.addresses[name][0])
        if page.status not in self.expected(scenario, self.sides[name]):
            raise UnexpectedAnswer(f"{scenario.name}: {name} answers {page.status}")
        return page

    def _get(self, name: str, path: str) -> Answer:
        side = self.sides[name]
        with Connection(side.server.port) as connection:
            return connection.ask(side.get(path))

    def check_written(
        self, scenario: Scenario, side: Side, number: int, before: dict[str, int]
    ) -> None:
        """Check that saved and created records are in the database; delete the created ones.

        ``before``: the result of ``counted``.

        Raises:
            UnexpectedAnswer: some are not, whatever the server answered.
        """
        if self.counted(side)[scenario.name] - before[scenario.name] != number:
            raise UnexpectedAnswer(f"{scenario.name}: not every one of {number} was written")
        if scenario.name == CREATE:
            with self.database_of(side).writer.begin() as connection:
                connection.execute(sa.delete(ITEMS).where(self._is_created))

    def counted(self, side: Side) -> dict[str, int]:
        """How often the items of ``SAVE`` were saved in total, and how many items were created."""
        versions = sa.select(sa.func.sum(Item.version)).where(Item.id.in_(self.keys))
        created = sa.select(sa.func.count()).where(self._is_created)
        with self.database_of(side).engine.connect() as connection:
            return {
                SAVE: connection.scalar(versions) or 0,
                CREATE: connection.scalar(created) or 0,
            }

    @property
    def _is_created(self) -> sa.ColumnElement[bool]:
        """The load numbered its items from 1 on."""
        return Item.id > self.stock.items


def _items_on(page: Answer) -> tuple[str, ...]:
    found = re.findall(r"/item/(?:edit|details)/(\d+)", page.text)
    return tuple(dict.fromkeys(found))


def _number(page: Answer) -> int:
    """The number on the bare one's page."""
    found = re.search(r"<p>([\d,]+)</p>", page.text)
    if found is None:
        raise UnexpectedAnswer(page.text[:500])
    return int(found[1].replace(",", ""))


def _tells_number(page: Answer) -> bool:
    """Whether the page says how many there are or about how many, and not only "10,000+"."""
    found = re.search(r'class="count"[^>]*>([^<]*)', page.text)
    return found is not None and re.search(r"\d(?![\d,]*\+)", found[1]) is not None


def _counts_address(path: str, page: Answer) -> str | None:
    """Where a page gets the counts that it leaves out; None if it has them."""
    found = re.search(r'\bdata-counts="([^"]+)"', page.text)
    return urljoin(path, html.unescape(found[1])) if found else None


def _form(name: str, description: str, category_id: int, price: str) -> dict[str, str]:
    return {
        "name": name,
        "description": description,
        "category": str(category_id),
        "price": price,
        "quantity": "25",
        "save": "Save",
    }


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
        page = connection.ask(ours.get(LIST)).text
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
