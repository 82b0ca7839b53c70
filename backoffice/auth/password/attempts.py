"""Attempts to give a password, at sign-in and when changing your own.

Both begin the same way: find the account, look whether it must wait, count the attempt. Only then
is the password looked at (``auth.password.throttle`` says why).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backoffice.auth.log import clean_browser
from backoffice.auth.password import throttle
from backoffice.auth.transactions import run_in_transaction
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import RecordSession, unit_of_work

Account = sa.Row[*tuple[Any, ...]] | None
"""A row of the user with their ``password_hash``; None if there is no such account."""


@dataclass(frozen=True, slots=True)
class Client:
    """Where an attempt comes from: the address behind the proxies, and the browser's cookies.

    ``user_agent``: as sent. ``token``: the browser's token, whose session ends when somebody signs
    in again. ``device``: what its device cookie holds, "" for none.
    """

    address: str
    user_agent: str
    token: str
    device: str = ""

    @property
    def browser(self) -> str:
        """What the browser calls itself, as logs and sessions store it."""
        return clean_browser(self.user_agent)


@dataclass(frozen=True, slots=True)
class Failure:
    """No such account, a wrong password, or not active: the person does not learn which."""


def begin_attempt(
    database: Database,
    settings: Settings,
    *,
    email: str,
    find_account: Callable[[RecordSession], Account],
    client: Client,
    now: datetime,
) -> tuple[Account, throttle.Reservation | throttle.Blocked]:
    """Find the account and count one attempt on it, before its password is looked at.

    ``email``: the account's, as typed. If the password is right, undo the count with
    ``throttle.record_success``.

    Raises:
        ChangesRefused: the database takes no changes; the attempt was not counted.
    """
    with unit_of_work(database) as session:
        account = find_account(session)
        buckets = throttle.buckets_for(
            settings,
            email=email,
            address=client.address,
            device=client.device,
            password_hash=account.password_hash if account else None,
        )
        seconds = throttle.seconds_to_wait(session, buckets, now)
    if seconds:
        return account, throttle.Blocked(seconds)
    return account, run_in_transaction(
        database, lambda session: throttle.reserve(session, buckets, now)
    )
