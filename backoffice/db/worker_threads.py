"""Calls from the event loop into a worker thread, where all database work runs."""

import math
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import anyio
import anyio.to_thread
import sqlalchemy as sa

from backoffice.db.engine import Database

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

_UNLIMITED = anyio.CapacityLimiter(math.inf)
"""anyio also wants a limiter; ``in_thread`` has its own."""


class Busy(sa.exc.TimeoutError):
    """No worker thread was free in time. Nothing was done."""


async def in_thread(
    database: Database,
    function: Callable[[*Arguments], Result],
    *arguments: *Arguments,
    limiter: anyio.CapacityLimiter | None = None,
) -> Result:
    """Call ``function`` with ``arguments`` in a worker thread, where it may use ``database``.

    ``limiter``: the threads to use; None for those of pages.

    Raises:
        NotAnswering: the database does not answer right now. It is checked again after a wait for
            a thread.
        Busy: no thread was free within ``database.worker_thread_timeout``.
    """
    database.breaker.check()
    limiter = limiter or anyio.to_thread.current_default_thread_limiter()
    borrower = object()
    try:
        # A time limit costs more than all the rest, and there is hardly ever a wait.
        limiter.acquire_on_behalf_of_nowait(borrower)
    except anyio.WouldBlock:
        with anyio.move_on_after(database.worker_thread_timeout) as waiting:
            await limiter.acquire_on_behalf_of(borrower)
        if waiting.cancelled_caught:
            raise Busy("No worker thread was free in time.") from None
    try:
        database.breaker.check()
        return await anyio.to_thread.run_sync(function, *arguments, limiter=_UNLIMITED)
    finally:
        limiter.release_on_behalf_of(borrower)
