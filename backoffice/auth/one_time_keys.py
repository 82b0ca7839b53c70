"""One-time keys: a confirmation page carries one, and what it confirms is done once.

A key is random and signed. It fits one person and one purpose, such as an action on certain
records. It is used up in the transaction of what it allows: of two requests at once with one key,
the second waits for the first, and is refused if that was committed.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeSerializer

from backoffice.auth.digests import token_digest
from backoffice.auth.pruning import delete_some
from backoffice.config import Settings
from backoffice.history import RecordSession
from backoffice.models.tables import used_keys

VALID_FOR = timedelta(days=1)
"""How long a page may be open before its key is refused."""

KEPT_FOR = timedelta(days=7)
"""How long a used key is kept. It is longer than any key is valid."""

PRUNED_AT_ONCE = 1000

RANDOM_BYTES = 24

State = Literal["valid", "foreign", "expired"]


@dataclass(frozen=True, slots=True)
class OneTimeKey:
    """A key that a page posted.

    ``state``: "foreign" if it was not signed, or for somebody or something else; "expired" if it
    is older than ``VALID_FOR``. ``seen``: what the page showed, as its ``new_key`` was told.
    """

    state: State
    digest: str = ""
    seen: str = ""


class KeyUsed(Exception):
    """The key was used before. ``changeset_id``: what was written with it; None if nothing was."""

    def __init__(self, changeset_id: int | None) -> None:
        super().__init__("this one-time key was used before")
        self.changeset_id = changeset_id


def new_key(settings: Settings, person: int, purpose: str, now: datetime, seen: str = "") -> str:
    """A new key as text for a form.

    ``purpose``: what it allows, in full, such as a view, an action and the keys of records.
    ``seen``: a digest of what the page shows; "" for nothing.
    """
    payload = [
        secrets.token_urlsafe(RANDOM_BYTES),
        person,
        _digest(purpose),
        int(now.timestamp()),
        seen,
    ]
    return str(_serializer(settings).dumps(payload))


def read_key(settings: Settings, person: int, purpose: str, now: datetime, text: str) -> OneTimeKey:
    """The key in a posted text. It may have been used before: ``use_key`` finds out."""
    try:
        random, whose, what, issued, seen = _serializer(settings).loads(text)
        key = OneTimeKey("valid", token_digest(str(random)), str(seen))
        age = now - datetime.fromtimestamp(int(issued), UTC)
    except (BadData, ValueError, TypeError, OverflowError):
        return OneTimeKey("foreign")
    if whose != person or what != _digest(purpose):
        return OneTimeKey("foreign")
    return replace(key, state="expired") if age > VALID_FOR else key


def use_key(session: RecordSession, key: OneTimeKey, now: datetime) -> None:
    """Use a key up, in this unit of work. Call it before anything else is written or locked.

    Raises:
        KeyUsed: it was used before. The session is rolled back.
    """
    try:
        session.execute(sa.insert(used_keys).values(key=key.digest, used_at=now))
    except sa.exc.IntegrityError:
        session.rollback()
        found = sa.select(used_keys.c.changeset_id).where(used_keys.c.key == key.digest)
        raise KeyUsed(session.scalar(found)) from None


def note_changeset(session: RecordSession, key: OneTimeKey) -> None:
    """Remember what was written with a key: this unit of work's changeset.

    Raises:
        RuntimeError: the unit of work was rolled back since ``use_key``.
    """
    statement = (
        sa.update(used_keys)
        .where(used_keys.c.key == key.digest)
        .values(changeset_id=session.changeset)
    )
    result = session.connection().execute(statement)
    if result.rowcount != 1:
        raise RuntimeError("the unit of work was rolled back, and its one-time key with it")


def prune(session: RecordSession, now: datetime) -> int:
    """Delete old keys, ``PRUNED_AT_ONCE`` at most; returns how many."""
    is_old = used_keys.c.used_at <= now - KEPT_FOR
    return delete_some(session, used_keys.c.key, is_old, PRUNED_AT_ONCE)


def _serializer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.signing_key, salt="backoffice.one-time-key")


def _digest(purpose: str) -> str:
    return hashlib.sha256(purpose.encode("utf-8", "surrogatepass")).hexdigest()
