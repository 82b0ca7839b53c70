"""Signing in and out, each as one act: what is asked of the database, in which order.

Both block: call them in a worker thread (``auth.backend`` does). No transaction is open while a
password is hashed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar, cast

import sqlalchemy as sa

from backoffice.auth import passwords, sessions, throttle
from backoffice.auth.digests import keyed_digest
from backoffice.auth.log import clean_browser, record
from backoffice.auth.sessions import users
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import UNRECORDED, RecordSession, unit_of_work
from backoffice.models import InvalidValue
from backoffice.models.rules import clean_email

Result = TypeVar("Result")

DEADLOCKS = ("40P01", "40001", 1213)
"""What PostgreSQL and MariaDB say when a transaction is to be tried again as a whole."""

PRUNE_BATCHES = 10


@dataclass(frozen=True, slots=True)
class Client:
    """Where an attempt comes from: the address behind the proxies, and the browser's cookies.

    ``user_agent``: as sent. ``token``: the browser's token, whose session, if there is one, ends
    when somebody signs in anew. ``device``: what its device cookie holds, "" for none.
    """

    address: str
    user_agent: str
    token: str
    device: str = ""


@dataclass(frozen=True, slots=True)
class Success:
    """Signed in: the browser is to have ``token`` and ``device`` from now on."""

    user_id: int
    name: str
    token: str
    device: str


@dataclass(frozen=True, slots=True)
class Failure:
    """No such account, not its password, or not active: the person is not told which."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Too many failures before; nothing was looked at. ``seconds`` to wait, at least 1."""

    seconds: int


Outcome = Success | Failure | Blocked


def sign_in(
    database: Database,
    settings: Settings,
    *,
    email: str,
    password: str,
    client: Client,
    new_token: str,
    now: datetime,
) -> Outcome:
    """Try ``email`` and ``password``, as typed; on success open a session under ``new_token``.

    Raises:
        ChangesRefused: the database takes no changes, so nobody can be signed in; no attempt is
            counted.
        sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
    """
    with unit_of_work(database) as session:
        user = _find_user(session, email)
        buckets = throttle.buckets_of(
            settings,
            email=email,
            address=client.address,
            device=client.device,
            password_hash=user.password_hash if user else None,
        )
        seconds = throttle.wait_left(session, buckets, now)
    log = _Log(settings, email, client, user)
    if seconds:
        log("sign-in-blocked", logging.WARNING, seconds=seconds)
        return Blocked(seconds)

    reservation = in_unit(database, lambda session: throttle.reserve(session, buckets, now))
    if isinstance(reservation, throttle.Blocked):
        log("sign-in-blocked", logging.WARNING, seconds=reservation.seconds)
        return Blocked(reservation.seconds)

    fits = passwords.verify_password(password, user.password_hash if user else None)
    if user is None or not fits or not user.is_active:
        log("sign-in-failed", logging.WARNING, reason=_reason(user, fits))
        return Failure()

    known_hashes = {user.password_hash, _rehash_if_weak(database, settings, user, password)}

    def let_in(session: RecordSession) -> str | None:
        """The password hash as it is now; None if that is not the password any more."""
        # Read again: the password may have been changed, or the user deactivated, meanwhile.
        current = session.execute(
            sa.select(users.c.password_hash, users.c.is_active).where(users.c.id == user.id)
        ).first()
        if current is None or not current.is_active:
            return None
        if current.password_hash not in known_hashes and not passwords.verify_password(
            password, current.password_hash
        ):
            return None
        throttle.succeeded(session, reservation, now)
        sessions.end_session(session, client.token)
        sessions.open_session(
            session,
            settings,
            user_id=user.id,
            password_hash=current.password_hash,
            token=new_token,
            address=client.address,
            browser=clean_browser(client.user_agent),
            now=now,
        )
        return str(current.password_hash)

    let_in_with = in_unit(database, let_in)
    if let_in_with is None:
        log("sign-in-failed", logging.WARNING, reason="changed-meanwhile")
        return Failure()
    log("sign-in")
    _prune(database, settings, now)
    return Success(
        user_id=user.id,
        name=f"{user.first_name} {user.last_name}",
        token=new_token,
        device=throttle.device_knowing(settings, client.device, email, let_in_with),
    )


def sign_out(database: Database, settings: Settings, client: Client) -> None:
    """End the session of ``client.token``, here and in every copy of its cookie.

    Raises:
        ChangesRefused: the database takes no changes, so that the session lives on.
        sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
    """
    with unit_of_work(database, writes=True) as session:
        user_id = sessions.end_session(session, client.token)
    if user_id is not None:
        record(
            "sign-out",
            user=user_id,
            address=client.address,
            browser=clean_browser(client.user_agent),
        )


def _find_user(session: RecordSession, email: str) -> Any:
    """The row of the user with that e-mail address, or None."""
    try:
        address = clean_email("email", email, maximum=100)
    except InvalidValue:
        return None
    return session.execute(
        sa.select(
            users.c.id,
            users.c.first_name,
            users.c.last_name,
            users.c.password_hash,
            users.c.is_active,
        ).where(users.c.email == address)
    ).first()


def _reason(user: Any, fits: bool) -> Literal["unknown-account", "wrong-password", "inactive"]:
    if user is None:
        return "unknown-account"
    return "inactive" if fits else "wrong-password"


def _rehash_if_weak(database: Database, settings: Settings, user: Any, password: str) -> str:
    """Make the hash anew with today's parameters, if it was made with less; returns the hash.

    Nothing of the user changes by it, so it is no edit: plain SQL that raises no version and makes
    no changeset, and the user's other sessions go on.
    """
    if not passwords.needs_rehash(user.password_hash):
        return str(user.password_hash)
    new_hash = passwords.hash_password(password)

    def replace(session: RecordSession) -> None:
        replaced = cast(
            sa.CursorResult[Any],
            session.execute(
                sa.update(users)
                .where(users.c.id == user.id, users.c.password_hash == user.password_hash)
                .values(password_hash=new_hash),
                execution_options={UNRECORDED: "the same password, hashed anew"},
            ),
        ).rowcount
        if replaced:  # else somebody changed the password in between: theirs stays
            sessions.remark(
                session,
                settings,
                user_id=user.id,
                old_hash=user.password_hash,
                new_hash=new_hash,
            )

    in_unit(database, replace)
    return new_hash


def in_unit(database: Database, act: Callable[[RecordSession], Result]) -> Result:
    """Run ``act`` in a unit of work that writes; again, twice at most, if it met a deadlock."""
    for attempts_left in (2, 1, 0):
        try:
            with unit_of_work(database, writes=True) as session:
                return act(session)
        except sa.exc.OperationalError as error:
            if attempts_left == 0 or not _is_deadlock(error):
                raise
    raise AssertionError("the last attempt returns or raises")


def _is_deadlock(error: sa.exc.OperationalError) -> bool:
    original: Any = error.orig
    code = getattr(original, "pgcode", None) or next(iter(original.args), None)
    return code in DEADLOCKS


def _prune(database: Database, settings: Settings, now: datetime) -> None:
    """Delete what timed out. Whoever signs in does not suffer if that fails."""
    try:
        for _ in range(PRUNE_BATCHES):
            with unit_of_work(database, writes=True) as session:
                gone = (
                    sessions.prune(session, settings, now, database.standstill),
                    throttle.prune(session, now),
                )
            if max(gone) < min(sessions.PRUNED_AT_ONCE, throttle.PRUNED_AT_ONCE):
                return
    except sa.exc.SQLAlchemyError as error:
        logging.getLogger("backoffice.auth").warning("pruning failed: %s", type(error).__name__)


class _Log:
    """Logs what became of one attempt.

    Never the e-mail address as typed: people type their password there. The account is named by
    its user's id, and by a keyed digest that tells attempts on the same account from others.
    """

    def __init__(self, settings: Settings, email: str, client: Client, user: Any) -> None:
        self.fields = {
            "user": user.id if user else None,
            "account": keyed_digest(settings, "log-account", email.strip().lower())[:12],
            "address": client.address,
            "browser": clean_browser(client.user_agent),
        }

    def __call__(self, event: str, level: int = logging.INFO, **fields: object) -> None:
        record(event, level, **self.fields, **fields)
