"""Two questions a platform asks: is the process alive, can it serve."""

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

ANSWER_WITHIN = 2.0
"""Seconds. Three are promised: the rest is for a process that is busy."""

SILENT = "the database does not answer"


async def healthz(request: Request) -> Response:
    """200 while the process answers at all; asks nothing of the database."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


def readyz(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """200 when the database answers and no migration is missing, else 503 and why.

    A database that a newer release has migrated is well: while that release starts, both serve.
    """
    readiness = Readiness(database)

    async def endpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await asyncio.wrap_future(readiness.ask())
        except TimeoutError:
            log.warning("not ready: no answer within %s s", ANSWER_WITHIN)
            answer = SILENT
        return PlainTextResponse(
            f"{answer}\n",
            status_code=200 if answer == "ok" else 503,
            headers={"Cache-Control": "no-store"},
        )

    return endpoint


class Readiness:
    """Asks the database, in a thread and by a connection that nobody else waits for.

    One at a time: who asks while a check runs gets its answer, so however long the database says
    nothing, there is one thread and one connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database.apart
        self._lock = Lock()
        self._running: Future[str] | None = None

    def ask(self) -> Future[str]:
        """The answer of the check that runs, or of a new one; never an exception."""
        with self._lock:
            if self._running is None or self._running.done():
                answer: Future[str] = Future()
                # Begun, so that one who gives up waiting does not cancel it for the others.
                answer.set_running_or_notify_cancel()
                check = Thread(target=self._check, args=(answer,), name="readiness", daemon=True)
                check.start()
                self._running = answer
            return self._running

    def _check(self, answer: Future[str]) -> None:
        answer.set_result(self._state())

    def _state(self) -> str:
        try:
            return "migrations are missing" if current_state(self._database).behind else "ok"
        except SQLAlchemyError as error:
            log.warning("not ready: %s", type(error).__name__)
            return SILENT
        except Exception:  # else whoever asks would wait in vain
            log.exception("not ready")
            return "the check failed: see the log"
