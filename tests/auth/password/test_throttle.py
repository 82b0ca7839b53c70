"""Waits that grow with failures, for people who guess and for nobody else."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backoffice.auth.password import hashing, throttle
from backoffice.auth.password.attempts import Failure
from backoffice.auth.password.devices import device_cookie, knows_account
from backoffice.auth.password.throttle import Blocked, wait_after
from backoffice.auth.signin import Outcome, Success
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import User
from backoffice.models.tables import throttles
from tests.auth.conftest import ADAS_PASSWORD, Clock, Door, change, read
from tests.cast import statements
from tests.databases import make_settings

ADA = "ada@example.com"
SETTINGS = make_settings("sqlite://")


@pytest.fixture(autouse=True)
def cheap_verification(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of attempts are made here, and what counts is how many, not how long each takes."""
    monkeypatch.setattr(
        hashing,
        "_verify",
        lambda password, stored: password == ADAS_PASSWORD and stored != hashing._DUMMY_HASH,
    )


def fail(door: Door, times: int, email: str = ADA, **from_: str) -> list[Outcome]:
    return [door.try_(email, "wrong", **from_) for _ in range(times)]


def test_five_failures_cost_no_wait_and_the_sixth_does(door: Door, ada: User) -> None:
    assert fail(door, 5) == [Failure()] * 5
    assert fail(door, 2) == [Failure(), Blocked(2)]


def test_the_right_password_after_five_failures_signs_in(door: Door, ada: User) -> None:
    fail(door, 5)
    assert isinstance(door.try_(ADA, ADAS_PASSWORD), Success)


def test_waits_grow_to_a_quarter_of_an_hour_and_no_further(
    door: Door, ada: User, clock: Clock
) -> None:
    fail(door, 5)
    waits = []
    for _ in range(12):
        assert door.try_(ADA, "wrong") == Failure()
        blocked = door.try_(ADA, "wrong")
        assert isinstance(blocked, Blocked)
        waits.append(blocked.seconds)
        clock.wait(seconds=blocked.seconds)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_even_the_right_password_is_not_looked_at_during_a_wait(
    door: Door, ada: User, verifications: list[str]
) -> None:
    fail(door, 6)
    verifications.clear()
    assert isinstance(door.try_(ADA, ADAS_PASSWORD), Blocked)
    assert verifications == []


def test_attempts_during_a_wait_do_not_extend_it(door: Door, ada: User, clock: Clock) -> None:
    fail(door, 6 + 30)
    clock.wait(seconds=2)
    assert isinstance(door.try_(ADA, ADAS_PASSWORD), Success)


def test_an_attempt_during_a_wait_writes_nothing(door: Door, ada: User) -> None:
    fail(door, 6)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement.split()[0])

    sa.event.listen(door.database.engine, "before_cursor_execute", note)
    assert isinstance(door.try_(ADA, "wrong"), Blocked)
    assert set(statements) <= {"SELECT", "BEGIN"}


def test_success_starts_the_account_again_at_zero(door: Door, ada: User) -> None:
    fail(door, 5)
    door.enter(ADA, ADAS_PASSWORD)
    assert fail(door, 6) == [Failure()] * 6


def test_a_quiet_day_starts_it_again_at_zero(door: Door, ada: User, clock: Clock) -> None:
    fail(door, 6)
    clock.wait(days=1, seconds=1)
    assert fail(door, 6) == [Failure()] * 6


def test_an_account_that_does_not_exist_is_throttled_the_same(door: Door, ada: User) -> None:
    assert fail(door, 8, email="nobody@example.com") == fail(door, 8, address="192.0.2.9")


def test_spelling_the_address_otherwise_is_no_way_around(door: Door, ada: User) -> None:
    fail(door, 6, email=" ADA@Example.com ")
    assert isinstance(door.try_(ADA, "wrong"), Blocked)


def test_an_address_that_tries_many_accounts_waits_after_twenty(door: Door, ada: User) -> None:
    for number in range(21):
        assert door.try_(f"user{number}@example.com", "wrong") == Failure()
    assert door.try_("somebody@example.com", "wrong") == Blocked(2)
    assert door.try_("somebody@example.com", "wrong", address="198.51.100.7") == Failure()


def test_one_account_of_ones_own_does_not_reset_the_address(door: Door, ada: User) -> None:
    for number in range(20):
        door.try_(f"user{number}@example.com", "wrong")
    door.enter(ADA, ADAS_PASSWORD)
    assert door.try_("user20@example.com", "wrong") == Failure()
    assert door.try_("user21@example.com", "wrong") == Blocked(2)


def test_signing_in_costs_the_address_nothing(door: Door, ada: User) -> None:
    for _ in range(25):
        door.enter(ADA, ADAS_PASSWORD)


def test_an_address_that_waited_is_free_again_after_success(
    door: Door, ada: User, clock: Clock
) -> None:
    for number in range(21):
        door.try_(f"user{number}@example.com", "wrong")
    clock.wait(seconds=2)
    door.enter(ADA, ADAS_PASSWORD)
    door.enter(ADA, ADAS_PASSWORD)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("testclient", "testclient", True),
        ("", "testclient", False),
    ],
)
def test_a_customers_whole_network_is_one_address(one: str, other: str, same: bool) -> None:
    buckets = [
        throttle.buckets_for(SETTINGS, email="x", address=address, device="", password_hash=None)[1]
        for address in (one, other)
    ]
    assert (buckets[0] == buckets[1]) is same


def test_a_stranger_cannot_lock_out_the_browser_that_works_here(
    door: Door, ada: User, clock: Clock
) -> None:
    device = door.enter(ADA, ADAS_PASSWORD).device
    for _ in range(40):
        clock.wait(minutes=15)
        door.try_(ADA, "wrong", address="203.0.113.66")
    assert isinstance(door.try_(ADA, "wrong", address="203.0.113.66"), Blocked)
    assert isinstance(door.try_(ADA, ADAS_PASSWORD), Blocked)
    door.enter(ADA, ADAS_PASSWORD, device=device)


def test_a_known_browser_also_has_a_throttle(door: Door, ada: User) -> None:
    device = door.enter(ADA, ADAS_PASSWORD).device
    assert fail(door, 7, device=device) == [*[Failure()] * 6, Blocked(2)]
    assert door.try_(ADA, "wrong") == Failure()


def test_a_browser_known_for_one_account_is_a_stranger_to_another(door: Door, ada: User) -> None:
    device = door.enter(ADA, ADAS_PASSWORD).device
    fail(door, 6, email="ed@example.com", address="198.51.100.1")
    assert isinstance(door.try_("ed@example.com", "x", device=device), Blocked)


def test_a_browser_is_known_for_the_last_few_accounts() -> None:
    device = ""
    for number in range(7):
        device = device_cookie(SETTINGS, device, f"user{number}@example.com", "a hash")
    known = [
        number
        for number in range(7)
        if knows_account(SETTINGS, device, f"user{number}@example.com", "a hash")
    ]
    assert known == [2, 3, 4, 5, 6]
    assert len(device) < 200
    assert device_cookie(SETTINGS, device, "USER6@example.com ", "a hash") == device


def test_a_new_password_ends_what_browsers_knew(door: Door, database: Database, ada: User) -> None:
    device = door.enter(ADA, ADAS_PASSWORD).device
    change(database, ada, password_hash="$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA")

    # Its failures are the account's again, as a stranger's are: a stolen cookie is worth nothing.
    assert fail(door, 7, device=device) == [*[Failure()] * 6, Blocked(2)]
    assert isinstance(door.try_(ADA, ADAS_PASSWORD, device=device), Blocked)
    assert isinstance(door.try_(ADA, ADAS_PASSWORD), Blocked)

    with unit_of_work(database, writes=True) as session:
        throttle.reset_account(session, door.settings, ADA)
    renewed = door.enter(ADA, ADAS_PASSWORD, device=device).device
    assert renewed.count(".") == device.count(".") == 1  # in the old one's place
    fail(door, 7)
    door.enter(ADA, ADAS_PASSWORD, device=renewed)


@pytest.mark.usefixtures("real_passwords")
def test_a_browser_is_known_by_the_hash_that_is_in_force(
    door: Door, database: Database, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "_verify", lambda password, stored: password == ADAS_PASSWORD)
    weak = "$argon2id$v=19$m=9216,t=1,p=1$c2FsdHNhbHQ$aGFzaA"
    change(database, ada, password_hash=weak)

    device = door.enter(ADA, ADAS_PASSWORD).device  # which replaces the hash

    stored = read(database, ada).password_hash
    assert stored != weak
    assert knows_account(door.settings, device, ADA, stored)
    assert not knows_account(door.settings, device, ADA, weak)


def test_a_known_and_an_unknown_account_are_asked_about_alike(
    door: Door, database: Database, ada: User
) -> None:
    device = door.enter(ADA, ADAS_PASSWORD).device
    sent = {}
    for email in (ADA, "nobody@example.com"):
        with statements(database) as seen:
            door.try_(email, "wrong", device=device)
        sent[email] = len([one for one in seen if not one.startswith(("INSERT", "UPDATE"))])
    assert sent[ADA] == sent["nobody@example.com"]


def test_the_command_line_forgives(door: Door, database: Database, ada: User) -> None:
    fail(door, 6)
    with unit_of_work(database, writes=True) as session:
        throttle.reset_account(session, door.settings, "Ada@example.com")
    door.enter(ADA, ADAS_PASSWORD)


def test_the_table_names_nobody(door: Door, database: Database, ada: User) -> None:
    fail(door, 1)
    with database.reader.connect() as connection:
        keys = connection.execute(sa.select(throttles.c.key)).scalars().all()
    assert len(keys) == 2
    assert not any("ada" in key or "192" in key for key in keys)


def test_forgotten_counters_are_deleted_at_the_next_sign_in(
    door: Door, database: Database, ada: User, clock: Clock
) -> None:
    for number in range(5):
        door.try_(f"user{number}@example.com", "wrong")
    clock.wait(days=1)
    door.enter(ADA, ADAS_PASSWORD)
    with database.reader.connect() as connection:
        left = connection.execute(sa.select(throttles.c.last_failure_at)).scalars().all()
    assert left == [clock.now]  # the address's, given back


def together(door: Door, attempts: list[dict[str, str]]) -> list[Outcome]:
    """All attempts at the same moment, each in a thread of its own."""
    outcomes: list[Outcome] = []
    ready = threading.Barrier(len(attempts))

    def attempt(arguments: dict[str, str]) -> None:
        ready.wait()
        outcomes.append(door.try_(**arguments))

    threads = [threading.Thread(target=attempt, args=(arguments,)) for arguments in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.every_database
def test_fifty_guesses_at_once_get_no_more_looks_than_fifty_in_a_row(
    door: Door, ada: User, verifications: list[str]
) -> None:
    guesses = [{"email": ADA, "password": f"guess {n}"} for n in range(50)]
    outcomes = together(door, guesses)
    assert len(outcomes) == 50
    assert len(verifications) == throttle.FREE_PER_ACCOUNT + 1
    assert outcomes.count(Failure()) == throttle.FREE_PER_ACCOUNT + 1


@pytest.mark.every_database
def test_fifty_accounts_at_once_are_one_address(door: Door, verifications: list[str]) -> None:
    guesses = [{"email": f"user{n}@example.com", "password": "x"} for n in range(50)]
    assert len(together(door, guesses)) == 50
    assert len(verifications) == throttle.FREE_PER_ADDRESS + 1


@pytest.mark.every_database
def test_an_office_signs_in_at_once(door: Door, database: Database, ada: User) -> None:
    outcomes = together(door, [{"email": ADA, "password": ADAS_PASSWORD}] * 5)
    assert all(isinstance(outcome, Success) for outcome in outcomes)
    with database.reader.connect() as connection:
        assert connection.execute(sa.select(throttles.c.failures)).scalars().all() == [0]


def test_the_wait_is_a_function_of_the_failures() -> None:
    assert wait_after(5, 5) == timedelta(0)
    assert wait_after(6, 5) == timedelta(seconds=2)
    assert wait_after(10**9, 5) == timedelta(minutes=15)
