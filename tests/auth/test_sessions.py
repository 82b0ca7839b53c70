"""How long a sign-in lasts, and what ends it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.auth import sessions, signin
from backoffice.auth.password.attempts import Client
from backoffice.auth.password.hashing import hash_password
from backoffice.auth.signed_in import SignedIn
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import User, tables
from backoffice.models.tables import users
from tests.auth.conftest import ADAS_PASSWORD, Clock, Door, change, read


@pytest.fixture
def token(door: Door, ada: User) -> str:
    """Ada's browser, signed in."""
    return door.enter("ada@example.com", ADAS_PASSWORD).token


def who(door: Door, token: str) -> SignedIn | None:
    return sessions.recognise(door.database, door.settings, token, door.clock())


def rows(database: Database) -> Sequence[Any]:
    with database.reader.connect() as connection:
        return connection.execute(sa.select(tables.sessions)).all()


def test_a_signed_in_browser_is_recognised(door: Door, ada: User, token: str) -> None:
    person = who(door, token)
    assert person is not None
    assert (person.user_id, person.name, person.email, person.is_superuser) == (
        ada.id,
        "Ada Lovelace",
        "ada@example.com",
        False,
    )


def test_recognising_takes_one_statement(door: Door, token: str) -> None:
    assert who(door, token)  # a connection is told once what it will be asked
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(door.database.engine, "before_cursor_execute", note)
    assert who(door, token)
    asked = [statement.split()[0] for statement in statements if "BEGIN" not in statement]
    assert asked == ["EXECUTE" if door.database.dialect == "postgresql" else "SELECT"]


@pytest.mark.parametrize("token", ["", "guess", "x" * 5000, "\ud800", "nul\0"])
def test_nobody_is_recognised_by_another_token(door: Door, ada: User, token: str) -> None:
    assert who(door, token) is None


def test_the_token_is_not_in_the_database(database: Database, token: str) -> None:
    (row,) = rows(database)
    assert token not in (row.token_hash, row.password_mark)


def test_a_stolen_row_signs_nobody_in(door: Door, database: Database, token: str) -> None:
    assert who(door, rows(database)[0].token_hash) is None


def test_an_idle_session_ends(door: Door, clock: Clock, token: str) -> None:
    clock.wait(minutes=door.settings.session_idle_minutes - 1)
    assert who(door, token)
    clock.wait(minutes=door.settings.session_idle_minutes)
    assert who(door, token) is None


def test_a_session_in_use_goes_on_until_its_absolute_end(
    door: Door, clock: Clock, token: str
) -> None:
    opened = clock.now
    while clock.now - opened < timedelta(hours=door.settings.session_absolute_hours):
        assert who(door, token), clock.now
        clock.wait(minutes=30)
    assert who(door, token) is None


def test_last_seen_is_written_at_most_once_a_minute(
    door: Door, database: Database, clock: Clock, token: str
) -> None:
    (row,) = rows(database)
    clock.wait(seconds=59)
    who(door, token)
    assert rows(database)[0].last_seen_at == row.last_seen_at
    seen = clock.wait(seconds=2)
    who(door, token)
    assert rows(database)[0].last_seen_at == seen
    clock.wait(seconds=30)
    who(door, token)
    assert rows(database)[0].last_seen_at == seen


def test_a_busy_person_stays_signed_in_under_the_shortest_idle_time(
    door: Door, clock: Clock, token: str
) -> None:
    door.settings = door.settings.model_copy(update={"session_idle_minutes": 1})
    for _ in range(20):
        clock.wait(seconds=50)
        assert who(door, token)


@pytest.mark.databases("sqlite")
def test_a_page_does_not_wait_for_somebody_who_writes_for_long(
    door: Door,
    database: Database,
    clock: Clock,
    token: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock.wait(minutes=5)
    with caplog.at_level("INFO", "backoffice.auth"), database.writer.begin():
        assert who(door, token)
    assert "event=last-seen-not-written error=OperationalError" in caplog.messages
    assert who(door, token)
    assert rows(database)[0].last_seen_at == clock.now


def test_signing_out_ends_every_copy_of_the_cookie(door: Door, token: str) -> None:
    signin.sign_out(door.database, door.settings, Client("", "", token))
    assert who(door, token) is None
    signin.sign_out(door.database, door.settings, Client("", "", token))


def test_a_password_changed_by_any_program_ends_the_session_at_once(
    door: Door, database: Database, ada: User, token: str
) -> None:
    change(database, ada, password_hash=hash_password("difference engine"))
    assert who(door, token) is None


def test_deactivation_by_any_program_ends_the_session_at_once(
    door: Door, database: Database, ada: User, token: str
) -> None:
    change(database, ada, is_active=False)
    assert who(door, token) is None


def test_deleting_the_user_ends_the_session(
    door: Door, database: Database, ada: User, token: str
) -> None:
    with database.writer.begin() as connection:
        connection.execute(sa.delete(users).where(users.c.id == ada.id))
    assert who(door, token) is None
    assert rows(database) == []


def test_becoming_a_superuser_takes_effect_at_the_next_request(
    door: Door, database: Database, ada: User, token: str
) -> None:
    change(database, ada, is_superuser=True)
    person = who(door, token)
    assert person is not None
    assert person.is_superuser


def test_changing_your_own_password_keeps_only_that_browser_signed_in(
    door: Door, database: Database, settings: Settings, ada: User, token: str
) -> None:
    elsewhere = door.enter("ada@example.com", ADAS_PASSWORD).token
    new_hash = hash_password("difference engine")
    with unit_of_work(database, writes=True) as session:
        session.get_one(User, ada.id).password_hash = new_hash
        sessions.end_other_sessions(
            session, settings, user_id=ada.id, token=token, password_hash=new_hash
        )
    assert who(door, token)
    assert who(door, elsewhere) is None


def test_ended_sessions_do_not_come_back_when_a_deactivation_is_undone(
    door: Door, database: Database, ada: User, token: str
) -> None:
    with unit_of_work(database, writes=True) as session:
        session.get_one(User, ada.id).is_active = False
        sessions.end_sessions_of(session, ada.id)
    change(database, ada, is_active=True)
    assert who(door, token) is None


def test_ending_a_users_sessions_can_spare_one_browser(
    door: Door, database: Database, ada: User, token: str
) -> None:
    elsewhere = door.enter("ada@example.com", ADAS_PASSWORD).token
    with unit_of_work(database, writes=True) as session:
        sessions.end_sessions_of(session, ada.id, but_token=token)
    assert who(door, token)
    assert who(door, elsewhere) is None


def test_what_timed_out_is_deleted_at_the_next_sign_in(
    door: Door, database: Database, clock: Clock, token: str
) -> None:
    clock.wait(days=2)
    door.enter("ada@example.com", ADAS_PASSWORD)
    assert [row.created_at for row in rows(database)] == [clock.now]


def test_another_key_ends_all_sessions(door: Door, ada: User, token: str) -> None:
    door.settings = door.settings.model_copy()
    door.settings.__dict__["signing_key"] = "another-key-0123456789-abcdefghijklmnopq"
    assert who(door, token) is None


def test_opening_a_session_is_no_edit_of_the_user(
    database: Database, ada: User, token: str
) -> None:
    assert read(database, ada).version == 1
