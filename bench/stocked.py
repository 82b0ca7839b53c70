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
from bench.feed import MOST, has_history, write_history
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
    with named_database(server, name, data.form, keep=keep) as (settings, whole):
        upgrade(settings)
        database = open_database(settings)
        try:
            said = f"{items:,} items ({data.name}), "
            said += "kept from an earlier run" if whole else _build(database, data, items)
            mark_whole(server, settings, data.form)
            if data.history and items <= MOST and not has_history(database, items):
                said += f", their history in {_add_history(database, items):.1f} s"
            yield Stock(data, items, settings, database, said)
        finally:
            database.dispose()


@contextmanager
def named_database(
    server: str, name: str, form: str, *, keep: bool, template: str = "template1"
) -> Iterator[tuple[Settings, bool]]:
    """A database on ``server``, a copy of ``template`` at first; and whether it was there already.

    ``keep``: take the one of that name if ``mark_whole`` marked it with ``form``, and keep it.
    Otherwise the name gets an addition, and the database is dropped at the end.
    """
    if not keep:
        name += f"_{secrets.token_hex(4)}"
    with connected(server) as administrator:
        whole = keep and _is_whole(administrator, name, form)
        if not whole:
            run(administrator, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            run(administrator, f"CREATE DATABASE {name} TEMPLATE {template}")
    url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    try:
        yield make_settings(url), whole
    finally:
        if not keep:
            with connected(server) as administrator:
                run(administrator, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def mark_whole(server: str, settings: Settings, form: str) -> None:
    """Note that the database is complete, so that a later run may take it again."""
    name = sa.make_url(settings.database).database
    with connected(server) as administrator:
        run(administrator, f"COMMENT ON DATABASE {name} IS '{form}'")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A separate connection, on which each statement commits by itself."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(plain)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def run(connection: Connection, statement: str | sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _is_whole(connection: Connection, name: str, form: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            (name,),
        )
        return cursor.fetchone() == (form,)


def _build(database: Database, data: DataSet, items: int) -> str:
    """Insert everything, and print the time of each step; returns a sentence with the times."""
    add_user(database, EMAIL, superuser=True)
    steps = Steps()
    with connected(_url(database)) as connection:
        run(connection, MEMORY)
        later = _take_down(connection, "items")
        with steps.timed(f"COPY of {items:,} items"):
            _load(database, data, items)
        _make_again(connection, steps, [one for one in later if not one.searches])
        with steps.timed("VACUUM ANALYZE"):
            run(connection, "VACUUM (ANALYZE) items, categories")
        loaded = steps.seconds
        _make_again(connection, steps, [one for one in later if one.searches])
        run(connection, "CHECKPOINT")
    return f"built in {loaded:.1f} s, their search indexes in {steps.seconds - loaded:.1f} s"


def _add_history(database: Database, items: int) -> float:
    """Write a change for each item, and print the time of each step; returns the seconds."""
    steps = Steps()
    with connected(_url(database)) as connection:
        run(connection, MEMORY)
        later = _take_down(connection, "changes")
        with steps.timed(f"history of {items:,} changes"):
            write_history(database, items)
        _make_again(connection, steps, later)
        with steps.timed("VACUUM ANALYZE"):
            run(connection, "VACUUM (ANALYZE) changesets, changes")
        run(connection, "CHECKPOINT")
    return steps.seconds


def _url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


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


def _take_down(connection: Connection, table: str) -> list[Later]:
    """Drop what would be updated row by row; returns it in the order to create it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f') "
            "ORDER BY contype = 'f', conname",
            (table,),
        )
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT c.relname, pg_get_indexdef(c.oid), m.amname = 'gin' FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam "
            "WHERE i.indrelid = %s::regclass AND NOT EXISTS "
            "(SELECT FROM pg_constraint o WHERE o.conindid = c.oid) ORDER BY c.relname",
            (table,),
        )
        indexes = cursor.fetchall()
    later = []
    altered = sql.SQL("ALTER TABLE {} ").format(sql.Identifier(table))
    for name, definition in constraints:
        constraint = sql.SQL("CONSTRAINT {} ").format(sql.Identifier(name))
        run(connection, altered + sql.SQL("DROP ") + constraint)
        later.append(Later(name, altered + sql.SQL("ADD ") + constraint + sql.SQL(definition)))
    for name, definition, searches in indexes:
        run(connection, sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        later.append(Later(name, sql.SQL(definition), searches))
    return later


def _make_again(connection: Connection, steps: Steps, later: list[Later]) -> None:
    """Create what ``_take_down`` dropped."""
    for one in later:
        with steps.timed(f"search index {one.name}" if one.searches else one.name):
            run(connection, one.creation)


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
