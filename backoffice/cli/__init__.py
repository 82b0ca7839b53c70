"""``python -m backoffice COMMAND``: one module per command.

Exit codes, the same for all commands:

==  ========================================================================
 0  done
 1  refused, or not possible right now; a sentence on standard error says why
 2  the command line is wrong, or a password is needed and there is no terminal
78  a setting is wrong (``EX_CONFIG`` of sysexits.h), and nothing was done
==  ========================================================================
"""

import argparse
import getpass
import io
import sys
from collections.abc import Sequence

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from backoffice.cli import (
    check,
    createsuperuser,
    demo,
    doctor,
    prune_history,
    seal_history,
    serve,
    set_password,
    texts,
    verify_history,
)
from backoffice.cli.outcome import DONE, FAILED, SETTINGS, Refused
from backoffice.config import SettingsError
from backoffice.db import ChangesRefused
from backoffice.db.resilience.breaker import NotAnswering
from backoffice.db.resilience.unknown_outcome import OutcomeUnknown
from backoffice.history import AuditContext, audit_context

COMMANDS = (
    serve,
    createsuperuser,
    set_password,
    demo,
    check,
    doctor,
    seal_history,
    verify_history,
    prune_history,
    texts,
)
"""Each has NAME, SUMMARY (a sentence), ``add_arguments(parser)`` and ``run(arguments) -> int``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that ``argv`` (None: the process's own) names; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Flush each line, also into a pipe or a journal, which otherwise wait for 8 KB.
        sys.stdout.reconfigure(line_buffering=True)
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.run is None:
        parser.print_help()
        return DONE
    try:
        with audit_context(AuditContext(source="cli", actor=_who())):
            code: int = arguments.run(arguments)
    except SettingsError as error:
        return _print_error(str(error), SETTINGS)
    except Refused as error:
        return _print_error(str(error), error.code)
    except CommandError as error:  # from a migration
        return _print_error(str(error), FAILED)
    except DBAPIError as error:
        return _print_error(_sentence(error), FAILED)
    except NotAnswering:
        return _print_error("the database does not answer.", FAILED)
    except KeyboardInterrupt:
        return _print_error("stopped; nothing was changed.", FAILED)
    return code


def _who() -> str:
    """Who runs the command, for the history: the name of the account on this machine."""
    try:
        return f"{getpass.getuser()} (command)"
    except (KeyError, OSError):  # a container's user without a name
        return "A command"


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; docs are tested against it."""
    parser = argparse.ArgumentParser(
        prog="python -m backoffice", description="Commands of the back office."
    )
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        summary = command.SUMMARY
        subparser = commands.add_parser(command.NAME, help=summary, description=summary)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def _print_error(sentence: str, code: int) -> int:
    print(f"backoffice: {sentence}", file=sys.stderr)
    return code


def _sentence(error: DBAPIError) -> str:
    """The database's error as a sentence, with the first line of the driver's text."""
    lines = str(error.orig).strip().splitlines() or [type(error).__name__]
    text = lines[0].strip()
    missing = ("does not exist", "no such table", "doesn't exist")
    if any(words in text for words in missing) and "database" not in text:
        return "the database has no tables yet, or old ones: run `alembic upgrade head`."
    if isinstance(error, ChangesRefused):
        return f"the database is read-only right now: {text}."
    if isinstance(error, OutcomeUnknown):
        return f"it is unknown whether this was saved: {text}. Check before you run it again."
    if isinstance(error, OperationalError | InterfaceError):
        return f"the database does not answer, or refused: {text}."
    return f"the database refused: {text}."
