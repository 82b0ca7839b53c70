"""Verify the history against its seals."""

import argparse

from backoffice.cli.outcome import DONE, USAGE, Refused
from backoffice.cli.progress import with_progress
from backoffice.cli.seal_history import print_end
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.history import RecordSession, unit_of_work
from backoffice.history.comparison.records import Comparison
from backoffice.history.seals.notes import Note, read_notes
from backoffice.history.seals.signing import history_keys
from backoffice.history.seals.verification import Broken, Verification

NAME = "verify-history"
SUMMARY = "Verify the history against its seals; name the first changeset that does not match."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--contains",
        metavar="HASH",
        help="a seal's hash that was noted earlier, which must still be in the chain",
    )
    parser.add_argument(
        "--anchors",
        type=argparse.FileType("r", encoding="utf-8", errors="replace"),
        metavar="FILE",
        help="notes of seals from outside the database, all of which must be in the chain: the "
        "output of HISTORY_NOTES, or the log of the back office; - reads standard input",
    )
    parser.add_argument(
        "--records",
        action="store_true",
        help="also compare the records with the history",
    )


def run(arguments: argparse.Namespace) -> int:
    # Without the pages' statement timeout: it takes long, like a migration.
    settings = load_settings()
    database = open_database(settings, for_migrations=True)
    notes = _read_notes(arguments)
    with unit_of_work(database) as session:
        verification = Verification(session, history_keys(settings), notes)
        try:
            for _changeset_id in with_progress(verification.steps(), verification.total):
                pass
            if arguments.contains:
                verification.expect(arguments.contains)
        except Broken as error:
            raise Refused(f"The history was tampered with. {error}") from None
        compared = _compare_records(session) if arguments.records else []
    if verification.pruned_up_to:
        print(f"The history up to changeset #{verification.pruned_up_to} was pruned.")
    print(
        f"The chain is intact. Seals: {verification.seals:,}. Changesets sealed: "
        f"{verification.sealed:,}. Not sealed yet: {verification.unsealed:,}."
    )
    if verification.signed_from and verification.seals_before_signed:
        print(
            f"The seals are signed from seal {verification.signed_from} on, which covers the "
            f"{verification.seals_before_signed:,} before it."
        )
    if notes:
        print(f"Notes: {len(notes):,}. {_notes_sentence(verification)}")
    print_end(verification.head)
    for line in compared:
        print(line)
    return DONE


def _read_notes(arguments: argparse.Namespace) -> set[Note]:
    if arguments.anchors is None:
        return set()
    with arguments.anchors as file:
        notes = set(read_notes(file))
    if not notes:
        raise Refused(
            f"{file.name} has no note of a seal, such as “seal=12 hash=…” with 64 digits.", USAGE
        )
    return notes


def _notes_sentence(verification: Verification) -> str:
    if not verification.noted_of_pruned:
        return "All are in the chain."
    return (
        f"In the chain: {verification.noted:,}. Of history that was pruned: "
        f"{verification.noted_of_pruned:,}."
    )


def _compare_records(session: RecordSession) -> list[str]:
    """Compare the records with the history, in the transaction that read the chain; lines to print.

    Raises:
        Refused: a record differs from the history.
    """
    comparison = Comparison(session)
    for _change_id in with_progress(comparison.steps(), comparison.total):
        pass
    if comparison.differences:
        more = comparison.differences - 1
        others = f" {more:,} more differ{'s' if more == 1 else ''}." if more else ""
        raise Refused(
            "The history is intact, but the records do not match it. "
            f"{comparison.first_difference}{others}"
        )
    return ["The records match the history.", *comparison.report()]
