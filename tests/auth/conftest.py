"""The cast at the door: ada works here, mallory does not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.auth import signin
from backoffice.auth.browser import new_token
from backoffice.auth.password import hashing
from backoffice.auth.password.attempts import Client
from backoffice.auth.password.hashing import hash_password
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import unit_of_work
from backoffice.models import User
from backoffice.models.tables import users

ADAS_PASSWORD = "analytical engine"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> datetime:
        """Let time go by: ``wait(minutes=5)``."""
        self.now += timedelta(**time)
        return self.now


class Door:
    """Tries to sign in as somebody, from somewhere, and keeps what came of it."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self.database, self.settings, self.clock = database, settings, clock

    def try_(
        self,
        email: str,
        password: str,
        *,
        address: str = "192.0.2.1",
        user_agent: str = "Firefox",
        token: str = "anonymous",
        device: str = "",
    ) -> signin.Outcome:
        return signin.sign_in(
            self.database,
            self.settings,
            email=email,
            password=password,
            client=Client(address, user_agent, token, device),
            new_token=new_token(),
            now=self.clock(),
        )

    def enter(self, email: str, password: str, *, device: str = "") -> signin.Success:
        outcome = self.try_(email, password, device=device)
        assert isinstance(outcome, signin.Success)
        return outcome


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(database: Database, settings: Settings, clock: Clock) -> Door:
    return Door(database, settings, clock)


@pytest.fixture
def ada(database: Database) -> User:
    """An active user, with a password."""
    return add_user(database, "ada@example.com", ADAS_PASSWORD)


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that hashing were compared with, in order."""
    compared: list[str] = []
    verify: Callable[[str, str], bool] = hashing._verify

    def counted(password: str, stored_hash: str) -> bool:
        compared.append(stored_hash)
        return verify(password, stored_hash)

    monkeypatch.setattr(hashing, "_verify", counted)
    return compared


def add_user(database: Database, email: str, password: str | None = None) -> User:
    """A user with ``password``; with None one who has none."""
    with unit_of_work(database, writes=True) as session:
        user = User(first_name="Ada", last_name="Lovelace", email=email)
        if password is not None:
            user.password_hash = hash_password(password)
        session.add(user)
    return user


def change(database: Database, user: User, **values: object) -> None:
    """Change the row by plain SQL, as any other program may."""
    with database.writer.begin() as connection:
        connection.execute(sa.update(users).where(users.c.id == user.id).values(values))


def read(database: Database, user: User) -> Any:
    """The user's row as the database has it now."""
    with database.reader.connect() as connection:
        return connection.execute(sa.select(users).where(users.c.id == user.id)).one()
