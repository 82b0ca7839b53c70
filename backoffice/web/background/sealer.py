"""Seals the history regularly while the application runs, in a thread of its own."""

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
from backoffice.web.background.note_writer import NoteWriter, note_writer

log = logging.getLogger(__name__)

STOP_TIMEOUT = 1.0
"""Seconds to wait for the sealer when the application stops; it rolls back what it has begun."""


class Stopped(Exception):
    """The application is stopping."""


@contextmanager
def seal_periodically(settings: Settings) -> Iterator[None]:
    """Seal every HISTORY_SEAL_SECONDS while the application runs. No request waits for it.

    Every worker process does so; one that finds another one sealing skips its turn.
    """
    if not settings.history_seal_seconds:
        yield
        return
    with note_writer(settings) as writer:
        sealer = Sealer(settings, writer)
        sealer.start()
        try:
            yield
        finally:
            sealer.stop()


class Sealer(Thread):
    """Seals until it is stopped. An error is logged once, until sealing works again.

    ``writer``: writes a note of each seal; None for the log alone.
    """

    def __init__(self, settings: Settings, writer: NoteWriter | None = None) -> None:
        super().__init__(name="sealing", daemon=True)
        self._settings = settings
        self._keys = history_keys(settings)
        self._writer = writer
        self._stopping = Event()
        self._last_error = ""

    def run(self) -> None:
        # Not from the pages' pool, and without their statement timeout.
        database = open_database(self._settings, for_migrations=True)
        while not self._stopping.wait(self._settings.history_seal_seconds):
            self.seal(database)

    def stop(self) -> None:
        """Stop within ``STOP_TIMEOUT``."""
        self._stopping.set()
        self.join(STOP_TIMEOUT)

    def seal(self, database: Database) -> None:
        """Seal all changesets that can be sealed."""
        try:
            for seal in seal_all(database, self._keys, go_on=self._check_stopped):
                # A log that is kept elsewhere proves the chain by this line.
                log.info(
                    "Sealed %s changesets: seal %s has the hash %s",
                    changesets_under(seal),
                    seal.id,
                    seal.hash,
                )
                if self._writer is not None:
                    self._writer.add(Note.of(seal))
        except (Busy, Stopped):
            return
        except Exception as error:  # the next turn may succeed; pages must not fail
            self._log_once(error)
        else:
            if self._last_error:
                log.info("The history can be sealed again.")
            self._last_error = ""

    def _log_once(self, error: Exception) -> None:
        lines = str(error).strip().splitlines() or [""]
        message = f"{type(error).__name__}: {lines[0]}"
        if message != self._last_error:
            log.error(
                "The history cannot be sealed. Trying again every %s s: %s",
                self._settings.history_seal_seconds,
                message,
            )
        self._last_error = message

    def _check_stopped(self) -> None:
        if self._stopping.is_set():
            raise Stopped
