"""The history is sealed now and then while the application runs, in a thread of its own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from backoffice.config import Settings
from backoffice.db import Database, open_database
from backoffice.history.seals.lock import Busy
from backoffice.history.seals.notes import Note
from backoffice.history.seals.sealing import changesets_under, seal_all
from backoffice.history.seals.signing import history_keys
from backoffice.web.background.note_writer import Notebook, noting

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that stopping waits for a sealer; one that is in the middle keeps nothing, and ends."""


class Stopped(Exception):
    """The application is stopping."""


@contextmanager
def sealing_now_and_then(settings: Settings) -> Iterator[None]:
    """Seal every HISTORY_SEAL_SECONDS, first after as many. Nothing waits for it, nor fails by it.

    Every worker process does so; whoever comes while another one seals lets it be.
    """
    if not settings.history_seal_seconds:
        yield
        return
    with noting(settings) as notebook:
        sealer = Sealer(settings, notebook)
        sealer.start()
        try:
            yield
        finally:
            sealer.stop()


class Sealer(Thread):
    """Seals until it is told to stop. Whatever goes wrong is logged once, until it is over.

    ``notebook``: where each seal is noted; None for the log alone.
    """

    def __init__(self, settings: Settings, notebook: Notebook | None = None) -> None:
        super().__init__(name="sealing", daemon=True)
        self._settings = settings
        self._keys = history_keys(settings)
        self._notebook = notebook
        self._stopping = Event()
        self._trouble = ""

    def run(self) -> None:
        # Not the pages' pool, whose connections are counted, and without their timeout.
        database = open_database(self._settings, for_migrations=True)
        while not self._stopping.wait(self._settings.history_seal_seconds):
            self.seal(database)

    def stop(self) -> None:
        """Let it end; returns after ``PATIENCE`` at the latest."""
        self._stopping.set()
        self.join(PATIENCE)

    def seal(self, database: Database) -> None:
        """Seal what there is."""
        try:
            for seal in seal_all(database, self._keys, go_on=self._go_on):
                # Where logs are kept elsewhere, they prove the chain by this line.
                log.info(
                    "Sealed %s changesets: seal %s has the hash %s",
                    changesets_under(seal),
                    seal.id,
                    seal.hash,
                )
                if self._notebook is not None:
                    self._notebook.add(Note.of(seal))
        except (Busy, Stopped):
            return
        except Exception as error:  # the next time may be better; pages must not notice
            self._complain(error)
        else:
            if self._trouble:
                log.info("The history can be sealed again.")
            self._trouble = ""

    def _complain(self, error: Exception) -> None:
        lines = str(error).strip().splitlines() or [""]
        trouble = f"{type(error).__name__}: {lines[0]}"
        if trouble != self._trouble:
            log.error(
                "The history cannot be sealed, and is tried again every %s s: %s",
                self._settings.history_seal_seconds,
                trouble,
            )
        self._trouble = trouble

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped
