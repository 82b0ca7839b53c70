"""Statements that are planned once for a connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.db.queries.prepared import PreparedSelect
from backoffice.history import unit_of_work
from backoffice.models import User
from tests.cast import add_user

USERS = cast(sa.Table, User.__table__)
TIME = datetime(2020, 1, 1, tzinfo=UTC)


def find_user() -> PreparedSelect:
    return PreparedSelect(
        sa.select(USERS.c.email, USERS.c.created_at, USERS.c.is_active).where(
            USERS.c.created_at > sa.bindparam("after"),
            USERS.c.email == sa.bindparam("email"),
        ),
    )


@contextmanager
def sent(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement.split()[0])

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def find(database: Database, prepared: PreparedSelect, email: str = "ada@example.com") -> Any:
    with database.single_select() as connection:
        return prepared.run(connection, {"email": email, "after": TIME}).one_or_none()


def test_it_finds_what_the_statement_finds(database: Database) -> None:
    add_user(database, "ada@example.com")
    prepared = find_user()
    with database.reader.connect() as connection:
        values = {"email": "ada@example.com", "after": TIME}
        expected = connection.execute(prepared.statement, values).one()
    assert expected.created_at.tzinfo is not None
    for _again in range(7):  # from the sixth time on, PostgreSQL keeps a plan
        assert find(database, prepared) == expected
        assert find(database, prepared, "nobody@example.com") is None


@pytest.mark.databases("postgresql")
def test_a_connection_prepares_it_once(database: Database) -> None:
    prepared = find_user()
    find(database, prepared)
    with sent(database) as statements:
        find(database, prepared)
    assert statements == ["EXECUTE"]
    database.engine.pool.dispose()
    with sent(database) as statements:
        find(database, prepared)
    assert statements == ["PREPARE", "EXECUTE"]


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize(
    "change",
    [
        "DEALLOCATE ALL",
        "ALTER TABLE users ALTER email TYPE varchar(120)",
        "ALTER TABLE users ALTER email TYPE text",
    ],
)
def test_what_a_pooler_or_a_migration_takes_away_is_done_without(
    database: Database, change: str
) -> None:
    add_user(database, "ada@example.com")
    prepared = find_user()
    find(database, prepared)
    with database.writer.begin() as connection:
        connection.exec_driver_sql(change)
    for _again in range(2):
        assert find(database, prepared).email == "ada@example.com"


@pytest.mark.databases("postgresql")
def test_what_one_database_lost_another_still_has(settings: Settings, database: Database) -> None:
    prepared = find_user()
    find(database, prepared)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("DEALLOCATE ALL")
    find(database, prepared)
    other = open_database(settings)
    try:
        find(other, prepared)
        for opened, way in ((database, "SELECT"), (other, "EXECUTE")):
            with sent(opened) as statements:
                find(opened, prepared)
            assert statements == [way]
    finally:
        other.dispose()


@pytest.mark.databases("postgresql")
def test_within_a_transaction_that_fails_once(database: Database) -> None:
    add_user(database, "ada@example.com")
    prepared = find_user()
    values = {"email": "ada@example.com", "after": TIME}
    with unit_of_work(database) as session:
        assert prepared.run(session.connection(), values).one().email == "ada@example.com"
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE users ALTER email TYPE text")
    with pytest.raises(sa.exc.DBAPIError), unit_of_work(database) as session:
        prepared.run(session.connection(), values)
    with unit_of_work(database) as session:
        assert prepared.run(session.connection(), values).one().email == "ada@example.com"


@pytest.mark.databases("postgresql")
def test_two_that_say_the_same_are_one_on_the_server(database: Database) -> None:
    add_user(database, "ada@example.com")
    assert find(database, find_user()) == find(database, find_user())
    with database.single_select() as connection:
        prepared = "SELECT count(*) FROM pg_prepared_statements"
        assert connection.exec_driver_sql(prepared).scalar_one() == 1


@pytest.mark.databases("postgresql")
def test_a_pooler_that_has_it_already_is_done_without(database: Database) -> None:
    add_user(database, "ada@example.com")
    find(database, find_user())
    with database.engine.connect() as connection:
        connection.info.clear()  # as another server's connection would come along
    assert find(database, find_user()).email == "ada@example.com"


@pytest.mark.databases("postgresql")
def test_another_failure_is_not_hidden(database: Database) -> None:
    inverse = PreparedSelect(sa.select(1 / sa.bindparam("number", type_=sa.Integer())))
    with database.single_select() as connection:
        assert inverse.run(connection, {"number": 1}).scalar_one() == 1
        with pytest.raises(sa.exc.DBAPIError, match="division by zero"):
            inverse.run(connection, {"number": 0})
        assert inverse.run(connection, {"number": 1}).scalar_one() == 1
