"""Signing in and out.

Both functions block: call them in a worker thread, as ``auth.backend`` does. No transaction is open
while a password is hashed.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

import sqlalchemy as sa

from backoffice.auth import one_time_keys, sessions
from backoffice.auth.digests import keyed_digest
from backoffice.auth.log import record
from backoffice.auth.password import hashing, throttle
from backoffice.auth.password.attempts import Account, Client, Failure, begin_attempt
from backoffice.auth.password.devices import device_cookie
from backoffice.auth.password.throttle import Blocked
from backoffice.auth.transactions import run_in_transaction
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import UNRECORDED, RecordSession, unit_of_work
from backoffice.models import InvalidValue
from backoffice.models.rules import clean_email
from backoffice.models.tables import users

PRUNE_BATCHES = 10


@dataclass(frozen=True, slots=True)
class Success:
    """Signed in. ``token`` and ``device``: what the browser's cookies hold from now on."""

    user_id: int
    name: str
    token: str
    device: str


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
        ChangesRefused: the database takes no changes, so nobody can sign in; no attempt is counted.
        sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
    """
    user, attempt = begin_attempt(
        database,
        settings,
        email=email,
        find_account=lambda session: _find_user(session, email),
        client=client,
        now=now,
    )
    log = _Log(settings, email, client, user)
    if isinstance(attempt, Blocked):
        log("sign-in-blocked", logging.WARNING, seconds=attempt.seconds)
        return attempt

    fits = hashing.verify_password(password, user.password_hash if user else None)
    if user is None or not fits or not user.is_active:
        log("sign-in-failed", logging.WARNING, reason=_reason(user, fits))
        return Failure()

    known_hashes = {user.password_hash, _rehash_if_weak(database, settings, user, password)}

    def open_session(session: RecordSession) -> str | None:
        """The present password hash; None if the person may not sign in any more."""
        # Read again: somebody may have changed the password or deactivated the user since.
        current = session.execute(
            sa.select(users.c.password_hash, users.c.is_active).where(users.c.id == user.id)
        ).first()
        if current is None or not current.is_active:
            return None
        if current.password_hash not in known_hashes and not hashing.verify_password(
            password, current.password_hash
        ):
            return None
        throttle.record_success(session, attempt, now)
        sessions.end_session(session, client.token)
        sessions.open_session(
            session,
            settings,
            user_id=user.id,
            password_hash=current.password_hash,
            token=new_token,
            address=client.address,
            browser=client.browser,
            now=now,
        )
        return str(current.password_hash)

    current_hash = run_in_transaction(database, open_session)
    if current_hash is None:
        log("sign-in-failed", logging.WARNING, reason="changed-since")
        return Failure()
    log("sign-in")
    _prune(database, settings, now)
    return Success(
        user_id=user.id,
        name=f"{user.first_name} {user.last_name}",
        token=new_token,
        device=device_cookie(settings, client.device, email, current_hash),
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
            browser=client.browser,
        )


def _find_user(session: RecordSession, email: str) -> Account:
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
    """Hash the password again if its hash is weaker than today's parameters; returns the hash.

    This does not edit the user: plain SQL raises no version and makes no changeset, and the user's
    other sessions continue.
    """
    if not hashing.needs_rehash(user.password_hash):
        return str(user.password_hash)
    new_hash = hashing.hash_password(password)

    def replace(session: RecordSession) -> None:
        replaced = cast(
            sa.CursorResult[Any],
            session.execute(
                sa.update(users)
                .where(users.c.id == user.id, users.c.password_hash == user.password_hash)
                .values(password_hash=new_hash),
                execution_options={UNRECORDED: "the same password, hashed again"},
            ),
        ).rowcount
        if replaced:  # otherwise somebody changed the password in between, and theirs stays
            sessions.rebind_sessions(
                session,
                settings,
                user_id=user.id,
                old_hash=user.password_hash,
                new_hash=new_hash,
            )

    run_in_transaction(database, replace)
    return new_hash


def _prune(database: Database, settings: Settings, now: datetime) -> None:
    """Delete what has expired. A failure is logged, and the sign-in goes on."""
    try:
        for _ in range(PRUNE_BATCHES):
            with unit_of_work(database, writes=True) as session:
                deleted = (
                    sessions.prune(session, settings, now, database.read_only_state),
                    throttle.prune(session, now),
                    one_time_keys.prune(session, now),
                )
            if max(deleted) < min(sessions.PRUNED_AT_ONCE, throttle.PRUNED_AT_ONCE):
                return
    except sa.exc.SQLAlchemyError as error:
        record("pruning-failed", logging.WARNING, error=type(error).__name__)


class _Log:
    """Logs the outcome of one attempt.

    It never logs the e-mail address as typed: people type their password there. The user's id
    names the account, and so does a keyed digest, which is the same for all attempts on it.
    """

    def __init__(self, settings: Settings, email: str, client: Client, user: Any) -> None:
        self.fields = {
            "user": user.id if user else None,
            "account": keyed_digest(settings, "log-account", email.strip().lower())[:12],
            "address": client.address,
            "browser": client.browser,
        }

    def __call__(self, event: str, level: int = logging.INFO, **fields: object) -> None:
        record(event, level, **self.fields, **fields)
