"""Check that the lists use indexes, and write the missing ones as a migration."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from alembic.script import ScriptDirectory

from backoffice.cli.doctor_migration import migration_text
from backoffice.cli.outcome import DONE, FAILED, Refused
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.db.migrations import MigrationState, current_state, migration_config
from backoffice.db.queries.indexes import WantedIndex

NAME = "doctor"
SUMMARY = "Show which index serves each search, filter and sort, and which are missing."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--migration",
        type=Path,
        metavar="FILE",
        help="write the migration to this new file instead of printing it",
    )


def run(arguments: argparse.Namespace) -> int:
    # Imported here: the views take half a second, and other commands need not wait for them.
    from backoffice.admin.checks import ViewError
    from backoffice.cli.doctor_report import examine, report

    settings = load_settings()
    database = open_database(settings)
    try:
        state = current_state(database)
        if not state.applied:
            raise Refused("the database has no tables yet: run `alembic upgrade head`.")
        found = examine(settings, database)
    except ViewError as error:
        raise Refused("\n".join(error.problems)) from None
    finally:
        database.dispose()
    for line in report(found, behind=state.behind):
        print(line)
    file: Path | None = arguments.migration
    if found.missing and not state.behind:
        _write_migration(found.missing, state, file)
    elif file is not None:
        why = "migrations are missing" if state.behind else "no index is missing"
        print(f"{file} was not written: {why}.")
    return FAILED if found.urgent else DONE


def _write_migration(
    missing: Sequence[WantedIndex], state: MigrationState, file: Path | None
) -> None:
    """Print the migration, or write it to ``file``."""
    head = ScriptDirectory.from_config(migration_config()).get_current_head()
    text = migration_text(missing, str(head), state.known)
    if file is None:
        print(f"This migration creates them:\n\n{text}", end="")
        return
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise Refused(f"{file} already exists and was not changed: name another file.") from None
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}.") from None
    print(
        f"The migration that creates them is in {file}: review it, then run `alembic upgrade head`."
    )
