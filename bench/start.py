"""How long the application takes to start with many views, beside another commit."""

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from backoffice.config import CHECKOUT
from bench.commits import checkout_of
from tests.databases import child_environment, make_settings

SUMMARY = "CPU seconds of a start with many views, beside a commit"

_START = """
import sys, time
from decimal import Decimal
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.db.types import Money, UniqueText, UTCDateTime
from backoffice.models import Audited, Base, Category
from backoffice.admin.view import RecordView
from backoffice import views
import backoffice.web.app as app

made = []
for number in range(int(sys.argv[1])):
    class Thing(Audited, Base):
        __tablename__ = f"things_{number}"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(UniqueText(255), unique=True)
        note: Mapped[str | None] = mapped_column(sa.Text)
        price: Mapped[Decimal] = mapped_column(Money(12, 2))
        number: Mapped[int]
        is_open: Mapped[bool] = mapped_column(default=False)
        on: Mapped[object] = mapped_column(sa.Date)
        at: Mapped[object] = mapped_column(UTCDateTime())
        category_id: Mapped[int] = mapped_column(sa.ForeignKey("categories.id"))
        category: Mapped[Category] = relationship()
    Thing.__name__ = f"Thing{number}"
    fields = ["name", "note", "price", "number", "is_open", "on", "at", "category"]
    columns = [getattr(Thing, name) for name in fields]
    options = dict(name=f"Thing {number}", name_plural=f"Things {number}", column_list=columns,
        column_sortable_list=columns[:1], column_searchable_list=columns[:2], form_columns=columns,
        list_filters=[Thing.price, Thing.is_open, Thing.at, Thing.category])
    kind = type(RecordView)
    made.append(kind(f"Thing{number}View", (RecordView,), options, model=Thing))
app.VIEWS = [*views.VIEWS, *made]
settings = load_settings()
database = open_database(settings)
began = time.process_time()
app.create_app(settings, database)
print(time.process_time() - began, time.process_time())
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--views", type=int, default=40, help="views besides our own (40)")
    parser.add_argument("--rounds", type=int, default=5, help="starts of each commit (5)")
    parser.add_argument("--beside", metavar="COMMIT", required=True, help="the other commit")


def run(arguments: argparse.Namespace) -> None:
    """Start both in turns, and print what each start took."""
    with checkout_of(arguments.beside) as before, TemporaryDirectory() as folder:
        settings = make_settings(f"sqlite:///{Path(folder) / 'start.sqlite3'}")
        environment = child_environment(settings)
        sides = {"before": before, "ours": CHECKOUT}
        taken: dict[str, list[list[float]]] = {name: [] for name in sides}
        for _round in range(arguments.rounds):
            for name, checkout in sides.items():
                done = subprocess.run(
                    [sys.executable, "-c", _START, str(arguments.views)],
                    cwd=checkout,
                    env=environment,
                    check=True,
                    capture_output=True,
                    text=True,
                )
                taken[name].append([float(word) for word in done.stdout.split()])
        print(f"{arguments.views} views, seconds of CPU, medians of {arguments.rounds} starts")
        for name, rounds in taken.items():
            building, whole = (median(column) for column in zip(*rounds, strict=True))
            print(f"{name:<8} create_app {building:.2f}  the whole process {whole:.2f}")
