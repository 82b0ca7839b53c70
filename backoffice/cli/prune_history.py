"""Permanently remove the oldest history; the chain of seals stays valid."""

import argparse
import re
from datetime import UTC, datetime, timedelta

from backoffice.cli.outcome import DONE, USAGE, Refused
from backoffice.cli.progress import with_progress
from backoffice.cli.seal_history import BUSY
from backoffice.config import Settings, load_settings
from backoffice.db import Database, open_database
from backoffice.history import AuditContext, unit_of_work
from backoffice.history.seals.chain import NotSigned
from backoffice.history.seals.lock import Busy
from backoffice.history.seals.pruning import Prunable, prunable, prune
from backoffice.history.seals.signing import HistoryKeys, history_keys
from backoffice.history.seals.verification import Broken, Verification

NAME = "prune-history"
SUMMARY = "Permanently remove the oldest changesets; without --yes, only say how many."

DAYS = {"d": 1, "w": 7, "y": 365}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--older-than",
        type=_days,
        metavar="AGE",
        help="such as 730d, 104w or 2y (default: the setting HISTORY_KEEP_DAYS)",
    )
    parser.add_argument(
        "--yes", action="store_true", help="remove them; without it, nothing is removed"
    )


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    days = _days_to_keep(arguments.older_than, settings)
    before = datetime.now(UTC) - timedelta(days=days)
    # Without the pages' statement timeout: it takes long, like a migration.
    database = open_database(settings, for_migrations=True)
    with unit_of_work(database) as session:
        found = prunable(session, before)
    if found.unsealed:
        print(
            f"{found.unsealed:,} changesets are old enough but are kept, because they are not "
            "sealed and settled: run `seal-history` first."
        )
    if not found.changesets:
        print(f"No sealed changeset is older than {days:,} days.")
        return DONE
    what = f"{found.changesets:,} changesets with {found.changes:,} changes"
    if not arguments.yes:
        print(
            f"{what}, up to #{found.up_to}, are older than {days:,} days and would be "
            "removed permanently. Nothing was removed: add --yes to remove them."
        )
        return DONE
    keys = history_keys(settings)
    _verify(database, keys)
    _prune(database, keys, found, before)
    print(f"{what}, up to #{found.up_to}, were removed.")
    return DONE


def _verify(database: Database, keys: HistoryKeys) -> None:
    """Verify the chain first: pruned history can no longer be verified."""
    with unit_of_work(database) as session:
        verification = Verification(session, keys)
        try:
            for _changeset_id in with_progress(verification.steps(), verification.total):
                pass
        except Broken as error:
            raise Refused(
                f"Nothing was removed, because the history was tampered with. {error}"
            ) from None


def _prune(database: Database, keys: HistoryKeys, found: Prunable, before: datetime) -> None:
    audit_context = AuditContext(
        source="cli",
        actor=NAME,
        reason=(
            f"History up to #{found.up_to} pruned: {found.changesets:,} changesets written before "
            f"{before:%Y-%m-%d}"
        ),
    )
    done = 0
    removed = prune(database, keys, found.up_to, audit_context)
    each = (changeset for number in removed for changeset in range(number))
    try:
        for _changeset in with_progress(each, found.changesets):
            done += 1
    except Busy:
        raise Refused(BUSY) from None
    except NotSigned as error:
        raise Refused(str(error)) from None
    except KeyboardInterrupt:
        raise Refused(f"stopped; at least {done:,} changesets had been removed.") from None


def _days_to_keep(given: int | None, settings: Settings) -> int:
    days = given if given is not None else settings.history_keep_days
    if days is None:
        raise Refused(
            "Say how much history to keep: use --older-than 730d, or set HISTORY_KEEP_DAYS.",
            USAGE,
        )
    return days


def _days(text: str) -> int:
    match = re.fullmatch(r"([1-9]\d{0,4})([dwy])", text)
    if match is None:
        raise argparse.ArgumentTypeError("must be a number of days, weeks or years: 730d, 104w, 2y")
    return int(match[1]) * DAYS[match[2]]
