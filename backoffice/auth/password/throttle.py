"""Waits after failed attempts, counted in the database for all processes together.

An attempt is counted as a failure *before* its password is looked at, and the count is undone if
the password was right. So of fifty guesses sent at once, each counts those before it. There are
three counters:

* the account's, by the e-mail address as typed, whether it has an account or not;
* the client address's, an IPv6 customer's /64 being one address;
* a known browser's (``auth.password.devices``), in place of the other two. A stranger who keeps an
  account blocked does not block the person who works there every day. A browser is known for one
  password: a stolen cookie is worth nothing after the password has changed.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from backoffice.auth.addresses import network_of
from backoffice.auth.digests import keyed_digest
from backoffice.auth.password.devices import device_id, knows_account, normalised_email
from backoffice.auth.pruning import delete_some
from backoffice.config import Settings
from backoffice.history import RecordSession
from backoffice.models.tables import throttles

FREE_PER_ACCOUNT = 5
FREE_PER_ADDRESS = 20
"""Failures in a row that cost no wait. Many people share one address behind an office's router."""

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
"""A counter without a failure for this long starts again."""

PRUNED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Bucket:
    """A counter: its key in the table, and how many failures it takes without a wait.

    ``resets``: whether a success sets it to zero, or only gives back its own attempt.
    """

    key: str
    free: int
    resets: bool


@dataclass(frozen=True, slots=True)
class Reservation:
    """An attempt that may be made now. It counts as a failure until ``record_success``.

    ``blocked_until``: the wait that this attempt set in each bucket, by key.
    """

    buckets: tuple[Bucket, ...]
    blocked_until: dict[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Blocked:
    """An attempt that was refused unseen. ``seconds``: to wait until the next one, at least 1."""

    seconds: int


def buckets_for(
    settings: Settings, *, email: str, address: str, device: str, password_hash: str | None
) -> tuple[Bucket, ...]:
    """The counters of an attempt on ``email`` from ``address``.

    ``device``: what the device cookie holds, "" for none. ``password_hash``: the account's present
    one, None if there is no such account; the work is the same.
    """
    if knows_account(settings, device, email, password_hash):
        known = f"{device_id(device)}\0{normalised_email(email)}"
        key = keyed_digest(settings, "throttle-device", known)
        return (Bucket(key, FREE_PER_ACCOUNT, resets=True),)
    account = Bucket(_account_key(settings, email), FREE_PER_ACCOUNT, resets=True)
    network = keyed_digest(settings, "throttle-address", network_of(address))
    return (account, Bucket(network, FREE_PER_ADDRESS, resets=False))


def seconds_to_wait(session: RecordSession, buckets: tuple[Bucket, ...], now: datetime) -> int:
    """Seconds until the next attempt, 0 if it may be made now. Reads only.

    Call it before ``reserve``: a flood of attempts that must wait then costs no write.
    """
    rows = session.execute(
        sa.select(throttles.c.blocked_until).where(
            throttles.c.key.in_([bucket.key for bucket in buckets])
        )
    ).scalars()
    return _seconds_until([blocked_until for blocked_until in rows if blocked_until], now)


def reserve(
    session: RecordSession, buckets: tuple[Bucket, ...], now: datetime
) -> Reservation | Blocked:
    """Count one attempt in all ``buckets``, or in none of them if one is blocked.

    Commit it before the password is looked at. It locks the rows, so each of many attempts at once
    sees the count of those before it. A blocked attempt changes nothing.
    """
    rows = _locked_rows(session, [bucket.key for bucket in buckets], now)
    if seconds := _seconds_until(
        [row.blocked_until for row in rows.values() if row.blocked_until], now
    ):
        return Blocked(seconds)
    blocked_until: dict[str, datetime | None] = {}
    for bucket in buckets:
        row = rows[bucket.key]
        expired = row.last_failure_at <= now - FORGOTTEN_AFTER
        failures = 1 if expired else row.failures + 1
        wait = wait_after(failures, bucket.free)
        blocked_until[bucket.key] = now + wait if wait else None
        session.execute(
            sa.update(throttles)
            .where(throttles.c.key == bucket.key)
            .values(failures=failures, last_failure_at=now, blocked_until=blocked_until[bucket.key])
        )
    return Reservation(buckets, blocked_until)


def record_success(session: RecordSession, reservation: Reservation, now: datetime) -> None:
    """The password was right: the account's (or known browser's) counter starts again at zero.

    The address's counter only loses this attempt. Otherwise a person with one account of their own
    could guess at all others without end.
    """
    rows = _locked_rows(session, [bucket.key for bucket in reservation.buckets], now)
    for bucket in reservation.buckets:
        this = throttles.c.key == bucket.key
        if bucket.resets:
            session.execute(sa.delete(throttles).where(this))
            continue
        row = rows[bucket.key]
        # A wait that a later failure set stays.
        is_own = row.blocked_until == reservation.blocked_until[bucket.key]
        session.execute(
            sa.update(throttles)
            .where(this)
            .values(
                failures=max(0, row.failures - 1),
                blocked_until=None if is_own else row.blocked_until,
            )
        )


def reset_account(session: RecordSession, settings: Settings, email: str) -> None:
    """Delete the counter of the account with ``email``, for the command line."""
    session.execute(sa.delete(throttles).where(throttles.c.key == _account_key(settings, email)))


def prune(session: RecordSession, now: datetime) -> int:
    """Delete expired counters, ``PRUNED_AT_ONCE`` at most; returns how many."""
    is_forgotten = throttles.c.last_failure_at <= now - FORGOTTEN_AFTER
    return delete_some(session, throttles.c.key, is_forgotten, PRUNED_AT_ONCE)


def wait_after(failures: int, free: int) -> timedelta:
    """How long to wait after that many failures in a row: 2, 4, 8 … seconds, then 15 minutes."""
    if failures <= free:
        return timedelta(0)
    doublings = min(failures - free - 1, 16)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _locked_rows(session: RecordSession, keys: list[str], now: datetime) -> dict[str, sa.Row[Any]]:
    """The rows of ``keys``, inserted where missing, locked until the transaction ends.

    They are locked in the order of the keys, so two attempts never wait for each other. SQLite
    locked the whole file at BEGIN IMMEDIATE.
    """
    for key in sorted(keys):
        session.execute(_insert_or_lock(session.dialect, key, now))
    rows = session.execute(sa.select(throttles).where(throttles.c.key.in_(keys)).with_for_update())
    return {row.key: row for row in rows}


def _insert_or_lock(dialect: str, key: str, now: datetime) -> sa.Executable:
    # It writes an existing row as it is. An insert that ignores duplicates would lock nothing on
    # PostgreSQL, and would take a shared lock on MariaDB that two attempts cannot both upgrade.
    values: dict[str, Any] = {
        "key": key,
        "failures": 0,
        "last_failure_at": now,
        "blocked_until": None,
    }
    if dialect == "postgresql":
        upsert = postgresql.insert(throttles).values(values)
        return upsert.on_conflict_do_update(
            index_elements=["key"], set_={"failures": throttles.c.failures}
        )
    if dialect == "sqlite":
        return sqlite.insert(throttles).values(values).on_conflict_do_nothing()
    return (
        mysql.insert(throttles)
        .values(values)
        .on_duplicate_key_update(failures=throttles.c.failures)
    )


def _seconds_until(latest: list[datetime], now: datetime) -> int:
    """Whole seconds until the last of these times; 0 if all are past."""
    left = max((time - now for time in latest), default=timedelta(0))
    return max(0, math.ceil(left.total_seconds()))


def _account_key(settings: Settings, email: str) -> str:
    return keyed_digest(settings, "throttle-account", normalised_email(email))
