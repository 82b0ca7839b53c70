"""Writes a note of each new seal outside the database, in a thread of its own."""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Thread

from backoffice.config import Settings
from backoffice.history.seals.note_store import NoteNotStored, place_name, store_note
from backoffice.history.seals.notes import Note

log = logging.getLogger(__name__)

RETRY_SECONDS = (5.0, 30.0, 300.0)
"""The waits after a first failure, a second one, and all later ones."""

MAX_WAITING = 1_000
"""Notes that wait. The oldest are dropped first: a newer note also proves the older seals."""

STOP_TIMEOUT = 1.0
"""Seconds to wait for the last note when the application stops."""


@contextmanager
def note_writer(settings: Settings) -> Iterator["NoteWriter | None"]:
    """A writer for HISTORY_NOTES while the application runs; None without that setting."""
    place = settings.history_notes.get_secret_value()
    if not place:
        yield None
        return
    writer = NoteWriter(place)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()


class NoteWriter(Thread):
    """Writes notes in their order. A failure is logged once; the note is tried until it succeeds.

    ``retry_seconds``: the waits after one failure, after two, and so on; then always the last.
    """

    def __init__(self, place: str, retry_seconds: tuple[float, ...] = RETRY_SECONDS) -> None:
        super().__init__(name="noting", daemon=True)
        self._place = place
        self._name = place_name(place)
        self._retry_seconds = retry_seconds
        self._waiting: deque[Note] = deque(maxlen=MAX_WAITING)
        self._changed = Condition()
        self._stopping = False
        self._failures = 0

    def add(self, note: Note) -> None:
        """Queue ``note``; returns at once."""
        with self._changed:
            self._waiting.append(note)
            self._changed.notify_all()

    def stop(self) -> None:
        """Stop within ``STOP_TIMEOUT``. Queued notes are still written, until one fails."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self.join(STOP_TIMEOUT)

    def run(self) -> None:
        while (note := self._next()) is not None:
            try:
                store_note(self._place, note)
            except NoteNotStored as error:
                if self._stopping:
                    return
                self._wait_after(error)
            else:
                self._written(note)

    def _next(self) -> Note | None:
        """Wait for a note, and return the oldest; None when it is time to stop."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            return self._waiting[0] if self._waiting else None

    def _written(self, note: Note) -> None:
        with self._changed:
            if self._waiting and self._waiting[0] == note:
                self._waiting.popleft()
        if self._failures:
            log.info("Seals are noted in %s again.", self._name)
        self._failures = 0

    def _wait_after(self, error: NoteNotStored) -> None:
        """Wait before the next attempt; return at once when it is time to stop."""
        wait = self._retry_seconds[min(self._failures, len(self._retry_seconds) - 1)]
        if not self._failures:
            log.error("Seals cannot be noted in %s. Trying again: %s", self._name, error)
        self._failures += 1
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, wait)
