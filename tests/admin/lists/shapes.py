"""Records of every shape that a list may meet, in tables of their own; they have no history."""

import enum
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column, relationship

from backoffice.db import Database
from backoffice.db.types import UTCDateTime


class Shapes(DeclarativeBase):
    """Tables that the product knows nothing of."""


class Called:
    """How a record without history says what it is called."""

    name: Any

    def __str__(self) -> str:
        return str(self.name)


class Colour(enum.Enum):
    RED = "red like a rose"
    GREEN = "green"
    BLUE = "blue, or so"


MICRO = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
CLOCK = sa.Time().with_variant(mysql.TIME(fsp=6), "mysql", "mariadb")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


MACHINES: Any = {"polymorphic_on": "sort", "polymorphic_identity": "machine"}
LATHES: Any = {"polymorphic_identity": "lathe"}


class Thing(Called, Shapes):
    """A column of each kind, which may be empty."""

    __tablename__ = "list_things"
    label_from = ("name",)

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    name: Mapped[str] = mapped_column("called", sa.String(80))
    colour: Mapped[Colour | None] = mapped_column(sa.Enum(Colour, name="list_colour"))
    word: Mapped[str | None] = mapped_column(sa.Enum("new", "in use", "old", name="list_word"))
    seen: Mapped[datetime | None] = mapped_column(MICRO)
    made: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opens: Mapped[time | None] = mapped_column(CLOCK)
    takes: Mapped[timedelta | None] = mapped_column(sa.Interval(second_precision=6))
    code: Mapped[UUID | None] = mapped_column(sa.Uuid)
    weight: Mapped[float | None] = mapped_column(sa.Double)
    on: Mapped[bool | None] = mapped_column(sa.Boolean)
    cost: Mapped[Decimal | None] = mapped_column(sa.Numeric(9, 2))
    note: Mapped[str | None] = mapped_column(sa.Text)
    twice: Mapped[Decimal | None] = column_property(cost * 2)

    @hybrid_property
    def rounded(self) -> Any:
        """More than a hundred, by its cost."""
        return self.cost * 10 if self.cost is not None else None

    @rounded.inplace.expression
    @classmethod
    def _rounded(cls) -> Any:
        return cls.cost * 10


class Worker(Called, Shapes):
    """A table that leads to itself; its key is a text."""

    __tablename__ = "list_workers"
    label_from = ("name",)

    id: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    boss_id: Mapped[str | None] = mapped_column(sa.ForeignKey("list_workers.id"))
    boss: Mapped["Worker | None"] = relationship(remote_side="Worker.id")
    badge: Mapped["Badge | None"] = relationship(back_populates="worker")


class Badge(Called, Shapes):
    """One to one, with a worker."""

    __tablename__ = "list_badges"
    label_from = ("name",)

    code: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    worker_id: Mapped[str] = mapped_column(sa.ForeignKey("list_workers.id"), unique=True)
    worker: Mapped[Worker] = relationship(back_populates="badge")


class Region(Called, Shapes):
    """A key of two columns, one of them a list of words; SQLite gives it no number."""

    __tablename__ = "list_regions"
    __table_args__ = ({"sqlite_with_rowid": False},)
    label_from = ("name",)

    land: Mapped[str] = mapped_column(
        sa.Enum("de", "fr", "it", name="list_land", native_enum=False), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(80))


class Town(Called, Shapes):
    """A key of two columns that leads elsewhere, and two ways to one table."""

    __tablename__ = "list_towns"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["land", "region_number"], ["list_regions.land", "list_regions.number"]
        ),
    )
    label_from = ("name",)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    land: Mapped[str | None] = mapped_column(
        sa.Enum("de", "fr", "it", name="list_land", native_enum=False)
    )
    region_number: Mapped[int | None]
    mayor_id: Mapped[str] = mapped_column(sa.ForeignKey("list_workers.id"))
    deputy_id: Mapped[str | None] = mapped_column(sa.ForeignKey("list_workers.id"))
    machine_id: Mapped[int | None] = mapped_column(sa.ForeignKey("list_lathes.id"))
    region: Mapped[Region | None] = relationship()
    mayor: Mapped[Worker] = relationship(foreign_keys=[mayor_id])
    deputy: Mapped[Worker | None] = relationship(foreign_keys=[deputy_id])
    lathe: Mapped["Lathe | None"] = relationship()


class Machine(Called, Shapes):
    __tablename__ = "list_machines"
    __mapper_args__ = MACHINES
    label_from = ("name",)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    sort: Mapped[str] = mapped_column(sa.String(20))


class Lathe(Machine):
    __tablename__ = "list_lathes"
    __mapper_args__ = LATHES

    id: Mapped[int] = mapped_column(sa.ForeignKey("list_machines.id"), primary_key=True)
    turns: Mapped[int]


class Oddly(Called, Shapes):
    """Columns that are called as the parameters of a list are; its table as a person would say."""

    __tablename__ = "list Odd ones"
    label_from = ("name",)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    search: Mapped[str] = mapped_column(sa.String(80))
    sort: Mapped[int]
    page: Mapped[int]
    view: Mapped[str] = mapped_column(sa.String(80))
    count: Mapped[int]
    columns: Mapped[int]
    version: Mapped[str] = mapped_column(sa.String(80))
    next: Mapped[str] = mapped_column(sa.String(80))
    saved: Mapped[bool]
    lost_find: Mapped[str] = mapped_column(sa.String(80))


class Pair(Called, Shapes):
    """A view of the database, which has no key that the database knows."""

    __tablename__ = "list_pairs"
    __table_args__ = ({"info": {"is_view": True}},)
    label_from = ("name",)

    worker: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    boss: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))


class PostgreSQLShapes(DeclarativeBase):
    """What PostgreSQL alone has: other schemas, addresses of networks."""


class Host(Called, PostgreSQLShapes):
    __tablename__ = "Hosts of ours"
    __table_args__ = ({"schema": "List elsewhere"},)
    label_from = ("name",)

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    address: Mapped[str | None] = mapped_column(postgresql.INET)
    network: Mapped[str | None] = mapped_column(postgresql.CIDR)
    card: Mapped[str | None] = mapped_column(postgresql.MACADDR)
    load: Mapped[float | None] = mapped_column(sa.REAL)


START = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN = datetime.fromisoformat("2026-01-01T03:04:05.000678")
WORDS = ("Zoë", "zoe", "", "a/b,c%d_e", "ünï\\code", "'quoted\"", "  blanks ", "😀", "A", "a")


def things() -> list[Thing]:
    """Of each column ten values and two that are NULL, some of them twice."""
    nan = float("inf")
    made = []
    for number in range(12):
        filled = number not in (4, 9)
        made.append(
            Thing(
                id=2**40 + number if number == 11 else number + 1,
                name=f"Thing {number:02}",
                colour=list(Colour)[number % 3] if filled else None,
                word=("old", "new", "in use")[number % 3] if filled else None,
                seen=PLAIN + timedelta(days=number // 2) if filled else None,
                made=START + timedelta(microseconds=number // 2) if filled else None,
                opens=time(number, 30, 0, number) if filled else None,
                takes=timedelta(days=5 - number, microseconds=number) if filled else None,
                code=UUID(int=(number * 7919 << 100) + number) if filled else None,
                weight=(nan if number == 3 else 0.1 * number) if filled else None,
                on=number % 2 == 0 if filled else None,
                cost=Decimal(number * 37 % 11) / 4 if filled else None,
                note=(WORDS[number % 10] * (400 if number == 5 else 1)) if filled else None,
            )
        )
    return made


def fill_things_again(database: Database) -> None:
    """Put the things back that a test has changed."""
    with sa.orm.Session(database.writer) as session:
        session.execute(sa.delete(Thing))
        session.add_all(_things_for(database))
        session.commit()


def _things_for(database: Database) -> list[Thing]:
    made = things()
    if database.dialect in ("mysql", "mariadb"):  # which have no number that is infinite
        for one in made:
            one.weight = None if one.weight == float("inf") else one.weight
    return made


def fill(database: Database) -> None:
    """Make the tables and put rows into them."""
    with database.writer.begin() as connection:
        tables = [one for one in Shapes.metadata.sorted_tables if not one.info.get("is_view")]
        Shapes.metadata.create_all(connection, tables=tables)
        if database.dialect == "postgresql":
            connection.exec_driver_sql('CREATE SCHEMA "List elsewhere"')
            PostgreSQLShapes.metadata.create_all(connection)
    workers = [
        Worker(
            id=("a/b", "ü,ö", "100%", "w 4", "W5", "w-6", "7", '"8"')[number],
            name=f"Worker {number % 5}",
            boss_id=("a/b", "ü,ö", "100%")[number % 3] if number else None,
        )
        for number in range(8)
    ]
    lands = ("de", "fr", "it")
    with sa.orm.Session(database.writer) as session:
        session.add_all(_things_for(database))
        session.add_all(workers[:1])
        session.flush()
        session.add_all(workers[1:3])
        session.flush()
        session.add_all(workers[3:])
        session.add_all(
            Badge(code=UUID(int=1000 - n), name=f"Badge {n}", worker_id=workers[n].id)
            for n in range(5)
        )
        session.add_all(
            Region(land=land, number=n, name=f"Region {n} of {land}")
            for land in lands
            for n in range(3)
        )
        session.add_all([Machine(id=n, name=f"Machine {n}", sort="machine") for n in range(1, 4)])
        session.add_all([Lathe(id=n, name=f"Lathe {9 - n}", turns=n % 3) for n in range(4, 9)])
        session.flush()
        session.add_all(
            Town(
                id=n + 1,
                name=f"Town {n}",
                land=lands[n % 3] if n % 4 else None,
                region_number=n % 3 if n % 4 else None,
                mayor_id=workers[n % 8].id,
                deputy_id=workers[n % 3].id if n % 2 else None,
                machine_id=4 + n % 5 if n % 3 else None,
            )
            for n in range(10)
        )
        session.add_all(
            Oddly(
                id=n + 1, name=f"Odd {n}", search=f"found {n % 3}", sort=n % 2, page=n % 3,
                view=f"view {n % 2}", count=-n, columns=n, version=f"v{n}", next=f"after {n}",
                saved=n % 2 == 0, lost_find=f"lost {n % 2}",
            )
            for n in range(8)
        )  # fmt: skip
        if database.dialect == "postgresql":
            session.add_all(
                Host(
                    id=UUID(int=(n * 7919 % 11 << 90) + n),
                    name=f"Host {n}",
                    address=f"10.{n * 7 % 5}.0.{n}" if n != 4 else None,
                    network=f"10.{n}.0.0/16" if n != 3 else None,
                    card=f"08:00:2b:01:02:{n:02}" if n != 5 else None,
                    load=(float("nan") if n == 2 else 0.1 * (n % 4)) if n != 6 else None,
                )
                for n in range(9)
            )
        session.commit()
    quote = '"' if database.dialect != "mariadb" else "`"
    with database.writer.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE VIEW list_pairs AS SELECT w.id AS worker, b.id AS boss, w.name AS {quote}name"
            f"{quote} FROM list_workers w JOIN list_workers b ON b.id = w.boss_id"
        )
