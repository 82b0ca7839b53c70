"""Each new seal is noted outside the database, in a thread that sealing never waits for."""

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
"""After a failure, the next one, and all further ones."""

MOST_WAITING = 1_000
"""Notes kept for later. The oldest are let go first: a newer one proves the older seals too."""

PATIENCE = 1.0
"""Seconds that stopping waits for the last note."""


@contextmanager
def noting(settings: Settings) -> Iterator["Notebook | None"]:
    """A notebook where HISTORY_NOTES says; None where it says nothing."""
    place = settings.history_notes.get_secret_value()
    if not place:
        yield None
        return
    notebook = Notebook(place)
    notebook.start()
    try:
        yield notebook
    finally:
        notebook.stop()


class Notebook(Thread):
    """Keeps notes in their order. What fails is logged once, and tried until it succeeds.

    ``retry_seconds``: waits after one failure, after two, and so on; the last one for all further.
    """

    def __init__(self, place: str, retry_seconds: tuple[float, ...] = RETRY_SECONDS) -> None:
        super().__init__(name="noting", daemon=True)
        self._place = place
        self._name = place_name(place)
        self._retry_seconds = retry_seconds
        self._waiting: deque[Note] = deque(maxlen=MOST_WAITING)
        self._changed = Condition()
        self._stopping = False
        self._failures = 0

    def add(self, note: Note) -> None:
        """Have ``note`` kept, soon; returns at once."""
        with self._changed:
            self._waiting.append(note)
            self._changed.notify_all()

    def stop(self) -> None:
        """Let it end; what waits is tried once more. Returns after ``PATIENCE`` at the latest."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self.join(PATIENCE)

    def run(self) -> None:
        while (note := self._next()) is not None:
            try:
                store_note(self._place, note)
            except NoteNotStored as error:
                if self._stopping:
                    return
                self._wait_after(error)
            else:
                self._kept(note)

    def _next(self) -> Note | None:
        """The oldest note that waits, once there is one; None when it is time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            return self._waiting[0] if self._waiting else None

    def _kept(self, note: Note) -> None:
        with self._changed:
            if self._waiting and self._waiting[0] == note:
                self._waiting.popleft()
        if self._failures:
            log.info("Seals are noted in %s again.", self._name)
        self._failures = 0

    def _wait_after(self, error: NoteNotStored) -> None:
        """Wait for the next attempt; no longer once it is time to end."""
        wait = self._retry_seconds[min(self._failures, len(self._retry_seconds) - 1)]
        if not self._failures:
            log.error("Seals cannot be noted in %s, which is tried again: %s", self._name, error)
        self._failures += 1
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, wait)
