"""Loads: so many records at once that keeping each in the history would serve no one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from backoffice.db import Database
from backoffice.history.act import current_act
from backoffice.history.loaded import Loaded
from backoffice.history.unit import RecordSession, unit_of_work


@contextmanager
def load(database: Database) -> Iterator[RecordSession]:
    """A unit of work that puts many records in by plain SQL, recorded as one changeset of counts.

    The caller writes through ``session.connection()`` and says by ``count_loaded`` how many, and
    which if it knows; objects that it adds to the session count themselves. The changeset holds no
    rows, says that it is a load, and cannot be undone. If nothing was loaded there is none.
    """
    act = replace(current_act(), source="load")
    with unit_of_work(database, writes=True, act=act) as session:
        session.loaded = Loaded()
        yield session
        session.flush()
        if any(session.loaded.numbers.values()):
            session.changeset_id()
