"""Waiting for a worker thread: for a while, and not at all while the database does not answer."""

import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from threading import Event
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from backoffice.db import Database
from backoffice.db.resilience.breaker import NotAnswering
from backoffice.db.worker_threads import Busy, in_thread
from tests.freezing import seconds_since

pytestmark = pytest.mark.databases("sqlite")


def run(story: Callable[[], Awaitable[Any]]) -> None:
    """Tell a story in an event loop with one worker thread."""

    async def told() -> None:
        anyio.to_thread.current_default_thread_limiter().total_tokens = 1
        await story()

    anyio.run(told)


def test_what_it_returns_and_raises_comes_back(database: Database) -> None:
    async def story() -> None:
        assert await in_thread(database, divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await in_thread(database, divmod, 7, 0)
        assert await in_thread(database, divmod, 7, 2) == (3, 1)

    run(story)


def test_who_waits_too_long_for_a_thread_is_told_that_others_are_served(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "worker_thread_timeout", 0.2)
    release = Event()
    ran: list[str] = []

    async def story() -> None:
        async with anyio.create_task_group() as others:
            others.start_soon(in_thread, database, release.wait, 20)
            await anyio.sleep(0.05)
            began = time.monotonic()
            with pytest.raises(Busy):
                await in_thread(database, ran.append, "never")
            assert seconds_since(began) < 10
            release.set()
        await in_thread(database, ran.append, "later")

    run(story)
    assert ran == ["later"]


def test_who_has_a_thread_may_keep_it_for_longer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "worker_thread_timeout", 0.3)

    async def story() -> None:
        async with anyio.create_task_group() as others:
            others.start_soon(in_thread, database, time.sleep, 0.2)
            await anyio.sleep(0.05)
            # Waits for 0.15 s and then works for longer than the rest of its patience.
            await in_thread(database, time.sleep, 0.5)
            await anyio.lowlevel.checkpoint()

    run(story)


def test_who_gives_up_while_it_works_keeps_the_thread_until_its_end(database: Database) -> None:
    limiter = anyio.CapacityLimiter(1)
    release = Event()
    ended: list[str] = []

    def work() -> None:
        release.wait(20)
        ended.append("work")

    async def give_up() -> None:
        with anyio.move_on_after(0.05):
            await in_thread(database, work, limiter=limiter)
        assert (ended, limiter.borrowed_tokens) == (["work"], 0)

    async def story() -> None:
        async with anyio.create_task_group() as others:
            others.start_soon(give_up)
            await anyio.sleep(0.2)
            assert limiter.borrowed_tokens == 1
            release.set()

    run(story)


def test_a_call_knows_the_request_of_its_caller(database: Database) -> None:
    current = ContextVar("current", default="nobody")

    async def story() -> None:
        current.set("this request")
        assert await in_thread(database, current.get) == "this request"

    run(story)
    assert current.get() == "nobody"


def test_who_waits_when_the_database_stops_answering_is_told_so_with_the_next_thread(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()
    refused: list[int] = []
    ran: list[int] = []

    async def wait(number: int) -> None:
        try:
            await in_thread(database, ran.append, number)
        except NotAnswering:
            refused.append(number)

    async def story() -> None:
        async with anyio.create_task_group() as others:
            others.start_soon(in_thread, database, release.wait, 20)
            for number in range(5):
                others.start_soon(wait, number)
            await anyio.sleep(0.1)
            monkeypatch.setattr(database.breaker, "is_open", True)
            release.set()
        with pytest.raises(NotAnswering):
            await in_thread(database, ran.append, 6)

    run(story)
    assert (refused, ran) == ([0, 1, 2, 3, 4], [])
