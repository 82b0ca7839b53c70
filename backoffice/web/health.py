"""Health checks for the platform: is the process alive, can it serve."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from threading import Lock, Thread

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backoffice.db import Database
from backoffice.db.migrations import current_state

log = logging.getLogger(__name__)

TIMEOUT = 2.0
"""Seconds. The docs promise three: the rest is for a busy process."""

NO_ANSWER = "the database does not answer"


async def healthz(request: Request) -> Response:
    """200 while the process runs; does not ask the database."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


def readyz(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """200 if the database answers and no migration is missing, otherwise 503 and the reason.

    A database that a newer release has migrated is fine: while that release starts, both serve.
    """
    readiness = Readiness(database)

    async def endpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(TIMEOUT):
                result = await asyncio.wrap_future(readiness.check())
        except TimeoutError:
            log.warning("not ready: no answer within %s s", TIMEOUT)
            result = NO_ANSWER
        return PlainTextResponse(
            f"{result}\n",
            status_code=200 if result == "ok" else 503,
            headers={"Cache-Control": "no-store"},
        )

    return endpoint


class Readiness:
    """Checks the database, in a thread and on a connection of its own.

    One check runs at a time, and requests during it share its result. However long the database
    is silent, it takes one thread and one connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database.for_health
        self._lock = Lock()
        self._running: Future[str] | None = None

    def check(self) -> Future[str]:
        """The result of the running check, or of a new one; never an exception."""
        with self._lock:
            if self._running is None or self._running.done():
                result: Future[str] = Future()
                # Marked as running: a request that gives up must not cancel it for the others.
                result.set_running_or_notify_cancel()
                Thread(target=self._run, args=(result,), name="readiness", daemon=True).start()
                self._running = result
            return self._running

    def _run(self, result: Future[str]) -> None:
        result.set_result(self._state())

    def _state(self) -> str:
        try:
            return "migrations are missing" if current_state(self._database).behind else "ok"
        except SQLAlchemyError as error:
            log.warning("not ready: %s", type(error).__name__)
            return NO_ANSWER
        except Exception:  # otherwise the requests would wait forever
            log.exception("not ready")
            return "the check failed: see the log"
