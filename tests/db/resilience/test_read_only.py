"""What each database says when it takes no changes, and who hears what."""

import errno
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from backoffice.config import Settings
from backoffice.db import ChangesRefused, Database
from backoffice.db.errors import refused
from backoffice.db.migrations import downgrade, upgrade
from backoffice.db.resilience.read_only import RETRY, ReadOnlyState
from backoffice.history import unit_of_work
from backoffice.models import Category
from tests.cast import count
from tests.read_only import taking_no_changes

INSERT = "INSERT INTO categories (name) VALUES ('Bolts')"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
IDLE = timedelta(hours=2)


def test_a_writer_hears_that_no_changes_are_taken_and_a_reader_still_reads(
    database: Database,
) -> None:
    with taking_no_changes(database):
        with pytest.raises(ChangesRefused) as told, unit_of_work(database, writes=True) as session:
            session.add(Category(name="Bolts"))
        assert not told.value.full
        assert count(database, Category) == 0
    with unit_of_work(database, writes=True) as session:
        session.add(Category(name="Bolts"))
    assert count(database, Category) == 1


def test_a_reader_that_writes_is_a_fault_of_ours(database: Database) -> None:
    with (
        taking_no_changes(database),
        database.reader.connect() as connection,
        pytest.raises(InternalError) as told,
    ):
        connection.exec_driver_sql(INSERT)
    assert not isinstance(told.value, OperationalError)


@pytest.mark.databases("postgresql")
def test_a_connection_that_was_a_readers_writes_no_more_than_the_server_allows(
    database: Database,
) -> None:
    with taking_no_changes(database):
        assert count(database, Category) == 0  # leaves its connection for the writer
        with pytest.raises(ChangesRefused), database.writer.begin() as connection:
            connection.exec_driver_sql(INSERT)
    assert count(database, Category) == 0


@pytest.mark.databases("sqlite")
def test_a_full_sqlite_file_is_told_apart(database: Database) -> None:
    many = (
        "INSERT INTO categories (name) WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) SELECT 'Category ' || i FROM n"
    )
    with database.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(ChangesRefused) as told:
            connection.exec_driver_sql(many)
    assert told.value.full
    assert count(database, Category) == 0


@pytest.mark.databases("postgresql")
def test_a_full_postgresql_is_told_apart(database: Database) -> None:
    full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
    with pytest.raises(ChangesRefused) as told, database.writer.begin() as connection:
        connection.exec_driver_sql(full)
    assert told.value.full
    with pytest.raises(OperationalError) as read, database.reader.begin() as connection:
        connection.exec_driver_sql(full)
    assert not isinstance(read.value, ChangesRefused)


@pytest.mark.parametrize(
    ("number", "text", "why"),
    [
        # As MariaDB 10.11, MySQL 8 and MariaDB 12 say it; to have a server say it, all of it must
        # be made read-only, which others are using.
        (
            1290,
            "The MariaDB server is running with the --read-only option so it cannot execute this "
            "statement",
            "read-only",
        ),
        (
            1290,
            "The MySQL server is running with the --super-read-only option so it cannot execute "
            "this statement",
            "read-only",
        ),
        (
            1290,
            "The MariaDB server is running with the read_only=NO_LOCK option so it cannot execute "
            "this statement",
            "read-only",
        ),
        (
            1290,
            "The MariaDB server is running with the --secure-file-priv option so it cannot execute "
            "this statement",
            None,
        ),
        (1792, "Cannot execute statement in a READ ONLY transaction", "read-only"),
        (1836, "Running in read-only mode", "read-only"),
        (1114, "The table 'items' is full", "full"),
        (1030, f'Got error {errno.ENOSPC} "No space left on device" from storage engine', "full"),
        (1030, 'Got error 5 "Input/output error" from storage engine', None),
        (1213, "Deadlock found when trying to get lock; try restarting transaction", None),
    ],
)
def test_mysqls_errors_are_told_by_number_and_option(
    number: int, text: str, why: str | None
) -> None:
    assert refused(Exception(number, text)) == why


@pytest.mark.databases("sqlite", "postgresql", "mariadb")
def test_other_refusals_are_what_they_were(database: Database) -> None:
    with pytest.raises(DBAPIError) as told, database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO nothing_of_that_name VALUES (1)")
    assert not isinstance(told.value, ChangesRefused)
    with database.writer.begin() as connection:
        connection.exec_driver_sql(INSERT)
    with pytest.raises(sa.exc.IntegrityError), database.writer.begin() as connection:
        connection.exec_driver_sql(INSERT)


@pytest.mark.databases("postgresql")
def test_a_release_to_it_ends_with_a_sentence_unless_there_is_nothing_to_do(
    database: Database, settings: Settings
) -> None:
    with taking_no_changes(database):
        upgrade(settings)
        with pytest.raises(CommandError, match=r"is read-only right now \(.*release again"):
            downgrade(settings, "-1")
    upgrade(settings)


def test_a_session_alive_when_changes_were_refused_stays_alive_until_it_is_idle_again() -> None:
    state = ReadOnlyState()
    assert state.idle_limit(NOON, IDLE) == NOON - IDLE
    state.enter(NOON, IDLE, "read-only")
    later = NOON + timedelta(hours=9)
    state.enter(later, IDLE, "read-only")
    assert state.idle_limit(later, IDLE) == NOON - IDLE
    state.leave(later)
    soon = later + IDLE - timedelta(seconds=1)
    assert state.idle_limit(soon, IDLE) == NOON - IDLE
    # A second one before it was over goes on where the first began.
    state.enter(soon, IDLE, "read-only")
    assert state.idle_limit(soon, IDLE) == NOON - IDLE
    state.leave(soon)
    assert state.idle_limit(soon + IDLE, IDLE) == soon
    state.enter(soon + 2 * IDLE, IDLE, "read-only")
    assert state.idle_limit(soon + 3 * IDLE, IDLE) == soon + IDLE


def test_what_can_wait_is_tried_once_a_minute_while_changes_are_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = ReadOnlyState()
    assert state.may_try(NOON)
    assert state.may_try(NOON)
    for _ in range(3):
        state.enter(NOON, IDLE, "read-only transaction")
    assert not state.may_try(NOON + RETRY - timedelta(seconds=1))
    assert state.may_try(NOON + RETRY)
    assert not state.may_try(NOON + RETRY)
    assert state.may_try(NOON - timedelta(days=1)), "a clock that was set back blocks nothing"
    state.leave(NOON + 2 * RETRY)
    state.leave(NOON + 2 * RETRY)
    assert state.may_try(NOON + 2 * RETRY)
    assert [record.message for record in caplog.records] == [
        "the database is read-only right now: read-only transaction",
        "the database takes changes again",
    ]
