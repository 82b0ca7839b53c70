"""Sealing: a signed seal over the changesets that no seal covers yet.

Writers never wait for it. One process at a time seals, now and then. It finds what to seal without
reading what is sealed: up to ``sealed_through`` of the last seal everything is; above it,
``covers`` of the last few seals says which changesets are.
"""

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
"""The most changesets under one seal, so that no transaction stays open for long."""


def seal_once(
    database: Database,
    keys: HistoryKeys,
    *,
    most: int = MAX_CHANGESETS,
    go_on: Callable[[], None] = do_nothing,
) -> Seal | None:
    """Add one signed seal, over at most ``most`` changesets; None if there is nothing to seal.

    ``go_on``: called now and then. If it raises, nothing is sealed.

    Raises:
        Busy: another process is sealing.
        NotSigned: the chain ends with something that no key signed.
    """
    # On SQLite the write lock is taken to insert the seal only, not while changesets are read.
    separate_write = database.dialect == "sqlite"
    try:
        with exclusive(database, writes=not separate_write) as session:
            seal = _next_seal(session, keys, most, go_on)
            if seal is not None and not separate_write:
                session.add(seal)
        if seal is not None and separate_write:
            with unit_of_work(database, writes=True) as session:
                session.add(seal)
    except IntegrityError as error:  # another seal follows the same one already
        raise Busy from error
    return seal


def seal_all(
    database: Database,
    keys: HistoryKeys,
    *,
    most: int = MAX_CHANGESETS,
    go_on: Callable[[], None] = do_nothing,
) -> Iterator[Seal]:
    """Seal until nothing is left; yields each seal after its commit.

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
    """The seal to add; None if it would say nothing new.

    The watermark is taken before changesets are listed: the list must have all that come before it.
    """
    end = signed_end_of_chain(session, keys)
    newest = max(session.scalar(sa.select(sa.func.max(Changeset.id))) or 0, end.newest)
    watermark, is_passed = take_watermark(session)
    sealed_through, next_sealed_through = end.sealed_through, newest
    if is_passed:
        sealed_through = newest
    elif end.waits and has_passed(session, end.watermark):
        sealed_through = end.next_sealed_through
    elif end.waits:  # keep the old watermark: a newer one each time might never pass
        next_sealed_through, watermark = end.next_sealed_through, end.watermark
    ids = _not_covered(session, end.sealed_through, newest, most + 1)
    if len(ids) > most:
        ids = ids[:most]
        newest = max(ids[-1], end.newest)
        sealed_through = min(ids[-1], sealed_through)
        next_sealed_through = min(newest, next_sealed_through)
    if not ids and sealed_through == end.sealed_through:
        return None
    covers = to_ranges(ids)
    found = list(digests(session, covers, go_on))
    if [id_ for id_, _digest in found] != ids:
        raise RuntimeError("changesets disappeared while being sealed: run verify-history")
    return signed_seal(
        keys,
        previous=end,
        covers=covers,
        digests=b"".join(digest for _id, digest in found),
        settled=sealed_through,
        settling=next_sealed_through,
        seen=newest,
        horizon=watermark,
    )


def _not_covered(session: RecordSession, after: int, up_to: int, most: int) -> list[int]:
    """The first ``most`` ids above ``after`` and up to ``up_to`` of changesets without a seal."""
    recent = session.scalars(sa.select(Seal.covers).where(Seal.seen > after))
    covered = [range_ for covers in recent for range_ in covers]
    ids: list[int] = []
    for gaps in batches(_gaps(covered, after, up_to), RANGES_PER_STATEMENT):
        statement = (
            sa.select(Changeset.id)
            .where(in_any_range(Changeset.id, gaps))
            .order_by(Changeset.id)
            .limit(most - len(ids))
        )
        ids += session.scalars(statement)
        if len(ids) >= most:
            break
    return ids


def _gaps(covered: Sequence[Range], after: int, up_to: int) -> list[Range]:
    """The ranges of ids above ``after`` and up to ``up_to`` that are not covered."""
    gaps: list[Range] = []
    following = after + 1
    for first, last in merge_ranges(covered):
        if first > following:
            gaps.append([following, min(first - 1, up_to)])
        following = max(following, last + 1)
    if following <= up_to:
        gaps.append([following, up_to])
    return [gap for gap in gaps if gap[0] <= gap[1]]
