"""Requests per second and latency of list and edit, beside the stock SQLAdmin.

Both serve one database in processes of their own and take turns round by round, so that whatever
else the machine does meets both. Each figure is the median of the rounds.
"""

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import process_time

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import Item
from bench.client import Connection, UnexpectedAnswer, run_all
from bench.records import postgres_with_parts
from bench.servers import serving
from bench.sides import Side, circumstances
from tests.databases import child_environment

SUMMARY = "requests per second and latency of list and edit, beside the stock SQLAdmin"

LIST = "/admin/item/list"
PAGE_SIZE = 50
SAVE = "edit: save"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, default=1, help="processes of each server (1)")
    parser.add_argument(
        "--connections", type=int, nargs="+", default=[8, 16], help="at once (8 and then 16)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of each scenario and server (5)")
    parser.add_argument("--requests", type=int, default=120, help="of each round (120)")


@dataclass
class Figures:
    """A scenario's rounds on one side."""

    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


Prepare = Callable[[Side, int], tuple[list[bytes], int]]
"""Makes a round's requests: on which side, how many; and the status that answers each."""


class Scenarios:
    """The requests of list, form and save, made before the clock starts."""

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
        """Each request gives another item a price that it has not had."""
        self.saved += 1
        requests = []
        for item in self._items(number):
            form = {
                "version": str(item.version),
                "name": item.name,
                "description": item.description,
                "category": str(item.category_id),
                "price": str(self.price),
                "quantity": str(item.quantity),
                "save": "Save",
            }
            requests.append(side.post(f"/admin/item/edit/{item.id}", form))
        return requests, side.after_save

    @property
    def price(self) -> Decimal:
        """What the present round of saving makes everything cost."""
        return Decimal(1000 + self.saved) + Decimal("0.25")

    def check_saved(self, number: int) -> None:
        """Look whether the last round's prices are in the database.

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


def run(arguments: argparse.Namespace) -> None:
    """Measure, and print what was measured and on what."""
    with postgres_with_parts() as (settings, database, records), TemporaryDirectory() as folder:
        environment = child_environment(settings)
        logs = Path(folder)
        workers: int = arguments.workers
        with (
            # Ours writes a line for each request; so does the other.
            serving(
                "stock",
                "bench.stock:app",
                environment,
                workers=workers,
                log=logs / "stock.log",
                access_log=True,
            ) as stock,
            serving(
                "ours",
                "backoffice.web.asgi:app",
                environment,
                workers=workers,
                log=logs / "ours.log",
                access_log=False,
            ) as ours,
        ):
            sides = [Side(stock, after_save=302), Side(ours, after_save=303)]
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
    """Whether both show the same fifty items, in one order.

    Raises:
        UnexpectedAnswer: they do not, so that comparing them would say nothing.
    """
    listed = []
    for side in sides:
        with Connection(side.server.port) as connection:
            page = connection.ask(side.get(LIST))
        keys = re.findall(r"/item/(?:edit|details)/(\d+)", page.body.decode())
        listed.append(list(dict.fromkeys(keys)))
        print(f"{side.server.name}: the list has {len(page.body):,} bytes")
    if listed[0] != listed[1] or len(listed[0]) != PAGE_SIZE:
        raise UnexpectedAnswer("the two lists show different items")


def _measure(
    arguments: argparse.Namespace, scenarios: Scenarios, sides: Sequence[Side], connections: int
) -> None:
    figures: dict[tuple[str, str], Figures] = {}
    own_seconds, sent = 0.0, 0
    for turn in range(-1, arguments.rounds):  # the first warms up and does not count
        # Who begins changes, so that neither always runs in the wake of the other.
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
    print(_table(figures, list(scenarios.all()), connections))
    print(f"the client itself: {1000 * own_seconds / sent:.2f} ms of CPU a request")


def _table(figures: dict[tuple[str, str], Figures], names: Sequence[str], connections: int) -> str:
    heads = ("requests/s", "p50 ms", "p95 ms", "CPU ms/request")
    lines = [
        "",
        f"{f'{connections} connections':<14}" + "".join(f"{head:>28}" for head in heads),
        " " * 14 + f"{'stock':>11}{'ours':>9}{'ratio':>8}" * len(heads),
    ]
    for name in names:
        stock, ours = figures[name, "stock"], figures[name, "ours"]
        line = f"{name:<14}"
        for attribute in ("rate", "p50", "p95", "cpu"):
            a, b = getattr(stock, attribute), getattr(ours, attribute)
            if not a or not b or not median(a) or not median(b):
                line += f"{'–':>28}"
                continue
            # Always how many times ours is better.
            ratio = median(b) / median(a) if attribute == "rate" else median(a) / median(b)
            line += f"{median(a):>11.1f}{median(b):>9.1f}{ratio:>7.1f}×"
        lines.append(line)
    return "\n".join(lines)
