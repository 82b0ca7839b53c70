"""Slowing down whoever guesses passwords, in the database, where all processes count together.

An attempt is counted as a failure *before* its password is looked at, and given back if it was
right: fifty guesses sent at once are fifty in a row, not fifty firsts. Three counters exist:

* the account's (by the e-mail address as typed, whether it has an account or not),
* the client address's (an IPv6 customer has a /64, so that is one address),
* a known browser's. One that signed in to this account before carries a device cookie that says
  so, and is counted by itself, in place of the other two. A stranger who keeps an account blocked
  therefore does not block the person who works there every day (OWASP, "device cookies"). It ends
  with the password that it was given for: a stolen one is good for no longer than that.
"""

import ipaddress
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from backoffice.auth.digests import keyed_digest
from backoffice.config import Settings
from backoffice.history import RecordSession
from backoffice.models import SignInThrottle

FREE_PER_ACCOUNT = 5
FREE_PER_ADDRESS = 20
"""Failures in a row that cost no wait. Many people share one address behind an office's router."""

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)
"""A counter without a failure for this long starts again."""

ACCOUNTS_PER_DEVICE = 5
PRUNED_AT_ONCE = 1000

throttles = cast(sa.Table, SignInThrottle.__table__)


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
    """An attempt that may be made now, counted as failed until ``succeeded`` is told otherwise.

    ``blocked_until``: what this attempt set, by key; to be taken back if it succeeds.
    """

    buckets: tuple[Bucket, ...]
    blocked_until: dict[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Blocked:
    """An attempt that was not looked at. ``seconds``: when the next may be made, at least 1."""

    seconds: int


def buckets_of(
    settings: Settings, *, email: str, address: str, device: str, password_hash: str | None
) -> tuple[Bucket, ...]:
    """The counters that an attempt on ``email`` from ``address`` falls under.

    ``device``: what the device cookie holds, "" for none. ``password_hash``: the account's as it is
    now, None if there is no such account; the work is the same.
    """
    if knows_account(settings, device, email, password_hash):
        known = f"{device.partition('.')[0]}\0{_same_email(email)}"
        key = keyed_digest(settings, "throttle-device", known)
        return (Bucket(key, FREE_PER_ACCOUNT, resets=True),)
    account = Bucket(_account_key(settings, email), FREE_PER_ACCOUNT, resets=True)
    network = keyed_digest(settings, "throttle-address", network_of(address))
    return (account, Bucket(network, FREE_PER_ADDRESS, resets=False))


def wait_left(session: RecordSession, buckets: tuple[Bucket, ...], now: datetime) -> int:
    """Seconds until an attempt may be made, 0 for now. Reads only.

    Asked before ``reserve``, so that a flood of attempts that wait costs no write.
    """
    rows = session.execute(
        sa.select(throttles.c.blocked_until).where(
            throttles.c.key.in_([bucket.key for bucket in buckets])
        )
    ).scalars()
    return _seconds([blocked_until for blocked_until in rows if blocked_until], now)


def reserve(
    session: RecordSession, buckets: tuple[Bucket, ...], now: datetime
) -> Reservation | Blocked:
    """Count one attempt in all ``buckets``, or in none if one of them says to wait.

    Commit it before looking at the password. The rows are locked, so that of any number of
    attempts at once each sees the count of those before it. A blocked attempt changes nothing.
    """
    rows = _locked_rows(session, [bucket.key for bucket in buckets], now)
    if seconds := _seconds([row.blocked_until for row in rows.values() if row.blocked_until], now):
        return Blocked(seconds)
    set_until: dict[str, datetime | None] = {}
    for bucket in buckets:
        row = rows[bucket.key]
        forgotten = row.last_failure_at <= now - FORGOTTEN_AFTER
        failures = 1 if forgotten else row.failures + 1
        wait = wait_after(failures, bucket.free)
        set_until[bucket.key] = now + wait if wait else None
        session.execute(
            sa.update(throttles)
            .where(throttles.c.key == bucket.key)
            .values(failures=failures, last_failure_at=now, blocked_until=set_until[bucket.key])
        )
    return Reservation(buckets, set_until)


def succeeded(session: RecordSession, reservation: Reservation, now: datetime) -> None:
    """The password was right: the account (or known browser) starts again at zero.

    The address only gets back what this attempt counted; else somebody with one account of their
    own could guess at all others without end.
    """
    rows = _locked_rows(session, [bucket.key for bucket in reservation.buckets], now)
    for bucket in reservation.buckets:
        this = throttles.c.key == bucket.key
        if bucket.resets:
            session.execute(sa.delete(throttles).where(this))
            continue
        row = rows[bucket.key]
        # A wait that a later failure set stays.
        is_ours = row.blocked_until == reservation.blocked_until[bucket.key]
        session.execute(
            sa.update(throttles)
            .where(this)
            .values(
                failures=max(0, row.failures - 1),
                blocked_until=None if is_ours else row.blocked_until,
            )
        )


def forgive(session: RecordSession, settings: Settings, email: str) -> None:
    """Forget the failures on the account with ``email``, for the command line."""
    session.execute(sa.delete(throttles).where(throttles.c.key == _account_key(settings, email)))


def prune(session: RecordSession, now: datetime) -> int:
    """Delete counters that were forgotten, the first ``PRUNED_AT_ONCE``; returns how many."""
    keys = session.scalars(
        sa.select(throttles.c.key)
        .where(throttles.c.last_failure_at <= now - FORGOTTEN_AFTER)
        .order_by(throttles.c.key)
        .limit(PRUNED_AT_ONCE)
    ).all()
    if keys:
        session.execute(
            sa.delete(throttles).where(
                throttles.c.key.in_(keys), throttles.c.last_failure_at <= now - FORGOTTEN_AFTER
            )
        )
    return len(keys)


def wait_after(failures: int, free: int) -> timedelta:
    """How long to wait after that many failures in a row: 2, 4, 8 … seconds, then 15 minutes."""
    if failures <= free:
        return timedelta(0)
    doublings = min(failures - free - 1, 16)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def knows_account(settings: Settings, device: str, email: str, password_hash: str | None) -> bool:
    """Whether ``device`` says that its browser signed in to the account with ``email``, with the
    password that ``password_hash`` is of."""
    mark = _account_mark(settings, email) + _password_mark(settings, email, password_hash)
    return bool(device) and mark in device.split(".")[1:]


def device_knowing(settings: Settings, device: str, email: str, password_hash: str) -> str:
    """What the device cookie is to hold after a sign-in to ``email``: random id, then accounts.

    The accounts are digests, the latest first and a few at most; each begins with one of the
    address, by which it is found again, and ends with one of the password hash.
    """
    identity, *known = device.split(".") if device else [secrets.token_urlsafe(16)]
    account = _account_mark(settings, email)
    mark = account + _password_mark(settings, email, password_hash)
    latest = [mark, *(other for other in known if not other.startswith(account))]
    return ".".join([identity, *latest[:ACCOUNTS_PER_DEVICE]])


def _locked_rows(session: RecordSession, keys: list[str], now: datetime) -> dict[str, sa.Row[Any]]:
    """The rows of ``keys``, made where missing, and locked until the end of the transaction.

    Always in the order of the keys, so that two attempts never wait for each other. SQLite has
    locked the whole file at BEGIN IMMEDIATE.
    """
    for key in sorted(keys):
        session.execute(_insert_or_lock(session.get_bind().dialect.name, key, now))
    rows = session.execute(sa.select(throttles).where(throttles.c.key.in_(keys)).with_for_update())
    return {row.key: row for row in rows}


def _insert_or_lock(dialect: str, key: str, now: datetime) -> sa.Executable:
    # Each writes the row as it is. An insert that only ignores a duplicate would lock nothing on
    # PostgreSQL, and on MariaDB take a shared lock that two attempts cannot both raise.
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


def _seconds(moments: list[datetime], now: datetime) -> int:
    left = max((moment - now for moment in moments), default=timedelta(0))
    return max(0, math.ceil(left.total_seconds()))


def _same_email(email: str) -> str:
    return email.strip().lower()[:320]


def _account_key(settings: Settings, email: str) -> str:
    return keyed_digest(settings, "throttle-account", _same_email(email))


def _account_mark(settings: Settings, email: str) -> str:
    return keyed_digest(settings, "device-account", _same_email(email))[:16]


def _password_mark(settings: Settings, email: str, password_hash: str | None) -> str:
    of = f"{_same_email(email)}\0{password_hash or ''}"
    return keyed_digest(settings, "device-password", of)[:16]


def network_of(address: str) -> str:
    """The address to count by; an IPv6 address by its /64, which one customer has for himself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
