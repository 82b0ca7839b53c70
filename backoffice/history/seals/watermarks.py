"""Which changesets no running transaction can still add to, on each of the databases.

Ids are not commit order: a transaction that took id 5 may commit hours after id 6, or never. Up to
a *settled* id every changeset that will ever exist is there to be seen. A seal notes up to which id
the history is ``settling`` together with a ``horizon``, a mark in the order of transactions: once
all transactions before the horizon have ended, everything up to that id is settled.

==========  ======================================================================================
PostgreSQL  The horizon is the sealer's own transaction id, and has passed when
            ``pg_snapshot_xmin``, the oldest one running, has reached it.
MariaDB     The horizon is a time (microseconds of the epoch), and has passed when no transaction in
            ``information_schema.innodb_trx`` began before it. Who may not read that (it takes the
            PROCESS privilege) waits for ``SAFE_AGE`` instead, which no transaction survives.
SQLite      There is one writer at a time, who has the next id: what is seen is settled.
==========  ======================================================================================
"""

import time
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from backoffice.db.types import MYSQL
from backoffice.history.session import RecordSession

NO_WATERMARK = 0
"""No horizon; a seal that has none leaves it to the next one."""


MARGIN = 10_000_000
"""Microseconds that MariaDB's horizon lies ahead: its list of transactions is up to 0.1 s old, and
has a transaction only a moment after that took its id."""


SAFE_AGE = 24 * 3_600_000_000
"""Microseconds. MariaDB ends what waits for its client far sooner (``wait_timeout``, 8 hours)."""


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
    f"WHERE {_MICROSECONDS.format('trx_started')} <= :horizon"
)


class Watermark(NamedTuple):
    """What can be said of all ids that have been given so far.

    ``horizon``: what must pass before they are settled. ``settled``: whether they are already.
    """

    horizon: int
    settled: bool


def take_watermark(session: RecordSession) -> Watermark:
    """Take the horizon of what has been read before; what is read afterwards may be newer."""
    if session.dialect == "postgresql":
        return _take_watermark_postgresql(session)
    if session.dialect in MYSQL:
        return Watermark(_number(session, _NOW) + MARGIN, settled=False)
    return Watermark(NO_WATERMARK, settled=True)


def has_passed(session: RecordSession, horizon: int) -> bool:
    """Whether every transaction before a horizon has ended."""
    if horizon == NO_WATERMARK:
        return False
    if session.dialect == "postgresql":
        oldest, newest = _oldest_and_newest(session)
        # The seal that carries the horizon is committed, so here its id lies below ``newest``; if
        # not, it came in a dump from another server, and nothing that ran there runs here.
        return oldest >= horizon or newest <= horizon
    if session.dialect in MYSQL:
        now = _number(session, _NOW)
        if now <= horizon:
            return False
        try:
            return _number(session, _RUNNING_SINCE, horizon=horizon) == 0
        except DBAPIError:
            return now > horizon + SAFE_AGE
    return True


def _take_watermark_postgresql(session: RecordSession) -> Watermark:
    """All who took an id must have a transaction id below the horizon.

    An INSERT locks the table, takes the changeset's id, and only then, microseconds later, may the
    transaction get an id of its own. Whoever is seen in between is waited for.
    """
    for _attempt in range(5):
        if _number(session, _NO_ID_YET) == 0:
            break
        time.sleep(0.01)
    else:
        return Watermark(NO_WATERMARK, settled=False)
    own = _number(session, _OWN_ID)
    oldest, _newest = _oldest_and_newest(session)
    return Watermark(own, settled=oldest == own)


def _oldest_and_newest(session: RecordSession) -> tuple[int, int]:
    """The oldest transaction id that runs, and one above all that have ended."""
    row = session.execute(_SNAPSHOT).one()
    return row[0], row[1]


def _number(session: RecordSession, statement: sa.TextClause, **values: int) -> int:
    return int(session.scalar(statement, values) or 0)
