"""Connections: how long they wait, and who waits for whom."""

import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.history import unit_of_work
from backoffice.models import Category

MakeSettings = Callable[..., Settings]


def write(database: Database, name: str) -> None:
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name=name))


def names(database: Database) -> set[str]:
    with unit_of_work(database) as session:
        return set(session.scalars(sa.select(Category.name)))


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    write(database, "Bolts")
    with database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE categories SET name = 'Screws'")
        started = time.monotonic()
        assert names(database) == {"Bolts"}
        assert time.monotonic() - started < 2
    assert names(database) == {"Screws"}


@pytest.mark.databases("sqlite")
def test_a_writer_waits_for_another_writer_to_end(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO categories (name) VALUES ('Bolts')")
        second = threading.Thread(target=write, args=(database, "Cable"))
        second.start()
        second.join(timeout=0.5)
        assert second.is_alive()
    second.join(timeout=10)
    assert not second.is_alive()
    assert names(database) == {"Bolts", "Cable"}


def test_a_writer_does_not_wait_for_ever(make_settings: MakeSettings) -> None:
    database = open_database(make_settings(database_lock_timeout=1))
    write(database, "Bolts")
    update = "UPDATE categories SET name = 'Screws'"
    with database.writer.begin() as holder:
        holder.exec_driver_sql(update)
        started = time.monotonic()
        with pytest.raises(OperationalError), database.writer.begin() as connection:
            connection.exec_driver_sql(update)
        assert 0.5 < time.monotonic() - started < 5
    database.dispose()


@pytest.mark.databases("sqlite")
def test_a_writer_has_the_lock_before_it_reads_so_that_it_never_fails_halfway(
    make_settings: MakeSettings,
) -> None:
    database = open_database(make_settings(database_lock_timeout=1))
    with database.writer.begin() as first:
        assert first.exec_driver_sql("SELECT count(*) FROM categories").scalar_one() == 0
        with pytest.raises(OperationalError, match="locked"), database.writer.begin():
            pass
        first.exec_driver_sql("INSERT INTO categories (name) VALUES ('Bolts')")
    assert names(database) == {"Bolts"}
    database.dispose()


@pytest.mark.databases("postgresql")
def test_postgresql_itself_refuses_what_a_reader_writes(database: Database) -> None:
    with database.reader.connect() as connection, pytest.raises(DBAPIError, match="read-only"):
        connection.exec_driver_sql("INSERT INTO categories (name) VALUES ('Bolts')")
    write(database, "Cable")
    assert names(database) == {"Cable"}


@pytest.mark.databases("postgresql", "mariadb")
def test_a_statement_that_takes_too_long_is_ended(make_settings: MakeSettings) -> None:
    database = open_database(make_settings(database_statement_timeout=1))
    sleep = "pg_sleep" if database.dialect == "postgresql" else "sleep"
    started = time.monotonic()
    with pytest.raises(OperationalError), database.reader.connect() as connection:
        connection.exec_driver_sql(f"SELECT {sleep}(5)")
    assert time.monotonic() - started < 4
    database.dispose()


@pytest.mark.databases("postgresql")
def test_options_in_the_url_are_added_to_ours(
    make_settings: MakeSettings, database_url: str
) -> None:
    url = f"{database_url}&options=-c%20work_mem%3D7MB"
    database = open_database(make_settings(database_url=url))
    with database.reader.connect() as connection:
        assert connection.exec_driver_sql("SHOW work_mem").scalar_one() == "7MB"
        assert connection.exec_driver_sql("SHOW timezone").scalar_one() == "UTC"
    database.dispose()


@pytest.mark.databases("sqlite")
def test_lower_case_knows_more_than_ascii_on_sqlite(database: Database) -> None:
    with database.reader.connect() as connection:
        assert connection.scalar(sa.select(sa.func.lower("ÜBERWURF Ω É"))) == "überwurf ω é"


def test_the_pool_keeps_as_many_connections_as_the_settings_say(
    make_settings: MakeSettings,
) -> None:
    database = open_database(make_settings(database_pool_size=3))
    pool = database.engine.pool
    assert isinstance(pool, sa.QueuePool)
    connections = [database.reader.connect() for _ in range(3)]
    for connection in connections:
        connection.close()
    assert pool.checkedin() == 3
    database.dispose()
