"""Sign-in sessions: one row for each browser that is signed in, looked up at every request.

The cookie holds a random token, the row holds its SHA-256. Reading the table, or an old backup of
it, lets nobody sign in.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa

from backoffice.auth.digests import keyed_digest, token_digest
from backoffice.auth.grants import add_up
from backoffice.auth.log import record
from backoffice.auth.permissions import EVERYTHING
from backoffice.auth.preferences import parse_preferences
from backoffice.auth.pruning import delete_some
from backoffice.auth.signed_in import SignedIn
from backoffice.config import Settings
from backoffice.db import ChangesRefused, Database
from backoffice.db.queries.prepared import PreparedSelect
from backoffice.db.resilience.read_only import ReadOnlyState
from backoffice.history import RecordSession
from backoffice.models import user_roles
from backoffice.models.tables import grants, roles, sessions, user_preferences, users

SEEN_EVERY = timedelta(minutes=1)
"""``last_seen_at`` is written this often at most, so a page that only reads causes no write."""

TOUCH_LOCK_TIMEOUT_MS = 50
"""How long that write may wait for the lock on SQLite."""

PRUNED_AT_ONCE = 1000


# Built once and planned once: both together take four times as long as running it.
_FIND_SIGNED_IN = PreparedSelect(
    sa.select(
        sessions.c.password_mark,
        sessions.c.created_at,
        sessions.c.last_seen_at,
        users.c.id,
        users.c.first_name,
        users.c.last_name,
        users.c.email,
        users.c.is_superuser,
        users.c.password_hash,
        users.c.password_is_temporary,
        roles.c.id.label("role_id"),
        roles.c.name.label("role"),
        grants.c.identity,
        grants.c.action,
        user_preferences.c.data.label("preferences"),
    )
    .join_from(sessions, users, users.c.id == sessions.c.user_id)
    # A row for each grant of each role; one without a grant for a person without roles.
    .outerjoin(user_roles, user_roles.c.user_id == users.c.id)
    .outerjoin(roles, roles.c.id == user_roles.c.role_id)
    .outerjoin(grants, grants.c.role_id == user_roles.c.role_id)
    .outerjoin(user_preferences, user_preferences.c.user_id == users.c.id)
    .where(
        sessions.c.token_hash == sa.bindparam("token_hash"),
        sessions.c.last_seen_at > sa.bindparam("seen_after"),
        sessions.c.created_at > sa.bindparam("created_after"),
        users.c.is_active,
    ),
)
_TOUCH = (
    sa.update(sessions)
    .values(last_seen_at=sa.bindparam("now"))
    .where(
        sessions.c.token_hash == sa.bindparam("hash"),
        sessions.c.last_seen_at < sa.bindparam("seen_before"),
    )
)


def open_session(
    session: RecordSession,
    settings: Settings,
    *,
    user_id: int,
    password_hash: str,
    token: str,
    address: str,
    browser: str,
    now: datetime,
) -> None:
    """Sign the user in on the browser that holds ``token``, which no session may have yet.

    ``password_hash``: the one that the password was just compared with. ``address`` and
    ``browser`` are kept to show the person where they are signed in.
    """
    session.execute(
        sa.insert(sessions).values(
            token_hash=token_digest(token),
            user_id=user_id,
            password_mark=password_mark(settings, password_hash),
            created_at=now,
            last_seen_at=now,
            address=address[:64],
            browser=browser[:255],
        )
    )


def find_signed_in(
    connection: sa.Connection,
    settings: Settings,
    token: str,
    now: datetime,
    read_only: ReadOnlyState,
) -> SignedIn | None:
    """Who is signed in on the browser that holds ``token``; None for nobody. One SELECT.

    A session ends when it was idle for ``session_idle_minutes`` or is older than
    ``session_absolute_hours``, and when its user is deactivated or their password changes in
    whatever way. ``read_only``: the database's state; no session becomes idle while it is active.
    """
    token_hash = token_digest(token)
    idle_limit, absolute_limit = _limits(settings, now, read_only)
    rows = _FIND_SIGNED_IN.run(
        connection,
        {"token_hash": token_hash, "seen_after": idle_limit, "created_after": absolute_limit},
    ).all()
    if not rows:
        return None
    first = rows[0]
    if not hmac.compare_digest(first.password_mark, password_mark(settings, first.password_hash)):
        return None
    return SignedIn(
        user_id=first.id,
        name=f"{first.first_name} {first.last_name}",
        email=first.email,
        is_superuser=first.is_superuser,
        token_hash=token_hash,
        signed_in_at=first.created_at,
        last_seen_at=first.last_seen_at,
        grants=(
            EVERYTHING
            if first.is_superuser
            else add_up(
                (row.role_id, row.identity, row.action) for row in rows if row.identity is not None
            )
        ),
        roles=tuple(
            sorted(
                {(row.role_id, row.role) for row in rows if row.role_id is not None},
                key=lambda role: role[1],
            )
        ),
        preferences=parse_preferences(first.preferences),
        password_is_temporary=first.password_is_temporary,
    )


def is_due(settings: Settings, signed_in: SignedIn, now: datetime) -> bool:
    """Whether it is time to write ``last_seen_at`` again."""
    return signed_in.last_seen_at < now - _seen_every(settings)


def touch(connection: sa.Connection, settings: Settings, token_hash: str, now: datetime) -> bool:
    """Write that the session was used ``now``, unless another request did within the minute.

    Returns whether it was written.
    """
    values = {"hash": token_hash, "now": now, "seen_before": now - _seen_every(settings)}
    return connection.execute(_TOUCH, values).rowcount > 0


def recognise(database: Database, settings: Settings, token: str, now: datetime) -> SignedIn | None:
    """``find_signed_in`` on a connection of its own, and ``touch`` when it is due.

    Raises:
        sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
    """
    # No unit of work, which takes half as long again: no object is loaded here.
    with database.single_select() as connection:
        signed_in = find_signed_in(connection, settings, token, now, database.read_only_state)
    if (
        signed_in is not None
        and is_due(settings, signed_in, now)
        and database.read_only_state.may_try(now)
    ):
        _touch_if_free(database, settings, signed_in.token_hash, now)
    return signed_in


def end_session(session: RecordSession, token: str) -> int | None:
    """Sign out the browser that holds ``token``; its cookie and every copy become worthless.

    Returns the user's id; None if nobody was signed in there.
    """
    token_hash = token_digest(token)
    user_id = session.scalar(
        sa.select(sessions.c.user_id).where(sessions.c.token_hash == token_hash)
    )
    session.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))
    return user_id


def end_sessions_of(session: RecordSession, user_id: int, *, but_token: str | None = None) -> None:
    """Sign the user out everywhere, except on the browser that holds ``but_token``.

    Call it in the unit of work that deactivates a user or changes a password. Such sessions are
    dead anyway; deleted, they do not come back when the change is undone.
    """
    statement = sa.delete(sessions).where(sessions.c.user_id == user_id)
    if but_token is not None:
        statement = statement.where(sessions.c.token_hash != token_digest(but_token))
    session.execute(statement)


def end_other_sessions(
    session: RecordSession, settings: Settings, *, user_id: int, token: str, password_hash: str
) -> None:
    """Sign the user out everywhere but on the browser that holds ``token``, by which they changed
    their own password.

    ``password_hash``: the new one, written in the same unit of work.
    """
    end_sessions_of(session, user_id, but_token=token)
    session.execute(
        sa.update(sessions)
        .where(sessions.c.token_hash == token_digest(token), sessions.c.user_id == user_id)
        .values(password_mark=password_mark(settings, password_hash))
    )


def rebind_sessions(
    session: RecordSession, settings: Settings, *, user_id: int, old_hash: str, new_hash: str
) -> None:
    """Keep the user's sessions alive under a new hash of the same password."""
    session.execute(
        sa.update(sessions)
        .where(
            sessions.c.user_id == user_id,
            sessions.c.password_mark == password_mark(settings, old_hash),
        )
        .values(password_mark=password_mark(settings, new_hash))
    )


def prune(
    session: RecordSession, settings: Settings, now: datetime, read_only: ReadOnlyState
) -> int:
    """Delete expired sessions, ``PRUNED_AT_ONCE`` at most; returns how many."""
    idle_limit, absolute_limit = _limits(settings, now, read_only)
    expired = sa.or_(sessions.c.last_seen_at <= idle_limit, sessions.c.created_at <= absolute_limit)
    return delete_some(session, sessions.c.token_hash, expired, PRUNED_AT_ONCE)


def password_mark(settings: Settings, password_hash: str) -> str:
    """What ``sessions.password_mark`` holds for a session signed in under ``password_hash``."""
    return keyed_digest(settings, "password-mark", password_hash)


def enter_read_only(
    database: Database, settings: Settings, error: ChangesRefused, now: datetime
) -> None:
    """Remember that the database refuses changes: pages say so, and no session becomes idle."""
    reason = " ".join(str(error.orig).split())
    database.read_only_state.enter(now, _idle_time(settings), reason)


def _touch_if_free(database: Database, settings: Settings, token_hash: str, now: datetime) -> None:
    """``touch`` in a transaction of its own; give up where something else writes for long.

    The page goes on without it. The next request tries again, or the first after a minute while
    the database refuses changes.
    """
    try:
        with database.writer.connect() as connection, _short_lock_timeout(database, connection):
            written = touch(connection, settings, token_hash, now)
            connection.commit()
        if written:
            database.read_only_state.leave(now)
    except ChangesRefused as error:
        enter_read_only(database, settings, error, now)
    except sa.exc.DBAPIError as error:
        record("last-seen-not-written", error=type(error.orig).__name__)


@contextmanager
def _short_lock_timeout(database: Database, connection: sa.Connection) -> Iterator[None]:
    """On SQLite, wait only briefly for the write lock, which one writer may hold for long."""
    driver = connection.connection.driver_connection
    if database.dialect != "sqlite" or driver is None:
        yield
        return
    (usual,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout = {TOUCH_LOCK_TIMEOUT_MS}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(usual)}")


def _limits(
    settings: Settings, now: datetime, read_only: ReadOnlyState
) -> tuple[datetime, datetime]:
    """A live session was last seen after the first and opened after the second."""
    return (
        read_only.idle_limit(now, _idle_time(settings)),
        now - timedelta(hours=settings.session_absolute_hours),
    )


def _idle_time(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.session_idle_minutes)


def _seen_every(settings: Settings) -> timedelta:
    # With an idle time of one minute, a write each minute would sign out a busy person.
    return min(SEEN_EVERY, timedelta(minutes=settings.session_idle_minutes) / 10)
