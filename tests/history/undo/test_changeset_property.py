"""Whatever was done, an undo does what its plan said, and undoing all leads back to the start."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from backoffice.db import Database, open_database
from backoffice.history import RecordSession, delete_where, unit_of_work, update_where
from backoffice.models import Category, Change, Item
from tests import databases
from tests.history.ledger import check_history, live, plan, take_back
from tests.size import sized

names = st.sampled_from(["A", "B", "C", "D"])
models = st.sampled_from([Category, Item])
numbers = st.integers(0, 3)
Step = tuple[str, Any, str, str, int]
steps = st.tuples(
    st.sampled_from(["add", "rename", "move", "count", "delete", "count all", "delete where"]),
    models,
    names,
    names,
    numbers,
)
acts = st.lists(st.lists(steps, min_size=1, max_size=3), min_size=1, max_size=8)


STOCK: list[Step] = [
    ("add", Category, "A", "", 0),
    ("add", Category, "B", "", 0),
    ("add", Item, "A", "A", 1),
    ("add", Item, "B", "A", 2),
    ("add", Item, "C", "B", 3),
]
"""What is there at the start, so that most steps find a record to do something to."""


def do(session: RecordSession, step: Step) -> None:
    """One write; nothing if what it is about does not exist."""
    what, model, name, other, number = step
    record = session.scalars(sa.select(model).where(model.name == name)).one_or_none()
    parent = session.scalars(sa.select(Category).where(Category.name == other)).one_or_none()
    if what == "add" and model is Category:
        session.add(Category(name=name))
    elif what == "add" and parent is not None:
        session.add(
            Item(name=name, description=other, price=number, quantity=number, category=parent)
        )
    elif what == "rename" and record is not None:
        record.name = other
    elif what == "move" and isinstance(record, Item) and parent is not None:
        record.category = parent
    elif what == "count" and isinstance(record, Item):
        record.quantity, record.description = number, f"{number} left"
    elif what == "delete" and record is not None:
        session.delete(record)
    elif what == "count all":
        update_where(session, Item, {"quantity": number})
    elif what == "delete where":
        delete_where(session, model, model.name.in_([name, other]))
    session.flush()


def act(database: Database, some: list[Step]) -> int:
    """Several writes as one act; returns its changeset, 0 if the database refused it."""
    try:
        with unit_of_work(database, writes=True) as session:
            for step in some:
                do(session, step)
            return session.changeset or 0
    except sa.exc.IntegrityError:
        return 0


def made(database: Database, changeset: int) -> Counter[tuple[str, str]]:
    """How many changes of each kind a changeset made."""
    statement = sa.select(Change.model, Change.operation).where(Change.changeset_id == changeset)
    with unit_of_work(database) as session:
        return Counter((row[0], row[1]) for row in session.execute(statement))


def wrote_a_record_twice(database: Database, changeset: int) -> bool:
    """Whether the changeset wrote some record several times. Then the plan is an estimate."""
    writes = (
        sa.select(sa.func.count().label("number"))
        .where(Change.changeset_id == changeset)
        .group_by(Change.model, Change.record_id)
        .subquery()
    )
    with unit_of_work(database) as session:
        return (session.scalar(sa.select(sa.func.max(writes.c.number))) or 0) > 1


REVERSE = {"create": "delete", "delete": "create", "update": "update"}


@pytest.mark.parametrize("stock", [[], STOCK], ids=["from nothing", "from a stock"])
@given(all_acts=acts, one=st.integers(0, 7), another=st.integers(0, 7))
@settings(
    max_examples=sized(20, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
def test_an_undo_does_what_its_plan_says_and_undoing_all_leads_back(
    stock: list[Step], all_acts: list[list[Step]], one: int, another: int
) -> None:
    with (
        TemporaryDirectory() as folder,
        databases.migrated_database("sqlite", Path(folder)) as url,
    ):
        database = open_database(databases.make_settings(url))
        try:
            _tell(database, stock, all_acts, one, another)
        finally:
            database.dispose()


def _tell(
    database: Database, stock: list[Step], all_acts: list[list[Step]], one: int, another: int
) -> None:
    if stock:
        assert act(database, stock)
    start = live(database, versions=False)
    done = [number for some in all_acts if (number := act(database, some))]
    for chosen in (one, another):
        if not done:
            return
        number = done[chosen % len(done)]
        planned = plan(database, number)
        event(f"{bool(planned.number)} {any(step.skipped for step in planned.steps)}")
        undone = take_back(database, number)
        changes = made(database, undone) if undone else Counter()
        if not stock or not wrote_a_record_twice(database, number):
            assert sum(changes.values()) == planned.number, planned
            expected: Counter[tuple[str, str]] = Counter()
            for step in planned.steps:
                expected[step.model, REVERSE[step.operation]] += step.number
            assert changes == +expected
        if undone:
            done.append(undone)
    check_history(database)
    for number in reversed(done):
        planned = plan(database, number)
        if not stock or not wrote_a_record_twice(database, number):
            assert not any(step.skipped or step.conflicts for step in planned.steps), planned
        take_back(database, number)
    assert live(database, versions=False) == start
    check_history(database)
