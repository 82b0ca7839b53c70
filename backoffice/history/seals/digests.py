"""A digest of each changeset: what it says and what it did, as the database keeps it.

Values are digested as the text that is stored, not as what Python or SQL reads out of it: of a JSON
text with one key twice, for instance, the two read different values.
"""

import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backoffice.history.ranges import RANGES_PER_STATEMENT, Range, batches, in_any_range
from backoffice.history.seals.formats import CURRENT, SealFormat
from backoffice.history.session import RecordSession
from backoffice.models.tables import changes, changesets

SIZE = hashlib.sha256().digest_size


ROWS_PER_FETCH = 1_000


def do_nothing() -> None:
    """Called now and then by long work; another function may raise to stop it."""


def digests(
    session: RecordSession,
    ranges: Sequence[Range],
    go_on: Callable[[], None] = do_nothing,
    form: SealFormat = CURRENT,
) -> Generator[tuple[int, bytes]]:
    """The changesets in ``ranges`` (ascending) that exist, each id with its digest of ``form``.

    One changeset's changes are streamed, however many they are; its row and those of the others in
    100 ranges are in memory at once.
    """
    for some in batches(ranges, RANGES_PER_STATEMENT):
        go_on()
        yield from _some_digests(session, some, go_on, form)


def _some_digests(
    session: RecordSession, ranges: Sequence[Range], go_on: Callable[[], None], form: SealFormat
) -> Generator[tuple[int, bytes]]:
    rows = session.execute(
        sa.select(changesets.c.id, *(_as_stored(changesets.c[name]) for name in form.changeset))
        .where(in_any_range(changesets.c.id, ranges))
        .order_by(changesets.c.id)
    ).all()
    # One statement at a time: MariaDB streams no second one beside it.
    done = stream(
        session,
        sa.select(changes.c.changeset_id, *(_as_stored(changes.c[name]) for name in form.change))
        .where(in_any_range(changes.c.changeset_id, ranges))
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


def _as_stored(column: sa.Column[Any]) -> Any:
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def canonical(*values: Any) -> bytes:
    """Values as one line of JSON, the same on every system."""
    return json.dumps(values, separators=(",", ":"), default=_iso_datetime).encode() + b"\n"


def _iso_datetime(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"a digest has no way to hold {type(value).__name__}")


def stream(session: RecordSession, statement: Any) -> Generator[Any]:
    """The rows of a statement, some at a time; to be closed if it is left before its end."""
    options = {"yield_per": ROWS_PER_FETCH}
    result = session.connection().execute(statement, execution_options=options)
    try:
        yield from result
    finally:
        result.close()
