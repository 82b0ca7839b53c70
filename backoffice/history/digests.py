"""A digest of each changeset: what it says and what it did, as the database keeps it.

Values are digested as the text that is stored, not as what Python or SQL reads out of it: of a JSON
text with one key twice, for instance, the two read different values.
"""

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from backoffice.history.forms import PRESENT, Form
from backoffice.history.unit import RecordSession
from backoffice.models import Change, Changeset

SIZE = hashlib.sha256().digest_size

changes: sa.Table = Change.__table__  # type: ignore[assignment]
changesets: sa.Table = Changeset.__table__  # type: ignore[assignment]

Range = Sequence[int]
"""Two ids, both included."""

RANGES_AT_ONCE = 100
"""SQLite refuses conditions with more than 1,000 alternatives."""

ROWS_AT_ONCE = 1_000


def keep_going() -> None:
    """Called now and then by long work; another function may raise to stop it."""


def digests(
    session: RecordSession,
    ranges: Sequence[Range],
    go_on: Callable[[], None] = keep_going,
    form: Form = PRESENT,
) -> Generator[tuple[int, bytes]]:
    """The changesets in ``ranges`` (ascending) that exist, each id with its digest of ``form``.

    One changeset's changes are streamed, however many they are; its row and those of the others in
    100 ranges are in memory at once.
    """
    for some in batches(ranges, RANGES_AT_ONCE):
        go_on()
        yield from _some_digests(session, some, go_on, form)


def _some_digests(
    session: RecordSession, ranges: Sequence[Range], go_on: Callable[[], None], form: Form
) -> Generator[tuple[int, bytes]]:
    rows = session.execute(
        sa.select(changesets.c.id, *(_as_kept(changesets.c[name]) for name in form.changeset))
        .where(within(changesets.c.id, ranges))
        .order_by(changesets.c.id)
    ).all()
    # One statement at a time: MariaDB streams no second one beside it.
    done = stream(
        session,
        sa.select(changes.c.changeset_id, *(_as_kept(changes.c[name]) for name in form.change))
        .where(within(changes.c.changeset_id, ranges))
        .order_by(changes.c.changeset_id, changes.c.id),
    )
    try:
        change = next(done, None)
        for place, (number, *values) in enumerate(rows):
            digest = hashlib.sha256(canonical(*values))
            while change is not None and change[0] < number:  # of a changeset that is missing
                change = next(done, None)
            while change is not None and change[0] == number:
                digest.update(canonical(*change[1:]))
                change = next(done, None)
            if place % 100 == 0:
                go_on()
            yield number, digest.digest()
    finally:
        done.close()


def _as_kept(column: sa.Column[Any]) -> Any:
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def canonical(*values: Any) -> bytes:
    """Values as one line of JSON, the same on every system."""
    return json.dumps(values, separators=(",", ":"), default=_moment).encode() + b"\n"


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"a digest has no way to hold {type(value).__name__}")


def within(column: Any, ranges: Sequence[Range]) -> Any:
    """The condition that a column's value lies in one of the ranges."""
    return sa.or_(
        sa.false(),
        *(
            column == first if first == last else column.between(first, last)
            for first, last in ranges
        ),
    )


def stream(session: RecordSession, statement: Any) -> Generator[Any]:
    """The rows of a statement, some at a time; to be closed if it is left before its end."""
    options = {"yield_per": ROWS_AT_ONCE}
    result = session.connection().execute(statement, execution_options=options)
    try:
        yield from result
    finally:
        result.close()


def batches(values: Sequence[Range], size: int) -> Iterator[list[Range]]:
    """``values`` in lists of at most ``size``."""
    rest = iter(values)
    for first in rest:
        yield [first, *islice(rest, size - 1)]


def as_ranges(numbers: Sequence[int]) -> list[list[int]]:
    """Ascending numbers as ranges of consecutive ones."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def joined(ranges: Iterable[Range]) -> list[list[int]]:
    """Ranges in any order as ascending ones that do not touch."""
    found: list[list[int]] = []
    for first, last in sorted((one[0], one[1]) for one in ranges):
        if found and first <= found[-1][1] + 1:
            found[-1][1] = max(last, found[-1][1])
        else:
            found.append([first, last])
    return found
