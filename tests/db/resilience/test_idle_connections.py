"""Connections that died while nobody used them."""

from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from backoffice.db import Database, open_database
from backoffice.db.resilience import idle_connections
from tests.databases import make_settings

OWN_ID = {"postgresql": "pg_backend_pid()", "mariadb": "connection_id()"}
KILL = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}


def open_and_kill(database: Database, url: str, number: int) -> None:
    """Fill the pool, and have the server end its connections as a restart would."""
    opened = [database.reader.connect() for _ in range(number)]
    kind = "postgresql" if database.dialect == "postgresql" else "mariadb"
    ids = [one.exec_driver_sql(f"SELECT {OWN_ID[kind]}").scalar_one() for one in opened]
    for one in opened:
        one.close()
    other = open_database(make_settings(url))
    with other.engine.connect() as connection:
        for number in ids:
            connection.exec_driver_sql(KILL[kind].format(number)).close()
    other.dispose()


def answer(database: Database) -> int:
    with database.reader.connect() as connection:
        number: int = connection.exec_driver_sql("SELECT 7").scalar_one()
        return number


@pytest.mark.databases("postgresql", "mariadb")
def test_connections_that_died_while_idle_are_replaced_unnoticed(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle_connections, "IDLE_SECONDS", 0.0)
    open_and_kill(database, database_url, 3)
    assert [answer(database) for _ in range(3)] == [7, 7, 7]


@pytest.mark.databases("postgresql", "mariadb")
def test_connections_that_died_in_use_fail_once_and_are_all_replaced(
    database: Database, database_url: str
) -> None:
    open_and_kill(database, database_url, 3)
    with pytest.raises(DBAPIError):
        answer(database)
    opened = [database.reader.connect() for _ in range(3)]
    assert [one.exec_driver_sql("SELECT 7").scalar_one() for one in opened] == [7, 7, 7]
    for one in opened:
        one.close()


def test_a_connection_in_use_is_not_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    ping = database.engine.dialect.do_ping

    def note(connection: Any) -> bool:
        asked.append(connection)
        return ping(connection)

    monkeypatch.setattr(database.engine.dialect, "do_ping", note)
    answer(database)
    answer(database)
    assert not asked
    monkeypatch.setattr(idle_connections, "IDLE_SECONDS", 0.0)
    answer(database)
    assert len(asked) == 1
