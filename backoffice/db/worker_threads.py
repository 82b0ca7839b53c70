"""The way from the event loop to a worker thread, which is where the database is asked."""

import math
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import anyio
import anyio.to_thread
import sqlalchemy as sa

from backoffice.db.engine import Database

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

_AT_ONCE = anyio.CapacityLimiter(math.inf)
"""For anyio, which takes a limiter too: whoever comes to it has a thread already."""


class Busy(sa.exc.TimeoutError):
    """No worker thread was free in time. Nothing was done."""


async def in_thread(
    database: Database,
    function: Callable[[*Arguments], Result],
    *arguments: *Arguments,
    limiter: anyio.CapacityLimiter | None = None,
) -> Result:
    """What ``function`` returns for ``arguments``, in a worker thread: it may ask ``database``.

    ``limiter``: whose threads; None for those that pages are made in.

    Raises:
        NotAnswering: the database does not answer at present; neither now nor, if a thread had to
            be waited for, when there was one.
        Busy: no thread was free within ``database.patience``.
    """
    database.breaker.ask()
    limiter = limiter or anyio.to_thread.current_default_thread_limiter()
    turn = object()
    try:
        # A time limit for the wait costs more than the rest, and there is hardly ever a wait.
        limiter.acquire_on_behalf_of_nowait(turn)
    except anyio.WouldBlock:
        with anyio.move_on_after(database.patience) as waiting:
            await limiter.acquire_on_behalf_of(turn)
        if waiting.cancelled_caught:
            raise Busy("No worker thread was free in time.") from None
    try:
        database.breaker.ask()
        return await anyio.to_thread.run_sync(function, *arguments, limiter=_AT_ONCE)
    finally:
        limiter.release_on_behalf_of(turn)
