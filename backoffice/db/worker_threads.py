"""Calls from the event loop into a worker thread, where all database work runs."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TypeVar, TypeVarTuple

import anyio
import anyio.to_thread
import sqlalchemy as sa

from backoffice.db.engine import Database

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

MOST_THREADS = 1000
"""More than all limiters together let in, so that no call waits where no deadline is.

A thread is started where none is idle, so there are only as many as were ever busy at once."""


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
        NotAnswering: the database does not answer at present. It is checked again after a wait for
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
        # A copy, so that the log names the request. anyio's own ``run_sync`` costs twice as much.
        call = partial(copy_context().run, function, *arguments)
        # A caller that gives up waits all the same: its thread and connection are in use.
        with anyio.CancelScope(shield=True):
            return await asyncio.get_running_loop().run_in_executor(_threads.executor, call)
        raise AssertionError("a shield is never cancelled")
    finally:
        limiter.release_on_behalf_of(borrower)


class _Threads:
    """The threads of a process. A forked process has none of its parent's, so it starts its own."""

    def __init__(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        self.executor = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="worker")


_threads = _Threads()
os.register_at_fork(after_in_child=_threads.start_again)
