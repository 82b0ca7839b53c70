"""Two questions a platform asks: is the process alive, can it serve."""

import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backoffice.db import Database
from backoffice.db.migrations import current_state

log = logging.getLogger(__name__)


async def healthz(request: Request) -> Response:
    """200 while the process answers at all; asks nothing of the database."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


def readyz(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """200 when the database answers and no migration is missing, else 503 and why.

    A database that a newer release has migrated is well: while that release starts, both serve.
    """

    def state() -> str:
        try:
            return "migrations are missing" if current_state(database).behind else "ok"
        except SQLAlchemyError as error:
            log.warning("not ready: %s", type(error).__name__)
            return "the database does not answer"

    async def endpoint(request: Request) -> Response:
        answer = await run_in_threadpool(state)
        return PlainTextResponse(
            f"{answer}\n",
            status_code=200 if answer == "ok" else 503,
            headers={"Cache-Control": "no-store"},
        )

    return endpoint
