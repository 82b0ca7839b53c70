"""The act of signing in, from what is typed to what is kept and logged."""

import logging
from typing import Any

import pytest
import sqlalchemy as sa
from passlib.hash import argon2

from backoffice.auth import sessions, signin
from backoffice.auth.password import hashing, throttle
from backoffice.auth.password.attempts import Client, Failure
from backoffice.auth.password.hashing import hash_password
from backoffice.auth.signin import Success
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.models import User, tables
from tests.auth.conftest import ADAS_PASSWORD, Clock, Door, add_user, change, read

ADA = "ada@example.com"
WEAK = argon2.using(type="ID", memory_cost=1024, time_cost=1, parallelism=1)


def recognised(door: Door, token: str) -> bool:
    return sessions.recognise(door.database, door.settings, token, door.clock()) is not None


def test_the_right_password_opens_a_session(door: Door, ada: User) -> None:
    outcome = door.try_(ADA, ADAS_PASSWORD)
    assert isinstance(outcome, Success)
    assert (outcome.user_id, outcome.name) == (ada.id, "Ada Lovelace")
    assert recognised(door, outcome.token)


def test_the_address_is_read_as_people_type_it(door: Door, ada: User) -> None:
    door.enter("  Ada@EXAMPLE.com ", ADAS_PASSWORD)


@pytest.mark.parametrize(
    "email", ["", " ", "ada", "nobody@example.com", "a\0b@c", "\ud800@x.y", "x" * 10_000 + "@y.z"]
)
def test_an_unknown_account_costs_one_verification_and_fails(
    door: Door, ada: User, verifications: list[str], email: str
) -> None:
    assert door.try_(email, ADAS_PASSWORD) == Failure()
    assert verifications == [hashing._DUMMY_HASH]


def test_a_wrong_password_costs_one_verification_and_fails(
    door: Door, ada: User, verifications: list[str]
) -> None:
    assert door.try_(ADA, "wrong") == Failure()
    assert verifications == [ada_hash(door, ada)]


def test_an_inactive_user_costs_one_verification_and_fails(
    door: Door, database: Database, ada: User, verifications: list[str]
) -> None:
    change(database, ada, is_active=False)
    assert door.try_(ADA, ADAS_PASSWORD) == Failure()
    assert len(verifications) == 1


@pytest.mark.parametrize("password", ["", "!", "\0", "\ud800", "x" * 100_000])
def test_a_user_without_a_password_costs_one_verification_and_fails(
    door: Door, database: Database, verifications: list[str], password: str
) -> None:
    add_user(database, "grace@example.com")
    assert door.try_("grace@example.com", password) == Failure()
    assert verifications == [hashing._DUMMY_HASH]


def test_the_session_that_the_browser_had_before_ends(door: Door, ada: User) -> None:
    first = door.enter(ADA, ADAS_PASSWORD).token
    second = door.try_(ADA, ADAS_PASSWORD, token=first)
    assert isinstance(second, Success)
    assert second.token != first
    assert recognised(door, second.token)
    assert not recognised(door, first)


def test_a_token_planted_before_signing_in_is_worth_nothing_after(door: Door, ada: User) -> None:
    door.try_(ADA, ADAS_PASSWORD, token="planted")
    assert not recognised(door, "planted")


def test_no_transaction_is_open_while_a_password_is_verified(
    door: Door, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = door.database.engine.pool
    verify = hashing.verify_password

    def verify_alone(password: str, stored_hash: str | None) -> bool:
        assert isinstance(pool, sa.QueuePool)
        assert pool.checkedout() == 0
        return verify(password, stored_hash)

    monkeypatch.setattr(hashing, "verify_password", verify_alone)
    assert isinstance(door.try_(ADA, ADAS_PASSWORD), Success)


@pytest.mark.usefixtures("real_passwords")
def test_a_weak_hash_is_replaced_without_an_edit_and_other_sessions_continue(
    door: Door, database: Database, ada: User
) -> None:
    weak = WEAK.hash(ADAS_PASSWORD)
    change(database, ada, password_hash=weak)
    with database.writer.begin() as connection:
        sessions.open_session(
            connection,  # type: ignore[arg-type]  # all it needs is execute
            door.settings,
            user_id=ada.id,
            password_hash=weak,
            token="elsewhere",
            address="",
            browser="",
            now=door.clock(),
        )
    here = door.enter(ADA, ADAS_PASSWORD).token
    after = read(database, ada)
    assert after.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert after.version == 1
    assert recognised(door, here)
    assert recognised(door, "elsewhere")
    door.enter(ADA, ADAS_PASSWORD)
    assert read(database, ada).password_hash == after.password_hash


@pytest.mark.usefixtures("real_passwords")
def test_a_wrong_password_replaces_no_hash(door: Door, database: Database, ada: User) -> None:
    weak = WEAK.hash(ADAS_PASSWORD)
    change(database, ada, password_hash=weak)
    assert door.try_(ADA, "wrong") == Failure()
    assert read(database, ada).password_hash == weak


@pytest.mark.parametrize("weak", [True, False])
@pytest.mark.usefixtures("real_passwords")
def test_a_password_changed_while_it_was_verified_stays_changed(
    door: Door, database: Database, ada: User, monkeypatch: pytest.MonkeyPatch, weak: bool
) -> None:
    if weak:
        change(database, ada, password_hash=WEAK.hash(ADAS_PASSWORD))
    theirs = hash_password("difference engine")
    verify = hashing.verify_password

    def slow(password: str, stored_hash: str | None) -> bool:
        if stored_hash != theirs:
            change(database, ada, password_hash=theirs)
        return verify(password, stored_hash)

    monkeypatch.setattr(hashing, "verify_password", slow)
    assert door.try_(ADA, ADAS_PASSWORD) == Failure()
    assert read(database, ada).password_hash == theirs


def test_a_user_deactivated_while_the_password_was_verified_stays_out(
    door: Door, database: Database, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = hashing.verify_password

    def slow(password: str, stored_hash: str | None) -> bool:
        fits = verify(password, stored_hash)
        change(database, ada, is_active=False)
        return fits

    monkeypatch.setattr(hashing, "verify_password", slow)
    assert door.try_(ADA, ADAS_PASSWORD) == Failure()


def test_the_session_says_where_it_was_opened(door: Door, database: Database, ada: User) -> None:
    door.try_(ADA, ADAS_PASSWORD, address="2001:db8::1", user_agent="Fire\nfox\x7f " + "x" * 400)
    with database.reader.connect() as connection:
        row = connection.execute(sa.select(tables.sessions)).one()
    assert row.address == "2001:db8::1"
    assert row.browser.startswith("Fire fox  xx")
    assert len(row.browser) == 255


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "backoffice.auth"]


def test_every_attempt_and_sign_out_is_logged_with_address_and_browser(
    door: Door, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(7):
        door.try_(ADA, "wrong", address="192.0.2.7", user_agent="Fire fox")
    door.clock.wait(minutes=1)
    entered = door.try_(ADA, ADAS_PASSWORD, address="192.0.2.7", user_agent="Fire fox")
    assert isinstance(entered, Success)
    client = Client("192.0.2.7", "Fire fox", entered.token)
    signin.sign_out(door.database, door.settings, client)
    lines = messages(caplog)
    assert [line.split()[0] for line in lines] == [
        *["event=sign-in-failed"] * 6,
        "event=sign-in-blocked",
        "event=sign-in",
        "event=sign-out",
    ]
    where = 'address=192.0.2.7 browser="Fire fox"'
    assert all(where in line and f"user={ada.id} " in line for line in lines)
    assert "reason=wrong-password" in lines[0]


def test_what_was_typed_is_not_logged(
    door: Door, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.try_("my secret passphrase", "hunter2hunter2")
    door.try_(ADA, ADAS_PASSWORD)
    assert "secret" not in caplog.text
    assert "hunter2" not in caplog.text
    assert ADAS_PASSWORD not in caplog.text
    assert ADA not in caplog.text


def test_attempts_on_one_account_can_be_told_from_others(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    for email in ("one@example.com", "One@example.com ", "two@example.com"):
        door.try_(email, "x")
    accounts = [line.split("account=")[1].split()[0] for line in messages(caplog)]
    assert accounts[0] == accounts[1] != accounts[2]


def test_no_browser_can_forge_a_line(
    door: Door, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    door.try_(ADA, "wrong", user_agent='x"\r\nevent=sign-in user=1 \u2028 \x1b[31m')
    (line,) = messages(caplog)
    assert line.isascii()
    assert line.isprintable()
    assert r'browser="x\" event=sign-in user=1' in line


def test_signing_out_of_nothing_is_not_logged(
    door: Door, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    signin.sign_out(door.database, door.settings, Client("", "", "nothing"))
    assert messages(caplog) == []


def test_a_pruning_that_fails_lets_people_in(
    door: Door,
    ada: User,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_arguments: object) -> int:
        raise sa.exc.OperationalError("DELETE", {}, Exception("locked"))

    monkeypatch.setattr(sessions, "prune", fails)
    door.enter(ADA, ADAS_PASSWORD)
    assert "event=pruning-failed error=OperationalError" in messages(caplog)


@pytest.mark.every_database
def test_a_deadlock_is_tried_again(
    door: Door, settings: Settings, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = throttle.reserve
    failures = [sa.exc.OperationalError("UPDATE", {}, Exception(1213, "deadlock"))] * 2

    def unlucky(*arguments: Any) -> object:
        if failures:
            raise failures.pop()
        return reserve(*arguments)

    monkeypatch.setattr(throttle, "reserve", unlucky)
    door.enter(ADA, ADAS_PASSWORD)


def ada_hash(door: Door, ada: User) -> str:
    stored = read(door.database, ada).password_hash
    assert isinstance(stored, str)
    return stored
