"""No write without its changeset, no changeset without its write, whatever happens in between."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from backoffice.config import CHECKOUT
from backoffice.db import Database
from backoffice.history import RecordSession, delete_where, unit_of_work, update_where
from backoffice.models import Category, Item
from tests.history.ledger import category, changesets, check_history, item, live, shelf
from tests.size import sized

KILLS = sized(4, 12)
"""Processes that are killed, each at another moment."""


class Failure(Exception):
    """What a test makes go wrong."""


WAYS = {
    "an edit": lambda session: setattr(item(session, "Bolts 0"), "quantity", 9),
    "a delete": lambda session: session.delete(category(session, "Bolts")),
    "a creation": lambda session: session.add(Category(name="Nuts")),
    "many edits": lambda session: update_where(session, Item, {"quantity": 9}),
    "many deletes": lambda session: delete_where(session, Category),
}


def test_a_statement_that_fails_takes_all_others_along(database: Database) -> None:
    """Whichever statement of an act fails, nothing of it is there."""
    shelf(database, items=2)
    start, before = live(database), changesets(database)
    for way in WAYS.values():
        for number in range(1, 100):
            if not _fails_at(database, way, number):
                break
            assert live(database) == start
            assert changesets(database) == before
        assert number > 2
    check_history(database)


def _fails_at(database: Database, way: Callable[[RecordSession], None], number: int) -> bool:
    """Do an act whose ``number``-th statement fails; False if it has fewer. Nothing is kept."""
    seen = 0

    def fail(*_arguments: object) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise Failure

    def work(session: RecordSession) -> None:
        way(session)
        session.flush()

    event.listen(database.engine, "before_cursor_execute", fail)
    try:
        with unit_of_work(database, writes=True) as session:
            work(session)
            session.rollback()
    except (Failure, sa.exc.DBAPIError):
        return True
    finally:
        event.remove(database.engine, "before_cursor_execute", fail)
    return False


@pytest.mark.databases("sqlite", "postgresql")
def test_a_process_killed_in_the_middle_leaves_neither_without_the_other(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    database.engine.dispose()  # the story waits until nobody else is connected
    story = Path(__file__).with_name("story_of_kills.py")
    done = subprocess.run(
        [sys.executable, str(story), database_url, str(KILLS)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 4 * KILLS
