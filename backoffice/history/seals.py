"""The hash chain over the history, which makes no writer queue.

Writers know nothing of it. Now and then a sealer, one at a time, takes the changesets that are
there and that no seal covers yet, and adds a link: ``Seal``. Its hash is made of the hash before
it, of which changesets it covers, of what is settled, and of each one's digest:

    SHA-256( JSON [form, previous hash, at, covers, settled, settling, seen, horizon] + digests )

Who changes, removes or adds something in the sealed past must make all seals anew. They cannot
sign them (``history.signing``), nor make a hash that was noted elsewhere, such as in a log.
``verify-history`` reads the chain again (``history.verifying``); ``docs/decisions/0005`` and
``0012`` say why it is built so.

What to seal next is found without looking at what is sealed: all below ``settled`` of the last seal
is done for good; above it, ``covers`` of the last few seals tell what was there early.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.db import Database
from backoffice.history.digests import (
    RANGES_AT_ONCE,
    SIZE,
    Range,
    as_ranges,
    batches,
    canonical,
    digests,
    joined,
    keep_going,
    within,
)
from backoffice.history.forms import FORMS, PRESENT
from backoffice.history.settling import (
    UNKNOWN,
    Busy,
    alone,
    has_passed,
    look,
)
from backoffice.history.signing import HistoryKeys
from backoffice.history.unit import RecordSession, unit_of_work
from backoffice.models import Changeset, HistoryAnchor, Seal

BEGINNING = "0" * 64
"""The hash that the first seal follows."""

BY_A_KEY = "with HISTORY_KEY or one of HISTORY_OLD_KEYS"
WAYS_ON = (
    "If the key was changed, put the former one (HISTORY_KEY, or SECRET_KEY where that was not "
    "set) into HISTORY_OLD_KEYS; if it is lost, see seal-history --sign-end. Else somebody wrote "
    "to the history past the back office."
)

MOST = 1_000
"""Changesets under one seal: a sealer keeps no transaction open for long."""


@dataclass(frozen=True, slots=True)
class End:
    """Where the chain ends: the last seal, the anchor if there is none, else its beginning.

    ``signature`` is the seal's; ``anchor`` is None where a seal is the end.
    """

    seal_id: int = 0
    hash: str = BEGINNING
    settled: int = 0
    settling: int = 0
    seen: int = 0
    horizon: int = UNKNOWN
    signature: str | None = None
    anchor: HistoryAnchor | None = None

    @property
    def waits(self) -> bool:
        """Whether it waits for a horizon to pass."""
        return self.settling > self.settled and self.horizon != UNKNOWN


class NotSigned(Exception):
    """The chain ends with something that none of the keys signed. Its text says what to do."""


def seal_hash(seal: Seal) -> str:
    """What the hash of a seal must be."""
    head = canonical(
        FORMS[seal.form].name,
        seal.previous_hash,
        seal.at.isoformat(timespec="microseconds"),
        seal.covers,
        seal.settled,
        seal.settling,
        seal.seen,
        seal.horizon,
    )
    return hashlib.sha256(head + seal.digests).hexdigest()


def end_of_chain(session: RecordSession) -> End:
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
        return End(*seal)
    anchor = newest_anchor(session)
    return after_anchor(anchor) if anchor is not None else End()


def signed_end_of_chain(session: RecordSession, keys: HistoryKeys) -> End:
    """``end_of_chain``, if it can be built on.

    Raises:
        NotSigned: nobody knows that it is the end. It may have been cut off, or made anew.
    """
    end = end_of_chain(session)
    if end.anchor is not None:
        check_anchor(end.anchor, keys)
    elif end.seal_id and not keys.fit_seal(end.hash, end.signature):
        raise NotSigned(f"Seal {end.seal_id}, the last one, is not signed {BY_A_KEY}. {WAYS_ON}")
    return end


def check_anchor(anchor: HistoryAnchor, keys: HistoryKeys) -> None:
    """An anchor counts if ``prune-history`` left it.

    Raises:
        NotSigned: somebody else may have.
    """
    if not keys.fit_anchor(anchor):
        raise NotSigned(
            f"The anchor of history pruned up to changeset #{anchor.up_to} is not signed "
            f"{BY_A_KEY}. {WAYS_ON}"
        )


def newest_anchor(session: RecordSession) -> HistoryAnchor | None:
    """The anchor that pruning left, signed or not; None if nothing was pruned."""
    newest = sa.select(HistoryAnchor).order_by(HistoryAnchor.up_to.desc()).limit(1)
    return session.scalar(newest)


def after_anchor(anchor: HistoryAnchor) -> End:
    """Where a chain begins whose first part was pruned."""
    place = anchor.up_to
    return End(anchor.seal_id, anchor.hash, place, place, place, anchor=anchor)


def seal_once(
    database: Database,
    keys: HistoryKeys,
    *,
    most: int = MOST,
    go_on: Callable[[], None] = keep_going,
) -> Seal | None:
    """Add one signed seal, over at most ``most`` changesets; None if there is nothing to seal.

    ``go_on`` is called now and then; what it raises stops the work, and nothing is kept.

    Raises:
        Busy: another process is sealing.
        NotSigned: the chain ends with something that none of the keys signed.
    """
    # SQLite's one write lock is taken for the single row only, not while everything is read.
    apart = database.dialect == "sqlite"
    try:
        with alone(database, writes=not apart) as session:
            seal = _next_seal(session, keys, most, go_on)
            if seal is not None and not apart:
                session.add(seal)
        if seal is not None and apart:
            with unit_of_work(database, writes=True) as session:
                session.add(seal)
    except IntegrityError as error:  # somebody's seal follows the same one already
        raise Busy from error
    return seal


def seal_all(
    database: Database,
    keys: HistoryKeys,
    *,
    most: int = MOST,
    go_on: Callable[[], None] = keep_going,
) -> Iterator[Seal]:
    """Seal until nothing is left, and yield each seal, which stays whatever comes after it.

    Raises:
        Busy, NotSigned: as ``seal_once``.
    """
    while (seal := seal_once(database, keys, most=most, go_on=go_on)) is not None:
        yield seal
        if number_under(seal) < most:
            break


def number_under(seal: Seal) -> int:
    """How many changesets a seal covers."""
    return len(seal.digests) // SIZE


def _next_seal(
    session: RecordSession, keys: HistoryKeys, most: int, go_on: Callable[[], None]
) -> Seal | None:
    """The order of the questions matters: what is called settled was so before it was listed."""
    end = signed_end_of_chain(session, keys)
    newest = max(session.scalar(sa.select(sa.func.max(Changeset.id))) or 0, end.seen)
    horizon, is_settled = look(session)
    settled, settling = end.settled, newest
    if is_settled:
        settled = newest
    elif end.waits and has_passed(session, end.horizon):
        settled = end.settling
    elif end.waits:  # a newer horizon each time might never pass
        settling, horizon = end.settling, end.horizon
    numbers = _not_covered(session, end.settled, newest, most + 1)
    if len(numbers) > most:
        numbers = numbers[:most]
        newest = max(numbers[-1], end.seen)
        settled = min(numbers[-1], settled)
        settling = min(newest, settling)
    if not numbers and settled == end.settled:
        return None
    covers = as_ranges(numbers)
    found = list(digests(session, covers, go_on))
    if [number for number, _digest in found] != numbers:
        raise RuntimeError("changesets vanished while they were sealed: run verify-history")
    return signed_seal(
        keys,
        previous=end,
        covers=covers,
        digests=b"".join(digest for _number, digest in found),
        settled=settled,
        settling=settling,
        seen=newest,
        horizon=horizon,
    )


def signed_seal(keys: HistoryKeys, *, previous: End, **values: Any) -> Seal:
    """A seal of the present form with these ``values``, which follows ``previous``."""
    seal = Seal(at=datetime.now(UTC), previous_hash=previous.hash, form=PRESENT.number, **values)
    seal.hash = seal_hash(seal)
    keys.sign_seal(seal)
    return seal


def _not_covered(session: RecordSession, after: int, up_to: int, most: int) -> list[int]:
    """The first ``most`` changesets with ids above ``after`` and up to ``up_to`` without a seal."""
    recent = session.scalars(sa.select(Seal.covers).where(Seal.seen > after))
    covered = [one for covers in recent for one in covers]
    numbers: list[int] = []
    for gaps in batches(_between(covered, after, up_to), RANGES_AT_ONCE):
        statement = (
            sa.select(Changeset.id)
            .where(within(Changeset.id, gaps))
            .order_by(Changeset.id)
            .limit(most - len(numbers))
        )
        numbers += session.scalars(statement)
        if len(numbers) >= most:
            break
    return numbers


def _between(covered: Sequence[Range], after: int, up_to: int) -> list[Range]:
    """The ids above ``after`` and up to ``up_to`` that lie in no range."""
    gaps: list[Range] = []
    following = after + 1
    for first, last in joined(covered):
        if first > following:
            gaps.append([following, min(first - 1, up_to)])
        following = max(following, last + 1)
    if following <= up_to:
        gaps.append([following, up_to])
    return [gap for gap in gaps if gap[0] <= gap[1]]
