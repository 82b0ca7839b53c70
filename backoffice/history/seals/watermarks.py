"""Transaction watermarks: up to which id no running transaction can add a changeset any more.

Ids are not in commit order: a transaction that took id 5 may commit hours after id 6, or never. A
seal notes the newest id together with a watermark, a point in the order of transactions. When all
transactions before the watermark have ended, the history is complete up to that id.

==========  ======================================================================================
PostgreSQL  The watermark is the sealer's own transaction id. It has passed when
            ``pg_snapshot_xmin``, the oldest running transaction, has reached it.
MariaDB     The watermark is a time (microseconds of the epoch). It has passed when no transaction
            in ``information_schema.innodb_trx`` began before it. Without the PROCESS privilege,
            which reading that needs, it passes after ``SAFE_AGE``, which no transaction survives.
SQLite      There is one writer at a time, who takes the next id: there is nothing to wait for.
==========  ======================================================================================
"""

import time
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.db.types import MYSQL
from backoffice.history.session import RecordSession

NO_WATERMARK = 0
"""No watermark could be taken; the next seal takes one."""


MARGIN = 10_000_000
"""How many microseconds MariaDB's watermark lies ahead. Its list of transactions is up to 0.1 s
old, and a transaction appears in it shortly after taking its id."""


SAFE_AGE = 24 * 3_600_000_000
"""Microseconds. MariaDB ends a transaction that waits for its client after 8 hours
(``wait_timeout``)."""


_NO_ID_YET = sa.text(
    "SELECT count(*) FROM pg_locks held WHERE held.locktype = 'relation' "
    "AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND held.relation = CAST('changesets' AS regclass) AND held.mode = 'RowExclusiveLock' "
    "AND held.granted AND NOT EXISTS (SELECT 1 FROM pg_locks own "
    "WHERE own.virtualtransaction = held.virtualtransaction AND own.locktype = 'transactionid' "
    "AND own.mode = 'ExclusiveLock')"
)


_SNAPSHOT = sa.text(
    "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint), "
    "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"
)


_OWN_ID = sa.text("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")


_MICROSECONDS = "CAST(UNIX_TIMESTAMP({}) * 1000000 AS SIGNED)"


_NOW = sa.text(f"SELECT {_MICROSECONDS.format('NOW(6)')}")


_RUNNING_SINCE = sa.text(
    "SELECT count(*) FROM information_schema.innodb_trx "  # noqa: S608 - constant
    f"WHERE {_MICROSECONDS.format('trx_started')} <= :watermark"
)


class Watermark(NamedTuple):
    """A watermark after all ids that were taken so far; ``is_passed``: whether it has passed."""

    value: int
    is_passed: bool


def take_watermark(session: RecordSession) -> Watermark:
    """Take a watermark after all changesets that were read before this call."""
    if session.dialect == "postgresql":
        return _take_watermark_postgresql(session)
    if session.dialect in MYSQL:
        return Watermark(_number(session, _NOW) + MARGIN, is_passed=False)
    return Watermark(NO_WATERMARK, is_passed=True)


def has_passed(session: RecordSession, watermark: int) -> bool:
    """Whether every transaction before a watermark has ended."""
    if watermark == NO_WATERMARK:
        return False
    if session.dialect == "postgresql":
        oldest, newest = _oldest_and_newest(session)
        # The seal with the watermark is committed, so the watermark is below ``newest``. If not, it
        # is from another server's dump, and no transaction of that server runs here.
        return oldest >= watermark or newest <= watermark
    if session.dialect in MYSQL:
        now = _number(session, _NOW)
        if now <= watermark:
            return False
        try:
            return _number(session, _RUNNING_SINCE, watermark=watermark) == 0
        except DBAPIError:
            return now > watermark + SAFE_AGE
    return True


def _take_watermark_postgresql(session: RecordSession) -> Watermark:
    """Take a watermark above the transaction ids of all transactions that took a changeset's id.

    An INSERT locks the table and takes the changeset's id. Its transaction may get an id of its own
    microseconds later. A transaction that is in between is waited for, 50 ms at most.
    """
    for _attempt in range(5):
        if _number(session, _NO_ID_YET) == 0:
            break
        time.sleep(0.01)
    else:
        return Watermark(NO_WATERMARK, is_passed=False)
    own = _number(session, _OWN_ID)
    oldest, _newest = _oldest_and_newest(session)
    return Watermark(own, is_passed=oldest == own)


def _oldest_and_newest(session: RecordSession) -> tuple[int, int]:
    """The oldest running transaction id, and the one after the newest that has ended."""
    row = session.execute(_SNAPSHOT).one()
    return row[0], row[1]


def _number(session: RecordSession, statement: sa.TextClause, **values: int) -> int:
    return int(session.scalar(statement, values) or 0)
