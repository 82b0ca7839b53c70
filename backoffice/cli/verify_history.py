"""Read the history and its seals again, and say whether they fit."""

import argparse

from backoffice.cli.outcome import DONE, Refused
from backoffice.cli.progress import with_progress
from backoffice.cli.seal_history import tell_end
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.history import RecordSession, unit_of_work
from backoffice.history.comparing import Comparison
from backoffice.history.verifying import Broken, Verification

NAME = "verify-history"
SUMMARY = "Verify that the history is as it was sealed; name the first changeset that is not."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--contains",
        metavar="HASH",
        help="a seal's hash that was noted earlier, which must still be in the chain",
    )
    parser.add_argument(
        "--records",
        action="store_true",
        help="compare the records with what history last knew of them, too",
    )


def run(arguments: argparse.Namespace) -> int:
    # Long work, as a migration is: without the timeout of pages.
    database = open_database(load_settings(), for_migrations=True)
    with unit_of_work(database) as session:
        verification = Verification(session)
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
        f"The chain is whole. Seals: {verification.seals:,}. Changesets sealed: "
        f"{verification.sealed:,}. Not sealed yet: {verification.unsealed:,}."
    )
    tell_end(verification.head)
    for line in compared:
        print(line)
    return DONE


def _compare_records(session: RecordSession) -> list[str]:
    """What to tell about the records, in the transaction that the chain was read in.

    Raises:
        Refused: one is not what history last knew.
    """
    comparison = Comparison(session)
    for _change_id in with_progress(comparison.steps(), comparison.total):
        pass
    if comparison.differences:
        more = comparison.differences - 1
        others = f" {more:,} more differ{'s' if more == 1 else ''}." if more else ""
        raise Refused(
            "The history is whole, and the records are not what it last knew. "
            f"{comparison.first_difference}{others}"
        )
    return ["The records are what history last knew.", *comparison.tells()]
