"""The hash chain over the history."""

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
"""The hash that the first seal follows."""


SIGNED_BY = "with HISTORY_KEY or one of HISTORY_OLD_KEYS"


ADVICE = (
    "If the key was changed, put the former one (HISTORY_KEY, or SECRET_KEY where that was not "
    "set) into HISTORY_OLD_KEYS; if it is lost, see seal-history --sign-end. Else somebody wrote "
    "to the history past the back office."
)


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Where the chain ends: the last seal, the anchor if there is none, else its beginning.

    ``signature`` is the seal's; ``anchor`` is None where a seal is the end.
    """

    seal_id: int = 0
    hash: str = BEGINNING
    settled: int = 0
    settling: int = 0
    seen: int = 0
    horizon: int = NO_WATERMARK
    signature: str | None = None
    anchor: HistoryAnchor | None = None

    @property
    def waits(self) -> bool:
        """Whether it waits for a horizon to pass."""
        return self.settling > self.settled and self.horizon != NO_WATERMARK


class NotSigned(Exception):
    """The chain ends with something that none of the keys signed. Its text says what to do."""


def seal_hash(seal: Seal) -> str:
    """What the hash of a seal must be."""
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
    """A seal of the present form with these ``values``, which follows ``previous``."""
    seal = Seal(at=datetime.now(UTC), previous_hash=previous.hash, form=CURRENT.number, **values)
    seal.hash = seal_hash(seal)
    keys.sign_seal(seal)
    return seal


def end_of_chain(session: RecordSession) -> ChainEnd:
    """Where the next seal goes on, signed or not; one statement, or two."""
    seal = session.execute(
        sa.select(
            Seal.id,
            Seal.hash,
            Seal.settled,
            Seal.settling,
            Seal.seen,
            Seal.horizon,
            Seal.signature,
        )
        .order_by(Seal.id.desc())
        .limit(1)
    ).one_or_none()
    if seal is not None:
        return ChainEnd(*seal)
    anchor = newest_anchor(session)
    return after_anchor(anchor) if anchor is not None else ChainEnd()


def signed_end_of_chain(session: RecordSession, keys: HistoryKeys) -> ChainEnd:
    """``end_of_chain``, if it can be built on.

    Raises:
        NotSigned: nobody knows that it is the end. It may have been cut off, or made anew.
    """
    end = end_of_chain(session)
    if end.anchor is not None:
        check_anchor(end.anchor, keys)
    elif end.seal_id and not keys.fit_seal(end.hash, end.signature):
        raise NotSigned(f"Seal {end.seal_id}, the last one, is not signed {SIGNED_BY}. {ADVICE}")
    return end


def check_anchor(anchor: HistoryAnchor, keys: HistoryKeys) -> None:
    """An anchor counts if ``prune-history`` left it.

    Raises:
        NotSigned: somebody else may have.
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


def after_anchor(anchor: HistoryAnchor) -> ChainEnd:
    """Where a chain begins whose first part was pruned."""
    place = anchor.up_to
    return ChainEnd(anchor.seal_id, anchor.hash, place, place, place, anchor=anchor)
