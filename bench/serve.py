"""Requests per second and latency of list and edit, beside the stock SQLAdmin or another commit.

Both serve one database in processes of their own and take turns round by round, so that other
work on the machine affects both. Each figure is the median of the rounds.
"""

import argparse
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import process_time

import sqlalchemy as sa

from backoffice.config import CHECKOUT
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item
from bench.client import Connection, UnexpectedAnswer, run_all
from bench.commits import checkout_of
from bench.records import postgres_with_parts
from bench.servers import Server, serving
from bench.sides import Side, circumstances
from tests.databases import child_environment

SUMMARY = "requests per second and latency of list and edit, beside stock SQLAdmin or a commit"

LIST = "/admin/item/list"
PAGE_SIZE = 50
SAVE = "edit: save"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=1, help="processes of each server (1)")
    parser.add_argument(
        "--connections",
        type=int,
        nargs="+",
        default=[8, 16],
        help="clients (8, then 16)",
    )
    parser.add_argument("--rounds", type=int, default=5, help="rounds per scenario and server (5)")
    parser.add_argument("--requests", type=int, default=120, help="requests per round (120)")
    parser.add_argument(
        "--beside", metavar="COMMIT", help="compare with this commit, not with stock SQLAdmin"
    )


@dataclass
class Figures:
    """A scenario's rounds on one side."""

    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


Prepare = Callable[[Side, int], tuple[list[bytes], int]]
"""Makes a round's requests, for a side and a number; and the status of a right answer."""


class Scenarios:
    """Makes the requests of list, form and save before the clock starts."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.saved = 0

    def all(self) -> dict[str, Prepare]:
        return {"list": self.listing, "edit: form": self.form, SAVE: self.save}

    def listing(self, side: Side, number: int) -> tuple[list[bytes], int]:
        return [side.get(LIST)] * number, 200

    def form(self, side: Side, number: int) -> tuple[list[bytes], int]:
        return [side.get(f"/admin/item/edit/{item.id}") for item in self._items(number)], 200

    def save(self, side: Side, number: int) -> tuple[list[bytes], int]:
        """Each request gives another item a new price."""
        self.saved += 1
        requests = []
        with Connection(side.server.port) as connection:
            for item in self._items(number):
                form = {
                    "name": item.name,
                    "description": item.description,
                    "category": str(item.category_id),
                    "price": str(self.price),
                    "quantity": str(item.quantity),
                    "save": "Save",
                }
                path = f"/admin/item/edit/{item.id}"
                if side.token:  # what the opened form sends along with it, as a browser would
                    form |= _hidden(connection.ask(side.get(path)).content)
                requests.append(side.post(path, form))
        return requests, side.after_save

    @property
    def price(self) -> Decimal:
        """The price that the present round of saves gives to every item."""
        return Decimal(1000 + self.saved) + Decimal("0.25")

    def check_saved(self, number: int) -> None:
        """Check that the last round's prices are in the database.

        Raises:
            UnexpectedAnswer: some are not, whatever the server answered.
        """
        with unit_of_work(self.database) as session:
            counted = sa.select(sa.func.count()).where(Item.price == self.price)
            if session.scalar(counted) != number:
                raise UnexpectedAnswer("not every save was saved")

    def _items(self, number: int) -> Sequence[Item]:
        with unit_of_work(self.database) as session:
            items = session.scalars(sa.select(Item).order_by(Item.id).limit(number)).all()
            session.expunge_all()  # else the rollback at the end empties them
            return items


_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def _hidden(page: bytes) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = _HIDDEN.findall(page.decode())
    return {html.unescape(name): html.unescape(value) for name, value in found}


@contextmanager
def _other(
    arguments: argparse.Namespace, environment: Mapping[str, str], logs: Path
) -> Iterator[Server]:
    """The server beside which ours is measured: the stock one, or another commit's."""
    with ExitStack() as opened:
        if arguments.beside is None:
            name, app, checkout = "stock", "bench.stock:app", CHECKOUT
        else:
            name, app = "before", "backoffice.web.asgi:app"
            checkout = opened.enter_context(checkout_of(arguments.beside))
        yield opened.enter_context(
            serving(
                name,
                app,
                environment,
                workers=arguments.workers,
                log=logs / f"{name}.log",
                # Ours writes a line for each request; so does the stock one.
                access_log=arguments.beside is None,
                checkout=checkout,
            )
        )


def run(arguments: argparse.Namespace) -> None:
    """Measure, and print what was measured and on what."""
    with postgres_with_parts() as (settings, database, records), TemporaryDirectory() as folder:
        environment = child_environment(settings)
        logs = Path(folder)
        workers: int = arguments.workers
        with (
            _other(arguments, environment, logs) as other,
            serving(
                "ours",
                "backoffice.web.asgi:app",
                environment,
                workers=workers,
                log=logs / "ours.log",
                access_log=False,
            ) as ours,
        ):
            after_save = 302 if arguments.beside is None else 303
            sides = [Side(other, after_save=after_save), Side(ours, after_save=303)]
            for side in sides:
                side.sign_in()
            _check_alike(sides)
            print(f"records: {records}")
            print(circumstances(database))
            print(
                f"settings: {workers} worker(s) each, {PAGE_SIZE} rows a page, "
                f"{arguments.rounds} rounds of {arguments.requests} requests, taking turns; "
                "medians of the rounds"
            )
            for connections in arguments.connections:
                _measure(arguments, Scenarios(database), sides, connections)


def _check_alike(sides: Sequence[Side]) -> None:
    """Check that both show the same fifty items, in one order.

    Raises:
        UnexpectedAnswer: they do not, so that comparing them would say nothing.
    """
    listed = []
    for side in sides:
        with Connection(side.server.port) as connection:
            page = connection.ask(side.get(LIST))
        keys = re.findall(r"/item/(?:edit|details)/(\d+)", page.text)
        listed.append(list(dict.fromkeys(keys)))
        sizes = f"{len(page.content):,} bytes, sent as {len(page.body):,}"
        print(f"{side.server.name}: the list has {sizes}")
    if listed[0] != listed[1] or len(listed[0]) != PAGE_SIZE:
        raise UnexpectedAnswer("the two lists show different items")


def _measure(
    arguments: argparse.Namespace, scenarios: Scenarios, sides: Sequence[Side], connections: int
) -> None:
    figures: dict[tuple[str, str], Figures] = {}
    own_seconds, sent = 0.0, 0
    for turn in range(-1, arguments.rounds):  # the first warms up and does not count
        # The first side changes, so that neither always runs just after the other.
        for side in sides if turn % 2 else list(reversed(sides)):
            for name, prepare in scenarios.all().items():
                requests, expect = prepare(side, arguments.requests)
                cpu, own = side.server.cpu_seconds(), process_time()
                done = run_all(side.server.port, requests, connections=connections, expect=expect)
                cpu_after = side.server.cpu_seconds()
                if name == SAVE:
                    scenarios.check_saved(arguments.requests)
                if turn < 0:
                    continue
                own_seconds, sent = own_seconds + process_time() - own, sent + len(requests)
                one = figures.setdefault((name, side.server.name), Figures())
                one.rate.append(done.rate)
                cuts = quantiles(done.latencies, n=20)
                one.p50.append(1000 * cuts[9])
                one.p95.append(1000 * cuts[18])
                if cpu is not None and cpu_after is not None:
                    one.cpu.append(1000 * (cpu_after - cpu) / len(requests))
    name = sides[0].server.name
    print(_table(figures, list(scenarios.all()), connections, name))
    print(f"the client itself: {1000 * own_seconds / sent:.2f} ms of CPU a request")


def _table(
    figures: dict[tuple[str, str], Figures], names: Sequence[str], connections: int, other: str
) -> str:
    heads = ("requests/s", "p50 ms", "p95 ms", "CPU ms/request")
    lines = [
        "",
        f"{f'{connections} connections':<14}" + "".join(f"{head:>28}" for head in heads),
        " " * 14 + f"{other:>11}{'ours':>9}{'ratio':>8}" * len(heads),
    ]
    for name in names:
        others, ours = figures[name, other], figures[name, "ours"]
        line = f"{name:<14}"
        for attribute in ("rate", "p50", "p95", "cpu"):
            a, b = getattr(others, attribute), getattr(ours, attribute)
            if not a or not b or not median(a) or not median(b):
                line += f"{'–':>28}"
                continue
            # Always how many times ours is better.
            ratio = median(b) / median(a) if attribute == "rate" else median(a) / median(b)
            line += f"{median(a):>11.1f}{median(b):>9.1f}{ratio:>7.2f}×"
        lines.append(line)
        pairs = zip(others.p50, ours.p50, strict=True)
        rounds = " ".join(f"{a / b:.2f}" for a, b in pairs)
        lines.append(f"{'':<14}p50, round by round: {rounds}")
    return "\n".join(lines)
