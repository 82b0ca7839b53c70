"""Changing one's own password, as one act. It blocks: call it in a worker thread (``auth.backend``
does). No transaction is open while a password is hashed.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backoffice.auth import passwords, throttle
from backoffice.auth.log import clean_browser, record
from backoffice.auth.password_policy import check_password_policy
from backoffice.auth.sessions import SignedIn, keep_session, users
from backoffice.auth.signin import Blocked, Client, Failure, in_unit
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import AuditContext, RecordSession, unit_of_work
from backoffice.models import InvalidValue, User


@dataclass(frozen=True, slots=True)
class Changed:
    """The password is another; every session of the person's but this one has ended.

    ``device``: what this browser's device cookie is to hold from now on; all others' have ended.
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

    A wrong ``current`` is a ``Failure`` and counts as one to sign in: whoever finds a browser left
    open can guess no faster here than at the door.

    Raises:
        InvalidValue: ``new`` is not good enough; nothing was looked at or counted.
        sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError: the database did not answer.
    """
    check_password_policy(
        new, email=person.email, names=(person.name,), product=settings.product_name
    )
    if new == current:
        raise InvalidValue("password", "This is the present one. Choose another.")
    log = {
        "user": person.user_id,
        "address": client.address,
        "browser": clean_browser(client.user_agent),
    }
    with unit_of_work(database) as session:
        known_hash = session.scalar(
            sa.select(users.c.password_hash).where(users.c.id == person.user_id)
        )
        buckets = throttle.buckets_of(
            settings,
            email=person.email,
            address=client.address,
            device=client.device,
            password_hash=known_hash,
        )
        seconds = throttle.wait_left(session, buckets, now)
    reservation = (
        throttle.Blocked(seconds)
        if seconds
        else in_unit(database, lambda session: throttle.reserve(session, buckets, now))
    )
    if isinstance(reservation, throttle.Blocked):
        record("password-change-blocked", logging.WARNING, seconds=reservation.seconds, **log)
        return Blocked(reservation.seconds)
    if not passwords.verify_password(current, known_hash):
        record("password-change-failed", logging.WARNING, **log)
        return Failure()
    new_hash = passwords.hash_password(new)

    def change(session: RecordSession) -> bool:
        session.audit_context = audit_context
        user = session.get(User, person.user_id, with_for_update=True)
        if user is None or user.password_hash != known_hash:  # changed by somebody else meanwhile
            return False
        user.password_hash = new_hash
        user.password_is_temporary = False
        session.flush()
        throttle.succeeded(session, reservation, now)
        keep_session(
            session,
            settings,
            user_id=person.user_id,
            token=client.token,
            password_hash=new_hash,
        )
        return True

    if not in_unit(database, change):
        record("password-change-failed", logging.WARNING, reason="changed-meanwhile", **log)
        return Failure()
    record("password-change", logging.INFO, **log)
    return Changed(throttle.device_knowing(settings, client.device, person.email, new_hash))
