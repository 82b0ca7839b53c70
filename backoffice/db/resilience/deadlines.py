"""Deadlines on our side of the wire: a frozen database sends nothing, and keeps none of its limits.

PostgreSQL: ``guarded`` makes connections on which each statement, commit, rollback and ping has a
deadline. One thread watches all of them, and ends a wait by shutting the socket down. TCP's own
timeouts do not help: the system of a stopped process still acknowledges packets.

MariaDB and MySQL: PyMySQL's own timeouts for each read and write.
"""

import os
import socket
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import RLock, Thread
from types import TracebackType
from typing import Any

import psycopg2
from psycopg2 import extensions

GRACE = 2.0
"""Seconds that a response may come after the server's own limit, which should end first."""

TICK = 0.1
"""Seconds between two checks of the clock. A wait ends at most two of them after its deadline."""


class DeadlineMissed(psycopg2.OperationalError):
    """The database sent nothing in time. The connection is shut down."""


def deadline_of(seconds: float) -> float | None:
    """How long to wait for a server that stops after ``seconds``; None (forever) if that is 0."""
    return seconds + GRACE if seconds else None


def was_missed(error: BaseException | None) -> bool:
    """Whether a missed deadline caused ``error``, of any driver."""
    while error is not None:
        # PyMySQL reports a socket's timeout as a lost connection, raised while handling it.
        if isinstance(error, DeadlineMissed | TimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False


class Deadline:
    """Ends a wait at a socket that takes too long: ``with deadline: ...``, one wait at a time.

    ``limit``: seconds for each wait; None for no limit. It may be changed between two waits;
    ``reset`` sets the usual one again.
    """

    __slots__ = ("_due", "_lock", "_missed", "_overdue", "_socket", "limit", "usual")

    def __init__(self, descriptor: int, usual: float | None) -> None:
        self.usual = self.limit = usual
        # A descriptor of our own for the same socket. The driver may close its own at any time, and
        # the next socket gets that number: another one must never be shut down.
        self._socket = socket.socket(fileno=os.dup(descriptor))
        # Re-entrant, like the watchdog's: the garbage collector may close a connection anywhere.
        self._lock = RLock()
        self._due: float | None = None
        self._overdue: float | None = None
        self._missed = False
        _WATCHDOG.watch(self)

    def reset(self) -> None:
        """Use the usual limit from now on."""
        self.limit = self.usual

    def renew(self) -> None:
        """Start the wait again, in the middle of it: the next part has the whole limit."""
        if self.limit is not None:
            self._due = time.monotonic() + self.limit

    __enter__ = renew

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:  # never between the check of the clock and the shutdown
            self._due = None
        if self._missed:
            self._missed = False
            raise DeadlineMissed(
                f"no answer within {self.limit:g} s, so the connection was closed"
            ) from error

    def check(self, now: float) -> None:
        """Shut the socket down if the deadline has passed; for the watchdog."""
        due = self._due
        if due is None or due > now:
            return
        if self._overdue != due:
            # If this process was stopped, the response may be here already: allow one more tick.
            self._overdue = due
            return
        with self._lock:
            if self._due == due:
                self._missed = True
                _shut_down(self._socket)

    def close(self) -> None:
        """Close our descriptor of the socket."""
        with self._lock:
            self._due = None
            self._socket.close()
        _WATCHDOG.forget(self)


def _shut_down(connected: socket.socket) -> None:
    with suppress(OSError):  # the other end was quicker
        connected.shutdown(socket.SHUT_RDWR)


class _Watchdog:
    """One thread in a process, started with its first connection."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._watched: set[Deadline] = set()
        self._thread: Thread | None = None

    def watch(self, deadline: Deadline) -> None:
        with self._lock:
            self._watched.add(deadline)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()

    def forget(self, deadline: Deadline) -> None:
        with self._lock:
            self._watched.discard(deadline)

    def restart(self) -> None:
        """A forked process has neither the thread nor a lock that the thread may have held. The
        connections that are watched are its parent's."""
        self._lock = RLock()
        self._watched = set()
        self._thread = None

    def _run(self) -> None:
        while True:
            time.sleep(TICK)
            now = time.monotonic()
            with self._lock:
                watched = list(self._watched)
            for deadline in watched:
                deadline.check(now)


_WATCHDOG = _Watchdog()
os.register_at_fork(after_in_child=_WATCHDOG.restart)


# PostgreSQL --------------------------------------------------------------------------------


def guarded(seconds: float) -> Callable[[str], "GuardedConnection"]:
    """psycopg2's ``connection_factory`` for a server that stops statements after ``seconds``."""
    return partial(GuardedConnection, limit=deadline_of(seconds))


class GuardedConnection(extensions.connection):
    """A connection whose statements, commits and rollbacks each have a deadline.

    ``first``: SQL without parameters that is sent with the next statement of this transaction, in
    front of it, so that it costs no round trip; "" for none. Its result is dropped.
    """

    def __init__(self, dsn: str, *, limit: float | None) -> None:
        super().__init__(dsn)
        self.first = ""
        self.cursor_factory = GuardedCursor
        self.deadline = Deadline(self.fileno(), limit)
        # For a connection that nobody closes. Not at exit: the system closes all then.
        weakref.finalize(self, self.deadline.close).atexit = False

    def cursor(  # type: ignore[override]  # psycopg2 has an overload for each class
        self, name: Any = None, cursor_factory: Any = None, **options: Any
    ) -> Any:
        if name is None and cursor_factory is None:
            return super().cursor()  # by ``self.cursor_factory``, which is faster
        return super().cursor(name, cursor_factory or StreamingCursor, **options)

    def commit(self) -> None:
        self.first = ""
        try:
            with self.deadline:
                super().commit()
        finally:
            self.deadline.reset()  # SET LOCAL also ends with the transaction

    def rollback(self) -> None:
        self.first = ""
        try:
            with self.deadline:
                super().rollback()
        finally:
            self.deadline.reset()

    def close(self) -> None:
        super().close()
        self.deadline.close()


class GuardedCursor(extensions.cursor):
    """A cursor that waits no longer than its connection's deadline. It holds all of its rows."""

    __slots__ = ()
    connection: GuardedConnection

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's name
        connection = self.connection
        if connection.first and isinstance(query, str):
            query, connection.first = f"{connection.first}; {query}", ""
        with connection.deadline:
            super().execute(query, vars)

    def executemany(self, query: Any, vars_list: Iterable[Any]) -> None:
        with self.connection.deadline:
            super().executemany(query, self._each_with_deadline(vars_list))

    def _each_with_deadline(self, vars_list: Iterable[Any]) -> Iterator[Any]:
        for values in vars_list:  # each is a statement of its own
            self.connection.deadline.renew()
            yield values

    def callproc(self, *arguments: Any, **options: Any) -> Any:
        with self.connection.deadline:
            return super().callproc(*arguments, **options)

    def copy_expert(self, *arguments: Any, **options: Any) -> None:
        with self.connection.deadline:
            super().copy_expert(*arguments, **options)

    def copy_from(self, *arguments: Any, **options: Any) -> None:
        with self.connection.deadline:
            super().copy_from(*arguments, **options)

    def copy_to(self, *arguments: Any, **options: Any) -> None:
        with self.connection.deadline:
            super().copy_to(*arguments, **options)


class StreamingCursor(GuardedCursor):
    """A cursor on the server: each fetch is a round trip."""

    __slots__ = ()

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - psycopg2's name
        connection = self.connection
        if connection.first:  # nothing can come before its query
            first, connection.first = connection.first, ""
            with connection.cursor() as plain:
                plain.execute(first)
        super().execute(query, vars)

    def fetchone(self) -> Any:
        with self.connection.deadline:
            return super().fetchone()

    def fetchmany(self, *arguments: Any, **options: Any) -> Any:
        with self.connection.deadline:
            return super().fetchmany(*arguments, **options)

    def fetchall(self) -> Any:
        with self.connection.deadline:
            return super().fetchall()

    def __next__(self) -> Any:
        with self.connection.deadline:
            return super().__next__()

    def scroll(self, *arguments: Any, **options: Any) -> None:
        with self.connection.deadline:
            super().scroll(*arguments, **options)

    def close(self) -> None:
        with self.connection.deadline:
            super().close()


# Either kind of connection ------------------------------------------------------------------


@contextmanager
def waiting_for(driver: Any, seconds: float) -> Iterator[None]:
    """Within it, ``driver`` waits ``seconds`` at most, or less if its own limit is shorter."""
    before = _limit_of(driver)
    if before is not None:
        _set_limit(driver, min(before, seconds))
    try:
        yield
    finally:
        _set_limit(driver, before)


def wait_in_transaction(driver: Any, seconds: float) -> None:
    """Until the transaction ends, wait as for a server that stops statements after ``seconds``.

    It goes with PostgreSQL's ``SET LOCAL statement_timeout``. A ``driver`` connection without
    deadlines, such as a migration's, gets none.
    """
    if isinstance(driver, GuardedConnection):
        driver.deadline.limit = deadline_of(seconds)


def sends_first(driver: Any, sql: str) -> bool:
    """Have ``driver`` send ``sql`` with the next statement of its transaction, in front of it.
    Returns False, and does nothing, if it is not a guarded connection.

    ``sql``: commands without parameters and percent signs, separated by semicolons.
    """
    if not isinstance(driver, GuardedConnection):
        return False
    driver.first = sql
    return True


def wait_from_now_on(driver: Any, seconds: float | None) -> None:
    """Set the usual limit of ``driver``: ``seconds`` for each wait, or None for no limit."""
    if isinstance(driver, GuardedConnection):
        driver.deadline.usual = seconds
    _set_limit(driver, seconds)


def _limit_of(driver: Any) -> float | None:
    if isinstance(driver, GuardedConnection):
        return driver.deadline.limit
    limit: float | None = getattr(driver, _PYMYSQL_LIMIT, None)
    return limit


def _set_limit(driver: Any, seconds: float | None) -> None:
    if isinstance(driver, GuardedConnection):
        driver.deadline.limit = seconds
    elif hasattr(driver, _PYMYSQL_LIMIT):
        setattr(driver, _PYMYSQL_LIMIT, seconds)


_PYMYSQL_LIMIT = "_read_timeout"
"""PyMySQL's ``read_timeout``, which it sets on the socket before each read. The name is private:
PyMySQL has no public way to change it on an open connection; a test asserts that it works."""
