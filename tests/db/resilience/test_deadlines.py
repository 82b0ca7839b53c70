"""What waits for a database that says nothing, ends; what takes its time, does not."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.config import CHECKOUT, Settings
from backoffice.db import Database, open_database
from backoffice.db.resilience import deadlines
from backoffice.db.resilience.deadlines import (
    Deadline,
    DeadlineMissed,
    GuardedConnection,
    was_missed,
)
from backoffice.db.resilience.time_limits import lift_limit, time_limit
from backoffice.db.resilience.unknown_outcome import OutcomeUnknown
from backoffice.history import load, unit_of_work
from backoffice.history.seals.digests import stream
from backoffice.models import Category
from examples.demo.bulk import Row, insert_items
from tests.cast import count
from tests.freezing import Relay, seconds_since, until

MakeSettings = Callable[..., Settings]

SERVERS = ("postgresql", "mariadb")
MANY_ROWS = {
    "postgresql": "SELECT repeat('x', 1000) FROM generate_series(1, 100000)",
    "mariadb": "SELECT repeat('x', 1000) FROM seq_1_to_100000",
}
SLEEP = {"postgresql": "SELECT pg_sleep({})", "mariadb": "SELECT sleep({})"}


def driver_of(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


@pytest.mark.databases(*SERVERS)
def test_whatever_waits_for_a_frozen_database_ends_with_its_deadline(
    short: Database, relay: Relay
) -> None:
    opened = [short.writer.connect() for _ in range(5)]
    asking, pinged, committing, rolled_back, streaming = opened
    for connection in (committing, rolled_back):
        connection.execute(sa.insert(Category).values(name=f"of {id(connection)}"))
    rows = streaming.execution_options(yield_per=10).exec_driver_sql(MANY_ROWS[short.dialect])
    assert rows.fetchone() is not None

    def ping() -> None:
        idle = pinged.connection.dbapi_connection
        assert idle is not None
        short.engine.dialect.do_ping(idle)

    def fetch() -> None:
        for _row in rows:
            pass

    waits = {
        "statement": lambda: asking.exec_driver_sql("SELECT 1"),
        "ping": ping,
        "commit": committing.commit,
        "rollback": rolled_back.rollback,
        "fetch": fetch,
    }

    def outcome(wait: Callable[[], object]) -> BaseException | None:
        try:
            wait()
        except Exception as error:
            return error
        return None

    with relay.frozen(), ThreadPoolExecutor(len(waits)) as pool:
        began = time.monotonic()
        errors = dict(zip(waits, pool.map(outcome, waits.values()), strict=True))
        assert 1 < seconds_since(began) < 10
    for name, error in errors.items():
        assert was_missed(error), (name, error)
    assert isinstance(errors["commit"], OutcomeUnknown)
    assert not isinstance(errors["statement"], OutcomeUnknown)
    if short.dialect != "postgresql":
        # PyMySQL would read the rest of it when it is collected, and complain that it cannot.
        result: Any = rows.cursor
        result._result.unbuffered_active = False
    for connection in opened:
        connection.close()
    until(lambda: not short.breaker.is_open)
    with short.reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT 7").scalar_one() == 7


@pytest.mark.databases(*SERVERS)
def test_an_idle_connection_is_asked_no_longer_than_a_connect_may_take(
    make_settings: MakeSettings, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.db.resilience.idle_connections.IDLE_SECONDS", 0.0)
    settings = make_settings(
        database_url=relay.url, database_statement_timeout=60, database_connect_timeout=2
    )
    database = open_database(settings)
    database.reader.connect().close()
    with relay.frozen():
        began = time.monotonic()
        with pytest.raises(sa.exc.SQLAlchemyError):
            database.reader.connect()
        assert seconds_since(began) < 15
    until(lambda: not database.breaker.is_open)
    with database.reader.connect() as connection:
        limit = 60 + deadlines.GRACE
        driver = driver_of(connection)
        assert limit == (
            driver.deadline.limit if database.dialect == "postgresql" else driver._read_timeout
        )
    database.dispose()


@pytest.mark.databases(*SERVERS)
def test_within_a_time_limit_the_deadline_is_nearer_and_ends_with_it(
    make_settings: MakeSettings, relay: Relay
) -> None:
    database = open_database(make_settings(database_url=relay.url, database_statement_timeout=60))
    with unit_of_work(database) as session, time_limit(session, 0.5):
        began = time.monotonic()
        with relay.frozen(), pytest.raises(DBAPIError) as caught:
            session.connection().exec_driver_sql("SELECT 1")
        assert 2 < seconds_since(began) < 15
    assert was_missed(caught.value)
    until(lambda: not database.breaker.is_open)
    with unit_of_work(database) as session:
        driver = driver_of(session.connection())
        with time_limit(session, 0.5):
            assert deadlines._limit_of(driver) == 0.5 + deadlines.GRACE
        session.rollback()
        assert deadlines._limit_of(driver) == 60 + deadlines.GRACE
    database.dispose()


@pytest.mark.databases("postgresql")
def test_each_of_many_statements_has_a_deadline_of_its_own(short: Database) -> None:
    with short.writer.connect() as connection:
        cursor = driver_of(connection).cursor()
        cursor.executemany("SELECT pg_sleep(%s)", [(0.5,)] * 6)
        assert cursor.rowcount == 6
        cursor.close()


@pytest.mark.databases("postgresql")
def test_a_load_may_take_as_long_as_it_will(short: Database) -> None:
    with unit_of_work(short, writes=True) as session:
        session.add(Category(name="Bolts"))
        session.flush()
        category = session.scalars(sa.select(Category.id)).one()

    def slowly() -> Iterator[Row]:
        yield category, "Bolt M6", "Steel", 100, 1
        time.sleep(2.5)
        yield category, "Bolt M8", "Steel", 120, 1

    with load(short) as session:
        insert_items(session, slowly(), 2, skip_existing=True)
        session.execute(sa.text("SELECT pg_sleep(2.5)"))
        session.count_loaded("items", 2)
    with short.reader.connect() as connection:
        assert driver_of(connection).deadline.limit == 1.5
        assert connection.exec_driver_sql("SELECT count(*) FROM items").scalar_one() == 2
    with short.reader.connect() as connection:
        lift_limit(connection)
        connection.rollback()
        with pytest.raises(DBAPIError, match="statement timeout"):
            connection.exec_driver_sql("SELECT pg_sleep(9)")


@pytest.mark.databases("postgresql")
def test_a_copy_ends_with_its_deadline_where_no_load_has_lifted_it(
    short: Database, relay: Relay
) -> None:
    with short.writer.connect() as connection:
        cursor = driver_of(connection).cursor()
        cursor.execute("CREATE TEMPORARY TABLE words (word text)")
        with relay.frozen(), pytest.raises(DeadlineMissed):
            cursor.copy_expert("COPY words FROM STDIN", EndlessFile())


class EndlessFile:
    """A file that never ends."""

    def read(self, size: int = 8192) -> str:
        return "word\n" * (size // 5)


@pytest.mark.databases(*SERVERS)
def test_migrations_wait_for_as_long_as_it_takes(
    make_settings: MakeSettings, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "GRACE", 0.1)
    settings = make_settings(
        database_url=relay.url, database_statement_timeout=1, database_connect_timeout=1
    )
    database = open_database(settings, for_migrations=True)
    with database.writer.connect() as connection, ThreadPoolExecutor(1) as pool:
        assert deadlines._limit_of(driver_of(connection)) is None
        with relay.frozen():
            answer = pool.submit(lambda: connection.exec_driver_sql("SELECT 7").scalar_one())
            time.sleep(2.5)
            assert not answer.done()
        assert answer.result(20) == 7
    database.dispose()


@pytest.mark.databases(*SERVERS)
def test_without_a_statement_timeout_there_is_no_deadline(make_settings: MakeSettings) -> None:
    database = open_database(make_settings(database_statement_timeout=0))
    with database.reader.connect() as connection:
        driver = driver_of(connection)
        assert not isinstance(driver, GuardedConnection)
        assert deadlines._limit_of(driver) is None
        kind = "postgresql" if database.dialect == "postgresql" else "mariadb"
        connection.exec_driver_sql(SLEEP[kind].format(1.5))
    assert database.worker_thread_timeout > 0
    # Whether it answers is asked with one all the same.
    with database.for_health.engine.connect() as connection:
        assert deadlines._limit_of(driver_of(connection)) == 1 + deadlines.GRACE
    database.dispose()


@pytest.mark.databases("postgresql")
def test_the_deadline_follows_a_statement_timeout_in_the_url(
    make_settings: MakeSettings, database_url: str
) -> None:
    for given, limit in (("7s", 7 + deadlines.GRACE), ("0", None)):
        url = f"{database_url}&options=-c%20statement_timeout%3D{given}"
        database = open_database(make_settings(database_url=url))
        with database.reader.connect() as connection:
            assert driver_of(connection).deadline.limit == limit
        database.dispose()


@pytest.mark.databases(*SERVERS)
def test_records_are_streamed_as_before(database: Database) -> None:
    with unit_of_work(database, writes=True) as session:
        session.add_all(Category(name=f"Category {number:04}") for number in range(1200))
    with unit_of_work(database) as session:
        assert len(list(stream(session, sa.select(Category.id)))) == 1200
        left = stream(session, sa.select(Category.id))
        next(left)
        left.close()
    assert count(database, Category) == 1200


@pytest.mark.databases("postgresql")
def test_what_is_sent_first_costs_no_round_trip_and_ends_with_its_transaction(
    database: Database,
) -> None:
    set_name = "SET LOCAL application_name = 'first'; SET LOCAL work_mem = '1234kB'"
    show = sa.text("SELECT current_setting('application_name'), current_setting('work_mem')")
    with database.reader.connect() as connection:
        usual = connection.execute(show).one()
        for end in (connection.rollback, connection.commit):
            end()
            connection.begin()
            assert deadlines.sends_first(driver_of(connection), set_name)
            assert connection.execute(show).one() == ("first", "1234kB")
            end()
            connection.begin()
            assert deadlines.sends_first(driver_of(connection), set_name)
            end()  # before any statement
            assert connection.execute(show).one() == usual


@pytest.mark.databases("postgresql")
def test_what_is_sent_first_comes_before_a_cursor_on_the_server(database: Database) -> None:
    with database.reader.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        assert deadlines.sends_first(driver_of(connection), "SET LOCAL work_mem = '1234kB'")
        streamed = connection.execution_options(yield_per=10)
        rows = streamed.exec_driver_sql("SELECT current_setting('work_mem')")
        assert rows.scalar() == "1234kB"


@pytest.mark.databases(*SERVERS, "sqlite")
def test_a_connection_without_deadlines_sends_nothing_first(
    make_settings: MakeSettings, database: Database
) -> None:
    settings = make_settings(database_statement_timeout=0)
    database = open_database(settings)
    try:
        with database.reader.connect() as connection:
            assert not deadlines.sends_first(driver_of(connection), "SELECT 1")
    finally:
        database.dispose()


def test_a_socket_that_got_the_number_of_a_lost_one_is_left_alone() -> None:
    ours, theirs = socket.socketpair()
    number = ours.fileno()
    deadline = Deadline(number, 0.1)
    others: list[socket.socket] = []

    def wait() -> None:
        with deadline:
            ours.close()  # as a driver does with a connection that it has lost
            others.extend(socket.socketpair())
            theirs.settimeout(20)
            assert theirs.recv(1) == b""

    with pytest.raises(DeadlineMissed):
        wait()
    innocent, friend = others
    assert number in (innocent.fileno(), friend.fileno())
    innocent.sendall(b"hello")
    assert friend.recv(5) == b"hello"
    deadline.close()
    for one in (theirs, innocent, friend):
        one.close()


def test_what_is_in_time_is_left_alone_and_so_is_what_does_not_wait() -> None:
    ours, theirs = socket.socketpair()
    deadline = Deadline(ours.fileno(), 0.1)
    for _turn in range(3):
        with deadline:
            pass
        time.sleep(0.3)
    with deadline:
        for _part in range(20):
            time.sleep(0.05)
            deadline.renew()
    deadline.limit = None
    with deadline:
        time.sleep(0.8)
    deadline.reset()
    assert deadline.limit == 0.1
    theirs.sendall(b"hello")
    assert ours.recv(5) == b"hello"
    deadline.close()
    ours.close()
    theirs.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nobody tells the descriptors")
@pytest.mark.databases("postgresql")
def test_a_connection_that_is_closed_or_forgotten_leaves_no_descriptor(database: Database) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only how many

    database.reader.connect().close()
    database.engine.dispose()
    before = descriptors()
    watched = len(deadlines._WATCHDOG._watched)
    for _turn in range(3):
        database.reader.connect().close()
        database.engine.dispose()
    raw: Any = database.engine.raw_connection()
    raw.detach()
    del raw
    assert descriptors() == before
    assert len(deadlines._WATCHDOG._watched) == watched


def test_a_forked_process_has_a_watchdog_of_its_own() -> None:
    story = """
import os, socket
from backoffice.db.resilience import deadlines
from backoffice.db.resilience.deadlines import Deadline, DeadlineMissed
def misses():
    ours, theirs = socket.socketpair()
    try:
        with Deadline(ours.fileno(), 0.1):
            theirs.settimeout(20)
            theirs.recv(1)
    except DeadlineMissed:
        return True
assert misses()
child = os.fork()
if not child:
    os._exit(0 if misses() else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
ours, theirs = socket.socketpair()
with Deadline(ours.fileno(), 20):
    assert deadlines._WATCHDOG._watched
    child = os.fork()
    if not child:  # the connection is its parent's to end
        os._exit(1 if deadlines._WATCHDOG._watched else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""
    command = [sys.executable, "-W", "ignore", "-c", story]
    subprocess.run(command, cwd=CHECKOUT, check=True, timeout=60)


@pytest.mark.databases("mariadb")
def test_pymysql_has_the_private_name_that_deadlines_are_set_by(database: Database) -> None:
    with database.reader.connect() as connection:
        driver = driver_of(connection)
        assert getattr(driver, deadlines._PYMYSQL_LIMIT) == 15 + deadlines.GRACE
        with deadlines.waiting_for(driver, 0.2), pytest.raises(DBAPIError) as caught:
            connection.exec_driver_sql("SELECT sleep(3)")
    assert was_missed(caught.value)


def test_psycopg2_reports_what_was_missed_as_a_lost_connection() -> None:
    assert issubclass(DeadlineMissed, psycopg2.OperationalError)
