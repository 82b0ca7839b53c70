"""Set a new password for a user who cannot sign in to change it."""

import argparse

import sqlalchemy as sa

from backoffice.auth.password.throttle import reset_account
from backoffice.cli.outcome import DONE, Refused
from backoffice.cli.password_input import add_password_argument, read_password_hash
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.history import RecordSession, unit_of_work
from backoffice.models import InvalidValue, User
from backoffice.models.rules import clean_email

NAME = "set-password"
SUMMARY = "Set a user's password, sign them out everywhere, and clear failed attempts."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--email", required=True, help="the user's e-mail address")
    add_password_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    database = open_database(settings)
    try:
        email = clean_email("email", arguments.email, maximum=100)
    except InvalidValue as error:
        raise Refused(f"--email: {error.message}") from None
    with unit_of_work(database) as session:
        user = _user(session, email)
        names = (user.first_name, user.last_name)
    password_hash = read_password_hash(arguments, settings, email=email, names=names)
    with unit_of_work(database, writes=True) as session:
        user = _user(session, email)
        # A session is bound to the password hash it began with, so all of them end.
        user.password_hash = password_hash
        user.password_is_temporary = arguments.temporary
        reset_account(session, settings, email)
        session.flush()
        is_active = user.is_active
    print(f"{email} has a new password and was signed out everywhere.")
    if arguments.temporary:
        print("They must choose their own password when they first sign in.")
    if not is_active:
        print("The user is not active and cannot sign in until somebody activates them.")
    return DONE


def _user(session: RecordSession, email: str) -> User:
    user = session.scalar(sa.select(User).where(User.email == email))
    if user is None:
        raise Refused(f"There is no user with the e-mail address {email}.")
    return user
