"""The size of a view's table, estimated and remembered, to treat large tables differently."""

import time

from backoffice.admin.records.counting import Count, estimated_rows
from backoffice.admin.view import RecordView
from backoffice.history import RecordSession

LARGE = 200_000
"""Rows above which a table is only sorted in an order that an index holds."""

ESTIMATE_SECONDS = 10.0
"""How long an estimate is shown again without asking the database."""


class TableSize:
    """The size of one view's table, as far as lists have learned it."""

    def __init__(self, view: RecordView) -> None:
        self._view = view
        self._rows: int | None = None
        self._estimate: tuple[float, Count | None] = (0.0, None)

    def recent_estimate(self) -> Count | None:
        """The database's estimate, if it is not older than ``ESTIMATE_SECONDS``; else None."""
        estimated_at, count = self._estimate
        return count if time.monotonic() - estimated_at < ESTIMATE_SECONDS else None

    def estimated_rows(self, session: RecordSession) -> int:
        """About how many rows the table has. Only the first call asks the database."""
        if self._rows is None:
            self._rows = estimated_rows(session, self._view)
        return self._rows

    @property
    def is_large(self) -> bool:
        """Whether the table is known to be large. It does not ask the database."""
        return self._rows is not None and self._rows > LARGE

    def update(self, count: Count) -> None:
        """Remember the count of a list of all records."""
        if not count.more:
            self._rows = count.number
        if count.about:
            self._estimate = (time.monotonic(), count)


def table_size(view: RecordView) -> TableSize:
    """The size of a view's table; the same object for every request."""
    return view.cache.get("table_size", lambda: TableSize(view), always=True)
