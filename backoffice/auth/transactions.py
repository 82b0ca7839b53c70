"""Transactions that are run again after a deadlock."""

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import RecordSession, unit_of_work

Result = TypeVar("Result")

DEADLOCKS = ("40P01", "40001", 1213)
"""PostgreSQL's and MariaDB's codes for a transaction that is to be tried again as a whole."""

ATTEMPTS = 3


def run_in_transaction(database: Database, work: Callable[[RecordSession], Result]) -> Result:
    """Run ``work`` in a unit of work that writes; run it again, twice at most, after a deadlock."""
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            with unit_of_work(database, writes=True) as session:
                return work(session)
        except sa.exc.OperationalError as error:
            if attempts_left == 0 or not _is_deadlock(error):
                raise
    raise AssertionError("the last attempt returns or raises")


def _is_deadlock(error: sa.exc.OperationalError) -> bool:
    original: Any = error.orig
    code = getattr(original, "pgcode", None) or next(iter(original.args), None)
    return code in DEADLOCKS
