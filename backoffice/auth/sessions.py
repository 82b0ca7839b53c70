"""Sign-in sessions: one row per browser that is signed in, found again at every request.

The cookie holds a random token; the row holds the token's SHA-256. Whoever reads the table, or an
old backup of it, can sign in as nobody.
"""

import hmac
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from backoffice.auth.digests import keyed_digest, token_digest
from backoffice.auth.preferences import parse as parse_preferences
from backoffice.auth.preferences import user_preferences
from backoffice.config import Settings
from backoffice.db import ChangesRefused, Database
from backoffice.db.queries.prepared import Prepared
from backoffice.db.resilience.read_only import Standstill
from backoffice.history import RecordSession
from backoffice.models import Grant, Role, SignInSession, User, user_roles

SEEN_EVERY = timedelta(minutes=1)
"""``last_seen_at`` is written this often at most: a page that reads causes no write."""

TOUCH_PATIENCE_MS = 50
"""How long writing it may wait for the lock on SQLite."""

PRUNED_AT_ONCE = 1000

LOGGER = logging.getLogger("backoffice.auth")

Clock = Callable[[], datetime]

EVERYTHING = frozenset({("*", "*")})
"""A superuser's grants."""

users = cast(sa.Table, User.__table__)
roles = cast(sa.Table, Role.__table__)
grants = cast(sa.Table, Grant.__table__)
sessions = cast(sa.Table, SignInSession.__table__)


def utc_now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who made a request, as far as a page needs to know it.

    ``grants``: the (identity, action) pairs of their roles; a superuser's is the wildcard.
    ``roles``: the ids and names of their roles, by name. ``preferences``: how they like the
    screens, to be asked through ``auth.preferences``. ``password_is_temporary``: somebody else
    chose it, and they must change it before they can do anything else.
    """

    user_id: int
    name: str
    email: str
    is_superuser: bool
    token_hash: str
    signed_in_at: datetime
    last_seen_at: datetime
    grants: frozenset[tuple[str, str]] = frozenset()
    roles: tuple[tuple[int, str], ...] = ()
    preferences: Mapping[str, Any] = field(default_factory=dict)
    password_is_temporary: bool = False


# Made once and planned once: for each page that cost four times as much as running it.
_FIND = Prepared(
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
    # A row for each grant of each role; one without, for whoever has no role.
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
    standstill: Standstill,
) -> SignedIn | None:
    """Who is signed in on the browser that holds ``token``; None for nobody. One SELECT.

    Nobody is, once the session was ended, was idle for ``session_idle_minutes``, is older than
    ``session_absolute_hours``, or its user is inactive or has another password than at sign-in,
    whoever changed it and by whatever way. ``standstill``: the database's; no session becomes idle
    in it.
    """
    token_hash = token_digest(token)
    idle_limit, absolute_limit = _limits(settings, now, standstill)
    rows = _FIND.run(
        connection,
        {"token_hash": token_hash, "seen_after": idle_limit, "created_after": absolute_limit},
    ).all()
    if not rows:
        return None
    row = rows[0]
    if not hmac.compare_digest(row.password_mark, password_mark(settings, row.password_hash)):
        return None
    return SignedIn(
        user_id=row.id,
        name=f"{row.first_name} {row.last_name}",
        email=row.email,
        is_superuser=row.is_superuser,
        token_hash=token_hash,
        signed_in_at=row.created_at,
        last_seen_at=row.last_seen_at,
        grants=(
            EVERYTHING
            if row.is_superuser
            else frozenset((one.identity, one.action) for one in rows if one.identity is not None)
        ),
        roles=tuple(
            sorted(
                {(one.role_id, one.role) for one in rows if one.role_id is not None},
                key=lambda role: role[1],
            )
        ),
        preferences=parse_preferences(row.preferences),
        password_is_temporary=row.password_is_temporary,
    )


def is_due(settings: Settings, signed_in: SignedIn, now: datetime) -> bool:
    """Whether ``last_seen_at`` is old enough to be written again."""
    return signed_in.last_seen_at < now - _seen_every(settings)


def touch(connection: sa.Connection, settings: Settings, token_hash: str, now: datetime) -> bool:
    """Write that the session was in use ``now``, unless another request did within the minute.

    Returns whether it was written.
    """
    values = {"hash": token_hash, "now": now, "seen_before": now - _seen_every(settings)}
    return connection.execute(_TOUCH, values).rowcount > 0


def recognise(database: Database, settings: Settings, token: str, now: datetime) -> SignedIn | None:
    """``find_signed_in`` with a connection of its own, and ``touch`` when it is due.

    Raises:
        sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
    """
    # A plain connection: a unit of work costs half as much again, and no object is loaded here.
    with database.asking() as connection:
        signed_in = find_signed_in(connection, settings, token, now, database.standstill)
    if (
        signed_in is not None
        and is_due(settings, signed_in, now)
        and database.standstill.may_try(now)
    ):
        _touch_if_free(database, settings, signed_in.token_hash, now)
    return signed_in


def end_session(session: RecordSession, token: str) -> int | None:
    """Sign out the browser that holds ``token``: its cookie, and every copy, is worth nothing.

    Returns the user's id; None if nobody was signed in there.
    """
    token_hash = token_digest(token)
    user_id = session.scalar(
        sa.select(sessions.c.user_id).where(sessions.c.token_hash == token_hash)
    )
    session.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))
    return user_id


def end_sessions_of(session: RecordSession, user_id: int, *, but_token: str | None = None) -> None:
    """Sign the user out everywhere, but for the browser that holds ``but_token``.

    For the unit of work that deactivates a user or changes a password. The sessions would not be
    found any more without it; with it they do not come back when the change is undone.
    """
    statement = sa.delete(sessions).where(sessions.c.user_id == user_id)
    if but_token is not None:
        statement = statement.where(sessions.c.token_hash != token_digest(but_token))
    session.execute(statement)


def keep_session(
    session: RecordSession, settings: Settings, *, user_id: int, token: str, password_hash: str
) -> None:
    """Let the browser that holds ``token`` stay signed in after its user's own change of password.

    ``password_hash``: the new one, written in the same unit of work. The user's other sessions end.
    """
    end_sessions_of(session, user_id, but_token=token)
    session.execute(
        sa.update(sessions)
        .where(sessions.c.token_hash == token_digest(token), sessions.c.user_id == user_id)
        .values(password_mark=password_mark(settings, password_hash))
    )


def remark(
    session: RecordSession, settings: Settings, *, user_id: int, old_hash: str, new_hash: str
) -> None:
    """Carry the user's sessions over to a new hash of the same password."""
    session.execute(
        sa.update(sessions)
        .where(
            sessions.c.user_id == user_id,
            sessions.c.password_mark == password_mark(settings, old_hash),
        )
        .values(password_mark=password_mark(settings, new_hash))
    )


def prune(session: RecordSession, settings: Settings, now: datetime, standstill: Standstill) -> int:
    """Delete sessions that timed out, the first ``PRUNED_AT_ONCE`` of them; returns how many."""
    idle_limit, absolute_limit = _limits(settings, now, standstill)
    expired = sa.or_(sessions.c.last_seen_at <= idle_limit, sessions.c.created_at <= absolute_limit)
    # In the order of the key, so that two processes that prune wait for each other and no more.
    tokens = session.scalars(
        sa.select(sessions.c.token_hash)
        .where(expired)
        .order_by(sessions.c.token_hash)
        .limit(PRUNED_AT_ONCE)
    ).all()
    if tokens:
        session.execute(sa.delete(sessions).where(sessions.c.token_hash.in_(tokens)))
    return len(tokens)


def password_mark(settings: Settings, password_hash: str) -> str:
    """What ``sessions.password_mark`` holds for a session signed in under ``password_hash``."""
    return keyed_digest(settings, "password-mark", password_hash)


def note_refusal(
    database: Database, settings: Settings, error: ChangesRefused, now: datetime
) -> None:
    """Remember that the database takes no changes: pages say so, and no session becomes idle."""
    reason = " ".join(str(error.orig).split())
    database.standstill.refused(now, _idle_time(settings), reason)


def _touch_if_free(database: Database, settings: Settings, token_hash: str, now: datetime) -> None:
    """``touch`` in a transaction of its own, given up where something else writes for long.

    The page goes on without; the next request tries again, or one in a minute's time while the
    database takes no changes.
    """
    try:
        with database.writer.connect() as connection, _hurried(database, connection):
            written = touch(connection, settings, token_hash, now)
            connection.commit()
        if written:
            database.standstill.taken(now)
    except ChangesRefused as error:
        note_refusal(database, settings, error, now)
    except sa.exc.DBAPIError as error:
        LOGGER.info("last_seen_at was not written: %s", type(error.orig).__name__)


@contextmanager
def _hurried(database: Database, connection: sa.Connection) -> Iterator[None]:
    """On SQLite, wait for the write lock for a moment only: one writer may hold it for long."""
    driver = connection.connection.driver_connection
    if database.dialect != "sqlite" or driver is None:
        yield
        return
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute(f"PRAGMA busy_timeout = {TOUCH_PATIENCE_MS}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(patience)}")


def _limits(settings: Settings, now: datetime, standstill: Standstill) -> tuple[datetime, datetime]:
    """A live session was last seen after the first and opened after the second."""
    return (
        standstill.idle_from(now, _idle_time(settings)),
        now - timedelta(hours=settings.session_absolute_hours),
    )


def _idle_time(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.session_idle_minutes)


def _seen_every(settings: Settings) -> timedelta:
    # With an idle time of a minute, writing once a minute would sign out a busy person.
    return min(SEEN_EVERY, timedelta(minutes=settings.session_idle_minutes) / 10)
