"""A colleague writes at every step of a large act: nothing acknowledged is lost unrecorded.

SQLite has one writer at a time, so that nobody comes between.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm.exc import StaleDataError

from backoffice.db import Database
from backoffice.history import RecordSession, delete_where, update_where
from backoffice.history.undo.changeset import undo
from backoffice.models import Category, Item
from tests.history.ledger import category, check_history, item, shelf, write
from tests.size import sized

pytestmark = pytest.mark.databases("postgresql", "mariadb")

Work = Callable[..., object]
"""Takes a session and the category's name."""

PATIENCE = 0.06
"""Seconds that an act waits for the colleague, who may be waiting for the act."""


@contextmanager
def interrupted(database: Database, step: int, interruption: Callable[[], object]) -> Iterator[Any]:
    """This thread's ``step``-th statement is preceded by ``interruption``, in another thread.

    Yields a list that is empty if there were fewer statements.
    """
    me, seen, started = threading.get_ident(), 0, []
    colleague = threading.Thread(target=interruption, daemon=True)

    def before(*_arguments: object) -> None:
        nonlocal seen
        if threading.get_ident() != me:
            return
        seen += 1
        if seen == step:
            started.append(True)
            colleague.start()
            colleague.join(PATIENCE)

    event.listen(database.engine, "before_cursor_execute", before)
    try:
        yield started
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
        if started:
            colleague.join(30)
            assert not colleague.is_alive()


def edit(session: RecordSession, name: str) -> None:
    """Somebody counts."""
    item(session, f"{name} 0").quantity += 100


def arrive(session: RecordSession, name: str) -> None:
    """Somebody puts a new item into the category."""
    session.add(
        Item(
            name=f"{name} new",
            description="x",
            price=1,
            quantity=1,
            category=category(session, name),
        )
    )


def move_in(session: RecordSession, name: str) -> None:
    """Somebody moves an item into the category."""
    item(session, f"{name} elsewhere 0").category = category(session, name)


def remove(session: RecordSession, name: str) -> None:
    """Somebody deletes an item."""
    session.delete(item(session, f"{name} 1"))


COLLEAGUES: list[Work] = [edit, arrive, move_in, remove]

STALE = "delete a category's object"

ACTS: dict[str, Work] = {
    "delete a category": lambda s, name: delete_where(s, Category, Category.name == name),
    STALE: lambda s, name: s.delete(category(s, name)),
    "delete items": lambda s, name: delete_where(s, Item, Item.name.startswith(f"{name} ")),
    "update items": lambda s, name: update_where(
        s, Item, {"quantity": 7}, Item.name.startswith(f"{name} ")
    ),
    "move items": lambda s, name: update_where(
        s,
        Item,
        {"category_id": category(s, f"{name} elsewhere").id},
        Item.category_id == category(s, name).id,
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_lost_between_the_steps_of(database: Database, act: str) -> None:
    """In the short form two colleagues interrupt an act on one server, the others on the other."""
    half = (list(ACTS).index(act) + (database.dialect == "postgresql")) % 2
    colleagues = sized(COLLEAGUES[half::2], COLLEAGUES)
    _interrupt_every_step(database, ACTS[act], None, colleagues, stale=act == STALE)


@pytest.mark.parametrize("before", ["create", "update"])
def test_nothing_is_lost_between_the_steps_of_undoing(database: Database, before: str) -> None:
    def update(session: RecordSession, name: str) -> object:
        return update_where(session, Item, {"quantity": 7}, Item.name.startswith(f"{name} "))

    undone = update if before == "update" else None
    _interrupt_every_step(database, None, undone, [edit, arrive], stale=False)


def _interrupt_every_step(
    database: Database,
    act: Work | None,
    undone: Work | None,
    colleagues: list[Work],
    *,
    stale: bool,
) -> None:
    """``act``: what is interrupted; None for an undo of ``undone``, or of the category's making.

    ``stale``: whether the act may be refused, because what it loaded was changed since.
    """
    acknowledged = 0
    for colleague in colleagues:
        for step in range(1, 100):
            name = f"{colleague.__name__} {step}"
            shelf(database, f"{name} elsewhere", items=1)
            number = write(database, partial(_shelf, name=name))
            if undone is not None:
                number = write(database, partial(undone, name=name))
            outcome: list[str] = []
            interruption = partial(_work_in_between, database, colleague, name, outcome)
            work = partial(undo, changeset_id=number) if act is None else partial(act, name=name)
            with interrupted(database, step, interruption) as started:
                try:
                    write(database, work)
                except StaleDataError:
                    assert stale
            if not started:
                break
            assert outcome, name
            acknowledged += outcome == ["acknowledged"]
        assert step > 3
    assert acknowledged
    check_history(database)


def _work_in_between(database: Database, work: Work, name: str, outcome: list[str]) -> None:
    try:
        write(database, partial(work, name=name))
        outcome.append("acknowledged")
    except (sa.exc.DBAPIError, sa.exc.NoResultFound, StaleDataError):
        outcome.append("refused")


def _shelf(session: RecordSession, name: str) -> None:
    items = [Item(name=f"{name} {n}", description="x", price=1, quantity=n) for n in range(3)]
    session.add(Category(name=name, items=items))
