"""Seal the history, so that a later change of it is detected."""

import argparse
import sys

from backoffice.cli.outcome import DONE, Refused
from backoffice.config import Settings, load_settings
from backoffice.db import open_database
from backoffice.history import AuditContext, unit_of_work
from backoffice.history.seals.chain import ChainEnd, NotSigned, end_of_chain
from backoffice.history.seals.lock import Busy
from backoffice.history.seals.note_store import NoteNotStored, place_name, store_note
from backoffice.history.seals.notes import Note
from backoffice.history.seals.sealing import changesets_under, seal_all
from backoffice.history.seals.sign_end import sign_end
from backoffice.history.seals.signing import history_keys
from backoffice.models import Seal

NAME = "seal-history"
SUMMARY = "Seal the new changesets, so that later tampering shows."

SIGNED_AGAIN = AuditContext(
    source="cli",
    actor=NAME,
    reason="The end of the history was signed again, because the key that signed it is lost.",
)

BUSY = "Another process is sealing or pruning the history: try again in a moment."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sign-end",
        action="store_true",
        help="first sign the end of the chain again, if the key that signed it is lost; older "
        "seals can then be verified by their hashes only",
    )


def run(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    keys = history_keys(settings)
    # Without the pages' statement timeout: it takes long, like a migration.
    database = open_database(settings, for_migrations=True)
    changesets = seals = 0
    try:
        if arguments.sign_end:
            signed = sign_end(database, keys, SIGNED_AGAIN)
            print(
                "The end of the chain was signed again."
                if signed
                else "The end of the chain is already signed."
            )
        for seal in seal_all(database, keys):
            changesets += changesets_under(seal)
            seals += 1
            _write_note(settings, seal)
    except Busy:
        raise Refused(BUSY) from None
    except NotSigned as error:
        raise Refused(str(error)) from None
    except KeyboardInterrupt:
        raise Refused(f"stopped; {changesets:,} changesets had been sealed.") from None
    if changesets:
        print(f"{changesets:,} changesets sealed in {seals:,} {'seal' if seals == 1 else 'seals'}.")
    else:
        print("Nothing to seal.")
    with unit_of_work(database) as session:
        print_end(end_of_chain(session))
    return DONE


def _write_note(settings: Settings, seal: Seal) -> None:
    place = settings.history_notes.get_secret_value()
    if not place:
        return
    try:
        store_note(place, Note.of(seal))
    except NoteNotStored as error:
        print(
            f"backoffice: seal {seal.id} could not be noted in {place_name(place)}: {error}. "
            f"Note it by hand: {Note.of(seal)}",
            file=sys.stderr,
        )


def print_end(end: ChainEnd) -> None:
    """Print the last seal, for a note that is kept elsewhere."""
    if end.seal_id:
        print(f"The last seal is {end.seal_id}, its hash {end.hash}")
