"""Create a superuser, such as the first user of a new back office."""

import argparse

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.cli.outcome import DONE, Refused
from backoffice.cli.password_input import add_password_argument, read_password_hash
from backoffice.config import load_settings
from backoffice.db import Database, open_database
from backoffice.history import unit_of_work
from backoffice.models import InvalidValue, User

NAME = "createsuperuser"
SUMMARY = "Create a user who can do everything."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--email", required=True, help="the e-mail address to sign in with")
    parser.add_argument("--first-name", help="default: from the e-mail address")
    parser.add_argument("--last-name", help="default: from the e-mail address")
    add_password_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    database = open_database(settings)
    first, last = names_from(arguments.email)
    try:
        user = User(
            email=arguments.email,
            first_name=first if arguments.first_name is None else arguments.first_name,
            last_name=last if arguments.last_name is None else arguments.last_name,
            is_superuser=True,
        )
    except InvalidValue as error:
        raise Refused(f"--{error.field.replace('_', '-')}: {error.message}") from None
    # Before asking for the password: nobody should type one in vain.
    refuse_taken_email(database, user.email)
    user.password_hash = read_password_hash(
        arguments, settings, email=user.email, names=(user.first_name, user.last_name)
    )
    user.password_is_temporary = arguments.temporary
    email = user.email
    add_user(database, user)
    print(f"{email} can now sign in and do everything.")
    if arguments.temporary:
        print("They must choose their own password when they first sign in.")
    return DONE


def names_from(email: str) -> tuple[str, str]:
    """A first and a last name from an e-mail address: ``ada.lovelace@…`` → Ada, Lovelace."""
    parts = email.partition("@")[0].replace("_", ".").split(".")
    words = [part.capitalize()[:50] for part in parts if part.strip()]
    return (words[0], words[-1]) if len(words) > 1 else ("".join(words) or "Super", "User")


def refuse_taken_email(database: Database, email: str) -> None:
    """Raise ``Refused`` if a user has this address; it is in lower case already."""
    with unit_of_work(database) as session:
        if session.scalar(sa.select(User.id).where(User.email == email)) is not None:
            raise Refused(
                f"A user with the e-mail address {email} already exists: "
                "`set-password` changes their password."
            )


def add_user(database: Database, user: User) -> None:
    """Insert ``user``, or raise ``Refused`` if another user has taken the address since."""
    try:
        with unit_of_work(database, writes=True) as session:
            session.add(user)
    except IntegrityError:
        refuse_taken_email(database, user.email)
        raise
