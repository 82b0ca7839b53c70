"""The hash chain over the history: what a seal's hash is made of, and where the chain ends.

Each seal covers some changesets. Its hash is made of the hash before it, of which changesets it
covers, of how far the history is complete, and of a digest for each changeset:

    SHA-256( JSON [format, previous hash, at, covers, settled, settling, seen, horizon] + digests )

Changing, removing or adding anything in the sealed past means making all later seals again. Nobody
can sign them without the key (``seals.signing``), or reproduce the hashes that were noted
elsewhere, such as in a log (``seals.notes``).
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from backoffice.history.seals.digests import canonical
from backoffice.history.seals.formats import CURRENT, FORMATS
from backoffice.history.seals.signing import HistoryKeys
from backoffice.history.seals.watermarks import NO_WATERMARK
from backoffice.history.session import RecordSession
from backoffice.models import HistoryAnchor, Seal

BEGINNING = "0" * 64
"""The previous hash of the first seal."""

SIGNED_BY = "with HISTORY_KEY or one of HISTORY_OLD_KEYS"
ADVICE = (
    "If the key was changed, put the old one (HISTORY_KEY, or SECRET_KEY if that was not set) into "
    "HISTORY_OLD_KEYS; if it is lost, see seal-history --sign-end. Otherwise somebody bypassed the "
    "back office and wrote to the history."
)


class NotSigned(Exception):
    """The chain ends with a seal or an anchor that no key signed. The message says what to do."""


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The end of the chain: its last seal, or the anchor of a pruned history, or its beginning.

    The fields are those of ``Seal``, in other words:

    * ``sealed_through`` (``settled``): up to this id the history is complete. Every changeset is
      committed, or never will be.
    * ``next_sealed_through`` (``settling``): so it will be up to this id, when all transactions
      before ``watermark`` (``horizon``) have ended.
    * ``newest`` (``seen``): the highest id that any seal covers.

    ``anchor``: None if a seal is the end.
    """

    seal_id: int = 0
    hash: str = BEGINNING
    sealed_through: int = 0
    next_sealed_through: int = 0
    newest: int = 0
    watermark: int = NO_WATERMARK
    signature: str | None = None
    anchor: HistoryAnchor | None = None

    @classmethod
    def after_anchor(cls, anchor: HistoryAnchor) -> "ChainEnd":
        """The end of a chain whose seals were all pruned."""
        up_to = anchor.up_to
        return cls(anchor.seal_id, anchor.hash, up_to, up_to, up_to, anchor=anchor)

    @property
    def waits(self) -> bool:
        """Whether it waits for transactions before its watermark to end."""
        return self.next_sealed_through > self.sealed_through and self.watermark != NO_WATERMARK


def seal_hash(seal: Seal) -> str:
    """The hash that a seal must have."""
    head = canonical(
        FORMATS[seal.form].name,
        seal.previous_hash,
        seal.at.isoformat(timespec="microseconds"),
        seal.covers,
        seal.settled,
        seal.settling,
        seal.seen,
        seal.horizon,
    )
    return hashlib.sha256(head + seal.digests).hexdigest()


def signed_seal(keys: HistoryKeys, *, previous: ChainEnd, **values: Any) -> Seal:
    """A signed seal of the current format that follows ``previous``; ``values``: its columns."""
    seal = Seal(at=datetime.now(UTC), previous_hash=previous.hash, form=CURRENT.number, **values)
    seal.hash = seal_hash(seal)
    keys.sign_seal(seal)
    return seal


def end_of_chain(session: RecordSession) -> ChainEnd:
    """The end of the chain, signed or not; one statement, or two."""
    columns = (
        Seal.id,
        Seal.hash,
        Seal.settled,
        Seal.settling,
        Seal.seen,
        Seal.horizon,
        Seal.signature,
    )
    last = sa.select(*columns).order_by(Seal.id.desc()).limit(1)
    seal = session.execute(last).one_or_none()
    if seal is not None:
        return ChainEnd(*seal)
    anchor = newest_anchor(session)
    return ChainEnd.after_anchor(anchor) if anchor is not None else ChainEnd()


def signed_end_of_chain(session: RecordSession, keys: HistoryKeys) -> ChainEnd:
    """The end of the chain, checked so that a seal may follow it.

    Raises:
        NotSigned: no key signed it. The chain may have been cut off or rebuilt.
    """
    end = end_of_chain(session)
    if end.anchor is not None:
        check_anchor(end.anchor, keys)
    elif end.seal_id and not keys.fit_seal(end.hash, end.signature):
        raise NotSigned(f"Seal {end.seal_id}, the last one, is not signed {SIGNED_BY}. {ADVICE}")
    return end


def check_anchor(anchor: HistoryAnchor, keys: HistoryKeys) -> None:
    """Check that ``prune-history`` left an anchor.

    Raises:
        NotSigned: no key signed it.
    """
    if not keys.fit_anchor(anchor):
        raise NotSigned(
            f"The anchor of history pruned up to changeset #{anchor.up_to} is not signed "
            f"{SIGNED_BY}. {ADVICE}"
        )


def newest_anchor(session: RecordSession) -> HistoryAnchor | None:
    """The anchor that pruning left, signed or not; None if nothing was pruned."""
    newest = sa.select(HistoryAnchor).order_by(HistoryAnchor.up_to.desc()).limit(1)
    return session.scalar(newest)
