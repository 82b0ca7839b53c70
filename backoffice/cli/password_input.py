"""Reads a password from the terminal or standard input: other users can read a command line."""

import argparse
import getpass
import sys

from backoffice.auth.password.hashing import hash_password
from backoffice.auth.password.policy import check_password_policy
from backoffice.cli.outcome import USAGE, Refused
from backoffice.config import Settings
from backoffice.models import InvalidValue


def add_password_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from the first line of standard input instead of asking for it",
    )
    parser.add_argument(
        "--temporary",
        action="store_true",
        help="the user must choose another password when they first sign in, before they can do "
        "anything else",
    )


def read_password_hash(
    arguments: argparse.Namespace, settings: Settings, *, email: str, names: tuple[str, str]
) -> str:
    """The hash of a typed password, or of one piped in with ``--password-stdin``.

    ``email`` and ``names``: the owner's, which the password must not contain.

    Raises:
        Refused: it is too weak, the repetition differs, or there is no terminal.
    """
    password = _read_from_stdin() if arguments.password_stdin else _ask()
    try:
        check_password_policy(password, email=email, names=names, product=settings.product_name)
    except InvalidValue as error:
        raise Refused(f"The password was not accepted. {error.message}") from None
    return hash_password(password)


def _read_from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _ask() -> str:
    if not sys.stdin.isatty():
        raise Refused(
            "There is no terminal to ask for the password: pipe it in with --password-stdin.", USAGE
        )
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Refused("The passwords don't match. Nothing was changed.")
    return password
