"""A PostgreSQL database with any number of items, built fast and kept on demand."""

import io
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import psycopg2
import sqlalchemy as sa
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.migrations import upgrade
from backoffice.db.resilience.time_limits import lift_limit
from backoffice.history import load
from backoffice.models import Category
from bench.datasets import DataSet
from bench.records import EMAIL
from examples.demo.bulk import COLUMNS, Row
from tests.cast import add_user
from tests.databases import make_settings

MEMORY = "SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 2"


@dataclass(frozen=True)
class Stock:
    """A built database, and what is known about it. ``said``: the time that the steps took."""

    data: DataSet
    items: int
    settings: Settings
    database: Database
    said: str


@contextmanager
def stocked_database(server: str, data: DataSet, items: int, *, keep: bool) -> Iterator[Stock]:
    """A migrated database on ``server`` with so many items, a superuser and fresh statistics.

    ``server``: the URL of a user who may create databases and extensions. ``keep``: use the one of
    an earlier run if it is complete, and keep it at the end. Otherwise kept ones are left alone.
    """
    name = f"bench_lists_{data.prefix}{items}"
    if not keep:
        name += f"_{secrets.token_hex(4)}"
    url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with _connected(server) as administrator:
        whole = keep and _is_whole(administrator, name, data.form)
        if not whole:
            _run(administrator, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            _run(administrator, f"CREATE DATABASE {name}")
    settings = make_settings(url)
    upgrade(settings)
    database = open_database(settings)
    try:
        said = f"{items:,} items ({data.name}), "
        said += "kept from an earlier run" if whole else _build(database, url, data, items)
        if not whole:
            with _connected(server) as administrator:
                _run(administrator, f"COMMENT ON DATABASE {name} IS '{data.form}'")
        yield Stock(data, items, settings, database, said)
    finally:
        database.dispose()
        if not keep:
            with _connected(server) as administrator:
                _run(administrator, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A separate connection, on which each statement commits by itself."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(plain)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _run(connection: Connection, statement: str | sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _is_whole(connection: Connection, name: str, form: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            (name,),
        )
        return cursor.fetchone() == (form,)


def _build(database: Database, url: str, data: DataSet, items: int) -> str:
    """Insert everything, and print the time of each step; returns a sentence with the times."""
    add_user(database, EMAIL, superuser=True)
    steps = Steps()
    with _connected(url) as connection:
        _run(connection, MEMORY)
        later = _take_down(connection)
        with steps.timed(f"COPY of {items:,} items"):
            _load(database, data, items)
        for one in later:
            if not one.searches:
                with steps.timed(one.name):
                    _run(connection, one.creation)
        with steps.timed("VACUUM ANALYZE"):
            _run(connection, "VACUUM (ANALYZE) items, categories")
        loaded = steps.seconds
        for one in later:
            if one.searches:
                with steps.timed(f"search index {one.name}"):
                    _run(connection, one.creation)
        _run(connection, "CHECKPOINT")
    return f"built in {loaded:.1f} s, their search indexes in {steps.seconds - loaded:.1f} s"


class Steps:
    """Prints the time of each step."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        taken = time.perf_counter() - start
        self.seconds += taken
        print(f"  {what:44} {taken:7.1f} s", flush=True)


@dataclass(frozen=True)
class Later:
    """An index or constraint that is made again after the load. ``searches``: it is a GIN index."""

    name: str
    creation: sql.Composable
    searches: bool = False


def _take_down(connection: Connection) -> list[Later]:
    """Drop what would be updated row by row; returns it in the order to create it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'items'::regclass AND contype IN ('p', 'u', 'f') "
            "ORDER BY contype = 'f', conname"
        )
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT c.relname, pg_get_indexdef(c.oid), m.amname = 'gin' FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam "
            "WHERE i.indrelid = 'items'::regclass AND NOT EXISTS "
            "(SELECT FROM pg_constraint o WHERE o.conindid = c.oid) ORDER BY c.relname"
        )
        indexes = cursor.fetchall()
    later = []
    for name, definition in constraints:
        _run(
            connection,
            sql.SQL("ALTER TABLE items DROP CONSTRAINT {}").format(sql.Identifier(name)),
        )
        creation = sql.SQL("ALTER TABLE items ADD CONSTRAINT {} ").format(sql.Identifier(name))
        later.append(Later(name, creation + sql.SQL(definition)))
    for name, definition, searches in indexes:
        _run(connection, sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        later.append(Later(name, sql.SQL(definition), searches))
    return later


def _load(database: Database, data: DataSet, items: int) -> None:
    with load(database) as session:
        made = [Category(name=name) for name in data.categories()]
        session.add_all(made)
        session.flush()
        ids = [category.id for category in made]
        connection = session.connection()
        lift_limit(connection)
        # In the transaction that empties the table, rows can be written as if already vacuumed.
        connection.exec_driver_sql("TRUNCATE items RESTART IDENTITY")
        driver = connection.connection.driver_connection
        assert driver is not None
        with driver.cursor() as cursor:
            cursor.copy_expert(
                f"COPY items ({COLUMNS}) FROM STDIN (FREEZE)", Lines(data.rows(items, ids)), 1 << 20
            )
        session.count_loaded("items", items, [(1, items)])


class Lines(io.TextIOBase):
    """Gives COPY some thousand rows at a time. Texts of ours need no escaping, which would take
    a fifth of the time."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self.lines = (
            f"{category_id}\t{name}\t{description}\t{cents // 100}.{cents % 100:02}\t{quantity}\n"
            for category_id, name, description, cents, quantity in rows
        )

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> str:
        """The next rows, whatever ``size`` is: psycopg2 sends what it gets."""
        return "".join(islice(self.lines, 5000))
