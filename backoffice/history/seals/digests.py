"""A digest of each changeset: SHA-256 over its columns and those of its changes, as stored.

JSON columns are digested as the stored text, not as what Python or SQL reads from it: of a text
with the same key twice, for instance, the two read different values.
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
    """The default of ``go_on``, which long work calls now and then; it may raise to stop it."""


def digests(
    session: RecordSession,
    ranges: Sequence[Range],
    go_on: Callable[[], None] = do_nothing,
    format_: SealFormat = CURRENT,
) -> Generator[tuple[int, bytes]]:
    """The changesets that exist in ascending ``ranges``: each one's id and its digest.

    Changes are streamed. The changesets' own rows are in memory, of 100 ranges at once.
    """
    for batch in batches(ranges, RANGES_PER_STATEMENT):
        go_on()
        yield from _batch_digests(session, batch, go_on, format_)


def _batch_digests(
    session: RecordSession, ranges: Sequence[Range], go_on: Callable[[], None], format_: SealFormat
) -> Generator[tuple[int, bytes]]:
    rows = session.execute(
        sa.select(changesets.c.id, *(_as_stored(changesets.c[name]) for name in format_.changeset))
        .where(in_any_range(changesets.c.id, ranges))
        .order_by(changesets.c.id)
    ).all()
    # The changesets are read first: MariaDB streams one statement at a time.
    stored = stream(
        session,
        sa.select(changes.c.changeset_id, *(_as_stored(changes.c[name]) for name in format_.change))
        .where(in_any_range(changes.c.changeset_id, ranges))
        .order_by(changes.c.changeset_id, changes.c.id),
    )
    try:
        change = next(stored, None)
        for index, (id_, *values) in enumerate(rows):
            digest = hashlib.sha256(canonical(*values))
            while change is not None and change[0] < id_:  # its changeset is missing
                change = next(stored, None)
            while change is not None and change[0] == id_:
                digest.update(canonical(*change[1:]))
                change = next(stored, None)
            if index % 100 == 0:
                go_on()
            yield id_, digest.digest()
    finally:
        stored.close()


def _as_stored(column: sa.Column[Any]) -> Any:
    return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column


def canonical(*values: Any) -> bytes:
    """Values as one line of JSON, byte for byte the same on every system."""
    return json.dumps(values, separators=(",", ":"), default=_iso_datetime).encode() + b"\n"


def _iso_datetime(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    raise TypeError(f"a digest has no way to hold {type(value).__name__}")


def stream(session: RecordSession, statement: Any) -> Generator[Any]:
    """The rows of a statement, fetched in batches. Close it if you leave it before its end."""
    options = {"yield_per": ROWS_PER_FETCH}
    result = session.connection().execute(statement, execution_options=options)
    try:
        yield from result
    finally:
        result.close()
