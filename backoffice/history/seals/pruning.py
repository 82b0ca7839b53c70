"""Pruning: the oldest sealed changesets are deleted, and the rest of the chain stays valid.

Triggers refuse every delete of history but those of ids up to ``history_pruning.up_to``, which is
set and removed within one transaction. A seal is deleted when all changesets under it are. An
anchor remains: up to which id the history was pruned, and the hash of the last deleted seal.
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
"""The most changesets in one transaction, so that on SQLite no writer waits long."""


@dataclass(frozen=True, slots=True)
class Prunable:
    """What can be pruned.

    ``up_to``: the id of the last changeset, 0 if there is none. ``changesets``, ``changes``: how
    many. ``unsealed``: how many changesets are old enough, but not sealed yet.
    """

    up_to: int
    changesets: int
    changes: int
    unsealed: int


def prunable(session: RecordSession, before: datetime) -> Prunable:
    """Find the oldest changesets, up to the first one that is not older than ``before``."""
    first_kept = session.scalar(sa.select(sa.func.min(Changeset.id)).where(Changeset.at >= before))
    old = Changeset.id < first_kept if first_kept is not None else sa.true()
    sealed_through = end_of_chain(session).sealed_through
    last = sa.select(sa.func.max(Changeset.id)).where(old, Changeset.id <= sealed_through)
    up_to = session.scalar(last)
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

    Yields how many each transaction deleted. The first one also adds a changeset that records the
    pruning, with ``audit_context``.

    Raises:
        Busy: another process is sealing or pruning. Finished transactions stay.
        NotSigned: the chain ends with something that no key signed.
        ValueError: ``up_to`` is not sealed yet.
    """
    recorded = False
    while True:
        with exclusive(database, audit_context=audit_context) as session:
            number = _prune_batch(session, keys, up_to, most, recorded=recorded)
        if not number:
            return
        recorded = True
        yield number


def _prune_batch(
    session: RecordSession, keys: HistoryKeys, up_to: int, most: int, *, recorded: bool
) -> int:
    if up_to > signed_end_of_chain(session, keys).sealed_through:
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
    deleted = session.connection().execute(sa.delete(Changeset).where(Changeset.id <= last))
    session.execute(sa.delete(Seal).where(Seal.seen <= last))
    session.execute(sa.delete(HistoryAnchor).where(HistoryAnchor.up_to <= last))
    session.execute(sa.delete(HistoryPruning))
    session.add(anchor)
    return deleted.rowcount


def _anchor(session: RecordSession, keys: HistoryKeys, up_to: int) -> HistoryAnchor:
    """The anchor to leave when all changesets up to ``up_to`` are deleted."""
    before = newest_anchor(session)
    if before is not None:  # the new anchor covers it, so it must be genuine
        check_anchor(before, keys)
    last_deleted = session.execute(
        sa.select(Seal.id, Seal.hash).where(Seal.seen <= up_to).order_by(Seal.id.desc()).limit(1)
    ).one_or_none()
    if last_deleted is not None:
        seal_id, hash_ = last_deleted
    elif before is not None:  # no seal is deleted now: the last one was with that anchor
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
