"""Seal the history, so that it shows if somebody rewrites it."""

import argparse

from backoffice.cli.outcome import DONE, Refused
from backoffice.config import load_settings
from backoffice.db import open_database
from backoffice.history import unit_of_work
from backoffice.history.seals import End, end_of_chain, number_under, seal_all
from backoffice.history.settling import Busy

NAME = "seal-history"
SUMMARY = "Seal the changesets written since, so that it shows if somebody rewrites them."

BUSY = "Another process is sealing or pruning the history at this moment: try again."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(arguments: argparse.Namespace) -> int:
    # Long work, as a migration is: without the timeout of pages.
    database = open_database(load_settings(), for_migrations=True)
    changesets = seals = 0
    try:
        for seal in seal_all(database):
            changesets += number_under(seal)
            seals += 1
    except Busy:
        raise Refused(BUSY) from None
    except KeyboardInterrupt:
        raise Refused(f"stopped; {changesets:,} changesets were sealed before.") from None
    if changesets:
        print(f"{changesets:,} changesets sealed in {seals:,} {'seal' if seals == 1 else 'seals'}.")
    else:
        print("There was nothing to seal.")
    with unit_of_work(database) as session:
        tell_end(end_of_chain(session))
    return DONE


def tell_end(end: End) -> None:
    """Print where the chain ends, for whoever notes it elsewhere."""
    if end.seal_id:
        print(f"The last seal is {end.seal_id}, its hash {end.hash}")
