"""Retention: the oldest changesets go, whole ones and sealed ones, and the chain still holds.

A changeset is deleted only while its id stands under the switch, ``history_pruning``, which is
turned on and off within one transaction; everything else the triggers refuse. A seal goes when all
that it covers has gone; one that covers more stays, with all its digests. What remains of the rest
is an anchor: up to where history was removed, and the hash that the first seal left follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history.context import AuditContext
from backoffice.history.seals.chain import (
    BEGINNING,
    check_anchor,
    end_of_chain,
    newest_anchor,
    signed_end_of_chain,
)
from backoffice.history.seals.lock import exclusive
from backoffice.history.seals.signing import HistoryKeys
from backoffice.history.session import RecordSession
from backoffice.models import Change, Changeset, HistoryAnchor, HistoryPruning, Seal

MAX_CHANGESETS = 1_000
"""Changesets in one transaction, so that on SQLite nobody waits long for the write lock."""


@dataclass(frozen=True, slots=True)
class Prunable:
    """What can go.

    ``up_to``: the last changeset that would, 0 if none. ``changesets`` and ``changes``: how many.
    ``unsealed``: changesets that are old enough, and stay because no seal covers them yet.
    """

    up_to: int
    changesets: int
    changes: int
    unsealed: int


def prunable(session: RecordSession, before: datetime) -> Prunable:
    """Find out what is older than ``before``: from the oldest on, up to the first that is not."""
    kept = session.scalar(sa.select(sa.func.min(Changeset.id)).where(Changeset.at >= before))
    old = Changeset.id < kept if kept is not None else sa.true()
    settled = end_of_chain(session).settled
    up_to = session.scalar(sa.select(sa.func.max(Changeset.id)).where(old, Changeset.id <= settled))
    if up_to is None:
        return Prunable(0, 0, 0, _count(session, Changeset, old))
    return Prunable(
        up_to,
        _count(session, Changeset, Changeset.id <= up_to),
        _count(session, Change, Change.changeset_id <= up_to),
        _count(session, Changeset, old, Changeset.id > up_to),
    )


def prune(
    database: Database,
    keys: HistoryKeys,
    up_to: int,
    audit_context: AuditContext,
    *,
    most: int = MAX_CHANGESETS,
) -> Iterator[int]:
    """Delete the changesets up to ``up_to``, at most ``most`` in one transaction.

    Yields how many went with each. That it was done is itself a changeset, ``act``, in the first.

    Raises:
        Busy: another process is sealing or pruning; what was pruned so far stays so.
        NotSigned: the chain ends with something that none of the keys signed.
        ValueError: not all up to ``up_to`` is sealed.
    """
    recorded = False
    while True:
        with exclusive(database, audit_context=audit_context) as session:
            gone = _prune_some(session, keys, up_to, most, recorded=recorded)
        if not gone:
            return
        recorded = True
        yield gone


def _prune_some(
    session: RecordSession, keys: HistoryKeys, up_to: int, most: int, *, recorded: bool
) -> int:
    if up_to > signed_end_of_chain(session, keys).settled:
        raise ValueError("only sealed and settled history can be pruned")
    oldest = (
        sa.select(Changeset.id).where(Changeset.id <= up_to).order_by(Changeset.id).limit(most)
    ).subquery()
    last = session.scalar(sa.select(sa.func.max(oldest.c.id)))
    if last is None:
        return 0
    if not recorded:
        session.changeset_id()
    anchor = _anchor(session, keys, last)
    session.add(HistoryPruning(up_to=last))
    session.flush()
    session.execute(sa.delete(Change).where(Change.changeset_id <= last))
    gone = session.connection().execute(sa.delete(Changeset).where(Changeset.id <= last)).rowcount
    session.execute(sa.delete(Seal).where(Seal.seen <= last))
    session.execute(sa.delete(HistoryAnchor).where(HistoryAnchor.up_to <= last))
    session.execute(sa.delete(HistoryPruning))
    session.add(anchor)
    return gone


def _anchor(session: RecordSession, keys: HistoryKeys, up_to: int) -> HistoryAnchor:
    """What is to remain when all up to ``up_to`` is gone."""
    before = newest_anchor(session)
    if before is not None:  # else the new one would cover for it
        check_anchor(before, keys)
    goes = session.execute(
        sa.select(Seal.id, Seal.hash).where(Seal.seen <= up_to).order_by(Seal.id.desc()).limit(1)
    ).one_or_none()
    if goes is not None:
        seal_id, hash_ = goes
    elif before is not None:  # none goes; those that went before did so up to that anchor
        seal_id, hash_ = before.seal_id, before.hash
    else:
        seal_id, hash_ = 0, BEGINNING
    anchor = HistoryAnchor(
        at=datetime.now(UTC),
        up_to=up_to,
        seal_id=seal_id,
        hash=hash_,
        previous=before.signature if before is not None else None,
    )
    keys.sign_anchor(anchor)
    return anchor


def _count(session: RecordSession, model: type[Any], *conditions: Any) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0
