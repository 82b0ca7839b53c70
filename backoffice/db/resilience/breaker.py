"""While the database does not answer, nobody waits for it: they are told so at once."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

import sqlalchemy as sa

log = logging.getLogger(__name__)

PROBE_EVERY = 1.0
"""Seconds from the beginning of one probe to that of the next, where it takes no longer."""

RETRY_AFTER = 5
"""Seconds after which a client may come again: by then it is asked several times."""


class NotAnswering(sa.exc.TimeoutError):
    """The database did not answer somebody a moment ago, so it was not asked. Nothing was done."""


class Breaker:
    """Opened by a missed deadline, closed by a probe that the database answers.

    Nothing is asked while it is open. A connect that took too long opens it for new connections
    only: where a server, or what is in between, takes in nobody new, those that are in go on.
    """

    def __init__(self, probe: Callable[[], object]) -> None:
        """``probe`` asks the database, within a few seconds; any exception is a no."""
        self._probe = probe
        self._lock = Lock()
        self._stopped = Event()
        self._prober: Thread | None = None
        self._since = 0.0
        self.is_open = False
        self.takes_nobody = False

    def ask(self) -> None:
        """Raise NotAnswering if the database does not answer at present."""
        if self.is_open:
            raise NotAnswering("The database does not answer at present.")

    def ask_to_connect(self) -> None:
        """Raise NotAnswering if it answers no connect, or nothing at all."""
        if self.is_open or self.takes_nobody:
            raise NotAnswering("The database takes no connections at present.")

    def open(self) -> None:
        """A deadline was missed: ask nothing more until a probe is answered."""
        with self._lock:
            if not self.is_open:
                self.is_open = True
                log.error(
                    "The database missed a deadline. Pages answer 503 at once until it answers."
                )
            self._begin()

    def open_for_connects(self) -> None:
        """A connect took too long: make no more of them until a probe is answered."""
        with self._lock:
            if not self.takes_nobody and not self.is_open:
                log.error("The database takes no new connections. No more are tried until it does.")
            self.takes_nobody = True
            self._begin()

    def stop(self) -> None:
        """Probe no more: the database is closed."""
        self._stopped.set()

    def _begin(self) -> None:
        # One that is there and not alive was another process's, which has forked since.
        probing = self._prober is not None and self._prober.is_alive()
        if not probing and not self._stopped.is_set():
            self._since = time.monotonic()
            self._prober = Thread(target=self._run, name="database-probe", daemon=True)
            self._prober.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                self._probe()
            except Exception:  # whatever it is, it is no answer
                log.debug("the database did not answer a probe", exc_info=True)
            else:
                self._close()
                return
            self._stopped.wait(max(0.0, began + PROBE_EVERY - time.monotonic()))

    def _close(self) -> None:
        with self._lock:
            self.is_open = self.takes_nobody = False
            self._prober = None
            seconds = time.monotonic() - self._since
        log.warning("The database answers again, after %.1f s.", seconds)
