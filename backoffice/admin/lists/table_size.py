"""About how many rows a view's table has, as far as a list has asked: to know a large one."""

import time

from backoffice.admin.records.counting import Count, estimate_rows
from backoffice.admin.view import RecordView
from backoffice.history import RecordSession

LARGE = 200_000
"""Rows from which on a table is only sorted in an order that an index holds."""

ESTIMATE_SECONDS = 10.0
"""For so long an estimate is shown again without asking the database."""


class TableSize:
    """What is known of the size of one view's table."""

    def __init__(self, view: RecordView) -> None:
        self._view = view
        self._rows: int | None = None
        self._estimate: tuple[float, Count | None] = (0.0, None)

    def about(self) -> Count | None:
        """What the database estimated a moment ago, if it did: nobody sees an estimate change."""
        asked_at, counted = self._estimate
        return counted if time.monotonic() - asked_at < ESTIMATE_SECONDS else None

    def rows(self, session: RecordSession) -> int:
        """About how many rows the table has; asks the database the first time only."""
        if self._rows is None:
            self._rows = estimate_rows(session, self._view)
        return self._rows

    @property
    def is_large(self) -> bool:
        """Whether the table is known to be large, without asking."""
        return self._rows is not None and self._rows > LARGE

    def learn(self, counted: Count) -> None:
        """Take over what a list of all records has counted."""
        if not counted.more:
            self._rows = counted.number
        if counted.about:
            self._estimate = (time.monotonic(), counted)


def table_size(view: RecordView) -> TableSize:
    """The size of a view's table; the same object for every request."""
    if "table_size" not in view.cache:
        view.cache["table_size"] = TableSize(view)
    size: TableSize = view.cache["table_size"]
    return size
