"""While the database does not answer, nobody waits for it, and that it answers again is noticed."""

import logging
import socket
import time
from collections.abc import Callable
from threading import Event

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.resilience import breaker
from backoffice.db.resilience.breaker import Breaker, NotAnswering
from backoffice.db.resilience.unknown_outcome import OutcomeUnknown
from backoffice.history import unit_of_work
from backoffice.models import Category
from tests.cast import count
from tests.freezing import Relay, seconds_since, until

MakeSettings = Callable[..., Settings]

SERVERS = ("postgresql", "mariadb")
OWN_ID = {"postgresql": "pg_backend_pid()", "mariadb": "connection_id()"}
KILL = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}


def answer(database: Database) -> int:
    with database.reader.connect() as connection:
        number: int = connection.exec_driver_sql("SELECT 7").scalar_one()
        return number


@pytest.mark.databases(*SERVERS)
def test_after_a_missed_deadline_nobody_waits_until_a_probe_is_answered(
    short: Database, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    opened = [short.reader.connect() for _number in range(3)]
    for connection in opened:
        connection.close()
    with caplog.at_level(logging.WARNING, logger="backoffice.db"):
        with relay.frozen():
            with pytest.raises(DBAPIError):
                answer(short)
            for _turn in range(20):
                began = time.monotonic()
                with pytest.raises(NotAnswering):
                    answer(short)
                assert seconds_since(began) < 1
        until(lambda: not short.breaker.is_open)
    assert answer(short) == 7
    messages = [record.message for record in caplog.records if "breaker" in record.name]
    assert len(messages) == 2
    assert "missed a deadline" in messages[0]
    assert "answers again, after " in messages[1]


@pytest.mark.databases(*SERVERS)
def test_a_connect_that_takes_too_long_stops_connects_and_lets_open_connections_go_on(
    short: Database, relay: Relay
) -> None:
    answer(short)
    in_use = short.reader.connect()
    relay.freeze()
    try:
        with pytest.raises(DBAPIError):
            answer(short)
        assert short.breaker.is_open_for_connects
        began = time.monotonic()
        with pytest.raises(NotAnswering):
            answer(short)
        assert seconds_since(began) < 1
        short.breaker.check()  # those who have a connection are not refused
    finally:
        relay.thaw()
    assert in_use.exec_driver_sql("SELECT 7").scalar_one() == 7
    in_use.close()
    until(lambda: not short.breaker.is_open_for_connects)
    with short.reader.connect(), short.reader.connect():
        pass


@pytest.mark.databases("postgresql")
def test_a_refused_connect_is_no_reason_to_stop_connects(make_settings: MakeSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    database = open_database(make_settings(database_url=f"postgresql://x@127.0.0.1:{port}/x"))
    with pytest.raises(DBAPIError):
        answer(database)
    assert not database.breaker.is_open_for_connects
    assert not database.breaker.is_open
    database.dispose()


@pytest.mark.databases(*SERVERS)
def test_a_connection_lost_during_a_commit_leaves_open_what_was_saved(database: Database) -> None:
    kind = "postgresql" if database.dialect == "postgresql" else "mariadb"

    def end_the_other(connection: sa.Connection) -> None:
        number = connection.exec_driver_sql(f"SELECT {OWN_ID[kind]}").scalar_one()
        with database.for_health.engine.connect() as other:
            other.exec_driver_sql(KILL[kind].format(number))
        time.sleep(0.3)

    def save(name: str) -> None:
        with unit_of_work(database, writes=True) as session:
            session.add(Category(name=name))

    sa.event.listen(database.engine, "commit", end_the_other)
    with pytest.raises(OutcomeUnknown) as caught:
        save("Bolts")
    assert caught.value.connection_invalidated
    sa.event.remove(database.engine, "commit", end_the_other)
    save("Bolts")
    assert count(database, Category) == 1
    # A statement that loses its connection is another thing: that was not saved.
    with database.writer.connect() as connection:
        end_the_other(connection)
        with pytest.raises(DBAPIError) as lost:
            connection.exec_driver_sql("SELECT 1")
    assert not isinstance(lost.value, OutcomeUnknown)


@pytest.mark.databases("postgresql")
def test_a_commit_that_the_database_refuses_saved_nothing_for_certain(database: Database) -> None:
    with database.writer.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE one (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        )
        connection.commit()
        connection.exec_driver_sql("INSERT INTO one VALUES (1), (1)")
        with pytest.raises(sa.exc.IntegrityError):
            connection.commit()


def test_probes_go_on_until_one_is_answered_and_no_longer_than_the_database_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(breaker, "PROBE_EVERY", 0.01)
    asked: list[float] = []
    well = Event()

    def probe() -> None:
        asked.append(time.monotonic())
        if not well.is_set():
            raise ConnectionError("nobody is there")

    watched = Breaker(probe)
    watched.check()
    watched.open()
    watched.open()
    until(lambda: len(asked) > 3)
    with pytest.raises(NotAnswering):
        watched.check()
    well.set()
    until(lambda: not watched.is_open)
    watched.check_connect()

    well.clear()
    watched.open_for_connects()
    watched.check()
    with pytest.raises(NotAnswering):
        watched.check_connect()
    watched.stop()
    prober = watched._prober
    assert prober is not None
    prober.join(10)
    assert not prober.is_alive()


@pytest.mark.databases("sqlite")
def test_a_file_has_no_deadlines_and_is_asked_by_itself(database: Database) -> None:
    assert database.for_health is not database
    database.for_health.probe()
    assert not database.breaker.is_open
