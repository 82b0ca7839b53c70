"""Prepares a newcomer's first start; later starts find everything done."""

import secrets
import sys
from pathlib import Path

import sqlalchemy as sa

from backoffice.auth.password.hashing import hash_password
from backoffice.cli.createsuperuser import add_user
from backoffice.cli.demo import ExampleMissing, has_records, load
from backoffice.cli.outcome import Refused
from backoffice.config import CHECKOUT, Settings
from backoffice.db import Database, open_database
from backoffice.db.migrations import current_state, upgrade
from backoffice.history import unit_of_work
from backoffice.models import User

EMAIL = "admin@example.com"


def prepare(settings: Settings) -> None:
    """Migrate; give an empty database demo records, and one without users a superuser.

    Raises:
        Refused: in production, where neither belongs.
    """
    if settings.production:
        raise Refused(
            "--prepare prints a password, which must not be in a production log: run "
            "`alembic upgrade head` and `python -m backoffice createsuperuser` instead."
        )
    database = open_database(settings)
    try:
        if current_state(database).behind:
            print("Updating the database", flush=True)
            upgrade(settings)
        with unit_of_work(database) as session:
            has_users = session.scalar(sa.select(sa.exists(sa.select(User.id))))
            is_empty = not has_users and not has_records(session)
        if is_empty:
            _load_demo(database)
        if not has_users:
            _make_superuser(database)
    finally:
        database.dispose()


def _load_demo(database: Database) -> None:
    """The back office can be tried out without demo records, so the start continues."""
    try:
        print(f"{load(database)}.", flush=True)
    except ExampleMissing as missing:
        print(missing, flush=True)


def _make_superuser(database: Database) -> None:
    password = secrets.token_urlsafe(12)
    add_user(
        database,
        User(
            email=EMAIL,
            first_name="Ada",
            last_name="Admin",
            is_superuser=True,
            password_hash=hash_password(password),
        ),
    )
    print(
        f"\n    E-mail    {EMAIL}\n    Password  {password}\n\n"
        "This password is shown only once. To set another one:\n"
        f"    {_python()} -m backoffice set-password --email {EMAIL}\n",
        flush=True,
    )


def _python() -> str:
    """The interpreter, as one would type it in the checkout."""
    executable = Path(sys.executable)
    here = executable.is_relative_to(CHECKOUT)
    return str(executable.relative_to(CHECKOUT) if here else executable)
