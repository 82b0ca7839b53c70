"""createsuperuser and set-password."""

import getpass
import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from backoffice.auth.password import throttle
from backoffice.auth.password.hashing import verify_password
from backoffice.cli import main
from backoffice.cli.createsuperuser import names_from
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import SignInThrottle, User
from tests.cli.conftest import Run

GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def in_this_database(settings: Settings, use_settings: Callable[[Settings], None]) -> None:
    use_settings(settings)


def create(run: Run, email: str = "ada@example.com", password: str = GOOD) -> int:
    return run("createsuperuser", "--email", email, "--password-stdin", piped=f"{password}\n").code


def user(database: Database, email: str = "ada@example.com") -> User | None:
    with unit_of_work(database) as session:
        found = session.scalar(sa.select(User).where(User.email == email))
        session.expunge_all()  # the end of a unit that only reads empties what it loaded
        return found


def test_a_superuser_is_made_with_an_address_and_a_piped_password(
    run: Run, database: Database
) -> None:
    told = run(
        "createsuperuser",
        "--email",
        "Ada.Lovelace@Example.com",
        "--password-stdin",
        piped=f"{GOOD}\n",
    )
    assert (told.code, told.err) == (0, "")
    assert GOOD not in told.out

    ada = user(database, "ada.lovelace@example.com")

    assert ada is not None
    assert ada.is_superuser
    assert ada.is_active
    assert str(ada) == "Ada Lovelace"
    assert verify_password(GOOD, ada.password_hash)


def test_names_may_be_given(run: Run, database: Database) -> None:
    words = ["--email", "root@example.com", "--first-name", "Grace", "--last-name", "Hopper"]
    assert run("createsuperuser", *words, "--password-stdin", piped=GOOD).code == 0
    grace = user(database, "root@example.com")
    assert grace is not None
    assert str(grace) == "Grace Hopper"


def test_an_address_that_is_taken_is_refused_whatever_its_case(
    run: Run, database: Database
) -> None:
    create(run)
    told = run(
        "createsuperuser", "--email", "ADA@example.com", "--password-stdin", piped=f"{GOOD}2\n"
    )
    assert told.code == 1
    assert "already exists" in told.err
    assert "set-password" in told.err
    ada = user(database)
    assert ada is not None
    assert verify_password(GOOD, ada.password_hash)


@pytest.mark.databases("sqlite")
def test_a_temporary_password_is_one_to_be_changed(run: Run, database: Database) -> None:
    words = ("--email", "ada@example.com", "--password-stdin")
    made = run("createsuperuser", *words, "--temporary", piped=f"{GOOD}\n")
    assert made.code == 0
    assert "They must choose their own password when they first sign in." in made.out
    for option, temporary in (("", False), ("--temporary", True)):
        told = run("set-password", *words, *filter(None, [option]), piped=f"{GOOD}{option}\n")
        ada = user(database)
        assert ada is not None
        assert ada.password_is_temporary is temporary
        assert ("when they first sign in" in told.out) is temporary


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("password", ["lovelace1815", "back office 1", "password12"])
def test_commands_refuse_what_is_made_of_their_owner(run: Run, password: str) -> None:
    words = ("--email", "ada@example.com", "--last-name", "Lovelace", "--password-stdin")
    told = run("createsuperuser", *words, piped=password)
    assert told.code == 1
    assert run("createsuperuser", *words, piped=GOOD).code == 0
    again = run("set-password", "--email", "ada@example.com", "--password-stdin", piped=password)
    assert again.code == 1
    assert again.err == told.err


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("password", ["", "short", "password123", "ada@example.com"])
def test_a_weak_password_is_refused_with_a_sentence(
    run: Run, database: Database, password: str
) -> None:
    told = run("createsuperuser", "--email", "ada@example.com", "--password-stdin", piped=password)
    assert told.code == 1
    assert told.err.startswith("backoffice: The password was not accepted.")
    assert user(database) is None


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["--email", "ada"], "--email"),
        (["--email", "ada@example.com", "--first-name", " "], "--first-name"),
        (["--email", "ada@example.com", "--last-name", "x" * 51], "--last-name"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_the_options_name(
    run: Run, words: list[str], option: str
) -> None:
    told = run("createsuperuser", *words, "--password-stdin", piped=GOOD)
    assert told.code == 1
    assert told.err.startswith(f"backoffice: {option}: ")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("command", ["createsuperuser", "set-password"])
def test_without_a_terminal_a_password_is_never_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    create(run, "eve@example.com")
    monkeypatch.setattr(getpass, "getpass", lambda prompt: pytest.fail("it asked"))
    email = "ada@example.com" if command == "createsuperuser" else "eve@example.com"
    told = run(command, "--email", email)
    assert told.code == 2
    assert "--password-stdin" in told.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("again", "code"), [(GOOD, 0), ("something else", 1)])
def test_at_a_terminal_the_password_is_asked_for_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch, again: str, code: int
) -> None:
    answers = iter([GOOD, again])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(answers))
    assert main(["createsuperuser", "--email", "ada@example.com"]) == code
    assert (user(database) is not None) == (code == 0)


def test_set_password_gives_a_new_one_and_forgives_failures(
    run: Run, settings: Settings, database: Database
) -> None:
    create(run)
    before = user(database)
    assert before is not None
    with unit_of_work(database, writes=True) as session:
        buckets = throttle.buckets_for(
            settings, email="ada@example.com", address="192.0.2.1", device="", password_hash=None
        )
        throttle.reserve(session, buckets, datetime.now(UTC))

    told = run(
        "set-password", "--email", "ADA@example.com", "--password-stdin", piped="another good one\n"
    )

    assert (told.code, told.err) == (0, "")
    after = user(database)
    assert after is not None
    assert verify_password("another good one", after.password_hash)
    assert not verify_password(GOOD, after.password_hash)
    assert after.version == before.version + 1
    with unit_of_work(database) as session:
        left = session.scalar(sa.select(sa.func.count()).select_from(SignInThrottle))
    assert left == 1  # the address's; an account's is nobody else's to forgive


@pytest.mark.databases("sqlite")
def test_set_password_of_nobody_is_refused_before_a_password_is_read(run: Run) -> None:
    told = run("set-password", "--email", "nobody@example.com")
    assert told.code == 1
    assert "There is no user" in told.err


@pytest.mark.databases("sqlite")
def test_set_password_says_when_the_user_still_cannot_sign_in(run: Run, database: Database) -> None:
    create(run)
    with database.writer.begin() as connection:  # a rule would keep the last superuser active
        connection.execute(sa.update(User).values(is_active=False))
    told = run("set-password", "--email", "ada@example.com", "--password-stdin", piped=GOOD + "!")
    assert told.code == 0
    assert "not active" in told.out


@pytest.mark.parametrize(
    ("email", "names"),
    [
        ("ada.lovelace@example.com", ("Ada", "Lovelace")),
        ("jean_luc.picard@example.com", ("Jean", "Picard")),
        ("root@example.com", ("Root", "User")),
        ("...@example.com", ("Super", "User")),
    ],
)
@pytest.mark.databases("sqlite")
def test_names_begin_as_the_address_tells(email: str, names: tuple[str, str]) -> None:
    assert names_from(email) == names
