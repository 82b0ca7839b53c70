"""Changing your own password. It blocks: call it in a worker thread, as ``auth.backend`` does.

No transaction is open while a password is hashed.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backoffice.auth.log import record
from backoffice.auth.password import hashing, throttle
from backoffice.auth.password.attempts import Account, Client, Failure, begin_attempt
from backoffice.auth.password.devices import device_cookie
from backoffice.auth.password.policy import check_password_policy
from backoffice.auth.password.throttle import Blocked
from backoffice.auth.sessions import end_other_sessions
from backoffice.auth.signed_in import SignedIn
from backoffice.auth.transactions import run_in_transaction
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import AuditContext, RecordSession
from backoffice.language import _
from backoffice.models import InvalidValue, User
from backoffice.models.tables import users


@dataclass(frozen=True, slots=True)
class Changed:
    """The password was changed. The person's other sessions have ended.

    ``device``: what this browser's device cookie holds from now on; all others are worthless.
    """

    device: str


Outcome = Changed | Failure | Blocked


def change_own_password(
    database: Database,
    settings: Settings,
    *,
    person: SignedIn,
    current: str,
    new: str,
    client: Client,
    audit_context: AuditContext,
    now: datetime,
) -> Outcome:
    """Give ``person`` the password ``new`` if theirs is ``current``, both as typed.

    A wrong ``current`` is a ``Failure``, and counts like one at sign-in: somebody who finds a
    browser open can guess no faster here.

    Raises:
        InvalidValue: ``new`` is not good enough; no attempt was counted.
        sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
    """
    check_password_policy(
        new, email=person.email, names=(person.name,), product=settings.product_name
    )
    if new == current:
        raise InvalidValue("password", _("This is your current password. Choose another."))
    log = {
        "user": person.user_id,
        "address": client.address,
        "browser": client.browser,
    }
    user, attempt = begin_attempt(
        database,
        settings,
        email=person.email,
        find_account=lambda session: _find_account(session, person.user_id),
        client=client,
        now=now,
    )
    if isinstance(attempt, Blocked):
        record("password-change-blocked", logging.WARNING, seconds=attempt.seconds, **log)
        return attempt
    known_hash = user.password_hash if user else None
    if not hashing.verify_password(current, known_hash):
        record("password-change-failed", logging.WARNING, **log)
        return Failure()
    new_hash = hashing.hash_password(new)

    def change(session: RecordSession) -> bool:
        session.audit_context = audit_context
        user = session.get(User, person.user_id, with_for_update=True)
        if user is None or user.password_hash != known_hash:  # somebody else changed it
            return False
        user.password_hash = new_hash
        user.password_is_temporary = False
        session.flush()
        throttle.record_success(session, attempt, now)
        end_other_sessions(
            session,
            settings,
            user_id=person.user_id,
            token=client.token,
            password_hash=new_hash,
        )
        return True

    if not run_in_transaction(database, change):
        record("password-change-failed", logging.WARNING, reason="changed-since", **log)
        return Failure()
    record("password-change", logging.INFO, **log)
    return Changed(device_cookie(settings, client.device, person.email, new_hash))


def _find_account(session: RecordSession, user_id: int) -> Account:
    return session.execute(sa.select(users.c.password_hash).where(users.c.id == user_id)).first()
