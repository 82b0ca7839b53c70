"""Sealing."""

from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.db import Database
from backoffice.history.ranges import (
    RANGES_PER_STATEMENT,
    Range,
    batches,
    in_any_range,
    merge_ranges,
    to_ranges,
)
from backoffice.history.seals.chain import signed_end_of_chain, signed_seal
from backoffice.history.seals.digests import SIZE, digests, do_nothing
from backoffice.history.seals.lock import Busy, exclusive
from backoffice.history.seals.signing import HistoryKeys
from backoffice.history.seals.watermarks import has_passed, take_watermark
from backoffice.history.session import RecordSession
from backoffice.history.unit_of_work import unit_of_work
from backoffice.models import Changeset, Seal

MAX_CHANGESETS = 1_000
"""Changesets under one seal: a sealer keeps no transaction open for long."""


def seal_once(
    database: Database,
    keys: HistoryKeys,
    *,
    most: int = MAX_CHANGESETS,
    go_on: Callable[[], None] = do_nothing,
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
        with exclusive(database, writes=not apart) as session:
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
    most: int = MAX_CHANGESETS,
    go_on: Callable[[], None] = do_nothing,
) -> Iterator[Seal]:
    """Seal until nothing is left, and yield each seal, which stays whatever comes after it.

    Raises:
        Busy, NotSigned: as ``seal_once``.
    """
    while (seal := seal_once(database, keys, most=most, go_on=go_on)) is not None:
        yield seal
        if changesets_under(seal) < most:
            break


def changesets_under(seal: Seal) -> int:
    """How many changesets a seal covers."""
    return len(seal.digests) // SIZE


def _next_seal(
    session: RecordSession, keys: HistoryKeys, most: int, go_on: Callable[[], None]
) -> Seal | None:
    """The order of the questions matters: what is called settled was so before it was listed."""
    end = signed_end_of_chain(session, keys)
    newest = max(session.scalar(sa.select(sa.func.max(Changeset.id))) or 0, end.seen)
    horizon, is_settled = take_watermark(session)
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
    covers = to_ranges(numbers)
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


def _not_covered(session: RecordSession, after: int, up_to: int, most: int) -> list[int]:
    """The first ``most`` changesets with ids above ``after`` and up to ``up_to`` without a seal."""
    recent = session.scalars(sa.select(Seal.covers).where(Seal.seen > after))
    covered = [one for covers in recent for one in covers]
    numbers: list[int] = []
    for gaps in batches(_gaps(covered, after, up_to), RANGES_PER_STATEMENT):
        statement = (
            sa.select(Changeset.id)
            .where(in_any_range(Changeset.id, gaps))
            .order_by(Changeset.id)
            .limit(most - len(numbers))
        )
        numbers += session.scalars(statement)
        if len(numbers) >= most:
            break
    return numbers


def _gaps(covered: Sequence[Range], after: int, up_to: int) -> list[Range]:
    """The ids above ``after`` and up to ``up_to`` that lie in no range."""
    gaps: list[Range] = []
    following = after + 1
    for first, last in merge_ranges(covered):
        if first > following:
            gaps.append([following, min(first - 1, up_to)])
        following = max(following, last + 1)
    if following <= up_to:
        gaps.append([following, up_to])
    return [gap for gap in gaps if gap[0] <= gap[1]]
