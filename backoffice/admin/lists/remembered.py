"""Rows that are shown again for a few seconds without asking the database."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from backoffice.db import Database

SECONDS = 5.0
"""How old remembered rows may be. Another process's change is seen that much later at most."""


class RememberedRows:
    """The rows of one statement that is the same for everybody.

    They are read again after ``SECONDS``, and after any change that this process committed.
    """

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._commits = -1
        self._rows: Sequence[Any] = ()

    def get(self, database: Database, read: Callable[[], Sequence[Any]]) -> Sequence[Any]:
        """The rows; ``read`` reads them."""
        now, commits = time.monotonic(), database.commits
        if now - self._read_at > SECONDS or commits != self._commits:
            rows = read()
            # The time and the number of before the reading: what was committed since is not in it.
            self._rows, self._read_at, self._commits = rows, now, commits
        return self._rows
