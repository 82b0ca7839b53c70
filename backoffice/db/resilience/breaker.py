"""A circuit breaker: while the database does not answer, requests fail at once and do not wait."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

import sqlalchemy as sa

log = logging.getLogger(__name__)

PROBE_EVERY = 1.0
"""Seconds from the start of one probe to the start of the next, if it takes no longer."""

RETRY_AFTER = 5
"""Seconds after which a client may try again; by then several probes have run."""


class NotAnswering(sa.exc.TimeoutError):
    """The breaker is open: the database was not asked, and nothing was done."""


class Breaker:
    """Opened by a missed deadline, closed by a probe that the database answers.

    While it is open, no statement is sent. A connect that took too long opens it for new
    connections only: a server that accepts no more may still serve those that it has.
    """

    def __init__(self, probe: Callable[[], object]) -> None:
        """``probe``: queries the database and returns within seconds; it raises on failure."""
        self._probe = probe
        self._lock = Lock()
        self._stopped = Event()
        self._prober: Thread | None = None
        self._since = 0.0
        self.is_open = False
        self.is_open_for_connects = False

    def check(self) -> None:
        """Raise NotAnswering if the database does not answer right now."""
        if self.is_open:
            raise NotAnswering("The database does not answer.")

    def check_connect(self) -> None:
        """Raise NotAnswering if the database takes no connections, or does not answer at all."""
        if self.is_open or self.is_open_for_connects:
            raise NotAnswering("The database accepts no connections.")

    def open(self) -> None:
        """A deadline was missed: send nothing more until a probe succeeds."""
        with self._lock:
            if not self.is_open:
                self.is_open = True
                log.error("The database missed a deadline. Pages get 503 at once until it answers.")
            self._start_probing()

    def open_for_connects(self) -> None:
        """A connect took too long: connect no more until a probe succeeds."""
        with self._lock:
            if not self.is_open_for_connects and not self.is_open:
                log.error("The database accepts no new connections. None are opened until it does.")
            self.is_open_for_connects = True
            self._start_probing()

    def stop(self) -> None:
        """Stop probing: the database is closed."""
        self._stopped.set()

    def _start_probing(self) -> None:
        # A thread that is not alive belonged to the process that this one was forked from.
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
            except Exception:  # of any kind: the probe failed
                log.debug("the database did not answer a probe", exc_info=True)
            else:
                self._close()
                return
            self._stopped.wait(max(0.0, began + PROBE_EVERY - time.monotonic()))

    def _close(self) -> None:
        with self._lock:
            self.is_open = self.is_open_for_connects = False
            self._prober = None
            seconds = time.monotonic() - self._since
        log.warning("The database answers again, after %.1f s.", seconds)
